/** The code in an answer, whole or while it is written: fences and sentences go. */

import { describe, expect, it } from "vitest";
import { codeInFence } from "../../../src/edit/answerCode";

describe("the code of an answer that was begun with a fence", () => {
    it.each([
        ["goes to its end", "a();\nb();", "```", "a();\nb();"],
        ["goes to the closing fence", "a();\n```\nThis does a.", "```", "a();"],
        ["may be nothing", "```\n", "```", ""],
        ["may open the fence again", "```ts\na();\n```", "```", "a();"],
        ["may end with windows line ends", "a();\r\n```\r\nDone.", "```", "a();"],
        ["may be between tildes", "a();\n~~~\nDone.", "~~~", "a();"],
        ["is not ended by a fence within a line", "a('```');\nb();", "```", "a('```');\nb();"],
        ["may hold shorter fences", "```ts\nx\n```\n````", "````", "```ts\nx\n```"],
    ])("%s", (_name, answer, fence, code) => {
        expect(codeInFence(answer, fence)).toBe(code);
    });
});
