// Importance matrices added up and written: what is read again is what was written, in both formats.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readImatrix, readImatrixFile } from "../../../src/foundry/quant/imatrix";
import { addFile, chunkCount, describeUnseen, type Imatrix } from "../../../src/lab/imatrix/matrix";
import { imatrixBytes } from "../../../src/lab/imatrix/write";

const folder = mkdtempSync(join(tmpdir(), "ingot-lab-imatrix-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry = (sums: number[], counts: number[]) => ({
    sums: Float32Array.from(sums),
    counts: Float64Array.from(counts),
});
const matrix = (): Imatrix => ({
    entries: new Map([
        ["blk.1.ffn.weight", entry([512, 1024, 3, 0], [1024, 0])],
        ["blk.0.attn.weight", entry([2048, 4096], [1024])],
    ]),
    datasets: ["code.txt", "more.txt"],
    chunkTokens: 512,
});
let n = 0;
function file(bytes: Uint8Array): string {
    const path = join(folder, `${n++}`);
    writeFileSync(path, bytes);
    return path;
}

describe("an importance matrix that is written", () => {
    it("as GGUF holds the sums and counts, sorted by name", async () => {
        const read = await readImatrixFile(file(imatrixBytes(matrix(), "gguf")), "m");
        expect([...read.entries]).toEqual([...matrix().entries].reverse());
        expect(read).toMatchObject({ datasets: ["code.txt", "more.txt"], nChunks: 2 });
        expect(read.isLegacy).toBe(false);
    });

    it("as .dat gives quantization the same values, and its last text", async () => {
        const gguf = await readImatrix(file(imatrixBytes(matrix(), "gguf")), "m");
        const dat = await readImatrix(file(imatrixBytes(matrix(), "dat")), "m");
        expect(dat.entries).toEqual(gguf.entries);
        expect(dat.entries.get("blk.1.ffn.weight")).toEqual(Float32Array.of(0.5, 1, 1, 1));
        expect(dat).toMatchObject({ dataset: "more.txt", nChunks: 2 });
    });

    it("as .dat leaves out what never had a row", async () => {
        const empty = matrix();
        empty.entries.set("blk.2.ffn.weight", entry([0, 0], [0, 0]));
        const read = await readImatrix(file(imatrixBytes(empty, "dat")), "m");
        expect([...read.entries.keys()]).toEqual(["blk.0.attn.weight", "blk.1.ffn.weight"]);
    });
});

describe("importance matrices that are added up", () => {
    const empty = (): Imatrix => ({ entries: new Map(), datasets: [], chunkTokens: 512 });
    const read = async (format: "gguf" | "dat") =>
        readImatrixFile(file(imatrixBytes(matrix(), format)), "m");

    it("add sums and counts, and keep the texts' names", async () => {
        const sum = empty();
        addFile(sum, await read("gguf"));
        addFile(sum, await read("gguf"));
        expect(sum.entries.get("blk.1.ffn.weight")).toEqual(entry([1024, 2048, 6, 0], [2048, 0]));
        expect(sum.datasets).toEqual(["code.txt", "more.txt", "code.txt", "more.txt"]);
        expect(chunkCount(sum)).toBe(4);
    });

    it("take a .dat file as chunks of the size in use", async () => {
        const sum = empty();
        addFile(sum, await read("dat"));
        expect(sum.entries.get("blk.0.attn.weight")).toEqual(entry([2048, 4096], [1024]));
    });

    it("of one count and of a count each: the one counts for all", async () => {
        const sum = empty();
        sum.entries.set("blk.1.ffn.weight", entry([1, 1, 1, 1], [10]));
        addFile(sum, await read("gguf"));
        expect(sum.entries.get("blk.1.ffn.weight")?.counts).toEqual(Float64Array.of(1034, 10));
    });

    it("of two models are refused by the file's name", async () => {
        const sum = empty();
        sum.entries.set("blk.1.ffn.weight", entry([1, 1, 1], [10]));
        const added = await read("gguf");
        expect(() => addFile(sum, added)).toThrow(/^m has other columns for blk\.1\.ffn\.weight/);
    });
});

describe("experts that a text never reached", () => {
    it("are counted in one sentence; a model without experts needs none", () => {
        expect(describeUnseen(matrix())).toEqual([
            expect.stringContaining("1 of 2 expert matrices"),
        ]);
        const dense = matrix();
        dense.entries.delete("blk.1.ffn.weight");
        expect(describeUnseen(dense)).toEqual([]);
    });
});
