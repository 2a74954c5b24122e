// What the engine reads while nobody waits, and what of it survives the process: counts of tokens, on the starter model.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { completionRequest, startEngine, type TestEngine } from "../support/engineProcess";

const signal = new AbortController().signal;
const LONG = "export const limit = compute(1, 2, 3);\n".repeat(30);

let engine: TestEngine;
beforeEach(async () => {
    engine = await startEngine();
    await engine.client.request("model/load", { role: "completion" });
});
afterEach(() => engine.dispose());

const place = (prefix: string, more = {}) => completionRequest(prefix, "\nexport {};\n", more);
const read = (prefix: string, more = {}) => engine.client.prefill(place(prefix, more), signal);
const complete = (prefix: string, more = {}) => engine.client.complete(place(prefix, more), signal);

it("a completion at a place that was read evaluates next to nothing", async () => {
    const first = await read(LONG);
    expect(first?.tokens.prompt).toBeGreaterThan(50);
    expect(first?.aborted).toBe(false);
    const { tokens } = await complete(`${LONG}ex`);
    expect(tokens?.prompt).toBeLessThanOrEqual(4);
    expect(tokens?.reused).toBeGreaterThan(50);
});

it("reading where everything is read already costs nothing and loses nothing", async () => {
    const { tokens } = await complete(LONG);
    const again = await read(LONG);
    expect(again?.tokens.prompt).toBe(0);
    expect(again?.tokens.reused).toBeGreaterThan(50);
    const next = await complete(LONG);
    expect(next.tokens?.prompt).toBeLessThanOrEqual(1);
    expect(tokens?.prompt).toBeGreaterThan(50);
});

it("does not load a model", async () => {
    await engine.client.request("model/unload", { role: "completion" });
    expect(await read(LONG)).toBeUndefined();
    expect((await engine.client.status())?.models).toEqual([]);
});

it("keeps four documents", async () => {
    const paths = ["a.ts", "b.ts", "c.ts", "d.ts"];
    for (const path of paths) await read(LONG, { path });
    for (const path of paths)
        expect((await complete(`${LONG}x`, { path })).tokens?.prompt).toBeLessThanOrEqual(4);
});

it("moves a window that is nearly full when nobody types", async () => {
    const more = { prompt: { maxPrefixTokens: 128 } };
    const lines = (n: number) => Array.from({ length: n }, (_, i) => `${i};\n`).join("");
    const total = async (n: number) => {
        const tokens = (await read(lines(n), { ...more, path: `${n}.ts` }))?.tokens;
        return (tokens?.prompt ?? 0) + (tokens?.reused ?? 0);
    };
    let n = 1;
    for (let last = 0, now = await total(n); now > last; now = await total(++n)) last = now;
    const full = lines(n - 1);
    await read(full, more);
    expect((await read(full, more))?.tokens.prompt).toBe(0);
    const moved = await read(full, { ...more, idle: "short" });
    expect(moved?.tokens.prompt).toBeGreaterThan(40);
    expect((await complete(`${full}7`, more)).tokens?.prompt).toBeLessThanOrEqual(4);
});

it("reads more in a long pause, beside what is in use until it is done", async () => {
    // The starter is fast: after one long prompt its speed allows larger windows than the first.
    const text = Array.from({ length: 400 }, (_, i) => `export const n${i} = ${i};\n`).join("");
    const small = await read(text, { path: "grow.ts" });
    const size = (small?.tokens.prompt ?? 0) + (small?.tokens.reused ?? 0);
    const grown = await read(text, { path: "grow.ts", idle: "long" });
    expect(grown?.tokens.prompt).toBeGreaterThan(size);
    const { tokens } = await complete(`${text}e`, { path: "grow.ts" });
    expect(tokens?.prompt).toBeLessThanOrEqual(4);
    expect(tokens?.reused).toBeGreaterThan(1.5 * size);
    // On a busy computer it grows in several steps; there are four sizes.
    const more: number[] = [];
    for (let i = 0; i < 4; i++)
        more.push((await read(text, { path: "grow.ts", idle: "long" }))?.tokens.prompt ?? Infinity);
    expect(more.at(-1)).toBeLessThan(8);
});

it("what was read is back in the next process", async () => {
    await read(LONG, { idle: "short" });
    await engine.client.request("prefill/save", undefined);
    await engine.client.stop();
    await engine.client.request("model/load", { role: "completion" });
    const { tokens } = await complete(`${LONG}e`);
    expect(tokens?.prompt).toBeLessThanOrEqual(4);
    expect(tokens?.reused).toBeGreaterThan(150);
});

it("nothing is left of a document that is not to be completed any more", async () => {
    await read(LONG, { idle: "short" });
    await engine.client.request("prefill/save", undefined);
    const kept = () => engine.client.request("prefill/kept", undefined);
    const documents = [...new Set((await kept()).map(({ document }) => document))];
    expect((await kept()).every(({ languageId }) => languageId === "typescript")).toBe(true);
    const folder = join(engine.home, "cache", "kv");
    const files = () => readdirSync(folder).filter((file) => file.endsWith(".kv"));
    expect(files().length).toBeGreaterThan(0);
    await engine.client.request("prefill/forget", { documents });
    await engine.client.request("prefill/save", undefined);
    expect(files()).toEqual([]);
    expect(await kept()).toEqual([]);
    expect((await complete(`${LONG}e`)).tokens?.prompt).toBeGreaterThan(50);
});

it.each([
    [
        "damaged",
        (bytes: Buffer) => bytes.map((byte, i) => (i === bytes.length >> 1 ? ~byte : byte)),
    ],
    ["cut short", (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
    ["empty", () => Buffer.alloc(0)],
    ["foreign", () => Buffer.from("ingot-kv/2\nnothing of the kind, but long enough for a header")],
])("a saved file that is %s is ignored", async (_what, damage) => {
    await read(LONG, { idle: "short" });
    await engine.client.request("prefill/save", undefined);
    await engine.client.stop();
    const folder = join(engine.home, "cache", "kv");
    mkdirSync(folder, { recursive: true });
    const [name] = readdirSync(folder).filter((file) => file.endsWith(".kv"));
    expect(name).toBeDefined();
    const path = join(folder, name ?? "");
    writeFileSync(path, damage(readFileSync(path)));
    await engine.client.request("model/load", { role: "completion" });
    expect((await complete(`${LONG}e`)).tokens?.prompt).toBeGreaterThan(50);
});
