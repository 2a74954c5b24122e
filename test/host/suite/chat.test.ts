/** The chat on the engine, without its page: an answer comes, a running one stops, a new chat is empty. */

import { strict as assert } from "node:assert";
import { commands } from "vscode";
import { api, until } from "./support";

describe("chat", () => {
    beforeEach(() => commands.executeCommand("ingot.newChat"));
    afterEach(() => commands.executeCommand("ingot.newChat"));

    it("answers a question", async () => {
        const { ask, chat } = await api();
        await ask("What is a function?");
        const { turns, busy } = await chat();
        assert.equal(busy, false);
        assert.deepEqual(
            turns.map((turn) => turn.role),
            ["user", "assistant"],
        );
        assert.equal(turns[1]?.state, "done", JSON.stringify(turns[1]));
        assert.ok(turns[1].text.length > 0);
    });

    it("stops a running answer and keeps what came", async () => {
        const { ask, chat, stopChat } = await api();
        const done = ask("Write a long story about a river.");
        await until("the answer to begin", async () => {
            const { busy, turns } = await chat();
            return busy && turns.length === 2;
        });
        stopChat();
        await done;
        const { turns, busy } = await chat();
        const last = turns.at(-1);
        assert.equal(busy, false);
        assert.ok(last?.state === "stopped" || last?.state === "done", JSON.stringify(last));
    });

    it("is empty after New Chat", async () => {
        const { ask, chat } = await api();
        await ask("Hello");
        const before = (await chat()).conversation;
        await commands.executeCommand("ingot.newChat");
        assert.deepEqual((await chat()).turns, []);
        assert.notEqual((await chat()).conversation, before);
    });
});
