// Scenes in VS Code's own Chat, in a fresh profile, nobody signed in.

const ANSWER_MS = 600_000;
const CHAT_SETTINGS = { "chat.disableAIFeatures": false, "chat.byokUtilityModelDefault": "none" };
/** @typedef {import("../../test/ui/workbench.mjs").Workbench} Workbench */

/** @param {Workbench} workbench */
function chatBar({ page }) {
    const bar = page.locator(".part.auxiliarybar");
    return {
        bar,
        input: bar.locator(".interactive-input-part .monaco-editor .view-lines").last(),
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
];
