// Completions as a person meets them: grey text while typing, Tab, and typing what is shown without asking the model again.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ENGINE, descendants } from "../../scripts/vscode/server.mjs";
import { squeezed, typeUntilGhost } from "./typing.mjs";

/** @type {import("../../scripts/vscode/ui.mjs").UiTest[]} */
export const tests = [
    {
        name: "ghost text appears while typing and Tab accepts it into the file",
        async run({ workbench, newFile }) {
            const file = newFile("accept.ts");
            await workbench.openFile(file.name);
            const { typed, ghost } = await typeUntilGhost(workbench);
            await workbench.press("Tab");
            await workbench.save();
            const saved = readFileSync(file.path, "utf8");
            assert.ok(saved.startsWith(typed), `what was typed is kept: ${saved}`);
            const accepted = saved.slice(typed.length);
            assert.ok(accepted.trim() !== "", "something was inserted");
            assert.ok(
                squeezed(accepted).startsWith(squeezed(ghost)),
                `what was shown is in the file: ${JSON.stringify({ ghost, accepted })}`,
            );
            await workbench.closeEditors();
        },
    },
    {
        name: "typing what the ghost text says keeps the rest without asking the model",
        async run({ workbench, server, newFile }) {
            await workbench.openFile(newFile("through.ts").name);
            // Three typed characters and a rest; blanks at the start would be ambiguous on the screen.
            const usable = (/** @type {string} */ line) => /^\S{3}.*\S/.test(line);
            const { ghost } = await typeUntilGhost(workbench, usable);
            // The next question to the model would start it again: then there was none.
            const engines = descendants(server, ENGINE);
            assert.equal(engines.length, 1);
            for (const pid of engines) process.kill(pid, "SIGKILL");
            for (let i = 0; i < 3; i++) {
                await workbench.type(ghost.charAt(i));
                const rest = squeezed(ghost.slice(i + 1));
                const shown = await workbench.waitForGhostTextLike(
                    (text) => squeezed(text) === rest,
                );
                assert.equal(squeezed(shown), rest);
            }
            assert.deepEqual(descendants(server, ENGINE), []);
            await workbench.closeEditors();
        },
    },
];
