// What a GGUF file's name says: type, parts, and that it is no model.
import { describe, expect, it } from "vitest";
import {
    isNoModelName,
    partPath,
    splitName,
    typeOfName,
    withoutLaterParts,
} from "../../../src/library/ggufNames";

describe("typeOfName", () => {
    it.each([
        ["qwen2.5-coder-1.5b-q4_k_m.gguf", "Q4_K_M"],
        ["Model.Q8_0.gguf", "Q8_0"],
        ["Model-IQ2_XXS.gguf", "IQ2_XXS"],
        ["sub/Model-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"],
        ["Model-BF16-00001-of-00003.gguf", "BF16"],
        ["model-f16.gguf", "F16"],
        ["Model-Q4_K_M-imat.gguf", "Q4_K_M"],
        ["Model-7B.gguf", undefined],
        ["F16/model.gguf", undefined],
    ])("%s: %s", (name, type) => {
        expect(typeOfName(name)).toBe(type);
    });
});

describe("splitName", () => {
    it("knows the parts", () => {
        const split = splitName("a/m-Q8_0-00002-of-00003.gguf");
        expect(split).toEqual({ stem: "a/m-Q8_0", part: 2, nParts: 3 });
        expect(split && partPath(split.stem, 3, split.nParts)).toBe("a/m-Q8_0-00003-of-00003.gguf");
    });

    it.each([
        "m.gguf",
        "m-00000-of-00002.gguf",
        "m-00003-of-00002.gguf",
        "m-1-of-2.gguf",
        "m-00001-of-99999.gguf",
        "m-00001-of-00002.GGUF",
    ])("has none for %s", (name) => expect(splitName(name)).toBeUndefined());
});

describe("withoutLaterParts", () => {
    it("keeps one path per split model: its first part, or the lowest that is there", () => {
        const part = (stem: string, part: number, of: number) => partPath(stem, part, of);
        const paths = [
            part("a/m", 1, 2),
            part("a/m", 1, 3),
            part("a/m", 2, 2),
            part("a/m", 2, 3),
            part("b/m", 2, 3),
            part("b/m", 3, 3),
            "b/m.gguf",
        ];
        expect(withoutLaterParts(paths)).toEqual([
            part("a/m", 1, 2),
            part("a/m", 1, 3),
            part("b/m", 2, 3),
            "b/m.gguf",
        ]);
    });
});

describe("isNoModelName", () => {
    it.each([
        ["mmproj-model-f16.gguf", true],
        ["x/imatrix.gguf", true],
        ["my-lora-f16.gguf", true],
        ["explorative-coder.gguf", false],
        ["qwen.gguf", false],
    ])("%s: %s", (name, expected) => {
        expect(isNoModelName(name)).toBe(expected);
    });
});
