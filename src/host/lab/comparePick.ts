/** What `Ingot: Compare Quantizations...` asks: which model, which types of it; the text is textPick.ts's. Each undefined when the person stopped. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { window } from "vscode";
import { isCancelled, toWire } from "../../base/errors";
import { DisposableStore } from "../../base/lifecycle";
import { formatBytes } from "../../base/format";
import { fieldWords } from "../../compare/field";
import type { MachineMemory } from "../../library/memory";
import type { ConvertPlan } from "../../protocol/worker";
import { askFitTarget, FIT_ROW } from "../models/fit";
import { pickImatrix } from "../models/imatrix";
import type { Jobs } from "../models/jobs";
import { modelRow } from "../models/modelRow";
import { exactSize, memoryNote, notes } from "../models/needs";
import { withNotification } from "../models/notification";
import { pickOne, toItem, type Item, type PickRow } from "../models/pick";
import type { ModelFile } from "../models/rows";
import { fileName, parsePath } from "../models/source";
import { needsImatrix } from "../models/typePick";
import { imatrixNote, quantizeRows, stemOf } from "../models/typeRows";

export interface PickingOptions {
    jobs: Pick<Jobs, "quantizePlan">;
    memory: () => MachineMemory;
    library: () => Promise<ModelFile[]>;
    modelsFolder: () => string;
    /** Measures an importance matrix of a file, in front of the person; its path, undefined when the person stopped. */
    makeImatrix: (file: string) => Promise<string | undefined>;
}

export type SourceChoice = { kind: "files"; files: string[] } | { kind: "record"; record: string };

export interface TypesChoice {
    /** The source first. */
    files: string[];
    types: string[];
    imatrix?: string | undefined;
    keep: boolean;
    infill: boolean;
}

const MAX_RECORDS = 10;
/** What a comparison usually wants to know. */
const USUAL = ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M"];
const FLOAT = /^(?:B?F16|F32)$/;

type Step = SourceChoice | { kind: "browse" };

export async function pickSource(
    { library }: PickingOptions,
    recordsFolder: string,
    homeFolder: string,
): Promise<SourceChoice | undefined> {
    const models = (await library()).filter(({ problem }) => problem === undefined);
    const isFloat = ({ fileType = "" }: ModelFile) => Number(FLOAT.test(fileType));
    models.sort((a, b) => isFloat(b) - isFloat(a));
    const records = await recordRows(recordsFolder);
    const picked = await pickOne<Step>({
        title: "Compare Quantizations (1/3): Model",
        placeholder: "The original: what comes of fewer bits is compared with it",
        rows: [
            { separator: "On this computer" },
            ...models.map((model) => modelRow<Step>(model, { kind: "files", files: [model.path] })),
            {
                label: "$(folder-opened) Browse for GGUF Files...",
                detail: "Several files are compared as they are",
                value: { kind: "browse" },
            },
            ...(records.length > 0 ? [{ separator: "Earlier comparisons" }, ...records] : []),
        ],
        fromText: (text) => {
            const path = parsePath(text, homeFolder);
            if (!path?.toLowerCase().endsWith(".gguf")) return undefined;
            const value: Step = { kind: "files", files: [path] };
            return { label: `$(file-binary) Compare types of ${path}`, value };
        },
    });
    if (picked?.kind !== "browse") return picked;
    const files = await window.showOpenDialog({
        title: "GGUF Files to Compare",
        filters: { "GGUF models": ["gguf"] },
        openLabel: "Compare",
        canSelectMany: true,
    });
    return files && { kind: "files", files: files.map(({ fsPath }) => fsPath) };
}

/** Newest first. */
async function recordRows(folder: string): Promise<PickRow<Step>[]> {
    const names = (await readdir(folder).catch(() => [])).filter((name) =>
        name.endsWith(".comparison.json"),
    );
    const dated = await Promise.all(
        names.map(async (name) => {
            const record = join(folder, name);
            return { name, record, at: (await stat(record).catch(() => undefined))?.mtimeMs ?? 0 };
        }),
    );
    dated.sort((a, b) => b.at - a.at);
    return dated.slice(0, MAX_RECORDS).map(({ name, record, at }) => ({
        label: `$(graph-scatter) ${name.replace(/\.comparison\.json$/, "")}`,
        description: new Date(at).toLocaleString(),
        value: { kind: "record", record },
    }));
}

type Wanted =
    | { kind: "type"; type: string }
    | { kind: "file"; file: string }
    | { kind: "fit" | "keep" | "infill" | "imatrix" };

/** Types with their exact sizes, and other files of the same model; several of them. */
export async function pickTypes(
    options: PickingOptions,
    file: string,
    imatrix: string | undefined,
    homeFolder: string,
): Promise<TypesChoice | undefined> {
    let ticked: readonly Wanted[] = USUAL.map((type) => ({ kind: "type", type }));
    let state = await readWith(options, file, imatrix);
    if (state.matrix !== undefined) ticked = [...ticked, { kind: "imatrix" }];
    for (;;) {
        const { plan, matrix, problem } = state;
        const rows = await rowsFor(options, file, plan, { matrix, problem });
        const picked = await pickMany(plan, rows, ticked, problem);
        if (picked === undefined) return undefined;
        const target = isTicked(picked, "fit") ? await askFitTarget() : null;
        if (target === undefined) {
            ticked = picked;
            continue;
        }
        const choice = (imatrix?: string) => choiceOf(file, picked, { imatrix, target });
        const isWanted = isTicked(picked, "imatrix");
        if (matrix !== undefined && isWanted) return choice(matrix);
        const bare = matrix === undefined ? plan : await readPlan(options, file, undefined);
        const lacking = firstLacking(bare, picked);
        if (!isWanted && lacking === undefined) return choice();
        const chosen = await pickImatrix({
            what: lacking ?? plan.name,
            model: plan.name,
            homeFolder,
            modelsFolder: options.modelsFolder(),
            isForTypes: true,
            make: () => options.makeImatrix(file),
        });
        if (!chosen) return undefined;
        state =
            chosen.kind === "back"
                ? { plan: bare }
                : await readWith(options, file, chosen.path, bare);
        if (state.matrix !== undefined) return choice(state.matrix);
        ticked = picked.filter(({ kind }) => kind !== "imatrix");
    }
}

interface PlanState {
    plan: ConvertPlan;
    /** With which the plan was made. */
    matrix?: string | undefined;
    /** Why there is none though one was named, as a sentence. */
    problem?: string | undefined;
}

/** A matrix that does not serve, as that of another model, is left out: said now, not when the job runs. */
async function readWith(
    options: PickingOptions,
    file: string,
    matrix: string | undefined,
    bare?: ConvertPlan,
): Promise<PlanState> {
    let problem: string | undefined;
    try {
        if (matrix !== undefined) return { plan: await readPlan(options, file, matrix), matrix };
    } catch (error) {
        if (isCancelled(error)) throw error;
        problem = toWire(error).message;
    }
    return { plan: bare ?? (await readPlan(options, file, undefined)), problem };
}

/** A type that was ticked and cannot be made without an importance matrix. */
function firstLacking(plan: ConvertPlan, picked: readonly Wanted[]): string | undefined {
    const types = picked.flatMap((one) => (one.kind === "type" ? [one.type] : []));
    return types.find((type) => needsImatrix(plan, type));
}

function choiceOf(
    file: string,
    picked: readonly Wanted[],
    { imatrix, target }: { imatrix: string | undefined; target: string | null },
): TypesChoice {
    const files = picked.flatMap((one) => (one.kind === "file" ? [one.file] : []));
    const types = picked.flatMap((one) => (one.kind === "type" ? [one.type] : []));
    return {
        files: [file, ...files],
        types: target === null ? types : [...types, target],
        imatrix,
        keep: isTicked(picked, "keep"),
        infill: isTicked(picked, "infill"),
    };
}

function isTicked(picked: readonly Wanted[], kind: Wanted["kind"]): boolean {
    return picked.some((one) => one.kind === kind);
}

function imatrixRow({ matrix, problem }: Omit<PlanState, "plan">): PickRow<Wanted> {
    const value = { kind: "imatrix" } as const;
    if (matrix !== undefined)
        return {
            label: `$(symbol-numeric) ${fileName(matrix)}`,
            description: "the types are made with it",
            value,
        };
    return {
        label: "$(symbol-numeric) Use an importance matrix",
        description: "asked for next: one that there is, or made now; types of few bits lose less",
        detail: problem && `$(warning) ${problem}`,
        value,
    };
}

async function rowsFor(
    { library, memory }: PickingOptions,
    file: string,
    plan: ConvertPlan,
    state: Omit<PlanState, "plan">,
): Promise<(PickRow<Wanted> | { separator: string })[]> {
    const models = await library();
    const own = models.find(({ path }) => path === file);
    const sizeBytes = own?.sizeBytes ?? (await stat(file)).size;
    const { matrix: imatrix } = state;
    const { rows } = quantizeRows(plan, { sizeBytes }, { memory: memory(), imatrix });
    const byType = new Map(plan.types.map((type) => [type.type, type]));
    const others = models.filter(
        (model) => model.path !== file && !model.problem && stemOf(model.path) === stemOf(file),
    );
    return [
        { separator: "Made for the comparison" },
        ...rows.flatMap(({ value }): PickRow<Wanted>[] => {
            const type = byType.get(value);
            if (!type) return [];
            const needs = { sizeBytes: type.sizeBytes, cache: plan.cache };
            return [
                {
                    label: value,
                    description: notes([
                        exactSize(type.sizeBytes),
                        `${type.bitsPerWeight.toFixed(2)} bits per weight`,
                        type.needsImatrix && imatrixNote(imatrix),
                    ]),
                    detail: [fieldWords(value), memoryNote(needs, memory())]
                        .filter(Boolean)
                        .join(" \u00b7 "),
                    value: { kind: "type", type: value },
                },
            ];
        }),
        { ...FIT_ROW, description: "asked for next", value: { kind: "fit" } },
        { separator: "Importance matrix" },
        imatrixRow(state),
        ...(others.length > 0 ? [{ separator: "On this computer" }] : []),
        ...others.map((model) => modelRow<Wanted>(model, { kind: "file", file: model.path })),
        { separator: "Besides perplexity, divergence, speed and memory" },
        {
            label: "$(symbol-snippet) Fill holes in the code",
            description: "how often each writes exactly what stood there",
            value: { kind: "infill" },
        },
        { separator: "Afterwards" },
        {
            label: "$(save) Keep the files that are made",
            description: "in the library; else each is removed when it is measured",
            value: { kind: "keep" },
        },
    ];
}

function pickMany(
    plan: ConvertPlan,
    rows: readonly (PickRow<Wanted> | { separator: string })[],
    ticked: readonly Wanted[],
    problem: string | undefined,
): Promise<Wanted[] | undefined> {
    const store = new DisposableStore();
    const pick = store.add(window.createQuickPick<Item<Wanted>>());
    const items = rows.map((row) => toItem(row));
    const bytesOf = new Map(plan.types.map(({ type, sizeBytes }) => [type, sizeBytes]));
    const say = (chosen: readonly Item<Wanted>[]) => {
        const sizes = chosen.flatMap(({ value }) =>
            value?.kind === "type" ? [bytesOf.get(value.type) ?? 0] : [],
        );
        const isKept = chosen.some(({ value }) => value?.kind === "keep");
        const needed = isKept ? sizes.reduce((sum, one) => sum + one, 0) : Math.max(0, ...sizes);
        const disk = sizes.length > 0 ? `, ${formatBytes(needed)} of disk while it runs` : "";
        const nFits = chosen.filter(({ value }) => value?.kind === "fit").length;
        pick.placeholder = `${sizes.length + nFits} types to make${disk}`;
    };
    pick.title = `Compare Quantizations (2/3): Types of ${plan.name}`;
    pick.canSelectMany = true;
    pick.ignoreFocusOut = true;
    pick.matchOnDescription = true;
    pick.items = items;
    const keys = new Set(ticked.map((one) => JSON.stringify(one)));
    pick.selectedItems = items.filter(({ value }) => keys.has(JSON.stringify(value)));
    say(pick.selectedItems);
    // Until something is ticked, which is not before it was read.
    if (problem !== undefined) pick.placeholder = problem;
    return new Promise((resolve) => {
        const finish = (value: Wanted[] | undefined) => {
            resolve(value);
            store.dispose();
        };
        store.add(pick.onDidChangeSelection(say));
        store.add(
            pick.onDidAccept(() => {
                const wanted = pick.selectedItems.flatMap(({ value }) => (value ? [value] : []));
                if (["type", "file", "fit"].some((kind) => wanted.some((one) => one.kind === kind)))
                    finish(wanted);
            }),
        );
        store.add(pick.onDidHide(() => finish(undefined)));
        pick.show();
    });
}

function readPlan(
    { jobs }: PickingOptions,
    file: string,
    imatrix: string | undefined,
): Promise<ConvertPlan> {
    const recipe = imatrix === undefined ? undefined : { imatrix };
    return withNotification(`Reading ${stemOf(file)}`, (signal) =>
        jobs.quantizePlan({ file, allowRequantize: true, recipe }, signal),
    );
}
