/** A copy with other metadata: what was not touched stays byte for byte, nothing happens to the original, and what would not work is not written. */

import { link, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { stringOf } from "../../../src/gguf/metadata";
import { copyWithEdits } from "../../../src/lab/inspect/copy";
import { encodeValue, ownKey } from "../../../src/lab/inspect/editedValue";
import { localFiles } from "../../../src/lab/inspect/files";
import { InspectedModel } from "../../../src/lab/inspect/model";
import type { KeyEdit } from "../../../src/protocol/inspector";
import { temporaryFolder } from "../../support/temporaryFolder";
import { tinyGguf, tinyParts } from "../../support/tinyGguf";

const folder = temporaryFolder("copy");
const at = (name: string) => join(folder(), name);
const context = { signal: new AbortController().signal, onProgress: () => undefined };
let original: Buffer;

beforeEach(async () => {
    const bytes = Buffer.from(tinyGguf());
    for (let i = 1400; i < bytes.length; i++) bytes[i] = i & 0x3f;
    original = bytes;
    await writeFile(at("a.gguf"), bytes);
});

const open = (name: string) => InspectedModel.open(localFiles(at(name)));
const copy = async (edits: KeyEdit[], out = "b.gguf", given = context) =>
    copyWithEdits(await open("a.gguf"), edits, at(out), given);
const set = (key: string, value: string, type: "string" | "uint32" = "string"): KeyEdit => ({
    kind: "set",
    key,
    type,
    value,
});

describe("a copy", () => {
    it("has the changed, the added and not the removed keys, and all else as it was", async () => {
        const seen: number[] = [];
        const { bytes } = await copy(
            [
                set("general.name", "Other \u00e4"),
                set("my.note", "7", "uint32"),
                { kind: "remove", key: "general.type" },
            ],
            "b.gguf",
            {
                ...context,
                onProgress: ({ done }: { done: number }) => void seen.push(done),
            } as never,
        );
        const [before, after] = [await open("a.gguf"), await open("b.gguf")];
        expect(after.problem).toBeUndefined();
        expect(after.sizeBytes).toBe(bytes);
        expect(seen.at(-1)).toBe(bytes);
        expect(stringOf(after.first, "general.name")).toBe("Other \u00e4");
        expect(after.first.metadata.get("my.note")).toEqual({ type: "uint32", value: 7 });
        const keys = [...before.first.metadata.keys()].filter((key) => key !== "general.type");
        expect([...after.first.metadata.keys()]).toEqual([...keys, "my.note"]);
        const data = (model: InspectedModel, file: Buffer) => file.subarray(model.first.dataOffset);
        const written = await readFile(at("b.gguf"));
        expect(data(after, written).equals(data(before, original))).toBe(true);
        expect(after.tensors.map(({ name, offset }) => [name, offset])).toEqual(
            before.tensors.map(({ name, offset }) => [name, offset]),
        );
        expect((await readFile(at("a.gguf"))).equals(original)).toBe(true);
    });

    it("without changes is the same file", async () => {
        await copy([]);
        expect((await readFile(at("b.gguf"))).equals(original)).toBe(true);
    });

    it.each<[string, KeyEdit[], RegExp]>([
        [
            "an architecture that is none",
            [set("general.architecture", "none")],
            /cannot run models/,
        ],
        [
            "a number of layers that is not there",
            [set("llama.block_count", "9", "uint32")],
            /9 layers/,
        ],
        ["a key that must stay", [set("general.alignment", "64", "uint32")], /stays as it is/],
        ["a value of another type", [set("llama.block_count", "one", "uint32")], /whole number/],
        [
            "a key that is not there to remove",
            [{ kind: "remove", key: "no.such" }],
            /no key no\.such/,
        ],
    ])("is not written with %s", async (_, edits, sentence) => {
        await expect(copy(edits)).rejects.toThrow(sentence);
        expect(await readdir(folder())).toEqual(["a.gguf"]);
    });

    it("never takes the place of its original, by whatever name", async () => {
        await link(at("a.gguf"), at("same.gguf"));
        for (const name of ["a.gguf", "same.gguf"])
            await expect(copy([], name)).rejects.toThrow(/name of its original/);
        expect((await readFile(at("a.gguf"))).equals(original)).toBe(true);
    });

    it("leaves nothing when it is cancelled", async () => {
        const signal = AbortSignal.abort();
        await expect(copy([], "b.gguf", { ...context, signal })).rejects.toThrow();
        expect(await readdir(folder())).toEqual(["a.gguf"]);
    });

    it("is not made of a part of a model", async () => {
        const [first] = tinyParts(2);
        await writeFile(at("a.gguf"), first!);
        await expect(copy([])).rejects.toThrow(/several files/);
    });
});

describe("a value as typed", () => {
    it.each([
        ["uint8", "255", [255]],
        ["int8", "-1", [255]],
        ["int16", "-2", [254, 255]],
        ["uint64", "18446744073709551615", Array(8).fill(255)],
        ["bool", "True", [1]],
        ["float32", "0.5", [0, 0, 0, 63]],
        ["string", "\u00e4", [2, 0, 0, 0, 0, 0, 0, 0, 0xc3, 0xa4]],
    ] as const)("%s %s", (type, text, bytes) => {
        expect([...encodeValue(type, text)]).toEqual([...bytes]);
    });

    it.each([
        ["uint8", "256"],
        ["uint32", "-1"],
        ["int64", "9223372036854775808"],
        ["int32", "1.5"],
        ["float32", "1e39"],
        ["float64", ""],
        ["bool", "1"],
    ] as const)("is refused: %s %s", (type, text) => {
        expect(() => encodeValue(type, text)).toThrow(/no value of the type/);
    });

    it("has a key without spaces", () => {
        expect(ownKey("general.name")).toBe("general.name");
        for (const key of ["", "a b", "a\u0000"]) expect(() => ownKey(key)).toThrow(/name without/);
        expect(() => ownKey("split.count")).toThrow(/stays/);
    });
});
