// An edit by keys alone: asked for, written into the editor, its buttons above it, rejected without a trace.
import assert from "node:assert/strict";

const CODE = "function double(n) {\n    return n * 2;\n}\n";
/** With the starter model's loading. */
const ANSWER_LIMIT_MS = 45_000;

/** @type {import("../../scripts/vscode/ui.mjs").UiTest[]} */
export const tests = [
    {
        name: "an edit is shown as changes, and Escape rejects them",
        async run({ workbench, newFile }) {
            const { name } = newFile("edit.ts");
            await workbench.openFile(name);
            await workbench.type(CODE);
            await workbench.press("Escape");
            await workbench.save();
            await workbench.press("ArrowUp");
            await workbench.press("Control+Alt+J");
            await workbench.waitForQuickInput("Edit lines 1-3 of");
            await workbench.quickInputBox.fill("Rename n to value");
            await workbench.press("Enter");
            const accept = workbench.codeLens("Accept");
            await accept.waitFor({ timeout: ANSWER_LIMIT_MS });
            await workbench.focusEditor();
            await workbench.press("Escape");
            await accept.waitFor({ state: "detached" });
            assert.equal((await workbench.editorText()).replaceAll("\r\n", "\n"), CODE);
            await workbench.page.locator(".tab.active:not(.dirty)").waitFor();
            await workbench.closeEditors();
        },
    },
];
