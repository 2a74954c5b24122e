/** Reasoning is told from the answer, and code about reasoning stays code. */

import { describe, expect, it } from "vitest";
import { openingOf, splitReasoning } from "../../../src/base/reasoning";

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

it.each([
    ["<|im_start|>assistant\n<think>\n", "<think>\n"],
    ["<|assistant|><think>", "<think>"],
    ["<|im_start|>assistant\n", ""],
    ["<think>\n\n</think>\n\n", ""],
])("openingOf %j", (prompt, opening) => {
    expect(openingOf(prompt)).toBe(opening);
});
