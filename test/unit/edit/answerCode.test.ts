/** The code in an answer, whole or while it is written: fences, thoughts and sentences go. */

import { describe, expect, it } from "vitest";
import { codeInFence, codeOfAnswer } from "../../../src/edit/answerCode";

describe("the code of an answer", () => {
    it.each([
        ["alone", "a();\nb();", "a();\nb();", false],
        ["in a block", "```ts\na();\n```", "a();", true],
        ["in a block after a sentence", "Here it is:\n\n```ts\na();\n```\nDone.", "a();", true],
        ["in the first of two blocks", "```\na\n```\ntext\n```\nb\n```", "a", true],
        ["in a block that is not closed", "```ts\na();\nb(", "a();\nb(", true],
        ["in a longer fence", "````md\n```\nx\n```\n````", "```\nx\n```", true],
        ["between tildes", "~~~py\nx = 1\n~~~", "x = 1", true],
        ["in a block of a list", "1. So:\n   ```ts\n   a();\n   ```", "a();", true],
        ["after thoughts", "<think>\n```js\nno\n```\n</think>\n```js\nyes\n```", "yes", true],
        ["while it thinks", "<think>\nHm, ```js\nno", "", false],
        ["before a fence that nothing opened", "a();\n```", "a();", false],
        ["with windows line ends", "```ts\r\na();\r\nb();\r\n```\r\n", "a();\nb();", true],
        ["of nothing", "", "", false],
    ])("%s", (_name, answer, code, isFenced) => {
        expect(codeOfAnswer(answer)).toEqual({ code, isFenced });
    });
});

describe("the code of an answer that was begun with a fence", () => {
    it.each([
        ["goes to its end", "a();\nb();", "```", "a();\nb();"],
        ["goes to the closing fence", "a();\n```\nThis does a.", "```", "a();"],
        ["may be nothing", "```\n", "```", ""],
        ["may open the fence again", "```ts\na();\n```", "```", "a();"],
        ["may hold shorter fences", "```ts\nx\n```\n````", "````", "```ts\nx\n```"],
    ])("%s", (_name, answer, fence, code) => {
        expect(codeInFence(answer, fence)).toBe(code);
    });
});
