// llama-server as llama.vscode 0.0.63 drives it, behind the bench's protocol: `node main.mjs LLAMA_SERVER`. Owns the protocol, the documents and
// the clock; provider.mjs holds what llama.vscode does with them. Settings: `threads`, `alternatives` (3 is llama.vscode's default), `speculates`
// (false: nothing is asked for but the answer).
import { createInterface } from "node:readline";
import { applyEdits } from "../typing/trace.mjs";
import { Provider } from "./provider.mjs";
import { Ring } from "./ring.mjs";
import { startServer } from "./server.mjs";

/** llama.vscode looks into its queue of context chunks this often. */
const RING_UPDATE_MS = 1000;

const [binary] = process.argv.slice(2);
const documents = new Map();
const cancelled = new Set();
const underWay = new Set();
let server;
let provider;
let ring;
let isVirtual = false;
/** Time of the last line, and of the last look into the queue. */
let nowMs = 0;
let tickedMs = 0;

const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const write = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function start({ model, settings = {}, clock }) {
    isVirtual = clock === "virtual";
    const { threads, alternatives = 3, speculates = true } = settings;
    server = await startServer({ binary, model, threads });
    process.once("exit", () => server.kill());
    const call = async (kind, body, id) => {
        const startMs = performance.now();
        const { tokens, texts } = await server.infill(body);
        write({ type: "work", kind, id, ...tokens, ms: performance.now() - startMs });
        return { tokens, texts };
    };
    ring = new Ring({ send: (body) => track(call("context", body)) });
    provider = new Provider({
        ring,
        call,
        alternatives,
        // With a virtual clock nothing may end by wall time.
        predictMs: isVirtual ? 0 : 500,
        later: (work) => (speculates ? track(delay(0).then(work)) : undefined),
        delay,
    });
    if (!isVirtual) setInterval(tick, RING_UPDATE_MS).unref();
    write({
        type: "ready",
        engine: "llama.vscode",
        version: `0.0.63, ${alternatives} alternatives`,
    });
}

function tick() {
    ring.update(isVirtual ? tickedMs : performance.now());
}

function handle(message) {
    if (isVirtual && typeof message.t === "number") {
        nowMs = message.t;
        while (tickedMs + RING_UPDATE_MS <= nowMs) {
            tickedMs += RING_UPDATE_MS;
            tick();
        }
    }
    switch (message.type) {
        case "start":
            return start(message);
        case "set":
            // Once the first line is finished, an answer of one line needs nothing more.
            if (isVirtual) provider.predictMs = message.settings.maxLines === 1 ? 1 : 0;
            return;
        case "open":
            return open(message);
        case "close":
            documents.clear();
            ring.clear();
            return;
        case "change": {
            const document = documents.get(message.path);
            document.text = applyEdits(document.text, message.edits);
            document.isDirty = true;
            return;
        }
        case "request":
            return void track(request(message));
        case "cancel":
            cancelled.add(message.id);
            return;
        case "sync":
            return void synced(message.id);
    }
}

function open({ path, name = path, text, cursor }) {
    const document = documents.get(path) ?? { path: name, isDirty: false };
    document.text = text;
    documents.set(path, document);
    // llama.vscode picks for the editor that was left and the one that comes, but by then both names mean the latter.
    ring.pickAround(document, cursor);
    ring.pickAround(document, cursor);
}

async function request({ id, path, offset, trigger }) {
    const startMs = performance.now();
    const answer = await provider.provide({
        id,
        document: documents.get(path),
        offset,
        isAutomatic: trigger === "automatic",
        isCancelled: () => cancelled.has(id),
        now: () => (isVirtual ? nowMs : performance.now()),
    });
    const { text, reason, source = "none", tokens } = answer;
    write({
        type: "result",
        id,
        items: text === undefined ? [] : [{ text, start: offset, end: offset }],
        source,
        ...(tokens ?? { promptTokens: 0, reusedTokens: 0, generatedTokens: 0 }),
        ms: performance.now() - startMs,
        ...(reason && { reason }),
    });
}

function track(promise) {
    const settled = promise.catch(fail).finally(() => underWay.delete(settled));
    underWay.add(settled);
    return settled;
}

async function synced(id) {
    while (underWay.size > 0) await Promise.all(underWay);
    write({ type: "synced", id });
}

function fail(error) {
    console.error(error.message);
    process.exit(1);
}

for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit(1));
try {
    for await (const line of createInterface({ input: process.stdin })) {
        const message = JSON.parse(line);
        if (message.type === "stop") break;
        await handle(message);
    }
    process.exit(0);
} catch (error) {
    fail(error);
}
