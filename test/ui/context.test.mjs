// What the model is shown of other files: somebody uses a function of another file, and its definition is in the prompt.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";

const DEFINITION = `/** Black tea takes longer. */
export function steepingSeconds(leaves: number, isBlack: boolean): number {
    const base = isBlack ? 240 : 120;
    return base + leaves * 42;
}
`;
/** The language service has to start, and the engine reads other files' pieces in pauses. */
const MAX_TRIES = 10;
const GHOST_LIMIT_MS = 4000;

/** @type {import("../../scripts/vscode/ui.mjs").UiTest[]} */
export const tests = [
    {
        name: "cross-file symbol: the prompt holds the definition from the other file",
        async run({ workbench, newFile }) {
            const other = newFile("steeping.ts");
            writeFileSync(other.path, DEFINITION);
            const file = newFile("counter.ts");
            await workbench.openFile(file.name);
            const module = other.name.replace(/\.ts$/, "");
            await workbench.type(`import { steepingSeconds } from "./${module}";\n\n`);
            for (let i = 0; i < MAX_TRIES; i++) {
                await workbench.type(`const wait${i} = steepingSeconds(3, `);
                await workbench.waitForGhostText(GHOST_LIMIT_MS);
                const prompt = await workbench.commandDocument(
                    "Ingot: Show Last Prompt",
                    /^Last prompt: /,
                );
                if (prompt.includes("return base + leaves * 42;")) {
                    assert.ok(prompt.includes(other.name), "with the path of its file");
                    await workbench.closeEditors();
                    return;
                }
                await workbench.openFile(file.name);
                await workbench.press("Control+End");
                await workbench.press("Escape");
                await workbench.type("true);\n");
            }
            assert.fail("the definition never got into the prompt");
        },
    },
];
