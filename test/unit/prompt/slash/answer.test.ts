// Code in an answer.
import { describe, expect, it } from "vitest";
import { answeredCode, codeBlocks } from "../../../../src/prompt/slash/answer";

describe("codeBlocks", () => {
    it("finds fenced blocks with their language, also indented and with tildes", () => {
        const text = "a\n```TS x\none\n```\n- b\n  ~~~\n  two\n    deep\n  ~~~\nc";
        expect(codeBlocks(text)).toEqual([
            { language: "ts", code: "one", isClosed: true },
            { language: "", code: "two\n  deep", isClosed: true },
        ]);
    });

    it("keeps shorter fences inside of longer ones", () => {
        expect(codeBlocks("````md\n```\nx\n```\n````")).toEqual([
            { language: "md", code: "```\nx\n```", isClosed: true },
        ]);
    });

    it("counts a block that the answer broke off in, not an empty one", () => {
        expect(codeBlocks("```py\nx = 1")).toEqual([
            { language: "py", code: "x = 1", isClosed: false },
        ]);
        expect(codeBlocks("text ```")).toEqual([]);
        expect(codeBlocks("```")).toEqual([]);
    });

    it("takes the longest for the answer", () => {
        const text = "```\nnpm test\n```\n```ts\nexport function total() {}\n```\n```\n\n```";
        expect(answeredCode(text)?.code).toBe("export function total() {}");
        expect(answeredCode("no code")).toBeUndefined();
    });
});
