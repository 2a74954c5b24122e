/** From what a person typed to a GGUF file. */

import { describe, expect, it } from "vitest";
import { parseGguf } from "../../../../src/host/gguf/place";

const parse = (text: string) => parseGguf(text, "/home/me");

describe("a GGUF file as typed", () => {
    it.each([
        ["/models/a.gguf", { kind: "file", path: "/models/a.gguf" }],
        ["~/a.GGUF", { kind: "file", path: "/home/me/a.GGUF" }],
        ["/models/a.bin", undefined],
        ["Qwen/Qwen2.5", { kind: "hub", repo: "Qwen/Qwen2.5" }],
        ["Qwen/Q/q4/a.gguf", { kind: "hub", repo: "Qwen/Q", file: "q4/a.gguf" }],
        ["Qwen/Q/README.md", undefined],
        ["Qwen/Q/../a.gguf", undefined],
        ["../a/b.gguf", undefined],
        ["words of a person", undefined],
        [
            "https://huggingface.co/Qwen/Q/blob/v1/q4/a%20b.gguf?download=true",
            { kind: "hub", repo: "Qwen/Q", revision: "v1", file: "q4/a b.gguf" },
        ],
        ["hf://Qwen/Q", { kind: "hub", repo: "Qwen/Q" }],
        ["https://example.org/Qwen/Q/a.gguf", undefined],
    ])("%s", (text, expected) => {
        expect(parse(text)).toEqual(expected);
    });
});
