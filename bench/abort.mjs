// How long a running prompt takes to stop: `npm run bench -- abort --model FILE.gguf [--threads 1] [--slice 64] [--slice-ms 160]
// [--prompt 4000] [--runs 50] [--chat] [--seed 1]`.
// Evaluates a prompt of that many tokens once, stopped so many times at random places and moments (seeded) and gone on with from what
// was kept, and takes the time from abort() to the settled promise. --chat: while another sequence generates. Then the rate of the whole
// prompt and of 64 generated tokens alone, from the result's own counters. CPU only. Prints one JSON object; --json FILE writes it too.
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { loadModel } from "./support/native.mjs";
import { randomOf } from "./support/random.mjs";

const { values } = parseArgs({
    options: {
        model: { type: "string" },
        threads: { type: "string", default: "1" },
        slice: { type: "string", default: "64" },
        "slice-ms": { type: "string", default: "160" },
        prompt: { type: "string", default: "4000" },
        runs: { type: "string", default: "50" },
        chat: { type: "boolean", default: false },
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

/** What the chat generates before it begins again. */
const CHAT_TOKENS = 512;

/** The moments repeat with the seed. */
const random = randomOf(Number(values.seed));

const model = await loadModel(values.model);
const context = model.createContext({
    contextTokens: nPrompt + CHAT_TOKENS + 256,
    nSequences: 2,
    sliceTokens,
    sliceMs: Number(values["slice-ms"]),
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
context.clearSequence(0);

let isChatting = values.chat;
let nChatTokens = 0;
async function chat() {
    while (isChatting) {
        const turn = context.generate(
            {
                sequence: 1,
                priority: 0,
                tokens: tokens.slice(0, 64),
                maxTokens: CHAT_TOKENS,
                temperature: 0,
            },
            () => {
                if (!isChatting) turn.abort();
            },
        );
        nChatTokens += (await turn.done).generatedTokens;
    }
}
const chatting = chat();

const latenciesMs = [];
let nKept = 0;
const sliceMs = Math.min(Number(values["slice-ms"]), (whole.promptMs * sliceTokens) / nPrompt);
for (let run = 0; run < nRuns; run++) {
    const place = (0.95 * nPrompt * (run + random())) / nRuns;
    const before = context.sequenceLength(0);
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
    if (context.sequenceLength(0) === before + aborted.promptTokens) nKept++;
}
isChatting = false;
await chatting;
await model.close();

latenciesMs.sort((a, b) => a - b);
const result = {
    bench: "abort",
    model: model.info.description,
    threads,
    sliceTokens,
    promptTokens: nPrompt,
    runs: nRuns,
    chatTokens: nChatTokens,
    abortMs: {
        p50: latenciesMs[Math.floor(nRuns / 2)],
        p99: latenciesMs[Math.min(nRuns - 1, Math.floor(nRuns * 0.99))],
        max: latenciesMs[nRuns - 1],
        all: latenciesMs,
    },
    prefixKept: nKept,
    promptTokensPerSecond: (nPrompt * 1000) / whole.promptMs,
    generatedTokensPerSecond: (whole.generatedTokens * 1000) / whole.generateMs,
    load: loadavg()[0],
};
console.log(JSON.stringify(result));
if (values.json) writeFileSync(values.json, JSON.stringify(result, null, 2));
