/**
 * `Ingot: Convert a Model...`: where from, which type, progress, result. Every step can be given as an argument, so that the
 * command can be run without a person. The work itself is a job's.
 */

import { join } from "node:path";
import { window } from "vscode";
import { AppError } from "../../base/errors";
import { formatBytes } from "../../base/format";
import {
    fitsMemory,
    offeredModels,
    recommendModel,
    type MachineMemory,
} from "../../library/recommend";
import type { ConvertPlan, ConvertResult, Source, TypePlan } from "../../protocol/worker";
import { describeTokenizerCheck } from "../../protocol/tokenizerCheck";
import { COMMAND } from "../manifest";
import type { Notify } from "../notify";
import type { Jobs } from "./jobs";
import { withNotification } from "./notification";
import { pickOne, type PickRow } from "./pick";
import { withAccess, type AccessUi } from "./hubAccess";
import { parseSource, resultFileName, sourceName, type HubOptions } from "./source";
import { describeProgress } from "./rows";

export interface ConvertArguments {
    /** Folder, Hub id or Hub address; as a person would type it. */
    source?: string | undefined;
    type?: string | undefined;
    /** Absolute path of the result; by default in the library. */
    out?: string | undefined;
    overwrite?: boolean | undefined;
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
    /** After a file was written. */
    onConverted: (result: ConvertResult) => void;
}

/** Returns the result, or undefined when the person stopped at some step. */
export async function convertModel(
    options: ConvertOptions,
    given: ConvertArguments,
): Promise<ConvertResult | undefined> {
    const hub = await options.hub();
    const chosen = given.source
        ? sourceFrom(given.source, hub)
        : await pickSource(hub, options.memory());
    if (!chosen) return undefined;
    let source = chosen;
    const plan = await withAccess(async () => {
        if (source.kind === "hub") source = { ...source, token: (await options.hub()).token };
        return readPlan(options.jobs, source);
    }, options.access);
    const type = given.type ? given.type : await pickType(plan, options.memory());
    if (!type) return undefined;
    const out = given.out ?? join(options.modelsFolder(), resultFileName(plan.name, type));
    const overwrite = given.overwrite ?? (await mayReplace(options, out));
    if (overwrite === undefined) return undefined;
    const result = await runWithProgress(options.jobs, { source, type, out, overwrite });
    options.onConverted(result);
    const use = { path: result.file };
    void options.notify.info(`${sourceName(source)} is now ${describeResult(result)}`, [
        { label: "Use for completions", command: COMMAND.useForCompletions, arguments: [use] },
        { label: "Use for chat", command: COMMAND.useForChat, arguments: [use] },
    ]);
    return result;
}

function describeResult(result: ConvertResult): string {
    const name = result.file.split(/[\\/]/).at(-1) ?? result.file;
    const check = result.tokenizer ? `; ${describeTokenizerCheck(result.tokenizer)}` : "";
    return `${name}, ${formatBytes(result.bytes)}${check}`;
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
            fitsMemory(model.sizeBytes, memory) ? "" : "does not fit this computer's memory",
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

async function readPlan(jobs: Jobs, source: Source): Promise<ConvertPlan> {
    const title = `Reading ${sourceName(source)}`;
    return withNotification(title, (signal) => jobs.plan(source, signal));
}

async function pickType(plan: ConvertPlan, memory: MachineMemory): Promise<string | undefined> {
    const ordered = inOrder(plan.types.filter((type) => !type.needsImatrix));
    const license = plan.license ? `, ${plan.license}` : "";
    return pickOne<string>({
        title: `Convert a Model (2/2): Type for ${plan.name}${license}`,
        placeholder: "Fewer bits make a smaller and faster file that knows a little less",
        rows: ordered.map((type) => ({
            label: type.type,
            description: describeType(type),
            detail: [
                type.recommended ? "recommended" : "",
                fitsMemory(type.sizeBytes, memory) ? "" : "does not fit this computer's memory",
            ]
                .filter(Boolean)
                .join(", "),
            value: type.type,
        })),
    });
}

/** The recommended type, then quantized ones from the best down, then those that quantize nothing. */
function inOrder(types: readonly TypePlan[]): TypePlan[] {
    const rank = ({ type, recommended }: TypePlan) =>
        recommended ? 0 : /^B?F\d+$/.test(type) ? 2 : 1;
    return [...types].sort((a, b) => rank(a) - rank(b) || b.sizeBytes - a.sizeBytes);
}

function describeType(type: TypePlan): string {
    const bytes = type.sizeBytes.toLocaleString("en-US");
    const size = `${formatBytes(type.sizeBytes)} (${bytes} bytes)`;
    return `${size}, ${type.bitsPerWeight.toFixed(2)} bits per weight`;
}

/** Whether an existing file may be replaced; undefined: the person said no. */
async function mayReplace(options: ConvertOptions, out: string): Promise<boolean | undefined> {
    if (!(await options.exists(out))) return false;
    const question = `${out.split(/[\\/]/).at(-1)} is already in the library.`;
    return (await options.notify.confirm(question, "Replace")) ? true : undefined;
}

async function runWithProgress(
    jobs: Jobs,
    work: { source: Source; type: string; out: string; overwrite: boolean },
): Promise<ConvertResult> {
    const title = `Converting ${sourceName(work.source)} to ${work.type}`;
    return withNotification(title, (signal, report) => {
        let shown = 0;
        return jobs.convert({ ...work, via: "auto" }, signal, (progress) => {
            const percent = Math.floor((progress.fraction ?? 0) * 100);
            report({ message: describeProgress(progress), increment: percent - shown });
            shown = percent;
        });
    });
}
