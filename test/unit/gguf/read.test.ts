/** The GGUF reader on files that are right: every value type, both versions, what our own writer makes, large vocabularies. */

import { describe, expect, it } from "vitest";
import { arrayOf, numberOf, stringOf } from "../../../src/gguf/metadata";
import { readGguf, type GgufArray } from "../../../src/gguf/read";
import { GGML_TYPES, type GgmlTypeName } from "../../../src/gguf/types";
import { layoutGguf, type GgufWriteValue } from "../../../src/gguf/write";
import {
    entry,
    f32,
    f64,
    list,
    rawGguf,
    sourceOf,
    stringEntry,
    text,
    texts,
    TYPE,
    u32,
    u64,
    u8,
} from "./bytes";

const WRITTEN: [string, GgufWriteValue][] = [
    ["u8", { type: "uint8", value: 255 }],
    ["i8", { type: "int8", value: -128 }],
    ["u16", { type: "uint16", value: 65535 }],
    ["i16", { type: "int16", value: -32768 }],
    ["u32", { type: "uint32", value: 4294967295 }],
    ["i32", { type: "int32", value: -2147483648 }],
    ["f32", { type: "float32", value: 0.5 }],
    ["u64", { type: "uint64", value: 2 ** 53 - 1 }],
    ["i64", { type: "int64", value: -(2 ** 53 - 1) }],
    ["f64", { type: "float64", value: 0.1 }],
    ["yes", { type: "bool", value: true }],
    ["no", { type: "bool", value: false }],
    ["text", { type: "string", value: "über 😀 \u0000 \ufeff" }],
    ["none", { type: "string", value: "" }],
    ["texts", { type: "array[string]", value: ["a", "", "ü", "\ufeffx", "x"] }],
    ["flags", { type: "array[bool]", value: [true, false] }],
    ["i32s", { type: "array[int32]", value: Int32Array.of(-1, 0, 1) }],
    ["u32s", { type: "array[uint32]", value: [4294967295] }],
    ["f32s", { type: "array[float32]", value: Float32Array.of(-1.5, 1e30) }],
    ["i8s", { type: "array[int8]", value: [-1] }],
    ["u8s", { type: "array[uint8]", value: [255] }],
    ["u16s", { type: "array[uint16]", value: [65535] }],
    ["empty", { type: "array[string]", value: [] }],
];

describe("what layoutGguf writes", () => {
    it("is read back: every value type in the same order", async () => {
        const { header } = layoutGguf(WRITTEN, []);
        const file = await readGguf(sourceOf(header));
        expect([...file.metadata.keys()]).toEqual(WRITTEN.map(([key]) => key));
        for (const [key, { type, value }] of WRITTEN) {
            const found = file.metadata.get(key);
            const element = /^array\[(\w+)\]$/.exec(type)?.[1];
            if (element === undefined) expect(found, key).toEqual({ type, value });
            else {
                const array = found?.value as GgufArray;
                expect(array.elementType, key).toBe(element);
                expect(array.values, key).toEqual(Array.from(value as ArrayLike<unknown>));
                expect(array.length, key).toBe(array.values.length);
            }
        }
    });

    it("is read back: tensors of every type where the layout says they are", async () => {
        const types = Object.keys(GGML_TYPES) as GgmlTypeName[];
        const tensors = types.map((type) => ({ name: `t.${type}`, type, shape: [256, 3] }));
        const layout = layoutGguf([["k", { type: "bool", value: true }]], tensors);
        const file = await readGguf(sourceOf(layout.header, layout.fileBytes));
        expect(file.dataOffset).toBe(layout.header.length);
        expect(file.tensors.map(({ name, type, shape }) => ({ name, type, shape }))).toEqual(
            tensors,
        );
        file.tensors.forEach((tensor, i) => {
            expect(file.dataOffset + tensor.offset).toBe(layout.tensors[i]?.position);
            expect(tensor.sizeBytes).toBe(layout.tensors[i]?.sizeBytes);
            expect(tensor.offset % 32).toBe(0);
        });
        const last = layout.tensors.at(-1) ?? { position: 0, sizeBytes: 0 };
        expect(layout.fileBytes).toBe(Math.ceil((last.position + last.sizeBytes) / 32) * 32);
    });

    it("refuses rows that do not fill the blocks of their type", () => {
        expect(() => layoutGguf([], [{ name: "t", type: "Q4_K", shape: [255, 2] }])).toThrow(
            "Rows of 255 values of t do not fit the type Q4_K",
        );
    });
});

describe("readGguf", () => {
    it("reads types that are not written here, and version 2", async () => {
        const bytes = rawGguf({
            version: 2,
            metadata: [
                entry("i64s", TYPE.array, list(TYPE.int64, 2, u64(-5), u64(7))),
                entry("f64s", TYPE.array, list(TYPE.float64, 1, f64(0.25))),
                entry(
                    "nested",
                    TYPE.array,
                    list(
                        TYPE.array,
                        2,
                        list(TYPE.float32, 1, f32(1.5)),
                        list(TYPE.array, 1, texts(["deep"])),
                    ),
                ),
                entry("scalar", TYPE.int64, u64(-9)),
            ],
            tensors: [
                { name: "one", shape: [] },
                { name: "four", shape: [2, 3, 4, 5], offset: 32 },
            ],
            dataBytes: 32 + 480,
        });
        const file = await readGguf(sourceOf(bytes));
        expect(file.version).toBe(2);
        expect(arrayOf(file, "i64s")?.values).toEqual([-5, 7]);
        expect(arrayOf(file, "f64s")?.values).toEqual([0.25]);
        expect(numberOf(file, "scalar")).toBe(-9);
        const [first, second] = (arrayOf(file, "nested")?.values ?? []) as GgufArray[];
        expect(first?.values).toEqual([1.5]);
        expect((second?.values[0] as GgufArray).values).toEqual(["deep"]);
        expect(file.tensors).toMatchObject([
            { name: "one", shape: [], nElements: 1, sizeBytes: 4 },
            { name: "four", shape: [2, 3, 4, 5], nElements: 120, sizeBytes: 480 },
        ]);
    });

    it("keeps tokens apart whose bytes differ, also where they are not UTF-8", async () => {
        const tokens = [
            Buffer.from([0xff]),
            Buffer.from([0xfe]),
            Buffer.from([0xe2, 0x96]),
            Buffer.from([0x61, 0xc3]),
            Buffer.from([0x61, 0xc4]),
            "\ufffd",
            "\ufeff",
            "",
            "\ufeffa",
            "a",
        ];
        const file = await readGguf(
            sourceOf(rawGguf({ metadata: [entry("tokens", TYPE.array, texts(tokens))] })),
        );
        const values = arrayOf(file, "tokens")?.values ?? [];
        expect(new Set(values).size).toBe(tokens.length);
        expect(values.slice(5)).toEqual(["\ufffd", "\ufeff", "", "\ufeffa", "a"]);
    });

    it("takes the data section's place from general.alignment", async () => {
        const bytes = rawGguf({
            metadata: [entry("general.alignment", TYPE.uint32, u32(4096))],
            tensors: [{ name: "t", shape: [4] }],
        });
        const file = await readGguf(sourceOf(bytes));
        expect(file).toMatchObject({ alignment: 4096, dataOffset: 4096 });
    });

    it("reads a vocabulary of 150,000 tokens in a few requests, and little beyond the header", async () => {
        const nTokens = 150_000;
        const tokens = Array.from({ length: nTokens }, (_, i) => `Ġtoken${i}`);
        const merges = tokens.map((token) => `${token} ${token}`);
        const { header } = layoutGguf(
            [
                ["general.architecture", { type: "string", value: "qwen2" }],
                ["tokenizer.ggml.tokens", { type: "array[string]", value: tokens }],
                [
                    "tokenizer.ggml.token_type",
                    { type: "array[int32]", value: new Int32Array(nTokens).fill(1) },
                ],
                ["tokenizer.ggml.merges", { type: "array[string]", value: merges }],
                ["last", { type: "string", value: "here" }],
            ],
            [],
        );
        const dataBytes = 100 << 20;
        const source = sourceOf(header, header.length + dataBytes);
        const file = await readGguf(source);
        expect(stringOf(file, "last")).toBe("here");
        const values = arrayOf(file, "tokenizer.ggml.tokens")?.values ?? [];
        expect(values.findIndex((token, i) => token !== tokens[i])).toBe(-1);
        expect(values.length).toBe(nTokens);
        expect(arrayOf(file, "tokenizer.ggml.merges")?.length).toBe(nTokens);
        expect(arrayOf(file, "tokenizer.ggml.merges")?.values.at(-1)).toBe(merges.at(-1));
        expect(header.length).toBeGreaterThan(8e6);
        expect(source.nReads).toBeLessThanOrEqual(5);
        expect(source.nBytes).toBeLessThan(header.length + (8 << 20));
    });

    it("reads a small file's header in one request", async () => {
        const bytes = rawGguf({
            metadata: [stringEntry("a", "b"), entry("c", TYPE.uint8, u8(1))],
            tensors: [{ name: "t", shape: [1] }],
            dataBytes: 4,
        });
        const source = sourceOf(bytes);
        await readGguf(source);
        expect(source.nReads).toBe(1);
    });

    it("copes with strings that lie across the borders of requests", async () => {
        // Larger than the first request, so that tokens and single strings are cut anywhere.
        const long = "x".repeat(700_000);
        const tokens = Array.from({ length: 7 }, (_, i) => `${i}${long}`);
        const bytes = rawGguf({
            metadata: [
                entry("tokens", TYPE.array, texts(tokens)),
                entry("text", TYPE.string, text(long)),
            ],
        });
        const file = await readGguf(sourceOf(bytes));
        expect(arrayOf(file, "tokens")?.values).toEqual(tokens);
        expect(stringOf(file, "text")).toBe(long);
    });
});
