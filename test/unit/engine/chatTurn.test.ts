// How long an answer may become: what a question allows is for the answer, not for the thoughts before it.
import { expect, it } from "vitest";
import { mostTokens } from "../../../src/engine/chatTurn";

it.each([
    ["{{ messages }}", { maxTokens: 500, maxAnswerTokens: 200 }, 200],
    ["{{ messages }}", { maxTokens: 100, maxAnswerTokens: 200 }, 100],
    ["{{ messages }}", { maxTokens: 500 }, 500],
    [undefined, { maxTokens: 500, maxAnswerTokens: 200 }, 200],
    ["{{ messages }}<think>\n", { maxTokens: 500, maxAnswerTokens: 200 }, 500],
    ["{{ content.split('</think>')[-1] }}", { maxTokens: 500, maxAnswerTokens: 200 }, 500],
    ["[THINK]{{ thoughts }}[/THINK]", { maxTokens: 500, maxAnswerTokens: 200 }, 500],
    ["<|channel|>analysis", { maxTokens: 500, maxAnswerTokens: 200 }, 500],
])("with the template %j, %j allow %d tokens", (template, limits, most) => {
    expect(mostTokens(limits, template)).toBe(most);
});
