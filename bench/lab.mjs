// `npm run bench -- lab [--model FILE] [--type Q4_K_M] [--text FILE] [--chunks N] [--threads 1] [--runs N] [--parts perplexity,divergence,imatrix,bench]
// [--pp 512] [--tg 32] [--parallel 1,4] [--json FILE]`: the lab beside llama.cpp's own tools (`npm run peers`, same libraries), in turn: whether the
// figures agree in four digits and counts exactly (else exit code 1), and how long both take. Divergence: of the model and of what `ingot
// quantize --type` makes of it, ours in lockstep, theirs in two steps with a file of log-probabilities between. Without --text: sources of
// packages in node_modules. Whole processes, start and loading included. CPU only. docs/measuring.md has the figures.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { benchOf, compareImatrix, divergenceOf, perplexityOf } from "./lab/figures.mjs";
import { readSources } from "./quality/holes.mjs";
import { measure, median, round } from "./support/measure.mjs";
import { loadModules } from "./support/modules.mjs";

const PARTS = ["perplexity", "divergence", "imatrix", "bench"];
const SOURCES = ["undici/lib", "eslint/lib", "mocha/lib"];
/** Of the text without --text. */
const MAX_CHARACTERS = 1_000_000;
/** Figures that differ by less are the same: four digits, or as many as are printed. */
const SAME = 0.5e-4;
const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
    options: {
        model: { type: "string", default: join(root, "models", "starter", "starter-q8_0.gguf") },
        type: { type: "string", default: "Q4_K_M" },
        text: { type: "string" },
        chunks: { type: "string", default: "100" },
        threads: { type: "string", default: "1" },
        runs: { type: "string", default: "3" },
        parts: { type: "string", default: PARTS.join(",") },
        pp: { type: "string", default: "512" },
        tg: { type: "string", default: "32" },
        parallel: { type: "string", default: "1,4" },
        json: { type: "string" },
    },
});
const { model, threads, chunks } = values;
const parts = values.parts.split(",");
if (parts.some((part) => !PARTS.includes(part))) {
    console.error(`--parts takes ${PARTS.join(", ")}, with commas between`);
    process.exit(2);
}
const bin = join(root, ".cache", "peers", "bin");
if (!existsSync(join(bin, "llama-perplexity"))) {
    console.error("llama.cpp's tools are not there; build them with: npm run peers");
    process.exit(2);
}
const temp = mkdtempSync(join(tmpdir(), "ingot-bench-lab-"));
process.on("exit", () => rmSync(temp, { recursive: true, force: true }));
const file = (name) => join(temp, name);

const ingot = (...args) =>
    measure(process.execPath, [join(root, "dist", "cli.mjs"), ...args, "--threads", threads]);
const tool = (name, ...args) =>
    measure(join(bin, name), [...args, "--threads", threads, "--n-gpu-layers", "0"]);

function textFile() {
    if (values.text) return values.text;
    const folders = SOURCES.map((name) => join(root, "node_modules", name));
    const all = readSources(folders).map(({ text }) => text);
    writeFileSync(file("text"), all.join("\n").slice(0, MAX_CHARACTERS));
    return file("text");
}
const text = textFile();
const onText = ["--text", text, "--chunks", chunks];
const onTextTheirs = ["-f", text, "--chunks", chunks];
const quantized = file("quantized.gguf");

const sum = (one, other) => ({
    seconds: one.seconds + other.seconds,
    cpuSeconds: one.cpuSeconds + other.cpuSeconds,
});

/** Of each part both sides: `figures` (of theirs they may be missing), `seconds`, `cpuSeconds`. */
const sides = {
    perplexity: {
        async ours() {
            const run = await ingot("perplexity", model, ...onText, "--json");
            return { ...run, figures: perplexityOf.ours(run) };
        },
        async theirs() {
            const run = await tool("llama-perplexity", "-m", model, ...onTextTheirs);
            return { ...run, figures: perplexityOf.theirs(run) };
        },
    },
    divergence: {
        async ours() {
            const args = ["perplexity", quantized, "--reference", model, ...onText, "--json"];
            const run = await ingot(...args);
            return { ...run, figures: divergenceOf.ours(run) };
        },
        async theirs() {
            const base = ["--kl-divergence-base", file("logits")];
            const first = await tool("llama-perplexity", "-m", model, ...onTextTheirs, ...base);
            const args = ["-m", quantized, ...base, "--kl-divergence"];
            const second = await tool("llama-perplexity", ...args);
            const bytes = statSync(file("logits")).size;
            return { ...sum(first, second), figures: divergenceOf.theirs(second), bytes };
        },
    },
    imatrix: {
        async ours() {
            const out = ["--out", file("ours.gguf"), "--overwrite"];
            return { ...(await ingot("imatrix", model, ...onText, ...out)), figures: {} };
        },
        async theirs() {
            const args = ["-m", model, ...onTextTheirs, "-o", file("theirs.gguf"), "--no-ppl"];
            return { ...(await tool("llama-imatrix", ...args)), figures: {} };
        },
    },
    bench: {
        async ours() {
            const { pp, tg, parallel } = values;
            const args = ["--pp", pp, "--tg", tg, "--parallel", parallel, "--json"];
            const run = await ingot("bench", model, ...args);
            return { ...run, rows: benchOf.ours(run), figures: {} };
        },
        async theirs() {
            const { pp, tg, parallel } = values;
            const sizes = ["-npp", pp, "-ntg", tg, "-npl", parallel];
            const most = (list) => Math.max(...list.split(",").map(Number));
            const cells = most(parallel) * (most(pp) + most(tg));
            const args = ["-m", model, ...sizes, "-c", `${cells}`, "--output-format", "jsonl"];
            const run = await tool("llama-batched-bench", ...args);
            return { ...run, rows: benchOf.theirs(run), figures: {} };
        },
    },
};

/**
 * Figures side by side, of a run in which theirs are all there: their tools may end before the last lines are printed (common/log.cpp
 * says so), which happens on a busy machine.
 */
function agreement(our, their) {
    const run = their.findIndex(({ figures }) => figures);
    if (run < 0) throw new Error("a tool of llama.cpp never printed its figures; raise --runs");
    const [ours, theirs] = [our[run].figures, their[run].figures];
    return Object.entries(ours).map(([name, value]) => {
        const printed = theirs[name];
        const lastDigit = 10 ** -(printed.split(".")[1]?.length ?? 0);
        const allowed = Math.max(SAME * Math.abs(printed), 0.6 * lastDigit);
        return { name, ours: value, theirs: printed, isSame: Math.abs(value - printed) <= allowed };
    });
}

async function imatrixAgreement() {
    const { readImatrixFile } = await loadModules(["foundry/quant/imatrix"]);
    const ours = await readImatrixFile(file("ours.gguf"));
    const { isSame, largest } = compareImatrix(ours, await readImatrixFile(file("theirs.gguf")));
    const [one, other] = ["ours.gguf", "theirs.gguf"].map((name) => readFileSync(file(name)));
    return { weights: ours.entries.size, isSame, largest, sameBytes: one.equals(other) };
}

/** Medians of the pairs' ratios, row by row of the table. */
function rowRatios(our, their) {
    return our[0].rows.map(({ what, cache }, row) => {
        const ratio = (key) =>
            round(median(our.map(({ rows }, i) => rows[row][key] / their[i].rows[row][key])));
        const isSame = their[0].rows[row].what === what && their[0].rows[row].cache === cache;
        return { what, isSame, read: ratio("read"), write: ratio("write") };
    });
}

async function runPart(part) {
    const our = [];
    const their = [];
    const loads = [];
    for (let i = 0; i < Number(values.runs); i++) {
        loads.push(round(loadavg()[0]));
        if (i % 2 === 0) our.push(await sides[part].ours());
        their.push(await sides[part].theirs());
        if (i % 2 === 1) our.push(await sides[part].ours());
    }
    const ratio = (key) => round(median(our.map((run, i) => run[key] / their[i][key])));
    const all = (runs, key) => runs.map((run) => round(run[key]));
    return {
        part,
        loads: [...loads, round(loadavg()[0])],
        ratio: ratio("seconds"),
        cpuRatio: ratio("cpuSeconds"),
        ours: { seconds: all(our, "seconds"), cpuSeconds: all(our, "cpuSeconds") },
        theirs: { seconds: all(their, "seconds"), cpuSeconds: all(their, "cpuSeconds") },
        figures: agreement(our, their),
        ...(part === "divergence" && { logitsBytes: their[0].bytes }),
        ...(part === "imatrix" && { imatrix: await imatrixAgreement() }),
        ...(part === "bench" && { rows: rowRatios(our, their) }),
    };
}

function show({ part, ratio, cpuRatio, ours, theirs, loads, figures, ...more }) {
    console.log(
        `${part}: ${ratio}x the time, ${cpuRatio}x the processor time (s ${ours.seconds.join(", ")} and ${theirs.seconds.join(", ")}; load ${loads.join(", ")})`,
    );
    for (const { name, ours: our, theirs: their, isSame } of figures)
        console.log(`  ${isSame ? "same" : "OTHER"}  ${name}  ${our}  ${their}`);
    const { imatrix, rows = [], logitsBytes } = more;
    if (logitsBytes) console.log(`  their file of log-probabilities: ${logitsBytes} bytes`);
    if (imatrix) {
        const { weights, isSame, largest, sameBytes } = imatrix;
        const counts = `weights and counts of ${weights}, sums differ by ${largest} at most`;
        console.log(
            `  ${isSame ? "same" : "OTHER"}  ${counts}, files ${sameBytes ? "equal" : "not equal"}`,
        );
    }
    for (const { what, isSame, read, write } of rows)
        console.log(`  ${isSame ? "same" : "OTHER"}  ${what}: read ${read}x, written ${write}x`);
}

const isRight = ({ figures, imatrix, rows = [] }) =>
    [...figures, ...rows].every(({ isSame }) => isSame) &&
    (!imatrix || (imatrix.isSame && imatrix.largest <= SAME));

if (parts.includes("divergence"))
    await ingot("quantize", model, "--type", values.type, "--allow-requantize", "--out", quantized);
const results = [];
for (const part of parts) {
    results.push(await runPart(part));
    show(results.at(-1));
}
console.log(
    `${basename(model)}, ${chunks} chunks of 512 tokens, ${threads} ${threads === "1" ? "thread" : "threads"}`,
);
if (!results.every(isRight)) process.exitCode = 1;
if (values.json) {
    const summary = { bench: "lab", model: basename(model), threads, chunks, results };
    writeFileSync(values.json, `${JSON.stringify(summary, undefined, 2)}\n`);
}
