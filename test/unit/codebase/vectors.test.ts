/** Vectors in the index: how exact they are, what is made again and what not, what is kept on the disk and what is not believed; and what they find. */

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../../src/base/log";
import { fuse } from "../../../src/codebase/fusion";
import { Indexer } from "../../../src/indexer/indexer";
import { Vectors } from "../../../src/indexer/vectors";
import { readVectors, VECTORS_FILE, writeVectors } from "../../../src/indexer/vectorStore";
import { decodeFloats, encodeFloats } from "../../../src/node/floats";
import { randomFrom } from "../edit/random";

let root: string;
let folder: string;
const { signal } = new AbortController();
const SPACE = { key: "model-1", dimensions: 3 };

beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "ingot-vectors-"));
    folder = join(root, "index");
    mkdirSync(join(root, "files"));
    write("sums.ts", "export function roundPrice(value) {\n    return Math.round(value);\n}\n");
    write("hello.ts", "export function greetPerson(name) {\n    return `Hello ${name}`;\n}\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const path = (name: string) => join(root, "files", name);
const write = (name: string, text: string) => writeFileSync(path(name), text);
const file = (name: string, text?: string) => ({ path: path(name), name, text });
const BOTH = ["sums.ts", "hello.ts"];

async function opened(): Promise<Indexer> {
    const outliner = { outline: async () => undefined };
    const indexer = new Indexer({ build: "one", outliner, log: silentLog });
    await indexer.open(folder);
    return indexer;
}
const sync = (indexer: Indexer, names = BOTH) =>
    indexer.sync(
        names.map((name) => file(name)),
        { signal },
    );

/** As a model that knows prices, greetings and nothing else. */
function meaningOf(text: string): Float32Array {
    if (/price|cost|money/i.test(text)) return Float32Array.of(1, 0, 0);
    if (/greet|hello|welcome/i.test(text)) return Float32Array.of(0, 1, 0);
    return Float32Array.of(0, 0, 1);
}
/** Gives all pieces their vectors; how many. */
async function embedAll(indexer: Indexer, space = SPACE): Promise<number> {
    let n = 0;
    for (;;) {
        const { texts } = await indexer.missing(space, 1);
        if (texts.length === 0) return n;
        const values = Float32Array.from(texts.flatMap(({ text }) => [...meaningOf(text)]));
        const hashes = texts.map(({ hash }) => hash);
        await indexer.put(space.key, hashes, encodeFloats(values));
        n += texts.length;
    }
}
const found = (indexer: Indexer, question: string, key = SPACE.key) =>
    indexer
        .search(question, 5, { key, vector: encodeFloats(meaningOf(question)) })
        .map(({ name }) => name);

describe("the index with vectors", () => {
    it("finds what has none of the question's words, once it has a vector", async () => {
        const indexer = await opened();
        await sync(indexer);
        expect(found(indexer, "money to pay")).toEqual([]);
        const first = await indexer.missing(SPACE, 1);
        expect(first).toMatchObject({ nMissing: 2 });
        expect(first.texts.map(({ text }) => text.split("\n")[0])).toEqual(["sums.ts"]);
        expect(await embedAll(indexer)).toBe(2);
        expect(found(indexer, "money to pay")[0]).toBe("sums.ts");
        expect(found(indexer, "a welcome for visitors")[0]).toBe("hello.ts");
        expect(indexer.search("money to pay", 5)).toEqual([]);
    });

    it("asks again only for pieces that say something else", async () => {
        const indexer = await opened();
        await sync(indexer);
        expect(await embedAll(indexer)).toBe(2);
        write(
            "hello.ts",
            "export function greetPerson(name) {\n    return `Welcome ${name}`;\n}\n",
        );
        await sync(indexer);
        expect(await embedAll(indexer)).toBe(1);
        write("hello.ts", "export function greetPerson(name) {\n    return `Hello ${name}`;\n}\n");
        await sync(indexer);
        expect(await embedAll(indexer)).toBe(0);
        await sync(indexer, ["sums.ts"]);
        expect(found(indexer, "a welcome")).not.toContain("hello.ts");
    });

    it("leaves text that is not saved yet and files that are another thing by now for later", async () => {
        const indexer = await opened();
        await sync(indexer);
        await indexer.update([file("sums.ts", "function chargeMoney() {}\n")], [], { signal });
        write("hello.ts", "export function sayGoodbye() {}\n");
        expect(await embedAll(indexer)).toBe(0);
        write("sums.ts", "function chargeMoney() {}\n");
        await indexer.update([file("sums.ts"), file("hello.ts")], [], { signal });
        expect(await embedAll(indexer)).toBe(2);
    });

    it("keeps them on the disk for the next process, and makes them anew for another model", async () => {
        const first = await opened();
        await sync(first);
        await embedAll(first);
        await first.save();
        expect(readdirSync(folder).sort()).toEqual(["index.bin", VECTORS_FILE]);
        const second = await opened();
        await sync(second);
        expect(await embedAll(second)).toBe(0);
        expect(found(second, "money")[0]).toBe("sums.ts");
        const other = { key: "model-2", dimensions: 3 };
        expect(found(second, "money", other.key)).toEqual([]);
        expect(await embedAll(second, other)).toBe(2);
        expect(found(second, "money", other.key)[0]).toBe("sums.ts");
    });

    it("takes no vectors of another model or of another length", async () => {
        const indexer = await opened();
        await sync(indexer);
        const { texts } = await indexer.missing(SPACE, 10);
        const hashes = texts.map(({ hash }) => hash);
        await indexer.put("model-2", hashes, encodeFloats(new Float32Array(6)));
        await indexer.put(SPACE.key, hashes, encodeFloats(new Float32Array(5)));
        expect((await indexer.missing(SPACE, 10)).nMissing).toBe(2);
        const short = { key: SPACE.key, vector: encodeFloats(Float32Array.of(1)) };
        expect(indexer.search("round price", 5, short)).toHaveLength(1);
        expect((await indexer.missing({ key: "x", dimensions: 0 }, 1)).texts).toEqual([]);
    });

    it("forgets those of no piece once they are many", async () => {
        const indexer = await opened();
        for (let i = 0; i < 6; i++) {
            write("sums.ts", `export function price${i}() {}\n`);
            await sync(indexer);
            await embedAll(indexer);
        }
        await indexer.save();
        const kept = await readVectors(folder, () => undefined);
        expect(kept?.size).toBeLessThan(6);
        expect(await embedAll(indexer)).toBe(0);
    });
});

describe("Vectors", () => {
    const next = randomFrom(7);
    const random = () => next(1_000_001) / 1_000_000;
    const vector = (n: number) => {
        const values = Array.from({ length: n }, () => random() - 0.5);
        const length = Math.hypot(...values);
        return Float32Array.from(values, (value) => value / length);
    };

    it("tells cosines as exactly as a ranking needs", () => {
        const vectors = new Vectors({ key: "k", dimensions: 64 });
        const own = Array.from({ length: 2000 }, () => vector(64));
        for (const [i, one] of own.entries()) vectors.put(String(i).padStart(16, "A"), one);
        const question = vector(64);
        const cosines = vectors.cosines(question);
        expect(cosines).toHaveLength(2000);
        const errors = own.map((one, i) => {
            const exact = one.reduce((sum, value, at) => sum + value * (question[at] ?? 0), 0);
            return Math.abs(exact - (cosines[i] ?? 0));
        });
        expect(Math.max(...errors)).toBeLessThan(0.01);
        expect(Math.max(...errors)).toBeGreaterThan(0);
        expect(vectors.cosines(new Float32Array(64)).every((one) => one === 0)).toBe(true);
    });

    it("comes back from the disk as it was, and a damaged file counts as none", async () => {
        const vectors = new Vectors({ key: "k", dimensions: 8 });
        for (let i = 0; i < 5; i++) vectors.put(`AAAABBBBCCCCDDD${i}`, vector(8));
        vectors.put("zero-zero-zero-0", new Float32Array(8));
        const problems: string[] = [];
        const read = () => readVectors(folder, (why) => problems.push(why));
        expect(await read()).toBeUndefined();
        expect(problems).toEqual([]);
        await writeVectors(folder, vectors);
        const back = await read();
        expect(back?.space).toEqual({ key: "k", dimensions: 8 });
        const question = vector(8);
        expect(back?.cosines(question)).toEqual(vectors.cosines(question));
        const whole = readFileSync(join(folder, VECTORS_FILE));
        const damaged = [
            whole.subarray(0, -1),
            Buffer.concat([whole, Buffer.alloc(1)]),
            whole.map((byte, i) => (i === whole.length - 3 ? byte ^ 1 : byte)),
            Buffer.from("ingot-vectors 1 k 99999999 1 x\n"),
            Buffer.from("no line"),
            Buffer.alloc(0),
        ];
        for (const bytes of damaged) {
            writeFileSync(join(folder, VECTORS_FILE), bytes);
            expect(await read()).toBeUndefined();
        }
        expect(problems).toHaveLength(damaged.length);
    });
});

describe("vectors as text", () => {
    it("are the same values after it", () => {
        const values = Float32Array.of(0, -1.5, 1e-30, 3.25);
        expect(decodeFloats(encodeFloats(values))).toEqual(values);
        expect(decodeFloats(encodeFloats(values.subarray(1, 3)))).toEqual(values.subarray(1, 3));
        expect(decodeFloats("AAAA")).toHaveLength(0);
    });
});

describe("fuse", () => {
    const scored = (scores: Record<string, number>) =>
        Object.entries(scores).map(([item, score]) => ({ item, score }));
    const order = (words: Record<string, number>, meant: Record<string, number>, weight = 1) =>
        fuse([
            { found: scored(words), weight: 1, from: "zero" },
            { found: scored(meant), weight, from: "last" },
        ]).map(({ item }) => item);

    it("puts first what both rank high, and keeps what only one knows", () => {
        expect(order({ a: 9, b: 8, c: 1 }, { b: 0.8, d: 0.7, e: 0.5 })).toEqual([
            "b",
            "a",
            "d",
            "c",
            "e",
        ]);
        expect(order({ a: 2, b: 1 }, {})).toEqual(["a", "b"]);
        expect(order({}, { a: 0.9, b: 0.3 })).toEqual(["a", "b"]);
        expect(order({ a: 5 }, { b: 0.4 }, 2)).toEqual(["b", "a"]);
        expect(fuse([])).toEqual([]);
    });

    it("goes by distances: what is nearly as good counts nearly as much", () => {
        const near = order({ a: 10, b: 9.9 }, { b: 0.9, c: 0.85, a: 0.8 });
        const far = order({ a: 10, b: 1 }, { b: 0.9, a: 0.89, c: 0.1 });
        expect([near[0], far[0]]).toEqual(["b", "a"]);
    });
});
