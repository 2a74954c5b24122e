// The chat in the side bar: a question is answered; an answer that is stopped stays as it was and the next one comes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ChatPage } from "./chatPage.mjs";
import {
    showsWhatIsWritten,
    standsHostileAnswers,
    standsLongConversations,
    worksByKeyboard,
} from "./chatPageChecks.mjs";
import { askChat, getAnswer, openChat } from "./flows.mjs";

/** Long enough that reading it takes a small model longer than a click. */
const LONG_QUESTION = "Explain what a function is, and why it has a name. ".repeat(60);
const MAX_TRIES = 3;

/**
 * A tiny BERT in the library, with the pooling that a model has that was made to compare texts.
 * @param {string} root @param {import("../../scripts/vscode/server.mjs").Server} server
 * @returns {string} Its path.
 */
function makeEmbeddingModel(root, server) {
    const checkpoint = join(server.folder, "small-bert");
    cpSync(join(root, "test", "golden", "conversion", "small-bert"), checkpoint, {
        recursive: true,
    });
    const pooling = { type: "sentence_transformers.models.Pooling", path: "1_Pooling" };
    writeFileSync(join(checkpoint, "modules.json"), JSON.stringify([pooling]));
    mkdirSync(join(checkpoint, "1_Pooling"), { recursive: true });
    writeFileSync(
        join(checkpoint, "1_Pooling", "config.json"),
        JSON.stringify({ word_embedding_dimension: 32, pooling_mode_mean_tokens: true }),
    );
    const out = join(server.ingotHome, "models", "small-bert.gguf");
    const cli = [join(root, "dist", "cli.mjs"), "convert", checkpoint, "--type", "F32"];
    const made = spawnSync(process.execPath, [...cli, "--out", out, "--overwrite"]);
    assert.equal(made.status, 0, made.stderr.toString());
    return out;
}

/** @type {import("../../scripts/vscode/ui.mjs").UiTest[]} */
export const tests = [
    {
        name: "the chat answers, and a reload in the middle of an answer keeps what came",
        async run({ workbench }) {
            await openChat(workbench);
            const text = await getAnswer(workbench, "What is a function?");
            assert.ok(text.length > 0);
            const { send, stop, input, answers } = workbench.chat();
            assert.equal(await send.isVisible(), true);
            assert.equal(await stop.isVisible(), false);
            const nBefore = await answers.count();
            await input.fill("Write a list of names.");
            await input.press("Enter");
            await answers.nth(nBefore).locator(".markdown :text-matches('.')").first().waitFor();
            await workbench.reload();
            await openChat(workbench);
            await answers.nth(nBefore).waitFor();
            assert.equal(
                (
                    await answers
                        .nth(nBefore - 1)
                        .locator(".markdown")
                        .innerText()
                ).trim(),
                text,
            );
            const state = await answers.nth(nBefore).getAttribute("data-state");
            assert.ok(state === "stopped" || state === "done", `${state}`);
            assert.match(await answers.nth(nBefore).locator(".markdown").innerText(), /./);
            assert.ok((await getAnswer(workbench, "What is a list?")).length > 0);
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
    {
        name: "#codebase answers with links to its sources, and a model of embeddings gives the pieces vectors",
        async run({ workbench, server, root }) {
            const model = makeEmbeddingModel(root, server);
            try {
                await workbench.runCommand("Ingot: Refresh Models");
                await openChat(workbench);
                const { input } = workbench.chat();
                await input.fill("#codebase");
                await workbench.webview().getByRole("option", { name: "codebase" }).waitFor();
                await input.press("Enter");
                const { state, answer } = await askChat(workbench, "Where are prices added?");
                assert.equal(state, "done");
                const source = answer.getByRole("button", { name: /price\.ts/ });
                await source.first().click();
                await workbench.page.locator('.tab[data-resource-name="price.ts"]').waitFor();
                // They are written when the window closes, at the latest.
                await workbench.reload();
                const files = () =>
                    readdirSync(server.folder, { recursive: true, encoding: "utf8" });
                const vectors = await workbench.poll(
                    async () => files().find((path) => path.endsWith("vectors.bin")) ?? "",
                    (path) => path !== "",
                );
                assert.notEqual(vectors, "");
            } finally {
                rmSync(model, { force: true });
            }
        },
    },
    {
        name: "two windows of a folder each answer, and neither touches the other's chat",
        async run({ workbench }) {
            await openChat(workbench);
            await workbench.runCommand("Ingot: New Chat");
            // Else the question may still go to the chat before it.
            await workbench.webview().getByRole("heading", { name: /^Ask / }).waitFor();
            await getAnswer(workbench, "What is a window?");
            const other = await workbench.secondWindow();
            try {
                await openChat(other);
                await getAnswer(other, "What is a door?");
                await getAnswer(workbench, "What is a wall?");
                assert.equal(await other.chat().answers.count(), 1);
                assert.equal(await workbench.chat().answers.count(), 2);
                await workbench.runCommand("Ingot: Chat History...");
                await workbench.pickRow("What is a window?2 questions");
            } finally {
                await other.page.close();
            }
        },
    },
    {
        name: "the chat's page stands hostile answers and 200 turns, and works by keyboard",
        async run({ workbench, root }) {
            const browser = workbench.page.context().browser();
            assert.ok(browser);
            const chat = await ChatPage.open(browser, root);
            try {
                await standsHostileAnswers(chat);
                await standsLongConversations(chat);
                await showsWhatIsWritten(chat);
                await worksByKeyboard(chat);
            } finally {
                await chat.close();
            }
        },
    },
];
