// Completions as a person meets them: grey text while typing, Tab, and typing what is shown without asking the model again.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ENGINE, descendants } from "../../scripts/vscode/server.mjs";
import { squeezed, typeUntilGhost, typeUntilListed } from "./typing.mjs";

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
    {
        name: "Ctrl+Right accepts a word and keeps the rest without asking the model",
        async run({ workbench, server, newFile }) {
            const file = newFile("word.ts");
            await workbench.openFile(file.name);
            const usable = (/** @type {string} */ line) => /^\S+ +\S+/.test(line);
            const { typed, ghost } = await typeUntilGhost(workbench, usable);
            for (const pid of descendants(server, ENGINE)) process.kill(pid, "SIGKILL");
            await workbench.press("Control+ArrowRight");
            const rest = await workbench.waitForGhostTextLike(
                (text) => text !== "" && squeezed(text) !== squeezed(ghost),
            );
            assert.ok(rest !== "", "the rest is still shown");
            assert.ok(squeezed(ghost).endsWith(squeezed(rest)), JSON.stringify({ ghost, rest }));
            await workbench.press("Escape");
            await workbench.save();
            const accepted = readFileSync(file.path, "utf8").slice(typed.length);
            assert.equal(squeezed(accepted + rest), squeezed(ghost));
            assert.deepEqual(descendants(server, ENGINE), []);
            await workbench.closeEditors();
        },
    },
    {
        name: "Alt+] shows another suggestion for the same place and Alt+[ goes back",
        async run({ workbench, newFile }) {
            await workbench.openFile(newFile("others.ts").name);
            const { ghost } = await typeUntilGhost(workbench);
            await workbench.press("Alt+BracketRight");
            const other = await workbench.waitForGhostTextLike(
                (text) => text !== "" && squeezed(text) !== squeezed(ghost),
            );
            assert.notEqual(squeezed(other), squeezed(ghost));
            assert.notEqual(other, "");
            await workbench.press("Alt+BracketLeft");
            const back = await workbench.waitForGhostTextLike(
                (text) => squeezed(text) === squeezed(ghost),
            );
            assert.equal(squeezed(back), squeezed(ghost));
            await workbench.closeEditors();
        },
    },
    {
        name: "what Esc sent away is not shown again at the same place",
        async run({ workbench, newFile }) {
            await workbench.openFile(newFile("dismissed.ts").name);
            const { ghost } = await typeUntilGhost(workbench);
            await workbench.press("Escape");
            assert.equal(await workbench.waitForGhostTextLike((text) => text === ""), "");
            await workbench.type("@");
            await workbench.press("Backspace");
            // It is asked for, and nothing comes.
            assert.equal(await workbench.waitForGhostTextLike((text) => text !== "", 2000), "");
            const why = await workbench.whyNoSuggestion(/dismissed or typed past at this place/);
            const newest = why.locator("ol.requests > li").first();
            assert.match((await newest.textContent()) ?? "", /dismissed or typed past/);
            // Back in the file it comes when it is asked for, at once.
            await workbench.closePage();
            await workbench.press("Alt+Backslash");
            const again = await workbench.waitForGhostTextLike((text) => text !== "");
            assert.equal(squeezed(again), squeezed(ghost));
            await workbench.closeEditors();
        },
    },
    {
        name: "with the suggestion list open the ghost text goes on from the chosen item, and Tab takes the item first",
        async run({ workbench, newFile }) {
            const file = newFile("list.py");
            await workbench.openFile(file.name);
            const { item, start, ghost } = await typeUntilListed(workbench);
            assert.ok(ghost.startsWith(item.slice(start.length)), JSON.stringify({ item, ghost }));
            // Behind the item the first line's rest is painted apart while the list is open.
            const below = squeezed(ghost.split("\n").slice(1).join("\n"));
            await workbench.press("Tab");
            await workbench.suggestList.waitFor({ state: "hidden" });
            const shown = squeezed(
                await workbench.waitForGhostTextLike((text) => squeezed(text).endsWith(below)),
            );
            assert.ok(below !== "" && shown.endsWith(below), JSON.stringify({ shown, below }));
            await workbench.press("Tab");
            await workbench.save();
            const saved = squeezed(readFileSync(file.path, "utf8"));
            assert.ok(saved.endsWith(squeezed(item) + shown), JSON.stringify({ saved, shown }));
            await workbench.closeEditors();
        },
    },
    {
        name: "in the middle of a line the text to the right stays as it is",
        async run({ workbench, newFile }) {
            const file = newFile("middle.ts");
            await workbench.openFile(file.name);
            await typeUntilGhost(workbench);
            await workbench.press("Escape");
            await workbench.type("\nconst total = [1, 2].map(, 0) + rest;");
            for (let i = 0; i < ", 0) + rest;".length; i++) await workbench.press("ArrowLeft");
            await workbench.press("Alt+Backslash");
            const ghost = await workbench.waitForGhostText(6000);
            assert.notEqual(ghost, "");
            await workbench.press("Tab");
            await workbench.save();
            const line = readFileSync(file.path, "utf8").split("\n").at(-1) ?? "";
            assert.ok(line.startsWith("const total = [1, 2].map("), line);
            assert.ok(line.endsWith(", 0) + rest;"), JSON.stringify({ line, ghost }));
            assert.equal(line.match(/rest;/g)?.length, 1);
            await workbench.closeEditors();
        },
    },
    {
        name: "quiet mode shows suggestions only on demand, and the status bar says so",
        async run({ workbench, newFile }) {
            await workbench.openFile(newFile("quiet.ts").name);
            await workbench.runCommand("Ingot: Toggle Quiet Mode");
            const quiet = await workbench.waitForStatus((text) => /quiet mode/.test(text));
            assert.match(quiet, /quiet mode/);
            await workbench.focusEditor();
            await workbench.type("for (let i = 0; i < ");
            await workbench.whyNoSuggestion(/Suggestions come only when they are asked for/);
            await workbench.runCommand("Ingot: Toggle Quiet Mode");
            const ended = await workbench.waitForStatus((text) => !/quiet mode/.test(text));
            assert.doesNotMatch(ended, /quiet mode/);
            await workbench.closeEditors();
        },
    },
];
