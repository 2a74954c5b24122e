// Scenes in VS Code's own Chat, nobody signed in: `@ingot` without any set-up, and the agent after Ingot's one command, editing a file of the
// sample project with VS Code's own tools. The agent gets few of them, by a custom agent of VS Code, because all of them are some
// 17,000 tokens before the first word.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
    ANSWER_MS,
    CHAT_SETTINGS,
    chatBar,
    chooseAgent,
    leaveStarter,
    openChat,
    send,
    turnEnds,
} from "../../test/ui/vsCodeChat.mjs";
import { inThemes } from "./themes.mjs";

/** @typedef {import("../../test/ui/workbench.mjs").Workbench} Workbench */

/** An agent of VS Code by a file of the workspace, with the tools that edit files: its prompt has some 4,000 tokens. */
const AGENT = `---
name: Editor
description: Changes files, for a small model on a processor
tools: ['edit/editFiles']
---
Do what is asked with one call of a tool.
`;
const QUESTION = "In price.ts, change toFixed(2) to toFixed(3).";

/**
 * Without VS Code's offer to choose models for titles, and with the calls of the answer unfolded. @param {Workbench} workbench
 */
async function tidy(workbench) {
    const { bar } = chatBar(workbench);
    const card = bar.locator(".chat-input-notification-widget");
    if (await card.isVisible()) await card.locator(".chat-input-notification-dismiss").click();
    await bar
        .getByText(/^Completed/)
        .first()
        .click();
    // Several steps are within.
    const within = bar.getByText(/^Finished/).first();
    if (await within.isVisible()) await within.click();
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
            await workbench.page.getByText("VS Code's Chat is set up").first().waitFor();
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
