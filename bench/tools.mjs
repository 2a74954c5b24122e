// `npm run bench -- tools --model FILE.gguf [--schemas 500] [--cases 50] [--tokens 600] [--context 4096] [--json FILE]`: calls of tools by a real model
// through the real engine. First schemas from a seed, one tool each, a call required: how many answers are one call with valid JSON for
// the schema. Then questions with eight tools (bench/tools/cases.mjs), the call left to the model and then required: how often the tool is
// the right one. Greedy, CPU or whatever the engine chooses.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { CASES, TOOLS } from "./tools/cases.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
    options: {
        model: { type: "string" },
        schemas: { type: "string", default: "500" },
        cases: { type: "string", default: "50" },
        tokens: { type: "string", default: "600" },
        context: { type: "string", default: "4096" },
        json: { type: "string" },
    },
});
if (!values.model) {
    console.error("usage: npm run bench -- tools --model FILE.gguf");
    process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "ingot-tools-"));
const outfile = join(folder, "support.mjs");
await build({
    entryPoints: [join(root, "bench", "tools", "support.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    define: { __BUILD__: '"bench"' },
    banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
});
process.env.INGOT_TEST_BUNDLES = join(root, "dist");
const { openEngine, schemaOf, isValid } = await import(pathToFileURL(outfile).href);
const engine = await openEngine({
    entry: join(root, "dist", "engine.mjs"),
    model: values.model,
    contextTokens: Number(values.context),
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

async function schemas(n) {
    const counts = { valid: 0, cut: 0, invalid: 0 };
    for (let seed = 1; seed <= n; seed++) {
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
        if (isGood) counts.valid++;
        else if (result.stop === "max-tokens") counts.cut++;
        else counts.invalid++;
        if (!isGood) console.log(`seed ${seed}: ${result.stop}, ...${result.text.slice(-120)}`);
        if (seed % 50 === 0) console.log(`${seed}: ${share(counts.valid, seed)}`);
    }
    console.log(
        `valid for its schema: ${share(counts.valid, n)}; cut at ${values.tokens} tokens: ${counts.cut}; not valid: ${counts.invalid}`,
    );
    return counts;
}

async function cases(n, toolMode) {
    const right = { tool: 0, called: 0, first: undefined, later: [] };
    for (const { tool, question } of CASES.slice(0, n)) {
        const { calls, result } = await call({
            messages: [
                { role: "system", content: "You are a coding agent. Use the tools." },
                { role: "user", content: question },
            ],
            tools: TOOLS,
            toolMode,
            maxTokens: 200,
        });
        if (calls.length > 0) right.called++;
        if (calls[0]?.name === tool) right.tool++;
        else
            console.log(
                `${toolMode}: ${question} -> ${calls[0]?.name ?? JSON.stringify(result.text.slice(0, 80))}`,
            );
        if (right.first === undefined) right.first = result.tokens.prompt;
        else right.later.push(result.tokens.prompt);
    }
    const most = Math.max(0, ...right.later);
    console.log(
        `${toolMode}: a call in ${share(right.called, n)}, the right tool in ${share(right.tool, n)}; tokens read: ${right.first} first, at most ${most} later`,
    );
    return right;
}

try {
    const results = { model: values.model.split(/[\\/]/).at(-1) };
    const nCases = Math.min(Number(values.cases), CASES.length);
    if (nCases > 0) {
        results.auto = await cases(nCases, "auto");
        results.required = await cases(nCases, "required");
    }
    if (Number(values.schemas) > 0) results.schemas = await schemas(Number(values.schemas));
    if (values.json) writeFileSync(values.json, JSON.stringify(results, undefined, 1));
} finally {
    await engine.dispose();
    rmSync(folder, { recursive: true, force: true });
}
