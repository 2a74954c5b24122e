/** The beginning of an answer behind a prompt; thoughts that a template opens are closed before it. */

import { expect, it } from "vitest";
import { withAnswerStart } from "../../../src/prompt/answerStart";

it.each([
    ["user: hi\nassistant: ", "```ts\n", "user: hi\nassistant: ```ts\n"],
    ["assistant\n<think>\n", "```ts\n", "assistant\n<think>\n\n</think>\n\n```ts\n"],
    ["assistant\n<think>\n\n</think>\n\n", "```ts\n", "assistant\n<think>\n\n</think>\n\n```ts\n"],
    ["assistant\n<think>\n", "", "assistant\n<think>\n"],
])("%j and %j", (prompt, start, expected) => {
    expect(withAnswerStart(prompt, start)).toBe(expected);
});
