/**
 * `Ingot: Compare Quantizations...`: a model, the types to make of it or files beside it, the text; then the page, on which rows appear as they
 * are measured. Every step can be given as an argument. The questions are comparePick.ts's, the work is a job's.
 */

import { homedir } from "node:os";
import { join } from "node:path";
import { isCancelled } from "../../base/errors";
import type { MachineMemory } from "../../library/memory";
import { dataFolder } from "../../node/dataFolder";
import { machineOf } from "../../node/machine";
import type { Comparison } from "../../protocol/compare";
import type { Jobs } from "../models/jobs";
import type { CompareJob } from "../models/pendingJob";
import type { ModelFile } from "../models/rows";
import { fileName } from "../models/source";
import { stemOf } from "../models/typeRows";
import type { Notify } from "../notify";
import type { FileRules } from "../codebase/fileList";
import type { ComparisonEditors } from "./compareEditor";
import { pickSource, pickTypes } from "./comparePick";
import type { ComparisonRuns } from "./compareRuns";
import {
    CONTEXT_TOKENS,
    codeOfWorkspace,
    pickText,
    textOf,
    usualChunks,
    type TextChoice,
    type TextQuestion,
} from "./textPick";

export interface CompareArguments {
    /** Absolute paths of GGUF files. */
    files?: string[] | undefined;
    types?: string[] | undefined;
    /** Absolute paths. */
    text?: string[] | undefined;
    imatrix?: string | undefined;
    chunks?: number | undefined;
    /** Holes of the text's code are filled as well. */
    infill?: boolean | undefined;
    /** The types that are made stay in the library. */
    keep?: boolean | undefined;
}

export interface CompareCommandOptions {
    jobs: Jobs;
    notify: Notify;
    runs: ComparisonRuns;
    editors: ComparisonEditors;
    memory: () => MachineMemory;
    threads: () => number | undefined;
    library: () => Promise<ModelFile[]>;
    modelsFolder: () => string;
    makeImatrix: (file: string) => Promise<string | undefined>;
    rules: FileRules;
    /** ms since 1970. */
    now: () => number;
}

const HOLES = 100;
const TEXT: TextQuestion = {
    title: "Compare Quantizations (3/3): Text",
    purpose: "Perplexity and divergence are measured on the code of this workspace",
    verb: "Measure",
    amounts: [
        { name: "Quick", chunks: 8, detail: "tells types apart that are far from each other" },
        { name: "Usual", chunks: 32, detail: "enough to choose by" },
        { name: "Thorough", chunks: 128, detail: "for figures that are published" },
    ],
};

/** Where records are kept. */
export function comparisonsFolder(): string {
    return join(dataFolder(), "comparisons");
}

/** Resolves with the whole comparison; undefined when the person stopped it, or opened an earlier one. */
export async function compareQuantizations(
    options: CompareCommandOptions,
    given: CompareArguments,
): Promise<Comparison | undefined> {
    const homeFolder = homedir();
    const source = given.files
        ? { kind: "files" as const, files: given.files }
        : await pickSource(options, comparisonsFolder(), homeFolder);
    if (!source) return undefined;
    if (source.kind === "record") {
        await options.editors.show(source.record);
        return undefined;
    }
    const choice =
        given.types || source.files.length > 1
            ? {
                  files: source.files,
                  types: given.types ?? [],
                  imatrix: given.imatrix,
                  keep: given.keep ?? false,
                  infill: given.infill ?? false,
              }
            : await pickTypes(options, source.files[0] ?? "", given.imatrix, homeFolder);
    if (!choice) return undefined;
    const text = await textFor(options, given);
    if (!text) return undefined;
    const job: CompareJob = {
        record: recordName(choice.files, options.now()),
        files: choice.files,
        types: choice.types,
        imatrix: choice.imatrix,
        imatrixName: choice.imatrix && fileName(choice.imatrix),
        text: { label: text.label, files: text.files, bytes: text.bytes },
        chunks: text.chunks,
        contextTokens: CONTEXT_TOKENS,
        bench: true,
        infill: choice.infill ? { label: text.label, files: text.files, holes: HOLES } : undefined,
        keepIn: choice.keep ? options.modelsFolder() : undefined,
        threads: options.threads(),
        machine: machineOf(options.memory()),
    };
    return run(options, job);
}

async function run(
    { runs, editors, notify }: CompareCommandOptions,
    job: CompareJob,
): Promise<Comparison | undefined> {
    const work = runs.start(job);
    // The page asks for what there is when it is loaded.
    const page = editors.show(job.record).catch((error: unknown) => void notify.error(error));
    try {
        const comparison = await work;
        await page;
        return comparison;
    } catch (error) {
        if (isCancelled(error)) return undefined;
        throw error;
    }
}

async function textFor(
    { rules }: CompareCommandOptions,
    { text, files, types, chunks = usualChunks(TEXT) }: CompareArguments,
): Promise<TextChoice | undefined> {
    if (text) return textOf(text, chunks);
    const code = await codeOfWorkspace(rules);
    // Whoever names everything else is asked nothing.
    if (files && types && code.nCandidates > 0) return { ...code.take(chunks), chunks };
    return pickText(TEXT, code);
}

function recordName(files: readonly string[], now: number): string {
    const stem = stemOf(files[0] ?? "model").replace(/[^\w.-]+/g, "-") || "model";
    const date = new Date(now).toISOString().slice(0, 19).replace(/[:T]/g, "-");
    return join(comparisonsFolder(), `${stem}-${date}.comparison.json`);
}
