// The chat in the side bar: a question is answered; an answer that is stopped stays as it was and the next one comes.
import assert from "node:assert/strict";
import { askChat, getAnswer, openChat } from "./flows.mjs";

/** Long enough that reading it takes a small model longer than a click. */
const LONG_QUESTION = "Explain what a function is, and why it has a name. ".repeat(60);
const MAX_TRIES = 3;

/** @type {import("../../scripts/vscode/ui.mjs").UiTest[]} */
export const tests = [
    {
        name: "the chat answers",
        async run({ workbench }) {
            await openChat(workbench);
            assert.ok((await getAnswer(workbench, "What is a function?")).length > 0);
            const { send, stop } = workbench.chat();
            assert.equal(await send.isVisible(), true);
            assert.equal(await stop.isVisible(), false);
        },
    },
    {
        name: "the chat stops an answer and gives the next one",
        async run({ workbench }) {
            await openChat(workbench);
            for (let i = 1; i <= MAX_TRIES; i++) {
                await workbench.stopNextAnswer();
                // Another beginning, so that nothing of it has been read already.
                const { state, answer } = await askChat(workbench, `${i}. ${LONG_QUESTION}`);
                if (state === "done") continue;
                assert.equal(state, "stopped");
                const text = await answer.innerText();
                assert.match(text, /Stopped/);
                assert.ok((await getAnswer(workbench, "What is a list?")).length > 0);
                assert.equal(await answer.innerText(), text);
                return;
            }
            assert.fail("every answer was done before it could be stopped");
        },
    },
];
