/** The conversation as data: what the page shows and what the model is sent, through answers, stops, failures and retries. */

import { describe, expect, it } from "vitest";
import type { ContextBlock } from "../../../src/host/chat/context";
import { Conversation } from "../../../src/host/chat/conversation";

const FILE: ContextBlock = { label: "a.ts", text: "File a.ts:\n```ts\nlet a;\n```" };

function answered(...texts: string[]): Conversation {
    const conversation = new Conversation("c");
    for (const text of texts) {
        conversation.ask(`${text}?`, []);
        conversation.finish(`${text}.`);
    }
    return conversation;
}

const contents = (conversation: Conversation) =>
    conversation.messages("S").map(({ role, content }) => `${role}: ${content}`);

describe("Conversation", () => {
    it("sends the system message, past exchanges, then the question with its context", () => {
        const conversation = answered("one");
        conversation.ask("two?", [FILE]);
        expect(contents(conversation)).toEqual([
            "system: S",
            "user: one?",
            "assistant: one.",
            `user: ${FILE.text}\n\ntwo?`,
        ]);
    });

    it("shows the question as typed, with the labels of what went along", () => {
        const conversation = new Conversation("c");
        conversation.ask("two?", [FILE]);
        expect(conversation.turns[0]).toMatchObject({ text: "two?", context: ["a.ts"] });
        expect(conversation.turns[1]).toMatchObject({ text: "", state: "streaming" });
    });

    it("only appends to the messages of the turn before", () => {
        const conversation = new Conversation("c");
        conversation.ask("one?", [FILE]);
        const before = contents(conversation);
        conversation.append("o");
        conversation.append("ne");
        conversation.finish("one");
        conversation.ask("two?", [FILE]);
        const after = contents(conversation);
        expect(after.slice(0, before.length)).toEqual(before);
        expect(after.slice(before.length)).toEqual(["assistant: one", "user: two?"]);
    });

    it("repeats context that the model never got to answer on", () => {
        const conversation = new Conversation("c");
        conversation.ask("one?", [FILE]);
        conversation.fail({ message: "no" });
        conversation.ask("two?", [FILE]);
        expect(contents(conversation)).toEqual(["system: S", `user: ${FILE.text}\n\ntwo?`]);
    });

    it("sends changed context again", () => {
        const conversation = new Conversation("c");
        conversation.ask("one?", [FILE]);
        conversation.finish("one");
        conversation.ask("two?", [{ label: "a.ts", text: "changed" }]);
        expect(contents(conversation).at(-1)).toBe("user: changed\n\ntwo?");
    });

    it("keeps the text of a stopped answer and ignores what comes after", () => {
        const conversation = new Conversation("c");
        conversation.ask("one?", []);
        conversation.append("on");
        conversation.stop();
        conversation.append("e");
        expect(conversation.turns[1]).toMatchObject({ text: "on", state: "stopped" });
        expect(conversation.isBusy).toBe(false);
    });

    it("asks again in place of the last answer, counting the attempts", () => {
        const conversation = answered("one");
        const first = conversation.turns[1]?.id;
        const second = conversation.retry();
        expect(second).not.toBe(first);
        expect(conversation.turns.map((turn) => turn.id)).toEqual(["c.1", second]);
        expect(conversation.attempt).toBe(1);
        expect(contents(conversation)).toEqual(["system: S", "user: one?"]);
    });

    it("has nothing to ask again when empty or while an answer is written", () => {
        const conversation = new Conversation("c");
        expect(conversation.retry()).toBeUndefined();
        conversation.ask("one?", []);
        expect(conversation.retry()).toBeUndefined();
    });

    it("forgets what the engine left out, and its context", () => {
        const conversation = new Conversation("c");
        conversation.ask("one?", [FILE]);
        conversation.finish("one.");
        conversation.ask("two?", []);
        conversation.finish("two.");
        conversation.ask("three?", []);
        conversation.finish("three.");
        conversation.forget(2);
        conversation.ask("four?", [FILE]);
        expect(contents(conversation)).toEqual([
            "system: S",
            "user: two?",
            "assistant: two.",
            "user: three?",
            "assistant: three.",
            `user: ${FILE.text}\n\nfour?`,
        ]);
        expect(conversation.turns).toHaveLength(8);
    });
});
