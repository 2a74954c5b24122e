// Scenes in VS Code's own Chat, nobody signed in: `@ingot` without any set-up, and the agent after Ingot's one command, editing a file of the
// sample project with VS Code's own tools. The agent gets few of them, by a custom agent of VS Code, because all of them are some
// 17,000 tokens before the first word.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inThemes } from "./themes.mjs";

const ANSWER_MS = 600_000;
const CHAT_SETTINGS = { "chat.disableAIFeatures": false, "chat.byokUtilityModelDefault": "none" };
/** An agent of VS Code by a file of the workspace, with the tools that edit files: its prompt has some 4,000 tokens. */
const AGENT = `---
name: Editor
description: Changes files, for a small model on a processor
tools: ['edit/editFiles']
---
Do what is asked with one call of a tool.
`;
const QUESTION = "In price.ts, change toFixed(2) to toFixed(3).";

/** @typedef {import("../../test/ui/workbench.mjs").Workbench} Workbench */

/** @param {Workbench} workbench */
function chatBar({ page }) {
    const bar = page.locator(".part.auxiliarybar");
    return {
        bar,
        input: bar.locator(".interactive-input-part .monaco-editor .view-lines").last(),
        rows: page.locator(".action-widget .monaco-list-row"),
    };
}

/** @param {Workbench} workbench @param {string} question */
async function send(workbench, question) {
    const { input } = chatBar(workbench);
    await input.click();
    // What was meant for another box comes here when the set-up opens the Chat meanwhile.
    await workbench.press("Control+A");
    await workbench.type(question);
    // The list of participants and commands would take Enter for itself.
    await workbench.page.waitForTimeout(1000);
    if (question.startsWith("@")) {
        await workbench.press("Escape");
        await workbench.type(" ");
    }
    await workbench.press("Enter");
}

/** Wide enough for code. @param {Workbench} workbench */
async function widenChat({ page }) {
    const box = await page.locator(".part.auxiliarybar").boundingBox();
    if (!box) return;
    await page.mouse.move(box.x - 1, 400);
    await page.mouse.down();
    await page.mouse.move(700, 400, { steps: 5 });
    await page.mouse.up();
}

/** @param {Workbench} workbench */
async function openChat(workbench) {
    const { input } = chatBar(workbench);
    if (!(await input.isVisible())) await workbench.press("Control+Alt+I");
    await input.waitFor();
    await workbench.runCommand("View: Close Primary Side Bar");
    await widenChat(workbench);
}

/** VS Code's Chat takes the first model of the list; the starter that comes with the extension is no agent. @param {Workbench} workbench */
async function leaveStarter(workbench) {
    const { bar, rows } = chatBar(workbench);
    const picker = bar.locator(".model-picker-name").first();
    if (!/starter/i.test(await picker.innerText())) return;
    await picker.click();
    await rows.filter({ hasText: "Other Models" }).click();
    await rows.filter({ hasText: /qwen/i }).first().click();
}

/** @param {Workbench} workbench @param {string} name */
async function chooseAgent(workbench, name) {
    const { input, rows } = chatBar(workbench);
    const row = rows.filter({ hasText: name }).first();
    for (let attempt = 0; attempt < 10; attempt++) {
        await input.click();
        await workbench.press("Control+.");
        await rows.first().waitFor();
        if (await row.isVisible()) return row.click();
        // VS Code reads the workspace's agents in its own time; only a new list looks again.
        await workbench.press("Escape");
        await workbench.page.waitForTimeout(2000);
    }
    throw new Error(`VS Code lists no agent ${name}`);
}

/** @param {Workbench} workbench */
async function turnEnds(workbench) {
    const { bar } = chatBar(workbench);
    // While it runs, there is a button that stops it.
    await bar
        .locator(".codicon-stop-circle")
        .first()
        .waitFor({ state: "hidden", timeout: ANSWER_MS });
}

/**
 * Without VS Code's offer to choose models for titles, and with the calls of the answer unfolded. @param {Workbench} workbench
 */
async function tidy(workbench) {
    const { bar } = chatBar(workbench);
    const card = bar.locator(".chat-input-notification-widget");
    if (await card.isVisible()) await card.locator(".chat-input-notification-dismiss").click();
    // One within the other.
    for (const steps of [/^Completed/, /^Finished/]) await bar.getByText(steps).first().click();
}

/** @type {import("./main.mjs").Scene[]} */
export const CHAT_SCENES = [
    {
        name: "participant-tests",
        settings: CHAT_SETTINGS,
        async play(stage) {
            const { workbench } = stage;
            await workbench.openFile("price.ts");
            await openChat(workbench);
            await send(workbench, "@ingot /tests");
            const { bar } = chatBar(workbench);
            await bar.getByText("expect(").first().waitFor({ timeout: ANSWER_MS });
            await turnEnds(workbench);
            await inThemes(stage, "participant-tests");
        },
    },
    {
        name: "agent",
        settings: CHAT_SETTINGS,
        prepare(workspace) {
            const folder = join(workspace, ".github", "agents");
            mkdirSync(folder, { recursive: true });
            writeFileSync(join(folder, "Editor.agent.md"), AGENT);
        },
        async play(stage) {
            const { workbench, workspace } = stage;
            await workbench.runCommand("Ingot: Set Up VS Code's Chat Without Signing In");
            await workbench.openFile("price.ts");
            await openChat(workbench);
            await leaveStarter(workbench);
            await chooseAgent(workbench, "Editor");
            await send(workbench, QUESTION);
            const file = join(workspace, "src", "price.ts");
            await workbench.poll(
                async () => readFileSync(file, "utf8"),
                (text) => text.includes("toFixed(3)"),
                ANSWER_MS,
            );
            await turnEnds(workbench);
            await tidy(workbench);
            // VS Code colours the lines that went when the file is shown; a new theme needs the file shown anew.
            await inThemes(stage, "agent", async () => {
                await workbench.runCommand("View: Close Editor");
                await workbench.showFile("price.ts");
            });
        },
    },
];
