// Earlier turns of a chat as messages; they come from VS Code's storage, so anything can be in them.
import { describe, expect, it } from "vitest";
import { forgottenAfter, pastOf, type Turn } from "../../../../src/host/participant/history";

const ME = "ingot.participant";
const asked = (prompt: string, participant = ME): Turn => ({ participant, prompt });
const answered = (text: string, metadata?: unknown, participant = ME): Turn => ({
    participant,
    response: [{ value: { value: text.slice(0, 2) } }, { value: [] }, {}, { value: text.slice(2) }],
    result: { metadata },
});

describe("pastOf", () => {
    it("takes what the model was shown, not what was typed", () => {
        const past = pastOf(
            [
                asked("/explain"),
                answered("It adds.", { content: "CODE\n\nExplain", command: "explain" }),
            ],
            ME,
        );
        expect(past).toEqual({
            messages: [
                { role: "user", content: "CODE\n\nExplain" },
                { role: "assistant", content: "It adds." },
            ],
            nForgotten: 0,
            command: "explain",
        });
    });

    it("leaves out others, turns without an answer, and what is forgotten", () => {
        const turns = [
            asked("one"),
            answered("1", { content: "one" }),
            asked("other", "copilot"),
            answered("no", { content: "x" }, "copilot"),
            asked("two"),
            answered("", { content: "two" }),
            asked("three"),
            answered("3", { content: "three", nForgotten: 1 }),
        ];
        expect(pastOf(turns, ME).messages.map(({ content }) => content)).toEqual(["three", "3"]);
        expect(pastOf(turns, ME).nForgotten).toBe(1);
    });

    it("goes on with the question when nothing was kept, and with nonsense", () => {
        for (const metadata of [undefined, null, 3, { content: 5, nForgotten: "x", command: [] }])
            expect(pastOf([asked("q"), answered("ab", metadata)], ME).messages).toHaveLength(2);
        expect(pastOf([asked("q"), answered("ab", { nForgotten: 99 })], ME).messages).toEqual([]);
        expect(pastOf([answered("ab")], ME).messages).toEqual([]);
        expect(pastOf([], ME)).toEqual({ messages: [], nForgotten: 0, command: undefined });
    });

    it("counts dropped messages as whole turns", () => {
        const past = { messages: [], nForgotten: 3, command: undefined };
        expect([0, 1, 2, 3].map((n) => forgottenAfter(past, n))).toEqual([3, 4, 4, 5]);
    });
});
