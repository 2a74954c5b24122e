/** A split model is run only with all of its parts, in order, each whole; anything else is refused with what is wrong. */

import { describe, expect, it } from "vitest";
import { partPlace } from "../../../src/gguf/parts";
import { readGguf, type GgufFile } from "../../../src/gguf/read";
import { validateModel } from "../../../src/gguf/validate";
import { failure } from "../../support/failure";
import { tinyGguf, tinyParts } from "../../support/tinyGguf";
import { sourceOf } from "./bytes";

const parse = (files: readonly Uint8Array[]): Promise<GgufFile[]> =>
    Promise.all(files.map((bytes) => readGguf(sourceOf(bytes))));
const refusal = async (files: readonly Uint8Array[]): Promise<string> => {
    const headers = await parse(files);
    const error = failure(() => validateModel(headers));
    expect(error.code).toBe("data/gguf");
    return error.message;
};
const int32 = (value: number) => ({ type: "int32", value }) as const;
const uint16 = (value: number) => ({ type: "uint16", value }) as const;

describe("partPlace", () => {
    it("is what the file says, and nothing for a whole model", async () => {
        const files = await parse([...tinyParts(3), tinyGguf()]);
        expect(files.map(partPlace)).toEqual([
            { index: 0, nParts: 3 },
            { index: 1, nParts: 3 },
            { index: 2, nParts: 3 },
            undefined,
        ]);
        const [one] = await parse([tinyGguf({ keys: { "split.count": uint16(1) } })]);
        expect(one && partPlace(one)).toBeUndefined();
    });
});

describe("validateModel", () => {
    it.each([1, 2, 3, 9])("accepts a model in %i files", async (nParts) => {
        const files = await parse(nParts === 1 ? [tinyGguf()] : tinyParts(nParts));
        expect(() => validateModel(files)).not.toThrow();
    });

    it("accepts a first part that holds only metadata", async () => {
        const nine = { "split.tensors.count": int32(9), "split.count": uint16(2) };
        const keys = { ...nine, "split.no": uint16(0) };
        const second = tinyGguf({ keys: { ...nine, "split.no": uint16(1) } });
        const files = await parse([tinyGguf({ keys, tensors: [] }), second]);
        expect(() => validateModel(files)).not.toThrow();
    });

    it("weighs all files together against the memory", async () => {
        const files = await parse(tinyParts(3));
        const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
        expect(() => validateModel(files, { memoryBytes: sizeBytes })).not.toThrow();
        const error = failure(() => validateModel(files, { memoryBytes: sizeBytes - 1 }));
        expect(error.code).toBe("env/memory");
    });
});

describe("validateModel refuses", () => {
    const [a = tinyGguf(), b = tinyGguf(), c = tinyGguf()] = tinyParts(3);

    it.each<[string, Uint8Array[], string]>([
        [
            "one part alone",
            [a],
            "The file is not a whole model: the file says that it is part 1 of 3",
        ],
        ["a part too few", [a, b], "the file of part 1 says that it is part 1 of 3"],
        ["another order", [a, c, b], "the file of part 2 says that it is part 3 of 3"],
        ["a part twice", [a, b, b], "the file of part 3 says that it is part 2 of 3"],
        ["a whole model for a part", [a, b, tinyGguf()], "of part 3 says that it is a whole model"],
        [
            "a part of a set with other tensors",
            [a, b, tinyParts(3, () => ({ "split.no": uint16(2) }))[0] ?? c],
            "the tensor token_embd.weight is there twice",
        ],
        [
            "fewer tensors than the first part says",
            tinyParts(3, () => ({ "split.tensors.count": int32(10) })),
            "they hold 9 of 10 tensors",
        ],
        [
            "no number of tensors",
            tinyParts(2, () => ({ "split.tensors.count": undefined })),
            "they hold 9 of an unknown number of tensors",
        ],
        [
            "a part without its number",
            tinyParts(2, (index) => (index === 1 ? { "split.no": undefined } : {})),
            "the file of part 2 says that it is part 1 of 2",
        ],
        [
            "a number of another type (SIGABRT)",
            tinyParts(2, (index) => (index === 1 ? { "split.no": int32(1) } : {})),
            "The 2 files do not belong to one model",
        ],
    ])("%s", async (_, files, sentence) => {
        expect(await refusal(files)).toContain(sentence);
    });

    it("a later part that was cut off, naming it", async () => {
        const [first = a, second = b] = tinyParts(2);
        const cut = second.subarray(0, second.length - 64);
        expect(await refusal([first, cut])).toContain(
            "its part 2 ends inside the data of output_norm.weight, at least 64 bytes are missing",
        );
    });
});
