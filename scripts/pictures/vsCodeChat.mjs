// Scenes in VS Code's own Chat, nobody signed in: `@ingot` without any set-up, and the agent after Ingot's one command, editing a file of the
// sample project with VS Code's own tools. The agent gets few of them, by a custom agent of VS Code, because all of them are some
// 17,000 tokens before the first word.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ANSWER_MS = 600_000;
const CHAT_SETTINGS = { "chat.disableAIFeatures": false, "chat.byokUtilityModelDefault": "none" };
/** Agents of VS Code by files, with one tool each: their prompts have 2,000 to 4,000 tokens. */
const AGENTS = { Small: "edit/createFile", Editor: "edit/editFiles" };
const TURNS = /** @type {[string, string, RegExp][]} */ ([
    ["Small", "Create the file src/hello.ts. It prints hello.", /hello/],
    ["Editor", "Change hello.ts so that it prints goodbye.", /goodbye/],
]);

/** @param {string} name @param {string} tool */
function agentFile(name, tool) {
    return `---
name: ${name}
description: One tool, for a small model on a processor
tools: ['${tool}']
---
Do what is asked with one call of a tool.
`;
}

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
    await input.click();
    await workbench.press("Control+.");
    await rows.filter({ hasText: name }).first().click();
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

/** @type {import("./main.mjs").Scene[]} */
export const CHAT_SCENES = [
    {
        name: "participant-tests",
        settings: CHAT_SETTINGS,
        async play({ workbench, picture }) {
            await workbench.openFile("price.ts");
            await openChat(workbench);
            await send(workbench, "@ingot /tests");
            const { bar } = chatBar(workbench);
            // The whole answer takes minutes on a slow processor: the first expectation is enough.
            await bar.getByText("expect(").first().waitFor({ timeout: ANSWER_MS });
            await picture("participant-tests");
        },
    },
    {
        name: "agent",
        settings: CHAT_SETTINGS,
        prepare(workspace) {
            const folder = join(workspace, ".github", "agents");
            mkdirSync(folder, { recursive: true });
            for (const [name, tool] of Object.entries(AGENTS))
                writeFileSync(join(folder, `${name}.agent.md`), agentFile(name, tool));
        },
        async play({ workbench, workspace, picture }) {
            await workbench.runCommand("Ingot: Set Up VS Code's Chat Without Signing In");
            await openChat(workbench);
            await leaveStarter(workbench);
            const file = join(workspace, "src", "hello.ts");
            const text = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
            for (const [agent, question, expected] of TURNS) {
                await chooseAgent(workbench, agent);
                await send(workbench, question);
                await workbench.poll(
                    async () => text(),
                    (now) => expected.test(now),
                    ANSWER_MS,
                );
                await turnEnds(workbench);
            }
            await workbench.openQuickInput("Control+P");
            await workbench.quickInputBox.fill("hello.ts");
            await workbench.rows.filter({ hasText: "hello.ts" }).first().click();
            await picture("agent");
        },
    },
];
