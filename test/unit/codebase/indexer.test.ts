/** The index over files on the disk: what is found, what changes, what leaves it, what is kept and what is not believed. */

import {
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../../src/base/log";
import { Indexer } from "../../../src/indexer/indexer";

let root: string;
let folder: string;
const { signal } = new AbortController();
const outliner = { outline: async () => undefined };

beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "ingot-index-"));
    folder = join(root, "index");
    write("sums.ts", "export function roundPrice(value) {\n    return Math.round(value);\n}\n");
    write("hello.ts", "export function greetPerson(name) {\n    return `Hello ${name}`;\n}\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, text: string | Uint8Array): void {
    mkdirSync(join(root, "files"), { recursive: true });
    writeFileSync(join(root, "files", name), text);
}

const file = (name: string, text?: string) => ({ path: join(root, "files", name), name, text });
const BOTH = ["sums.ts", "hello.ts"];

async function opened(build = "one"): Promise<Indexer> {
    const indexer = new Indexer({ build, outliner, log: silentLog });
    await indexer.open(folder);
    return indexer;
}

const sync = (indexer: Indexer, names: readonly string[] = BOTH) =>
    indexer.sync(
        names.map((name) => file(name)),
        { signal },
    );
const found = (indexer: Indexer, question: string) =>
    indexer.search(question, 5).map(({ name }) => name);

describe("Indexer", () => {
    it("finds what a question is about, with its lines", async () => {
        const indexer = await opened();
        expect(await sync(indexer)).toEqual({ nFiles: 2, nPieces: 2, nRead: 2, isCut: false });
        expect(indexer.search("where are prices rounded?", 5)).toMatchObject([
            { path: file("sums.ts").path, name: "sums.ts", first: 0, last: 2 },
        ]);
        expect(found(indexer, "greets a person")).toEqual(["hello.ts"]);
        expect(found(indexer, "weather in Paris")).toEqual([]);
    });

    it("reads again only what was written, and takes apart only what became another text", async () => {
        const indexer = await opened();
        await sync(indexer);
        expect((await sync(indexer)).nRead).toBe(0);
        const later = new Date(Date.now() + 5000);
        utimesSync(file("sums.ts").path, later, later);
        expect((await sync(indexer)).nRead).toBe(0);
        write("sums.ts", "export function convertCurrency() {\n    return rate;\n}\n");
        expect((await sync(indexer)).nRead).toBe(1);
        expect(found(indexer, "round price")).toEqual([]);
        expect(found(indexer, "convert currency")).toEqual(["sums.ts"]);
    });

    it("forgets files that are not named any more, were removed or are gone, and folders with all in them", async () => {
        const indexer = await opened();
        await sync(indexer);
        await sync(indexer, ["hello.ts"]);
        expect(found(indexer, "round price")).toEqual([]);
        await sync(indexer);
        await indexer.update([], [file("sums.ts").path], { signal });
        expect(found(indexer, "round price")).toEqual([]);
        rmSync(file("hello.ts").path);
        await indexer.update([file("hello.ts")], [], { signal });
        expect(found(indexer, "greet person")).toEqual([]);
        rmSync(folder, { recursive: true, force: true });
        write("hello.ts", "export function greetPerson() {}\n");
        expect((await sync(indexer, ["hello.ts"])).nFiles).toBe(1);
        const all = await indexer.update([], [join(root, "files")], { signal });
        expect(all).toMatchObject({ nFiles: 0, nPieces: 0 });
    });

    it("prefers what stands in an editor, until that is over", async () => {
        const indexer = await opened();
        await sync(indexer);
        await indexer.update([file("sums.ts", "function chargeCustomer() {}\n")], [], { signal });
        expect(found(indexer, "charge customer")).toEqual(["sums.ts"]);
        expect(found(indexer, "round price")).toEqual([]);
        await indexer.update([file("sums.ts")], [], { signal });
        expect(found(indexer, "charge customer")).toEqual([]);
        expect(found(indexer, "round price")).toEqual(["sums.ts"]);
    });

    it("holds nothing of binary, large and generated files, and no key or token", async () => {
        const token = `ghp_${"a1B2".repeat(10)}`;
        write("secret.ts", `const login = "${token}";\nexport function openVault() {}\n`);
        write("image.dat", new Uint8Array([112, 0, 105, 120, 101, 108]));
        write("large.txt", "elephant herd walks\n".repeat(30_000));
        write("app.min.js", "function minifiedThing(){}\n");
        const names = ["secret.ts", "image.dat", "large.txt", "app.min.js"];
        const indexer = await opened();
        expect(await sync(indexer, names)).toMatchObject({ nFiles: 4, nPieces: 1 });
        expect(found(indexer, "open vault")).toEqual(["secret.ts"]);
        for (const question of [token, "elephant herd", "minified thing"])
            expect(found(indexer, question)).toEqual([]);
    });

    it("stops when it is cancelled, and keeps what was done", async () => {
        const indexer = await opened();
        const controller = new AbortController();
        const work = indexer.sync(
            BOTH.map((name) => file(name)),
            { signal: controller.signal, progress: () => controller.abort() },
        );
        await expect(work).rejects.toMatchObject({ code: "cancelled" });
        expect((await sync(indexer)).nRead).toBe(1);
    });
});

describe("the index on the disk", () => {
    async function kept(): Promise<string> {
        const indexer = await opened();
        await sync(indexer);
        await indexer.save();
        return join(folder, "index.bin");
    }

    it("is gone on with, without reading the files again", async () => {
        await kept();
        expect(readdirSync(folder)).toEqual(["index.bin"]);
        const next = await opened();
        expect(found(next, "round price")).toEqual(["sums.ts"]);
        expect(await sync(next)).toEqual({ nFiles: 2, nPieces: 2, nRead: 0, isCut: false });
        await next.update([], [file("sums.ts").path], { signal });
        await next.save();
        expect(found(await opened(), "round price")).toEqual([]);
    });

    it("is not believed when a byte of it is another, when it is cut, or of another build", async () => {
        const path = await kept();
        const bytes = readFileSync(path);
        for (const at of [5, 80, bytes.length - 1]) {
            const damaged = Buffer.from(bytes);
            damaged[at] = (damaged[at] ?? 0) ^ 1;
            writeFileSync(path, damaged);
            expect(found(await opened(), "round price")).toEqual([]);
        }
        writeFileSync(path, bytes.subarray(0, bytes.length - 20));
        expect(found(await opened(), "round price")).toEqual([]);
        writeFileSync(path, bytes);
        expect(found(await opened("two"), "round price")).toEqual([]);
        expect(found(await opened(), "round price")).toEqual(["sums.ts"]);
    });

    it("is whole after two windows wrote it, each its own", async () => {
        const one = await opened();
        const other = await opened();
        await sync(one);
        await sync(other, ["hello.ts"]);
        await Promise.all([one.save(), other.save()]);
        expect(readdirSync(folder)).toEqual(["index.bin"]);
        expect(found(await opened(), "greet person")).toEqual(["hello.ts"]);
    });

    it("is no error when it cannot be written", async () => {
        writeFileSync(folder, "a file where the folder should be");
        const indexer = await opened();
        await sync(indexer);
        await indexer.save();
        expect(found(indexer, "round price")).toEqual(["sums.ts"]);
    });
});
