/** What a person types as a source, and the file names that come of it. */

import { describe, expect, it } from "vitest";
import {
    parsePath,
    parseSource,
    resultFileName,
    sourceName,
} from "../../../../src/host/models/source";

const options = { endpoint: "https://hub.example", homeFolder: "/home/me" };
const hub = (repo: string) => ({ kind: "hub", repo, endpoint: options.endpoint });

describe("parseSource", () => {
    it.each([
        ["/models/qwen", { kind: "folder", path: "/models/qwen" }],
        [" '/models/with space/' ", { kind: "folder", path: "/models/with space" }],
        ["~/models/qwen", { kind: "folder", path: "/home/me/models/qwen" }],
        ["C:\\models\\qwen", { kind: "folder", path: "C:\\models\\qwen" }],
        ["Qwen/Qwen2.5-Coder-0.5B", hub("Qwen/Qwen2.5-Coder-0.5B")],
        [
            "https://huggingface.co/Qwen/Qwen2.5-Coder-0.5B/tree/main",
            hub("Qwen/Qwen2.5-Coder-0.5B"),
        ],
        ["hf://bigcode/starcoder2-3b", hub("bigcode/starcoder2-3b")],
    ])("reads %j", (text, expected) => {
        expect(parseSource(text, options)).toEqual(expected);
    });

    it.each(["", "qwen", "a/b/c", "../up", "./here", "a b/c", "../..", "https://example.com/a/b"])(
        "refuses %j",
        (text) => expect(parseSource(text, options)).toBeUndefined(),
    );

    it("passes a token on only when there is one", () => {
        expect(parseSource("a/b", { ...options, token: "hf_x" })).toEqual({
            ...hub("a/b"),
            token: "hf_x",
        });
    });
});

describe("names", () => {
    it("keeps the root and drops trailing separators", () => {
        expect(parsePath("/", "/home/me")).toBe("/");
        expect(parsePath("/a//", "/home/me")).toBe("/a");
    });
    it("names results after the last part of the source", () => {
        expect(resultFileName("Qwen/Qwen2.5-Coder-0.5B", "Q4_K_M")).toBe(
            "Qwen2.5-Coder-0.5B-Q4_K_M.gguf",
        );
        expect(resultFileName("../a b:c", "F16")).toBe("a-b-c-F16.gguf");
        expect(resultFileName("...", "F16")).toBe("model-F16.gguf");
        expect(sourceName({ kind: "folder", path: "/a/b" })).toBe("b");
    });
});
