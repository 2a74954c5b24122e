// Steps in VS Code's own Chat, for tests and pictures: it is opened, an agent and a model are chosen, a question is sent, a turn ends.

/** The whole of a turn, with a real model on a slow processor. */
export const ANSWER_MS = 600_000;
/** VS Code's Chat is there, and does not ask which models write titles. */
export const CHAT_SETTINGS = {
    "chat.disableAIFeatures": false,
    "chat.byokUtilityModelDefault": "none",
};

/** @typedef {import("./workbench.mjs").Workbench} Workbench */

/** @param {Workbench} workbench */
export function chatBar({ page }) {
    const bar = page.locator(".part.auxiliarybar");
    return {
        bar,
        input: bar.locator(".interactive-input-part .monaco-editor .view-lines").last(),
        rows: page.locator(".action-widget .monaco-list-row"),
    };
}

/** @param {Workbench} workbench @param {string} question */
export async function send(workbench, question) {
    const { input } = chatBar(workbench);
    await input.click();
    // What was meant for another box comes here when the set-up opens the Chat meanwhile.
    await workbench.press("Control+A");
    await workbench.type(question);
    if (question.startsWith("@")) {
        // The list of participants and commands would take Enter for itself.
        const list = workbench.page.locator(".suggest-widget.visible");
        await list.waitFor();
        await workbench.press("Escape");
        await list.waitFor({ state: "hidden" });
        await workbench.type(" ");
    }
    await workbench.press("Enter");
}

/** Wide enough for code. @param {Workbench} workbench */
export async function widenChat({ page }) {
    const box = await page.locator(".part.auxiliarybar").boundingBox();
    if (!box) return;
    await page.mouse.move(box.x - 1, 400);
    await page.mouse.down();
    await page.mouse.move(700, 400, { steps: 5 });
    await page.mouse.up();
}

/** @param {Workbench} workbench */
export async function openChat(workbench) {
    const { input } = chatBar(workbench);
    if (!(await input.isVisible())) await workbench.press("Control+Alt+I");
    await input.waitFor();
    // By key: what the Chat does while it opens can take the palette's place.
    const sideBar = workbench.page.locator(".part.sidebar");
    if (await sideBar.isVisible()) await workbench.press("Control+B");
    await sideBar.waitFor({ state: "hidden" });
    await widenChat(workbench);
}

/** VS Code's Chat takes the first model of the list; the starter that comes with the extension is no agent. @param {Workbench} workbench */
export async function leaveStarter(workbench) {
    const { bar, rows } = chatBar(workbench);
    const picker = bar.locator(".model-picker-name").first();
    if (!/starter/i.test(await picker.innerText())) return;
    await picker.click();
    await rows.filter({ hasText: "Other Models" }).click();
    await rows.filter({ hasText: /qwen/i }).first().click();
}

/** @param {Workbench} workbench @param {string} name */
export async function chooseAgent(workbench, name) {
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
export async function turnEnds(workbench) {
    const { bar } = chatBar(workbench);
    // While it runs, there is a button that stops it.
    await bar
        .locator(".codicon-stop-circle")
        .first()
        .waitFor({ state: "hidden", timeout: ANSWER_MS });
}
