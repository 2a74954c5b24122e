// `npm run bench -- tools --model FILE.gguf [--set cases|heldOut] [--modes auto,required] [--schemas 500] [--from 1] [--seconds 540]
// [--part 1/3] [--tokens 600] [--context 4096] [--threads N] [--json FILE]`: calls of tools by a real model through the real engine. Questions of a set
// (bench/tools/cases.mjs, heldOut.mjs), each with one tool that is right, then such that need none: how often the tool is the right one and
// how often none is called; with `--part i/n` every n-th of them from the i-th on. Then schemas from a seed, one tool each, a call
// required: how many answers are calls with valid JSON for the schema; when the seconds are over it says with which seed to go on. Greedy,
// CPU or whatever the engine chooses.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadSupport } from "./tools/load.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
    options: {
        model: { type: "string" },
        set: { type: "string", default: "cases" },
        modes: { type: "string", default: "auto,required" },
        schemas: { type: "string", default: "500" },
        from: { type: "string", default: "1" },
        part: { type: "string", default: "1/1" },
        seconds: { type: "string", default: "Infinity" },
        tokens: { type: "string", default: "600" },
        context: { type: "string", default: "4096" },
        threads: { type: "string" },
        json: { type: "string" },
    },
});
if (!values.model) {
    console.error("usage: npm run bench -- tools --model FILE.gguf");
    process.exit(2);
}
const all = await import(`./tools/${values.set}.mjs`);
const { TOOLS } = all;
const [part, nParts] = values.part.split("/").map(Number);
const [CASES, PLAIN] = [all.CASES, all.PLAIN].map((list) =>
    list.filter((_, i) => i % nParts === part - 1),
);

const folder = mkdtempSync(join(tmpdir(), "ingot-tools-"));
const { openEngine, schemaOf, isValid } = await loadSupport(folder);
const engine = await openEngine({
    entry: join(root, "dist", "engine.mjs"),
    model: values.model,
    contextTokens: Number(values.context),
    threads: values.threads === undefined ? undefined : Number(values.threads),
    home: folder,
});

async function call(request) {
    const calls = [];
    const result = await engine.request(
        "chat",
        { conversation: "bench", lane: "agent", temperature: 0, seed: 1, ...request },
        { onProgress: (part) => part.kind === "call" && calls.push(part) },
    );
    return { result, calls };
}

const share = (n, of) => `${n} of ${of} (${((100 * n) / of).toFixed(1)} %)`;

/** From the seed `from` to `n`, or until the time is up. */
async function schemas(from, n, seconds) {
    const counts = { from, next: from, valid: 0, cut: 0, invalid: 0, tokens: 0 };
    const endMs = performance.now() + 1000 * seconds;
    for (; counts.next <= n && performance.now() < endMs; counts.next++) {
        const seed = counts.next;
        const parameters = schemaOf(seed);
        const tools = [{ name: "record", description: "Record the values.", parameters }];
        const { calls, result } = await call({
            messages: [{ role: "user", content: "Record an example with short values." }],
            tools,
            toolMode: "required",
            maxTokens: Number(values.tokens),
        });
        const isGood =
            calls.length > 0 &&
            calls.every((one) => one.name === "record" && isValid(one.arguments, parameters));
        counts.tokens += result.tokens.generated;
        if (isGood) counts.valid++;
        else if (result.stop === "max-tokens") counts.cut++;
        else counts.invalid++;
        if (!isGood) console.log(`seed ${seed}: ${result.stop}, ...${result.text.slice(-120)}`);
        else if (seed % 20 === 0) console.log(`up to seed ${seed}: ${counts.valid} valid`);
    }
    console.log(
        `seeds ${from} to ${counts.next - 1}: valid for its schema: ${share(counts.valid, counts.next - from)}; cut at ${values.tokens} tokens: ${counts.cut}; not valid: ${counts.invalid}; ${counts.tokens} tokens`,
    );
    return counts;
}

const ask = (question, toolMode) =>
    call({
        messages: [
            { role: "system", content: "You are a coding agent. Use the tools." },
            { role: "user", content: question },
        ],
        tools: TOOLS,
        toolMode,
        maxTokens: Number(values.tokens),
    });

async function cases(toolMode) {
    const counts = { called: 0, right: 0, of: CASES.length, first: undefined, later: 0 };
    for (const { tool, question } of CASES) {
        const { calls, result } = await ask(question, toolMode);
        if (calls.length > 0) counts.called++;
        if (calls[0]?.name === tool) counts.right++;
        else
            console.log(
                `${toolMode}: ${question} -> ${calls[0]?.name ?? JSON.stringify(result.text.slice(0, 80))}`,
            );
        const { prompt } = result.tokens;
        counts.later = counts.first === undefined ? 0 : Math.max(counts.later, prompt);
        counts.first ??= prompt;
    }
    console.log(
        `${toolMode}: a call in ${share(counts.called, counts.of)}, the right tool in ${share(counts.right, counts.of)}; tokens read: ${counts.first} first, at most ${counts.later} later`,
    );
    return counts;
}

async function plain() {
    let nWords = 0;
    for (const question of PLAIN) {
        const { calls } = await ask(question, "auto");
        if (calls.length === 0) nWords++;
        else console.log(`plain: ${question} -> ${calls[0].name}`);
    }
    console.log(`nothing to call: answered in words ${share(nWords, PLAIN.length)}`);
    return { words: nWords, of: PLAIN.length };
}

try {
    const results = { model: values.model.split(/[\\/]/).at(-1), set: values.set };
    for (const mode of values.modes.split(",").filter((name) => name !== "")) {
        results[mode] = await cases(mode);
        if (mode === "auto") results.plain = await plain();
    }
    if (Number(values.schemas) > 0)
        results.schemas = await schemas(
            Number(values.from),
            Number(values.schemas),
            Number(values.seconds),
        );
    if (values.json) writeFileSync(values.json, JSON.stringify(results, undefined, 1));
} finally {
    await engine.dispose();
    rmSync(folder, { recursive: true, force: true });
}
