// `npm run bench -- agent --model FILE.gguf [--request FILE] [--context 16384] [--threads N] [--json FILE]`: what the turns of an agent's conversation read, and how long the
// first token takes: the first question, the second turn (a call with its result), another conversation with the same tools, and both
// after the engine was started anew. Instructions and tools are 13,000 characters of docs/ and 18 tools, or those of a request (ChatRequest of
// src/protocol/chat.ts as JSON) whose first question is its last message. CPU or whatever the engine chooses.
import { mkdtempSync, readFileSync, rmSync, statSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadSupport } from "./tools/load.mjs";
import { TOOLS as FIRST } from "./tools/cases.mjs";
import { TOOLS as SECOND } from "./tools/heldOut.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
    options: {
        model: { type: "string" },
        request: { type: "string" },
        context: { type: "string", default: "16384" },
        threads: { type: "string" },
        json: { type: "string" },
    },
});
if (!values.model) {
    console.error("usage: npm run bench -- agent --model FILE.gguf");
    process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "ingot-agent-"));
const { openEngine } = await loadSupport(folder);
const engine = await openEngine({
    entry: join(root, "dist", "engine.mjs"),
    model: values.model,
    contextTokens: Number(values.context),
    threads: values.threads && Number(values.threads),
    home: folder,
});

const INSTRUCTIONS = ["tools.md", "engine.md"]
    .map((name) => readFileSync(join(root, "docs", name), "utf8"))
    .join("\n")
    .slice(0, 13_000);
const asked = values.request
    ? JSON.parse(readFileSync(values.request, "utf8"))
    : { messages: [{ role: "system", content: INSTRUCTIONS }], tools: [...FIRST, ...SECOND] };
const question = (content) => ({ role: "user", content });
const RESULT = readFileSync(join(root, "bench", "main.mjs"), "utf8").slice(0, 800);
const CALL = { id: "1", name: "read_file", arguments: { path: "bench/main.mjs" } };
const BEGINNING = values.request ? asked.messages.slice(0, -1) : asked.messages;
const FIRST_TURN = [
    values.request ? asked.messages.at(-1) : question("What does bench/main.mjs do?"),
];
const SECOND_TURN = [
    ...FIRST_TURN,
    { role: "assistant", content: "", toolCalls: [CALL] },
    { role: "tool", content: RESULT, toolCallId: "1" },
];

/** Tokens that were read and reused, and the time from the request to the first token, loading left out. */
async function turn(name, messages) {
    const { tokens, timings } = await engine.request("chat", {
        conversation: "bench",
        lane: "agent",
        messages: [...BEGINNING, ...messages],
        tools: asked.tools,
        maxTokens: 1,
        temperature: 0,
        seed: 1,
    });
    const ms = Math.round(timings.totalMs - timings.loadMs);
    console.log(`${name}: read ${tokens.prompt}, reused ${tokens.reused}, first token ${ms} ms`);
    return { name, prompt: tokens.prompt, reused: tokens.reused, ms };
}

async function startAnew() {
    await engine.request("prefill/save", undefined);
    const kept = join(folder, "cache", "agent-kv");
    for (const name of readdirSync(kept))
        console.log(`on disk: ${(statSync(join(kept, name)).size / 1e6).toFixed(1)} MB`);
    await engine.restart();
}

try {
    const turns = [
        await turn("first question", FIRST_TURN),
        await turn("second turn", SECOND_TURN),
        await turn("another conversation", [question("Run the tests.")]),
    ];
    await startAnew();
    turns.push(await turn("first question after a restart", [question("Is there a README?")]));
    turns.push(await turn("second turn of before the restart", SECOND_TURN));
    const [first, ...later] = turns;
    for (const { name, prompt, ms } of later)
        console.log(
            `${name}: ${(prompt / first.prompt).toFixed(3)}x of the tokens, ${(ms / first.ms).toFixed(3)}x of the time`,
        );
    if (values.json) writeFileSync(values.json, JSON.stringify(turns, undefined, 1));
} finally {
    await engine.dispose();
    rmSync(folder, { recursive: true, force: true });
}
