// The engine process dies under the person's hands: the next keystrokes bring it back.
import assert from "node:assert/strict";
import { ENGINE, descendants } from "../../scripts/vscode/server.mjs";
import { typeUntilGhost } from "./typing.mjs";

/** @type {import("../../scripts/vscode/ui.mjs").UiTest[]} */
export const tests = [
    {
        name: "after SIGKILL of the engine the next keystroke works",
        async run({ workbench, server, newFile }) {
            await workbench.openFile(newFile("killed.ts").name);
            await typeUntilGhost(workbench);
            const before = descendants(server, ENGINE);
            assert.ok(before.length > 0, "an engine is running");
            for (const pid of before) process.kill(pid, "SIGKILL");
            await workbench.press("Escape");
            await workbench.type("\n\n");
            await typeUntilGhost(workbench);
            const after = descendants(server, ENGINE);
            assert.ok(after.length > 0, "an engine is running again");
            assert.ok(!after.some((pid) => before.includes(pid)), "it is another process");
            await workbench.closeEditors();
        },
    },
];
