// Code and reasoning in an answer.
import { describe, expect, it } from "vitest";
import { answeredCode, codeBlocks, WithoutReasoning } from "../../../../src/prompt/slash/answer";

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

describe("WithoutReasoning", () => {
    const through = (pieces: readonly string[]) => {
        const filter = new WithoutReasoning();
        return pieces.map((piece) => filter.add(piece)).join("") + filter.end();
    };

    it("takes reasoning off the beginning wherever the pieces are cut", () => {
        const text = "\n<think>so\n```\nx\n```</think>\n\nYes, a < b: `<think>` is a </think> tag";
        for (let size = 1; size <= text.length; size++) {
            const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
            expect(through(pieces), `${size}`).toBe("Yes, a < b: `<think>` is a </think> tag");
        }
    });

    it("keeps what only looks like the beginning of a tag", () => {
        expect(through(["<thi", "nk is a tag <"])).toBe("<think is a tag <");
        expect(through(["  <th"])).toBe("<th");
        expect(through(["a"])).toBe("a");
    });

    it("gives nothing of reasoning that never ends, and says that it goes on", () => {
        const filter = new WithoutReasoning();
        expect(filter.add("<think>hm")).toBe("");
        expect(filter.isReasoning).toBe(true);
        expect(filter.end()).toBe("");
    });
});
