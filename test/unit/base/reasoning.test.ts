/** Reasoning is told from the answer, and code about reasoning stays code. */

import { describe, expect, it } from "vitest";
import { AnswerReader, openingOf, splitReasoning } from "../../../src/base/reasoning";

describe("splitReasoning", () => {
    it.each([
        ["an answer without any", "a <b> c", "", "a <b> c"],
        ["reasoning in front", "<think>\nhm\n</think>\n\nYes.", "hm", "Yes."],
        ["the other name", "<thinking>hm</thinking>Yes.", "hm", "Yes."],
        ["empty reasoning", "<think>\n\n</think>\n\nYes.", "", "Yes."],
        ["twice", "<think>a</think>\nb\n<think>c</think>\nd", "a\n\nc", "b\nd"],
        ["code inside of it", "<think>\n```ts\nx\n```\n</think>\ny", "```ts\nx\n```", "y"],
        ["a tag in a block", "```\n<think>\n</think>\n```\n", "", "```\n<think>\n</think>\n```\n"],
        [
            "a tag in a block within a longer fence",
            "````\n```\n<think>a</think>\n````\nb",
            "",
            "````\n```\n<think>a</think>\n````\nb",
        ],
        ["a tag after a block", "```\nx\n```\n<think>a</think>b", "a", "```\nx\n```\nb"],
        ["a tag in inline code", "Use `<think>` here", "", "Use `<think>` here"],
        ["a closing tag alone", "a </think> b", "", "a </think> b"],
    ])("%s", (_name, text, reasoning, answer) => {
        expect(splitReasoning(text)).toEqual({ reasoning, answer, isOpen: false });
    });

    it("is open until its end comes", () => {
        const text = "<think>one\ntwo";
        expect(splitReasoning(text)).toEqual({ reasoning: "one\ntwo", answer: "", isOpen: true });
    });

    it("never shows a part of a tag while the answer arrives, nor reasoning as answer", () => {
        const text = "<think>\nhm\n</think>\n\nA `<think>` tag.\n```html\n<think>\n```\n";
        for (let end = 1; end <= text.length; end++) {
            const { answer } = splitReasoning(text.slice(0, end));
            expect("A `<think>` tag.\n```html\n<think>\n```\n".startsWith(answer)).toBe(true);
        }
    });
});

describe("AnswerReader", () => {
    const TEXTS = [
        "\n<think>so\n```\nx\n```</think>\n\nYes, a < b: `<think>` is a </think> tag",
        "  <THINK>a</think>\r\n\r\nb\n<thinking>c</think></thinking>d",
        "```html\n<think>\n```\n<think>a</think><think>b</think>\nc\n   <thin\n  x",
        "<thi",
        "<think>a</thi",
        "a\n  ",
    ];

    it("gives the same wherever the pieces are cut", () => {
        for (const text of TEXTS)
            for (let size = 1; size <= text.length; size++) {
                const reader = new AnswerReader();
                const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
                const answer = pieces.map((piece) => reader.push(piece)).join("");
                const whole = new AnswerReader();
                expect(answer, `${text} by ${size}`).toBe(whole.push(text));
                expect(reader.reasoning).toBe(whole.reasoning);
                expect([reader.isOpen, reader.end()]).toEqual([whole.isOpen, whole.end()]);
            }
    });

    it("takes reasoning off, and leaves tags in the text of the answer", () => {
        const reader = new AnswerReader();
        expect(reader.push(TEXTS[0] ?? "").trimStart()).toBe(
            "Yes, a < b: `<think>` is a </think> tag",
        );
        expect(reader.reasoning).toBe("so\n```\nx\n```");
    });

    it("keeps what only looks like the beginning of a tag", () => {
        const through = (...pieces: string[]) => {
            const reader = new AnswerReader();
            return pieces.map((piece) => reader.push(piece)).join("") + reader.end();
        };
        expect(through("<thi", "nk is a tag <")).toBe("<think is a tag <");
        expect(through("  <th")).toBe("  <th");
        expect(through("a")).toBe("a");
    });

    it("gives nothing of reasoning that never ends, and says that it goes on", () => {
        const reader = new AnswerReader();
        expect(reader.push("<think>hm")).toBe("");
        expect([reader.isOpen, reader.reasoning, reader.end()]).toEqual([true, "hm", ""]);
    });

    it("looks through long reasoning once", () => {
        const reader = new AnswerReader();
        reader.push("<think>");
        const piece = "word ".repeat(200);
        for (let n = 0; n < 2000; n++) reader.push(piece);
        expect(reader.push("</think>Yes")).toBe("Yes");
        expect(reader.reasoning).toHaveLength(piece.length * 2000 - 1);
    });
});

it.each([
    ["<|im_start|>assistant\n<think>\n", "<think>\n"],
    ["<|assistant|><think>", "<think>"],
    ["<|im_start|>assistant\n", ""],
    ["<think>\n\n</think>\n\n", ""],
])("openingOf %j", (prompt, opening) => {
    expect(openingOf(prompt)).toBe(opening);
});
