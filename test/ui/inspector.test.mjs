// The inspector as a person meets it: nothing appears, the page says why, by keyboard and with its link.
import assert from "node:assert/strict";

/** @type {import("../../scripts/vscode/ui.mjs").UiTest[]} */
export const tests = [
    {
        name: "the inspector says why a suggestion was suppressed, and what was asked unfolds by keyboard",
        async run({ workbench, newFile }) {
            await workbench.openFile(newFile("why.ts").name);
            await workbench.type("const alpha = 1;\nconst beta = alpha + ");
            await workbench.waitForGhostText(45_000);
            await workbench.press("Escape");
            await workbench.runCommand("Ingot: Toggle Completions for This Language");
            await workbench.waitForStatus((text) => text.includes("No completions here"));
            await workbench.focusEditor();
            await workbench.type("alpha +");
            await workbench.runCommand("Trigger Inline Suggestion");
            const page = await workbench.whyNoSuggestion(/off for this language/);
            const requests = page.locator("ol.requests > li");
            const suppressed = requests
                .filter({ hasText: "Completions are off for this language" })
                .first();
            await suppressed.locator("summary").first().press("Enter");
            await suppressed.getByText("It ended before anything was asked.").waitFor();
            await suppressed.getByText("The model was not asked.").waitFor();
            // A request that reached the model shows its prompt.
            const asked = page.locator("ol.requests > li:has(> details > .body > details)").first();
            await asked.locator("summary").first().press("Enter");
            await asked.locator("summary", { hasText: "Prompt:" }).press("Enter");
            const before = asked.locator(".part-prefix pre");
            await before.waitFor();
            assert.match((await before.textContent()) ?? "", /const alpha = 1;/);
            // The link above mends it.
            await page.getByRole("link", { name: "Toggle Completions for" }).first().click();
            await workbench.waitForStatus((text) => !text.includes("No completions here"));
            // In a file that holds secrets nothing comes, asked for or not, and the status says why.
            await workbench.openFile(newFile("server.pem").name);
            await workbench.type("const gamma = ");
            const status = await workbench.waitForStatus((text) => /secrets/.test(text));
            assert.match(status, /holds secrets, so no model sees it/);
            await workbench.press("Alt+Backslash");
            await workbench.whyNoSuggestion(/holds secrets/);
            assert.equal(await workbench.ghostText(), "");
            await workbench.closeEditors();
        },
    },
];
