// What depends on a model's words, on a model that says what is written here: VS Code's own Chat with nobody signed in (`@ingot`, the agent
// with all of VS Code's tools, which edits a file, a tool of an MCP server), a commit message, and code of the chat that is applied. The
// model's weights are a script; all else is what a person has.
import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commitAll, git } from "../../scripts/vscode/workspace.mjs";
import { makeScriptedModel } from "../support/scriptedModel.mjs";
import { askChat, getAnswer, openChat as openIngotChat } from "./flows.mjs";
import { CHAT_SETTINGS, chatBar, chooseAgent, openChat, send, turnEnds } from "./vsCodeChat.mjs";

const SET_UP = "Ingot: Set Up VS Code's Chat Without Signing In";
const EDIT_QUESTION = "In price.ts, change toFixed(2) to toFixed(3).";
const STOCK_QUESTION = "How many tins of Assam are in stock?";
const APPLY_QUESTION = "Double and triple exactly.";
const CODE = `export function twice(n: number) {
    return n + n;
}

export const name = "tea";

export function thrice(n: number) {
    return n + n + n;
}
`;
const CHANGED = `export function twice(n: number) {
    return 2 * n;
}

export function thrice(n: number) {
    return 3 * n;
}
`;
/** An agent of VS Code with the tools of one server. */
const SHOP_AGENT = `---
name: Shop
description: Knows the stock
tools: ['tea/*']
---
Answer with what the tools say.
`;

/** @param {string} price Path of the file that is edited. @returns {import("../support/scriptedModel.mjs").Script[]} */
function scripts(price) {
    const change = `{"filePath": ${JSON.stringify(price)}, "oldString": "toFixed(2)", "newString": "toFixed(3)"}`;
    const edit = `\n{"name": "replace_string_in_file", "arguments": ${change}}\n</tool_call>`;
    return [
        { when: EDIT_QUESTION, role: "user", says: ["<tool_call>", edit] },
        {
            when: STOCK_QUESTION,
            role: "user",
            says: ['{"name": "mcp_tea_stock", "arguments": {"tea": "Assam"}}'],
        },
        { when: "17 tins", role: "tool", says: ["There are ", "seventeen tins."] },
        { when: "", role: "tool", says: ["Prices have ", "three decimals now."] },
        { when: "FREE = 0", role: "user", says: ["price : ", "a free one is told"] },
        { when: APPLY_QUESTION, role: "user", says: ["Like this:\n\n```ts\n", CHANGED, "```\n"] },
        { when: "", role: "user", says: ["I say ", "what I am told."] },
    ];
}

/** @type {import("../../scripts/vscode/ui.mjs").Stage} */
export const stage = {
    settings: CHAT_SETTINGS,
    prepare({ root, workspace, folder }) {
        const price = join(workspace, "src", "price.ts");
        const model = join(folder, "scripted.gguf");
        makeScriptedModel(root, join(folder, "checkpoint"), model, {
            scripts: scripts(price),
            // The second look at which tool is meant asks for its name by the vocabulary's own tokens.
            edges: [['\u0120"', "replace"]],
        });
        for (const name of [".vscode", ".github/agents"])
            mkdirSync(join(workspace, name), { recursive: true });
        const server = join(root, "test", "support", "mcpServer.mjs");
        writeFileSync(
            join(workspace, ".vscode", "mcp.json"),
            JSON.stringify({ servers: { tea: { command: process.execPath, args: [server] } } }),
        );
        writeFileSync(join(workspace, ".github", "agents", "Shop.agent.md"), SHOP_AGENT);
        commitAll(workspace);
        return { "ingot.chat.model": model };
    },
};

/** What the turns of the agent have cost in this window, by the log in Ingot's report. @param {import("./workbench.mjs").Workbench} workbench */
async function agentTurns(workbench) {
    const turn = /answered .*?lane=agent tools=(\d+) .*?prompt=(\d+) reused=(\d+)/g;
    const text = await workbench.commandDocument("Ingot: Report", /answered .*lane=agent/);
    await workbench.runCommand("View: Close Editor");
    return [...text.matchAll(turn)].map((match) => {
        const [nTools = 0, nRead = 0, nReused = 0] = match.slice(1).map(Number);
        return { nTools, nRead, nReused };
    });
}

/** @param {import("./workbench.mjs").Workbench} workbench @param {string} text */
async function answers(workbench, text) {
    const { bar } = chatBar(workbench);
    await bar.getByText(text).first().waitFor();
    await turnEnds(workbench);
}

/** @type {import("../../scripts/vscode/ui.mjs").UiTest[]} */
export const tests = [
    {
        name: "@ingot answers in VS Code's Chat with nobody signed in",
        async run({ workbench }) {
            await workbench.openFile("price.ts");
            await openChat(workbench);
            await send(workbench, "@ingot /tests");
            await answers(workbench, "I say what I am told.");
        },
    },
    {
        name: "after one step without signing in, VS Code's agent with all its tools edits a file, and its prompt is read once",
        async run({ workbench, workspace }) {
            await workbench.runCommand(SET_UP);
            await workbench.page.getByText("VS Code's Chat is set up").first().waitFor();
            await openChat(workbench);
            await send(workbench, EDIT_QUESTION);
            await answers(workbench, "Prices have three decimals now.");
            const path = join(workspace, "src", "price.ts");
            assert.match(readFileSync(path, "utf8"), /toFixed\(3\)/);

            const [first, second] = await agentTurns(workbench);
            assert.ok(first && second, "two turns are in the log");
            assert.ok(first.nTools > 30 && first.nRead > 16_000, JSON.stringify(first));

            // The same again after a restart, from the disk: test/engine/tools.test.ts. Which tools VS Code has changes with a reload.
            assert.ok(
                second.nReused > 16_000 && second.nRead < 0.1 * first.nRead,
                JSON.stringify(second),
            );
        },
    },
    {
        name: "a tool of an MCP server is called when the person allows it, and what it says is answered",
        async run({ workbench }) {
            // Before the Chat opens, which takes the focus from lists.
            await workbench.runCommand("MCP: List Servers");
            await workbench.pickRow("tea");
            // "Restart Server" where an agent's request has started it.
            await workbench.pickRow(/start Server/i);
            await workbench.runCommand("MCP: List Servers");
            await workbench.waitForRow(/tea.*Running/);
            await workbench.press("Escape");
            await workbench.runCommand(SET_UP);
            await workbench.page.getByText("VS Code's Chat is set up").first().waitFor();
            await openChat(workbench);
            await chooseAgent(workbench, "Shop");
            await send(workbench, STOCK_QUESTION);
            await chatBar(workbench).bar.getByText("Allow in this Session").click();
            await answers(workbench, "There are seventeen tins.");
        },
    },
    {
        name: "a commit message of the staged changes is written into the box of the source control view",
        async run({ workbench, workspace }) {
            appendFileSync(join(workspace, "src", "price.ts"), "\nexport const FREE = 0;\n");
            git(workspace, "add", "-A");
            await workbench.press("Control+Shift+G");
            const box = workbench.page.locator(".scm-editor .view-lines").first();
            await box.waitFor();
            await workbench.runCommand("Ingot: Write Commit Message");
            const text = await workbench.poll(
                async () => (await box.innerText()).replaceAll("\u00a0", " "),
                (now) => now.includes("a free one is told"),
            );
            assert.equal(text.trim(), "price : a free one is told");
        },
    },
    {
        name: "code of an answer is applied to the functions of the file; one change is accepted, the other rejected",
        async run({ workbench, newFile }) {
            const { name, path } = newFile("sums.ts");
            writeFileSync(path, CODE);
            await workbench.openFile(name);
            await openIngotChat(workbench);
            const { answer, state } = await askChat(workbench, APPLY_QUESTION);
            assert.equal(state, "done");
            await answer.getByRole("button", { name: "Apply" }).click();
            await workbench.codeLens("Accept", 1).waitFor();
            await workbench.pressCodeLens("Accept", 1);
            await workbench.pressCodeLens("Reject", 0);
            const expected = CODE.replace("n + n;", "2 * n;");
            assert.equal((await workbench.editorText()).replaceAll("\r\n", "\n"), expected);
            await workbench.closeEditors();
        },
    },
    {
        name: "the chat answers in the secondary side bar too",
        async run({ workbench }) {
            await openIngotChat(workbench);
            await workbench.runCommand("View: Move View");
            await workbench.pickRow("Side Bar / Ingot");
            await workbench.pickRow("New Secondary Side Bar Entry");
            try {
                const bar = workbench.page.locator(".part.auxiliarybar");
                await bar.getByText("Ingot").first().waitFor();
                await openIngotChat(workbench);
                assert.equal(await getAnswer(workbench, "Hello?"), "I say what I am told.");
                const box = await bar.boundingBox();
                const input = await workbench.chat().input.boundingBox();
                assert.ok(box && input && input.x > box.x, "the question is asked there");
            } finally {
                await workbench.runCommand("View: Reset View Locations");
            }
        },
    },
];
