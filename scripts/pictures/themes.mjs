// The themes that pictures are taken in, and how a scene shows the same moment in each of them.

/** Theme, its class in the page, the end of a picture's name. */
const THEMES = /** @type {const} */ ([
    ["Light 2026", "vs", "-light"],
    ["Dark High Contrast", "hc-black", "-high-contrast"],
    ["Dark 2026", "vs-dark", ""],
]);

/** @param {import("../../test/ui/workbench.mjs").Workbench} workbench @param {string} theme @param {string} kind */
async function setTheme(workbench, theme, kind) {
    await workbench.runCommand("Preferences: Color Theme");
    await workbench.quickInputBox.fill(theme);
    const row = workbench.rows.filter({ hasText: theme }).first();
    await row.waitFor();
    await row.click();
    await workbench.quickInput.waitFor({ state: "hidden" });
    await workbench.page.locator(`.monaco-workbench.${kind}`).waitFor();
    await workbench.page.waitForTimeout(1000);
}

/**
 * The same moment in each theme: NAME-light, NAME-high-contrast, and NAME, in which theme the scene goes on.
 * @param {import("./main.mjs").Stage} stage @param {string} name
 * @param {() => Promise<void>} [afterSwitch] What has to be shown anew in another theme.
 */
export async function inThemes({ workbench, picture }, name, afterSwitch) {
    for (const [theme, kind, end] of THEMES) {
        await setTheme(workbench, theme, kind);
        await afterSwitch?.();
        await picture(`${name}${end}`);
    }
}
