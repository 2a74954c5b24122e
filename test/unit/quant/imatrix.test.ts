// Importance matrices as hostile input, what is missing or wrong in them, and the recipe options read from texts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { planQuantize } from "../../../src/foundry/quantizeFile";
import { importanceFor } from "../../../src/foundry/quant/importance";
import { readImatrix, type ImportanceMatrix } from "../../../src/foundry/quant/imatrix";
import { readFileType, readRecipe } from "../../../src/foundry/quant/recipe";
import { checkSplit, splitPath, splitTensors } from "../../../src/foundry/split";
import { layoutGguf, type GgufWriteTensor, type GgufWriteValue } from "../../../src/gguf/write";

const folder = mkdtempSync(join(tmpdir(), "ingot-imatrix-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let n = 0;
async function read(bytes: Uint8Array): Promise<ImportanceMatrix> {
    const path = join(folder, `${n++}.imatrix`);
    writeFileSync(path, bytes);
    return readImatrix(path, "m");
}

const int = (value: number) => Buffer.from(Int32Array.of(value).buffer);
const float = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const entry = (name: string, nCalls: number, values: number[]) =>
    Buffer.concat([
        ...[int(name.length), Buffer.from(name), int(nCalls)],
        ...[int(values.length), float(...values)],
    ]);

const KEYS: [string, GgufWriteValue][] = [
    ["imatrix.datasets", { type: "array[string]", value: ["wiki.txt", "b"] }],
    ["imatrix.chunk_count", { type: "uint32", value: 7 }],
    ["imatrix.chunk_size", { type: "uint32", value: 512 }],
];
function gguf(
    parts: readonly (readonly [string, number[], GgufWriteTensor["type"], readonly number[]])[],
    keys = KEYS,
): Uint8Array {
    const tensors = parts.map(([name, shape, type]) => ({ name, shape, type }));
    const layout = layoutGguf(keys, tensors);
    const file = Buffer.alloc(layout.fileBytes);
    file.set(layout.header);
    parts.forEach(([, , , values], i) => file.set(float(...values), layout.tensors[i]?.position));
    return file;
}

describe("an importance matrix", () => {
    it("in GGUF is sums by counts; an expert without a count is 1", async () => {
        const matrix = await read(
            gguf([
                ["w.in_sum2", [2, 2], "F32", [2, 4, 6, 8]],
                ["w.counts", [1, 2], "F32", [4, 0]],
            ]),
        );
        expect(matrix.entries.get("w")).toEqual(Float32Array.of(0.5, 1, 1, 1));
        expect(matrix).toMatchObject({ dataset: "wiki.txt", nChunks: 7, name: "m" });
    });

    it("of another model is refused where types are listed, instead of leaving none to choose", async () => {
        const imatrix = join(folder, "theirs.gguf");
        const weight = "blk.0.attn_q.weight";
        const parts = gguf([
            [`${weight}.in_sum2`, [3], "F32", [1, 2, 3]],
            [`${weight}.counts`, [1], "F32", [4]],
        ]);
        writeFileSync(imatrix, parts);
        const file = "models/starter/starter-q8_0.gguf";
        const plan = planQuantize({ file, recipe: { imatrix }, allowRequantize: true });
        await expect(plan).rejects.toThrow(
            /^theirs\.gguf has 3 values for blk\.0\.attn_q\.weight, which has \d+ columns; choose the importance matrix of this very model$/,
        );
    });

    it("as .dat is values by calls, with or without an end", async () => {
        const body = Buffer.concat([int(2), entry("a", 2, [1, 3]), entry("b", 0, [5])]);
        const short = await read(body);
        expect([...short.entries]).toEqual([
            ["a", Float32Array.of(0.5, 1.5)],
            ["b", Float32Array.of(5)],
        ]);
        expect(short).toMatchObject({ dataset: undefined, nChunks: 0 });
        const long = await read(Buffer.concat([body, int(9), int(3), Buffer.from("abc")]));
        expect(long).toMatchObject({ dataset: "abc", nChunks: 9 });
    });

    it.each<[string, Uint8Array, RegExp]>([
        ["empty", new Uint8Array(), /neither GGUF nor a \.dat/],
        ["a picture", Buffer.from("\u0089PNG and so on, and so on"), /neither GGUF nor a \.dat/],
        ["of 2^31 entries", int(0x7fffffff), /neither GGUF nor a \.dat/],
        ["of -1 entries", Buffer.concat([int(-1), Buffer.alloc(64)]), /neither GGUF/],
        [
            "with a name of 2 GB",
            Buffer.concat([int(1), int(2 ** 31 - 1), Buffer.alloc(32)]),
            /a name of/,
        ],
        [
            "with a negative name",
            Buffer.concat([int(1), int(-5), Buffer.alloc(32)]),
            /a name of -5/,
        ],
        [
            "of 2^29 values",
            Buffer.concat([
                int(1),
                int(1),
                Buffer.from("a"),
                int(1),
                int(2 ** 29),
                Buffer.alloc(32),
            ]),
            /cut off/,
        ],
        [
            "of no values",
            Buffer.concat([int(1), int(1), Buffer.from("a"), int(1), int(0), Buffer.alloc(32)]),
            /declares 0 values/,
        ],
        [
            "not a number",
            Buffer.concat([int(1), entry("a", 1, [1, NaN])]),
            /the value NaN at column 1/,
        ],
        ["infinite", Buffer.concat([int(1), entry("a", 1, [Infinity])]), /Infinity at column 0/],
        ["negative", Buffer.concat([int(1), entry("a", 1, [-1])]), /the value -1/],
        ["without counts", gguf([["w.in_sum2", [1], "F32", [1]]]), /do not match/],
        ["without sums", gguf([["w.counts", [1], "F32", [1]]]), /do not match/],
        ["without entries", gguf([["x", [1], "F32", [1]]]), /no entries/],
        ["without keys", gguf([["w.in_sum2", [1], "F32", [1]]], []), /no imatrix\.datasets/],
        [
            "of F16",
            gguf([
                ["w.in_sum2", [2], "F16", [1]],
                ["w.counts", [1], "F32", [1]],
            ]),
            /not F32/,
        ],
        [
            "of counts that do not divide",
            gguf([
                ["w.in_sum2", [3], "F32", [1, 2, 3]],
                ["w.counts", [1, 2], "F32", [1, 1]],
            ]),
            /3 sums and 2 counts/,
        ],
        [
            "cut off",
            gguf([
                ["w.in_sum2", [64], "F32", []],
                ["w.counts", [1], "F32", [1]],
            ]).subarray(0, -200),
            /ends inside/,
        ],
    ])("that is %s is refused", async (_, bytes, why) => {
        await expect(read(bytes)).rejects.toMatchObject({ code: "data/unsupported" });
        await expect(read(bytes)).rejects.toThrow(why);
    });

    it("survives every cut of a real one", async () => {
        for (const name of ["experts.gguf", "experts.dat"]) {
            const bytes = readFileSync(join("test/golden/quantize", name));
            expect((await read(bytes)).entries.size).toBeGreaterThan(5);
            for (let size = 0; size < bytes.length - 200; size += 997)
                await expect(read(bytes.subarray(0, size))).rejects.toMatchObject({
                    code: "data/unsupported",
                });
        }
    });

    it("that is not there is said", async () => {
        await expect(readImatrix(join(folder, "none"), "none")).rejects.toThrow(
            /no importance matrix none/,
        );
        await expect(readImatrix(folder, "a folder")).rejects.toMatchObject({ code: "user/usage" });
    });
});

describe("its entries", () => {
    const matrix: ImportanceMatrix = {
        name: "m",
        sha256: "",
        entries: new Map([
            ["blk.0.a.weight", Float32Array.of(1, 2)],
            ["token_embd.weight", Float32Array.of(1, 2, 3)],
            ["blk.0.e.weight", Float32Array.of(1, 2, 3, 4)],
        ]),
        dataset: undefined,
        nChunks: 0,
    };
    const importance = (name: string, shape: number[], type: "Q4_0" | "Q8_0" | "F16" | "IQ2_S") =>
        importanceFor(
            matrix,
            [{ name, shape, type: "F32" }],
            [{ name, type, needsImatrix: type === "IQ2_S" }],
        );

    it("go with tensors of their length, experts counted", () => {
        expect(importance("blk.0.a.weight", [2, 8], "Q4_0").values).toEqual([
            Float32Array.of(1, 2),
        ]);
        expect(importance("blk.0.e.weight", [2, 8, 2], "Q4_0").values[0]).toHaveLength(4);
        expect(importance("blk.0.a.weight", [2, 8], "F16").values).toEqual([undefined]);
    });

    it("of another length are refused, but of the embedding left out with a word", () => {
        expect(() => importance("blk.0.a.weight", [3, 8], "Q4_0")).toThrow(
            /m has 2 values for blk\.0\.a\.weight, which has 3 columns/,
        );
        const { values, warnings } = importance("token_embd.weight", [2, 8], "Q4_0");
        expect(values).toEqual([undefined]);
        expect(warnings[0]).toMatch(/they are not used/);
    });

    it("that are missing are said, or needed", () => {
        const { warnings, needed } = importance("blk.9.b.weight", [2, 8], "Q4_0");
        expect(warnings).toEqual([
            "m has no entry for blk.9.b.weight: quantized without importances",
        ]);
        expect(needed).toEqual([]);
        expect(importance("blk.9.b.weight", [2, 8], "Q8_0").warnings).toEqual([]);
        expect(importance("blk.9.b.weight", [2, 8], "IQ2_S").needed).toEqual(["blk.9.b.weight"]);
    });
});

describe("a recipe", () => {
    it("reads patterns in lower case, the first match counts", () => {
        const { tensorTypes } = readRecipe({ tensorTypes: ["FFN_Down=q6_K", "a=b"].slice(0, 1) });
        expect(tensorTypes).toEqual([{ pattern: /ffn_down/, type: "Q6_K" }]);
    });

    it.each([
        [{ tensorTypes: ["ffn_down"] }, /PATTERN=TYPE/],
        [{ tensorTypes: ["=q8_0"] }, /PATTERN=TYPE/],
        [{ tensorTypes: ["ffn="] }, /PATTERN=TYPE/],
        [{ tensorTypes: ["(=q8_0"] }, /not a regular expression/],
        [{ tensorTypes: ["a=q9"] }, /no tensor type q9/],
        [{ outputType: "Q8_K" }, /no tensor type Q8_K/],
        [{ embeddingType: "i32" }, /no tensor type i32/],
    ])("refuses %j", (options, why) => {
        expect(() => readRecipe(options)).toThrow(why);
    });

    it("knows llama-quantize's names, aliases and numbers of types", () => {
        const types = ["q4_k_m", "Q4_K", "15", "q3_k", "0", "bf16"].map(readFileType);
        expect(types).toEqual(["Q4_K_M", "Q4_K_M", "Q4_K_M", "Q3_K_M", "F32", "BF16"]);
        expect(() => readFileType("NVFP4")).toThrow(/no type NVFP4/);
    });
});

describe("a split", () => {
    const cut = (sizes: number[], limits: { maxBytes?: number; maxTensors?: number }) =>
        splitTensors(sizes, (size) => size, limits).map((group) => group.length);

    it("counts padded bytes, and gives a tensor beyond the limit a file of its own", () => {
        expect(cut([32, 32, 32], { maxBytes: 64 })).toEqual([2, 1]);
        expect(cut([33, 31], { maxBytes: 64 })).toEqual([1, 1]);
        expect(cut([100, 10, 100, 10], { maxBytes: 64 })).toEqual([1, 1, 1, 1]);
        expect(cut([1, 1, 1, 1, 1], { maxTensors: 2 })).toEqual([2, 2, 1]);
        expect(cut([1, 1], {})).toEqual([2]);
    });

    it("has llama.cpp's names", () => {
        expect(splitPath("/m/a.gguf", 0, 12)).toBe("/m/a-00001-of-00012.gguf");
        expect(splitPath("/m/a.GGUF", 11, 12)).toBe("/m/a-00012-of-00012.gguf");
    });

    it("refuses limits that make none", () => {
        expect(() => checkSplit({ maxBytes: 1, maxTensors: 1 })).toThrow(/not by both/);
        expect(() => checkSplit({ maxTensors: 0 })).toThrow(/above 0/);
        expect(() => cut(Array<number>(70_000).fill(1), { maxTensors: 1 })).toThrow(
            /65535 at most/,
        );
    });
});
