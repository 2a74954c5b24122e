/**
 * `Ingot: Convert a Model...`: where from, which type, progress, result. Every step can be given as an argument, so that the
 * command can be run without a person. The work itself is a job's.
 */

import { join } from "node:path";
import { window } from "vscode";
import { AppError } from "../../base/errors";
import { formatBytes } from "../../base/format";
import { fitsMemory, type MachineMemory } from "../../library/memory";
import { offeredModels, recommendModel } from "../../library/recommend";
import { atCommit } from "../../protocol/fit";
import type { ConvertPlan, ConvertResult, Source } from "../../protocol/worker";
import { asTexts, type AskText } from "../lab/textPick";
import type { Notify } from "../notify";
import { textGiven } from "./calibration";
import { fitType } from "./fit";
import type { Jobs } from "./jobs";
import { withNotification } from "./notification";
import { pickOne, type PickRow } from "./pick";
import { familyRow, withFamily } from "./familyRows";
import { pickImatrix } from "./imatrix";
import { needsImatrix, pickType, type TypeChoice } from "./typePick";
import { FEWER_BITS, typeRows } from "./typeRows";
import { withAccess, type AccessUi } from "./hubAccess";
import { parseSource, resultFileName, sourceName, type HubOptions } from "./source";
import type { Work } from "./work";

export interface ConvertArguments {
    /** Folder, Hub id or Hub address; as a person would type it. */
    source?: string | undefined;
    type?: string | undefined;
    /** Id of the family whose rules are used, whatever the architecture. */
    family?: string | undefined;
    /** Absolute path of an importance matrix. */
    imatrix?: string | undefined;
    /** Absolute paths of texts for error feedback, and at most how many chunks of them. */
    calibrate?: readonly string[] | undefined;
    chunks?: number | undefined;
    /** Absolute path of the result; by default in the library. */
    out?: string | undefined;
    overwrite?: boolean | undefined;
}

/** What was read of the repository before: it is not read again, and nothing else is converted. */
export interface KnownPlan {
    plan: ConvertPlan;
    revision: string;
}

export interface ConvertOptions {
    jobs: Jobs;
    notify: Notify;
    memory: () => MachineMemory;
    hub: () => Promise<HubOptions>;
    /** Asks the person when the Hub refuses. */
    access: AccessUi;
    modelsFolder: () => string;
    exists: (path: string) => Promise<boolean>;
    /** The text for error feedback. */
    askText: AskText;
    work: Work;
}

/** Returns the result, or undefined when the person stopped at some step. */
export async function convertModel(
    options: ConvertOptions,
    given: ConvertArguments,
    known?: KnownPlan,
): Promise<ConvertResult | undefined> {
    const hub = await options.hub();
    const chosen = given.source
        ? sourceFrom(given.source, hub)
        : await pickSource(hub, options.memory());
    if (!chosen) return undefined;
    let source = chosen;
    if (known && source.kind === "hub") source = { ...source, revision: known.revision };
    let { family } = given;
    const plan = async (imatrix: string | undefined) => {
        if (known && imatrix === undefined) return known.plan;
        const read = async () => {
            if (source.kind === "hub") source = { ...source, token: (await options.hub()).token };
            return readPlan(options.jobs, { source, imatrix, family });
        };
        return withAccess(read, options.access);
    };
    const { homeFolder } = hub;
    const first = await withFamily(
        (chosenFamily) => {
            family ??= chosenFamily;
            return plan(given.imatrix);
        },
        () => askFamily(options.jobs, source),
    );
    if (!first) return undefined;
    const modelsFolder = options.modelsFolder();
    const question = { given, first, plan, homeFolder, modelsFolder };
    const choice = await chooseType(options, question);
    if (!choice) return undefined;
    const fitted = await fitType(
        options.jobs,
        {
            model: { kind: "checkpoint", source, via: "auto", family },
            target: choice.type,
            recipe: choice.imatrix === undefined ? undefined : { imatrix: choice.imatrix },
        },
        given.type === undefined,
    );
    if (!fitted) return undefined;
    const { type } = fitted;
    source = atCommit(source, fitted.commit);
    const out = given.out ?? join(modelsFolder, resultFileName(first.name, fitted.label));
    const overwrite = given.overwrite ?? (await mayReplace(options, out));
    if (overwrite === undefined) return undefined;
    return options.work.convert({
        source,
        type,
        out,
        overwrite,
        via: "auto",
        family,
        ...(fitted.recipe && { recipe: fitted.recipe }),
        ...(choice.calibration && { calibration: asTexts(choice.calibration) }),
    });
}

interface TypeQuestion {
    given: ConvertArguments;
    /** Made already, with the given importance matrix. */
    first: ConvertPlan;
    plan: (imatrix: string | undefined) => Promise<ConvertPlan>;
    homeFolder: string;
    modelsFolder: string;
}

async function chooseType(
    { askText, memory }: ConvertOptions,
    { given, first, plan, homeFolder, modelsFolder }: TypeQuestion,
): Promise<TypeChoice | undefined> {
    const { type, imatrix } = given;
    const calibration = type === undefined ? undefined : await textGiven(given);
    if (type !== undefined && (imatrix !== undefined || !needsImatrix(first, type)))
        return { type, imatrix, calibration };
    if (type !== undefined) {
        const model = first.name;
        const asked = { what: type, model, homeFolder, modelsFolder, isForTypes: true };
        const chosen = await pickImatrix(asked);
        if (chosen?.kind !== "back") return chosen && { type, imatrix: chosen.path, calibration };
    }
    return pickType({
        title: ({ name, license }) =>
            `Convert a Model (2/2): Type for ${name}${license ? `, ${license}` : ""}`,
        homeFolder,
        modelsFolder,
        imatrix,
        askText,
        feedbackNote: unquantizedNote,
        plan: async (file) => (file === imatrix ? first : plan(file)),
        list: (found, file) => ({
            rows: typeRows(found, { memory: memory(), imatrix: file }),
            advice: FEWER_BITS,
        }),
    });
}

/** The model has to be run for error feedback, as a file that is there for so long. */
function unquantizedNote({ types }: ConvertPlan): string | undefined {
    const whole = types.find(({ type }) => type === "BF16");
    return whole && `${formatBytes(whole.sizeBytes)} of disk while it runs`;
}

function sourceFrom(text: string, hub: HubOptions): Source {
    const source = parseSource(text, hub);
    if (source) return source;
    throw new AppError(
        "user/usage",
        `"${text}" is neither a folder nor a Hub id; give an absolute path or owner/name`,
    );
}

type SourceChoice = { kind: "source"; source: Source } | { kind: "browse" };

async function pickSource(hub: HubOptions, memory: MachineMemory): Promise<Source | undefined> {
    const best = recommendModel(memory);
    const others = offeredModels().filter((model) => model !== best);
    const known = [best, ...others].map((model): PickRow<SourceChoice> => {
        const notes = [
            model === best ? "recommended for this computer" : "",
            fitsMemory(model, memory) ? "" : "does not fit this computer's memory",
        ];
        return {
            label: model.repo,
            description: `${formatBytes(model.sizeBytes)} as Q4_K_M, ${model.license}`,
            detail: notes.filter(Boolean).join(", "),
            value: { kind: "source", source: sourceFrom(model.repo, hub) },
        };
    });
    const picked = await pickOne<SourceChoice>({
        title: "Convert a Model (1/2): Source",
        placeholder: "Path of a Hugging Face folder, or a Hub id such as Qwen/Qwen2.5-Coder-0.5B",
        rows: [
            { label: "$(folder-opened) Browse for a Folder...", value: { kind: "browse" } },
            { separator: "From the Hub" },
            ...known,
        ],
        fromText: (text) => {
            const source = parseSource(text, hub);
            if (!source) return undefined;
            const icon = source.kind === "hub" ? "$(cloud)" : "$(folder)";
            const label = `${icon} Convert ${source.kind === "hub" ? source.repo : source.path}`;
            return { label, value: { kind: "source", source } };
        },
    });
    if (picked?.kind !== "browse") return picked?.source;
    const [folder] =
        (await window.showOpenDialog({
            title: "Hugging Face Folder to Convert",
            canSelectFiles: false,
            canSelectFolders: true,
            openLabel: "Convert",
        })) ?? [];
    return folder && { kind: "folder", path: folder.fsPath };
}

interface PlanQuestion {
    source: Source;
    imatrix: string | undefined;
    family: string | undefined;
}

async function readPlan(
    jobs: Jobs,
    { source, imatrix, family }: PlanQuestion,
): Promise<ConvertPlan> {
    const recipe = imatrix === undefined ? undefined : { imatrix };
    return withNotification(`Reading ${sourceName(source)}`, (signal) =>
        jobs.plan({ source, recipe, family }, signal),
    );
}

/** Undefined: the person stopped. */
export async function askFamily(jobs: Jobs, source: Source): Promise<string | undefined> {
    const name = sourceName(source);
    const choices = await withNotification(`Reading ${name}`, (signal) =>
        jobs.families(source, signal),
    );
    return pickOne({
        title: `Ingot has no rules for ${name}: Convert as...`,
        placeholder: "Only right when the model computes as that family's models do",
        rows: choices.map(familyRow),
    });
}

/** Whether an existing file may be replaced; undefined: the person said no. */
export async function mayReplace(
    options: Pick<ConvertOptions, "exists" | "notify">,
    out: string,
): Promise<boolean | undefined> {
    if (!(await options.exists(out))) return false;
    const question = `${out.split(/[\\/]/).at(-1)} is already in the library.`;
    return (await options.notify.confirm(question, "Replace")) ? true : undefined;
}
