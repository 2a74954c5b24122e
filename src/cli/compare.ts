/**
 * `ingot compare MODEL...`: files, or types made of one, measured side by side. Rows are told as they are measured; the table, and what was asked
 * for as files, at the end. A picture as SVG; PNG is made by the page in the editor, which has fonts and a canvas.
 */

import { stat } from "node:fs/promises";
import { totalmem } from "node:os";
import { basename, resolve } from "node:path";
import { toWire } from "../base/errors";
import { formatBytes, formatDuration } from "../base/format";
import { advise, type Advice } from "../compare/advice";
import { columnsOf, methodOf, reasonsOf } from "../compare/columns";
import { exportPicture, svgText } from "../compare/svg";
import { cellOf, csvOf, jsonOf, markdownOf, plainTable } from "../compare/tables";
import { bytesFor, type ChosenText } from "../compare/texts";
import { defaultModelsFolder, resolveModel } from "../library/library";
import { DEFAULT_CONTEXT_TOKENS, mostMemory, neededMemory } from "../library/memory";
import { questionOf } from "../node/comparisonQuestion";
import { machineOf } from "../node/machine";
import { refuseOut } from "../node/outPlace";
import {
    MEASURES,
    type CompareEvent,
    type CompareParams,
    type Comparison,
} from "../protocol/compare";
import { readArgs, usage, wholeNumber } from "./args";
import { RecordFile, refuseTwice, writeResult } from "./compareRecord";
import { folderText } from "./compareTexts";
import type { CliContext, Command } from "./context";
import { EVALUATE_ARGS, EVALUATE_USAGE, evaluateOptions, textFiles } from "./evaluate";
import { table } from "./output";
import { askWorker } from "./worker";

const OPTIONS = {
    ...EVALUATE_ARGS,
    types: { type: "string" },
    "no-speed": { type: "boolean", default: false },
    infill: { type: "boolean", default: false },
    holes: { type: "string" },
    imatrix: { type: "string" },
    keep: { type: "string" },
    out: { type: "string" },
    markdown: { type: "string" },
    csv: { type: "string" },
    svg: { type: "string" },
    overwrite: { type: "boolean", default: false },
} as const;
/** What is written beside the record. */
const RESULTS = ["markdown", "csv", "svg"] as const;
const DEFAULT_CHUNK_TOKENS = 512;
const USUAL_CHUNKS = 32;
const USUAL_HOLES = "100";
const MEMORY = { ramBytes: totalmem(), contextTokens: DEFAULT_CONTEXT_TOKENS };

export const compare: Command = {
    name: "compare",
    usage: `MODEL... [--types Q4_K_M,fit:6GiB,bpw:4.5,...] [--text FILE|FOLDER]... [--no-speed] [--infill [--holes N]] [--imatrix FILE] [--keep FOLDER] [--out FILE.comparison.json] [--markdown FILE] [--csv FILE] [--svg FILE] [--overwrite] ${EVALUATE_USAGE}`,
    summary:
        "Measures what each quantization of a model costs, and recommends one for this computer.",
    run,
};

type Values = ReturnType<typeof readArgs<typeof OPTIONS>>["values"];

async function run(context: CliContext): Promise<number> {
    const { values, positionals } = readArgs(context.args, OPTIONS);
    const params = await readParams(context, values, positionals);
    const { record, earlier } = await openPlaces(values, params);
    const told = new Set<string>();
    if (earlier) {
        for (const { state, file } of earlier.rows) if (state === "done") told.add(file);
        context.note(`Goes on where ${basename(values.out ?? "")} was left`);
    }
    let latest: Comparison | undefined;
    let nComplete = told.size;
    try {
        latest = await askWorker(context, "compare/run", { ...params, earlier }, (event) => {
            context.progress.show(toStep(event));
            if (!event.comparison) return;
            latest = event.comparison;
            tellRows(latest, told, context);
            // One that cannot be written is said at the end.
            if (told.size > nComplete) void record?.write(latest).catch(() => undefined);
            nComplete = told.size;
        });
    } catch (error) {
        // What was measured until then is kept.
        const kept = latest && record?.write({ ...latest, state: "stopped" });
        await kept?.catch((failure: unknown) => context.note(toWire(failure).message));
        throw error;
    }
    context.progress.end();
    const advice = adviceFor(latest);
    // Before anything can fail that is not measuring.
    context.out(context.json ? jsonOf(latest) : report(latest, advice.sentences));
    await writeResults(latest, advice, values, record, context);
    return hasFigures(latest) ? 0 : 1;
}

/** Whether anything could be measured at all. */
function hasFigures({ rows }: Comparison): boolean {
    return rows.some((row) => MEASURES.some((measure) => row[measure] !== undefined));
}

/** Throws AppError for a place that cannot be written to, before anything is measured. */
async function openPlaces(values: Values, params: CompareParams) {
    const { files, text, imatrix } = params;
    const inputs = [...files, ...text.files, ...(imatrix === undefined ? [] : [imatrix])];
    const options = { overwrite: values.overwrite, inputs };
    const out = values.out && resolve(values.out);
    const results = RESULTS.flatMap((name) => {
        const path = values[name];
        return path === undefined ? [] : [resolve(path)];
    });
    refuseTwice(out === undefined ? results : [...results, out]);
    for (const path of results) await refuseOut(path, options.overwrite, options.inputs);
    if (out === undefined) return { record: undefined, earlier: undefined };
    const record = new RecordFile(out);
    return { record, earlier: await record.unfinished(await questionOf(params), options) };
}

/** One that cannot be written keeps no other from being. Throws the first failure. */
async function writeResults(
    comparison: Comparison,
    { file, sentences }: Advice,
    { markdown, csv, svg }: Values,
    record: RecordFile | undefined,
    context: CliContext,
): Promise<void> {
    const written = await Promise.allSettled([
        record?.write(comparison),
        markdown && writeResult(markdown, markdownOf(comparison, sentences)),
        csv && writeResult(csv, csvOf(comparison)),
        svg && writeSvg(svg, comparison, file, context),
    ]);
    const failed = written.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
}

async function readParams(
    context: CliContext,
    values: Values,
    names: readonly string[],
): Promise<CompareParams> {
    if (names.length === 0) throw usage("MODEL is missing");
    for (const name of ["imatrix", "keep", "out", "markdown", "csv", "svg"] as const)
        if (values[name] === "") throw usage(`--${name} names no file`);
    const types = (values.types ?? "").split(/[\s,]+/).filter(Boolean);
    if (types.length === 0 && names.length === 1)
        throw usage("One MODEL needs --types, such as --types Q8_0,Q5_K_M,Q4_K_M");
    const holes = holesOf(values);
    const files: string[] = [];
    for (const name of names)
        files.push(await resolveModel(name, context.starterPath, defaultModelsFolder()));
    const {
        contextTokens = DEFAULT_CHUNK_TOKENS,
        chunks = USUAL_CHUNKS,
        threads,
    } = evaluateOptions(values);
    const text = values.text
        ? await namedText(values.text)
        : await folderText(resolve("."), bytesFor(chunks, contextTokens), context.signal);
    context.note(`Text: ${text.label} (${formatBytes(text.bytes)})`);
    return {
        files,
        types,
        imatrix: values.imatrix && resolve(values.imatrix),
        imatrixName: values.imatrix && basename(values.imatrix),
        text,
        chunks,
        contextTokens,
        bench: !values["no-speed"],
        infill: holes === undefined ? undefined : { label: text.label, files: text.files, holes },
        keepIn: values.keep && resolve(values.keep),
        threads,
        machine: machineOf(MEMORY),
    };
}

/** Undefined: without infilling. */
function holesOf({ infill, holes }: Values): number | undefined {
    if (infill) return wholeNumber(holes ?? USUAL_HOLES, "--holes", 1, 100_000);
    if (holes === undefined) return undefined;
    throw usage("--holes goes with --infill, of which it says how many");
}

function adviceFor(comparison: Comparison): Advice {
    const { contextTokens } = MEMORY;
    const { cache } = comparison;
    return advise(comparison, {
        needed: (sizeBytes) => neededMemory({ sizeBytes, cache }, contextTokens),
        most: mostMemory(MEMORY),
        contextTokens,
    });
}

async function namedText(names: readonly string[]): Promise<ChosenText> {
    const texts = await textFiles(names);
    let bytes = 0;
    for (const { path, name } of texts) {
        const status = await stat(path).catch(() => undefined);
        if (!status?.isFile()) throw usage(`There is no text file ${name}`);
        bytes += status.size;
    }
    const [place = "", ...more] = names.map((name) => resolve(name));
    const files = texts.map(({ path }) => path);
    if (more.length === 0 && files[0] === place) return { files, bytes, label: basename(place) };
    const count = `${files.length} ${files.length === 1 ? "file" : "files"}`;
    return { files, bytes, label: more.length === 0 ? `${count} of ${basename(place)}` : count };
}

async function writeSvg(
    path: string,
    comparison: Comparison,
    recommended: string | undefined,
    { note }: CliContext,
): Promise<void> {
    const picture = exportPicture(comparison, { recommended });
    if (picture) await writeResult(path, svgText(picture));
    else note(`No picture was written to ${path}: no divergence could be measured`);
}

function toStep({ step, fraction, secondsLeft }: CompareEvent) {
    const left = secondsLeft === undefined ? "" : `, ${formatDuration(secondsLeft)} left`;
    return { label: "Comparing", done: fraction, total: 1, detail: `${step}${left}` };
}

/** A line for each row that is complete. */
function tellRows(comparison: Comparison, told: Set<string>, { note, progress }: CliContext): void {
    for (const row of comparison.rows) {
        const isComplete = row.state === "done" || row.state === "failed";
        if (!isComplete || told.has(row.file)) continue;
        const figures = columnsOf(comparison)
            .filter(({ measure }) => measure !== undefined && row[measure] !== undefined)
            .map((column) => `${column.title} ${cellOf(row, column)}`);
        const text = row.problem ?? figures.join(", ");
        // The reference is measured along with the first of the others.
        if (text === "") continue;
        told.add(row.file);
        progress.end();
        note(`${row.label}: ${text}`);
    }
}

function report(comparison: Comparison, sentences: readonly string[]): string {
    const { heading, rows } = plainTable(comparison);
    return [
        table(rows, heading),
        "",
        ...sentences,
        "",
        ...methodOf(comparison),
        ...reasonsOf(comparison),
        "",
    ].join("\n");
}
