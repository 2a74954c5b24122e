// How long a running prompt takes to stop: `npm run bench -- abort --model FILE.gguf [--threads 1] [--slice 128]
// [--prompt 2000] [--runs 10] [--seed 1]`.
// Evaluates a prompt of that many tokens, aborts it at a random place and moment (seeded), and takes the time from
// abort() to the settled promise; then the rate of the whole prompt and of 64 generated tokens, from the result's own
// counters. Also checks that what was evaluated before an abort is reused. CPU only. Prints one JSON object; --json FILE
// writes it too.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
    options: {
        model: { type: "string" },
        threads: { type: "string", default: "1" },
        slice: { type: "string", default: "128" },
        prompt: { type: "string", default: "2000" },
        runs: { type: "string", default: "10" },
        seed: { type: "string", default: "1" },
        json: { type: "string" },
    },
});
if (!values.model) {
    console.error("usage: npm run bench -- abort --model FILE.gguf");
    process.exit(2);
}
const nPrompt = Number(values.prompt);
const nRuns = Number(values.runs);
const sliceTokens = Number(values.slice);
const threads = Number(values.threads);

/** mulberry32: the moments repeat with the seed. */
let state = Number(values.seed);
function random() {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

const system = { darwin: "mac", win32: "win" }[process.platform] ?? process.platform;
const metal = system === "mac" && process.arch === "arm64";
const name = `${system}-${process.arch}${metal ? "-metal" : ""}`;
const addon = createRequire(import.meta.url)(join(root, "native", "build", "ingot.node"));
addon.open({
    dir: join(root, "node_modules", "@node-llama-cpp", name, "bins", name),
    variant: metal ? "metal" : "",
});
const model = await addon.loadModel({ path: values.model, gpuLayers: 0 }).done;
const context = model.createContext({
    contextTokens: nPrompt + 256,
    nSequences: 1,
    sliceTokens,
    threads,
});

// Different words each time around, so that a tokenizer cannot merge much of it.
let text = "";
for (let i = 0; text.length < nPrompt * 6; i++)
    text += `def function_${i}(a, b):\n    return a * ${i} + b\n\n`;
const tokens = model.tokenize(text).slice(0, nPrompt);
if (tokens.length < nPrompt) throw new Error("the prompt text is too short for this tokenizer");
const request = { sequence: 0, priority: 1, tokens, temperature: 0 };

const whole = await context.generate({ ...request, maxTokens: 64 }).done;
const latenciesMs = [];
let nReusedRight = 0;
for (let run = 0; run < nRuns; run++) {
    context.clearSequence(0);
    // a random place in the prompt, then a random moment of the slice that runs there
    const place = 0.85 * nPrompt * random();
    const sliceMs = (whole.promptMs * sliceTokens) / nPrompt;
    const task = await new Promise((resolve) => {
        const started = context.generate({ ...request, maxTokens: 1 }, ({ promptDone = 0 }) => {
            if (promptDone >= place) setTimeout(() => resolve(started), sliceMs * random());
        });
    });
    const start = performance.now();
    task.abort();
    const aborted = await task.done;
    latenciesMs.push(performance.now() - start);
    if (aborted.stop !== "aborted") throw new Error(`run ${run} ended with ${aborted.stop}`);
    const kept = context.sequenceLength(0);
    if (kept === aborted.promptTokens && kept % sliceTokens === 0) nReusedRight++;
}
await model.close();

latenciesMs.sort((a, b) => a - b);
const result = {
    bench: "abort",
    model: model.info.description,
    threads,
    sliceTokens,
    promptTokens: nPrompt,
    runs: nRuns,
    abortMs: {
        p50: latenciesMs[Math.floor(nRuns / 2)],
        max: latenciesMs[nRuns - 1],
        all: latenciesMs,
    },
    prefixKept: nReusedRight,
    promptTokensPerSecond: (nPrompt * 1000) / whole.promptMs,
    generatedTokensPerSecond: (whole.generatedTokens * 1000) / whole.generateMs,
    load: loadavg()[0],
};
console.log(JSON.stringify(result));
if (values.json) writeFileSync(values.json, JSON.stringify(result, null, 2));
