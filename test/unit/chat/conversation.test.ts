/** The conversation as data: what the page shows and what the model is sent, through answers, stops, failures and retries. */

import { describe, expect, it } from "vitest";
import type { ContextBlock } from "../../../src/host/chat/context";
import { Conversation } from "../../../src/host/chat/conversation";
import { isStoredChat, type StoredChat } from "../../../src/host/chat/stored";

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

    it("keeps an answer beside the one that is asked for again, and goes on from either", () => {
        const conversation = answered("one");
        const id = conversation.retry() ?? "";
        conversation.finish("other");
        conversation.ask("two?", []);
        conversation.finish("two.");
        expect(contents(conversation)[2]).toBe("assistant: other");
        expect(conversation.select(id, -1)).toBe(true);
        expect(conversation.turns.map(({ text }) => text)).toEqual(["one?", "one."]);
        expect(conversation.turns[1]?.version).toEqual({ at: 1, of: 2 });
        expect(conversation.select(conversation.turns[1]?.id ?? "", -1)).toBe(false);
        conversation.select(conversation.turns[1]?.id ?? "", 1);
        expect(conversation.turns).toHaveLength(4);
    });

    it("puts another answer in place of one that failed", () => {
        const conversation = new Conversation("c");
        conversation.ask("one?", []);
        conversation.fail({ message: "no" });
        conversation.retry();
        conversation.finish("one.");
        expect(conversation.turns[1]?.version).toBeUndefined();
        expect(conversation.nTurns).toBe(2);
    });

    it("keeps a command's limit when its question is edited", () => {
        const conversation = answered("one");
        conversation.ask("/doc", [], 200);
        conversation.finish("Documented.");
        conversation.edit(conversation.turns[2]?.id ?? "", "/doc shorter");
        expect(conversation.maxTokens).toBe(200);
    });

    it("edits a question in the middle: what follows it stays on the other branch", () => {
        const conversation = answered("one", "two", "three");
        const [, , second] = conversation.turns;
        conversation.edit(second?.id ?? "", "2?");
        conversation.finish("2.");
        expect(contents(conversation)).toEqual([
            "system: S",
            "user: one?",
            "assistant: one.",
            "user: 2?",
        ]);
        conversation.select(conversation.turns[2]?.id ?? "", -1);
        expect(conversation.turns).toHaveLength(6);
        expect(conversation.edit("nobody", "x")).toBeUndefined();
    });

    it("sends no reasoning back", () => {
        const conversation = new Conversation("c");
        conversation.ask("one?", []);
        conversation.finish("<think>hm</think>\n\none.");
        conversation.ask("two?", []);
        expect(contents(conversation)[2]).toBe("assistant: one.");
    });

    it("puts pinned context into the system text, once, before and after trimming", () => {
        const conversation = new Conversation("c");
        conversation.pinned = [FILE];
        conversation.ask("one?", [FILE]);
        conversation.finish("one.");
        conversation.ask("two?", []);
        conversation.finish("two.");
        conversation.forget(2);
        conversation.ask("three?", [FILE]);
        expect(contents(conversation)).toEqual([
            `system: S\n\n${FILE.text}`,
            "user: two?",
            "assistant: two.",
            "user: three?",
        ]);
    });

    it("reads a draft exactly as it would be sent, and keeps nothing of it", () => {
        const conversation = answered("one");
        const draft = conversation.messages("S", { text: "two?", context: [FILE] });
        expect(conversation.turns).toHaveLength(2);
        conversation.ask("two?", [FILE]);
        expect(conversation.messages("S")).toEqual(draft);
    });

    it("is the same after it was kept, branches and pins included", () => {
        const conversation = answered("one", "two");
        conversation.pinned = [FILE];
        conversation.retry();
        conversation.finish("again");
        conversation.select(conversation.turns[3]?.id ?? "", -1);
        const copy = Conversation.from(onDisk(conversation));
        expect(copy.turns).toEqual(conversation.turns);
        expect(copy.messages("S")).toEqual(conversation.messages("S"));
        copy.ask("new?", []);
        const ids = copy.turns.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
    });

    it("marks an answer that was being written when it was kept", () => {
        const conversation = answered("one");
        conversation.ask("two?", []);
        conversation.append("tw");
        const copy = Conversation.from(onDisk(conversation));
        expect(copy.turns.at(-1)).toMatchObject({
            text: "tw",
            state: "stopped",
            note: "The window was closed before this answer was complete.",
        });
        expect(copy.isBusy).toBe(false);
        copy.ask("three?", []);
        expect(contents(copy).at(-2)).toBe("assistant: tw");
    });

    it("is named by its first question until somebody names it", () => {
        const conversation = new Conversation("c");
        conversation.ask(`${"long ".repeat(30)}\nmore`, []);
        expect(conversation.title).toHaveLength(60);
        conversation.rename("Mine");
        expect(Conversation.from(onDisk(conversation)).title).toBe("Mine");
        conversation.rename(" ");
        expect(conversation.title).toMatch(/^long/);
    });

    it("holds 200 turns, and of context that is not sent again what was lately", () => {
        const conversation = new Conversation("c");
        const text = "x".repeat(12_000);
        for (let i = 0; i < 100; i++) {
            conversation.ask(`${i}?`, [{ label: "a.ts", text: `${i}${text}` }]);
            conversation.finish(`${i}.`);
            const sent = conversation.messages("S").length;
            // The engine leaves out what does not fit: here, all but the last three exchanges.
            if (sent > 8) conversation.forget(2);
        }
        expect(conversation.turns).toHaveLength(200);
        expect(conversation.messages("S").length).toBeLessThanOrEqual(9);
        expect(JSON.stringify(conversation.stored(0)).length).toBeLessThan(300_000);
        const edited = (n: number) => {
            conversation.edit(conversation.turns[2 * n]?.id ?? "", "Again?");
            const asked = conversation.turns.at(-2);
            const content = conversation.messages("S").at(-1)?.content ?? "";
            conversation.stop();
            conversation.select(asked?.id ?? "", -1);
            return { content, context: asked?.context };
        };
        const late = edited(90);
        expect(late.context).toEqual(["a.ts"]);
        expect(late.content.startsWith(`90${text}`)).toBe(true);
        expect(conversation.turns[0]?.context).toEqual(["a.ts (no longer kept)"]);
        expect(edited(0)).toEqual({ content: "Again?", context: undefined });
    });

    it("sends the context of a question that was left out again when it is edited", () => {
        const conversation = new Conversation("c");
        conversation.ask("one?", [FILE]);
        conversation.finish("one.");
        conversation.ask("two?", []);
        conversation.finish("two.");
        conversation.forget(2);
        conversation.edit(conversation.turns[0]?.id ?? "", "1?");
        expect(contents(conversation)).toEqual(["system: S", `user: ${FILE.text}\n\n1?`]);
        expect(conversation.turns[0]?.context).toEqual(["a.ts"]);
    });
});

/** What a file gives back. */
function onDisk(conversation: Conversation): StoredChat {
    const stored: unknown = JSON.parse(JSON.stringify(conversation.stored(1000)));
    if (!isStoredChat(stored)) throw new Error("not a stored chat");
    return stored;
}
