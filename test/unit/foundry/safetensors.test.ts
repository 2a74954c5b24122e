// The safetensors reader on right, wrong and hostile input, and the list of tensors over shards and index.
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/base/errors";
import { readConfig } from "../../../src/foundry/checkpoint/config";
import { readTensorIndex } from "../../../src/foundry/checkpoint/index";
import { openFolder } from "../../../src/foundry/checkpoint/source";
import {
    compareCodePoints,
    headerLength,
    MAX_HEADER_BYTES,
    parseHeader,
} from "../../../src/foundry/checkpoint/safetensors";
import { memorySource, rawSafetensors, safetensors } from "./memorySource";

const parse = (header: unknown, dataBytes = 16) => {
    const json = new TextEncoder().encode(
        typeof header === "string" ? header : JSON.stringify(header),
    );
    return parseHeader(json, 8 + json.length + dataBytes, "x.safetensors");
};
const tensor = (over: object) => ({
    t: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16], ...over },
});

describe("header", () => {
    it("reads entries in code point order with absolute offsets", () => {
        const header = {
            __metadata__: { format: "pt" },
            b: { dtype: "BF16", shape: [2], data_offsets: [12, 16] },
            "layers.2": { dtype: "F32", shape: [1], data_offsets: [0, 4] },
            "layers.10": { dtype: "U8", shape: [8], data_offsets: [4, 12] },
        };
        const length = JSON.stringify(header).length;
        expect(parse(header)).toEqual([
            { name: "b", dtype: "BF16", shape: [2], offset: 8 + length + 12, bytes: 4 },
            { name: "layers.10", dtype: "U8", shape: [8], offset: 8 + length + 4, bytes: 8 },
            { name: "layers.2", dtype: "F32", shape: [1], offset: 8 + length, bytes: 4 },
        ]);
    });

    it.each([
        ["not JSON", "{", /not JSON/],
        ["an array", "[]", /not an object/],
        ["a tensor that is a number", { t: 5 }, /no description/],
        ["an unknown type", tensor({ dtype: "F7" }), /unknown data type/],
        ["a prototype name as type", tensor({ dtype: "constructor" }), /unknown data type/],
        ["a negative dimension", tensor({ shape: [-2, 2] }), /bad shape/],
        ["a fraction as dimension", tensor({ shape: [2.5, 2] }), /bad shape/],
        ["too many dimensions", tensor({ shape: [1, 1, 1, 1, 1, 1, 1, 1, 4] }), /bad shape/],
        ["dimensions that overflow", tensor({ shape: [2 ** 40, 2 ** 40] }), /impossible shape/],
        ["offsets past the end", tensor({ data_offsets: [4, 20] }), /outside the file/],
        ["offsets the wrong way", tensor({ data_offsets: [16, 0] }), /outside the file/],
        ["one offset", tensor({ data_offsets: [0] }), /bad offsets/],
        ["a size that is not the shape's", tensor({ data_offsets: [0, 12] }), /does not match/],
        [
            "overlapping tensors",
            {
                a: { dtype: "U8", shape: [8], data_offsets: [0, 8] },
                b: { dtype: "U8", shape: [8], data_offsets: [4, 12] },
            },
            /overlaps/,
        ],
        ["a name without end", { ["n".repeat(600)]: tensor({}).t }, /too long/],
    ])("refuses %s", (_, header, message) => {
        expect(() => parse(header)).toThrow(message);
    });

    it("bounds the declared length by the format and the file", () => {
        const prefix = (length: bigint) => {
            const bytes = new Uint8Array(8);
            new DataView(bytes.buffer).setBigUint64(0, length, true);
            return bytes;
        };
        expect(headerLength(prefix(10n), 100, "x")).toBe(10);
        expect(() => headerLength(prefix(93n), 100, "x")).toThrow(/declares a header of 93/);
        expect(() => headerLength(prefix(2n ** 63n), 2 ** 52, "x")).toThrow(/declares a header/);
        expect(() => headerLength(prefix(BigInt(MAX_HEADER_BYTES) + 1n), 2 ** 40, "x")).toThrow(
            /declares a header/,
        );
        expect(() => headerLength(prefix(0n), 100, "x")).toThrow(/no header/);
        expect(() => headerLength(new Uint8Array(3), 3, "x")).toThrow(/shorter than a header/);
    });
});

it("orders by code point, not by UTF-16 unit", () => {
    expect(["\u{1f600}", "\uff5c", "z", "a"].sort(compareCodePoints)).toEqual([
        "a",
        "z",
        "\uff5c",
        "\u{1f600}",
    ]);
});

describe("tensor index", () => {
    const one = safetensors({ a: { dtype: "F32", shape: [2] } });
    const two = safetensors({ b: { dtype: "F16", shape: [4] } });
    const index = (weightMap: object) => ({ weight_map: weightMap });
    const names = async (files: Parameters<typeof memorySource>[0]) =>
        (await readTensorIndex(memorySource(files))).map((entry) => `${entry.file}:${entry.name}`);

    it("walks shards in name order, with or without an index", async () => {
        const files = { "model-2.safetensors": two, "model-1.safetensors": one };
        const expected = ["model-1.safetensors:a", "model-2.safetensors:b"];
        expect(await names(files)).toEqual(expected);
        expect(
            await names({
                ...files,
                "model.safetensors.index.json": index({
                    b: "model-2.safetensors",
                    a: "model-1.safetensors",
                }),
            }),
        ).toEqual(expected);
    });

    it("ignores a stale index beside a single file", async () => {
        expect(
            await names({
                "model.safetensors": one,
                "model.safetensors.index.json": index({ a: "model-00001-of-00002.safetensors" }),
            }),
        ).toEqual(["model.safetensors:a"]);
    });

    it("says which file counted for tensors that are in several", async () => {
        const both = safetensors({
            a: { dtype: "F32", shape: [2] },
            b: { dtype: "F16", shape: [4] },
        });
        const read = async (files: Parameters<typeof memorySource>[0]) => {
            const warnings: string[] = [];
            const tensors = await readTensorIndex(memorySource(files), undefined, (message) =>
                warnings.push(message),
            );
            return { files: tensors.map(({ file, name }) => `${file}:${name}`), warnings };
        };
        expect(await read({ "model.safetensors": both, "model-old.safetensors": two })).toEqual({
            files: ["model.safetensors:b", "model.safetensors:a"],
            warnings: [
                "b is in several files; model.safetensors counted, not model-old.safetensors; remove the files that do not belong to the model if that is wrong",
            ],
        });
        const other = await read({ "model-1.safetensors": both, "model-2.safetensors": both });
        expect(other.warnings).toEqual([
            expect.stringMatching(/^2 tensors \(a, b\) are in several files; model-2\.safetensors/),
        ]);
        expect(
            (await read({ "model-1.safetensors": one, "model-2.safetensors": two })).warnings,
        ).toEqual([]);
    });

    it("names every missing shard", async () => {
        await expect(
            names({
                "model-1.safetensors": one,
                "model.safetensors.index.json": index({
                    a: "model-1.safetensors",
                    b: "model-2.safetensors",
                    c: "model-3.safetensors",
                }),
            }),
        ).rejects.toThrow(/model-2\.safetensors, model-3\.safetensors are missing/);
    });

    it("names every shard that is missing by the numbers of the others", async () => {
        const first = { "model-00001-of-00003.safetensors": one };
        await expect(names(first)).rejects.toThrow(
            /model-00002-of-00003\.safetensors, model-00003-of-00003\.safetensors are missing/,
        );
        expect(await names({ ...first, "model.safetensors": two })).toEqual([
            "model-00001-of-00003.safetensors:a",
            "model.safetensors:b",
        ]);
    });

    it("names tensors that only the index or only the files have", async () => {
        await expect(
            names({
                "model-1.safetensors": one,
                "model.safetensors.index.json": index({ ghost: "model-1.safetensors" }),
            }),
        ).rejects.toThrow(/no file has ghost; the index does not name a/);
    });

    it.each([["../../etc/passwd"], ["a/b.safetensors"], [".."], [5]])(
        "refuses an index that points at %j",
        async (file) => {
            await expect(
                names({
                    "model.safetensors": one,
                    "model.safetensors.index.json": index({ a: file }),
                }),
            ).rejects.toThrow(/no usable weight_map/);
        },
    );

    it.each([
        [{ "pytorch_model.bin": "x" }, /pytorch_model\.bin/],
        [{ "adapter_config.json": "{}" }, /LoRA adapter/],
        [{ "model-q4.gguf": "x" }, /is in GGUF format/],
        [{ "consolidated.safetensors": "x" }, /Mistral's own format/],
        [{ "config.json": "{}" }, /no safetensors file/],
    ])("says what is there instead of weights: %j", async (files, message) => {
        await expect(names(files)).rejects.toThrow(message);
    });

    it("refuses a file that is cut inside its header", async () => {
        await expect(
            names({ "model.safetensors": rawSafetensors("{}").subarray(0, 9) }),
        ).rejects.toThrow(AppError);
    });
});

it("says that a path is no folder", async () => {
    await expect(openFolder("test/no-such-folder")).rejects.toThrow(/There is no folder/);
    await expect(openFolder("package.json")).rejects.toThrow(/is a file/);
});

it("says what makes another type of a GGUF file", async () => {
    const path = join(tmpdir(), `ingot-${process.pid}.gguf`);
    writeFileSync(path, "GGUF");
    try {
        await expect(openFolder(path)).rejects.toThrow(/in GGUF format.*ingot quantize/);
    } finally {
        rmSync(path);
    }
});

it.each([
    [{ "model.gguf": "GGUF", "README.md": "" }, /^repo is in GGUF format.*ingot quantize/],
    [
        { "README.md": "", "model.gguf": "GGUF", "model.safetensors": "" },
        /^repo has no config\.json, so it is no Hugging Face model; choose another folder or repo/,
    ],
    [{ "README.md": "" }, /^repo has no config\.json/],
])("says what a repository without config.json is: %j", async (files, message) => {
    await expect(readConfig(memorySource(files, "repo"))).rejects.toThrow(message);
});
