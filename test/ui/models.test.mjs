// Models as a person handles them: a Hugging Face folder converted from the palette, and another model chosen.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { convertFolder } from "./flows.mjs";
import { CODER } from "./hub.mjs";
import { typeUntilGhost } from "./typing.mjs";

const WORK_LIMIT_MS = 60_000;
/** Name of what is made of the fake Hub's repository. */
const MADE = "tea-coder-base-Q4_K_M";

/** For a look at it, only when asked for. @param {import("./workbench.mjs").Workbench} workbench @param {string} name */
async function keepPicture(workbench, name) {
    const folder = process.env.INGOT_PICTURES;
    if (folder) await workbench.page.screenshot({ path: join(folder, `${name}.png`) });
}

/** @param {string} file */
const sha256 = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");

/** The command line inside the installed extension. @param {import("../../scripts/vscode/server.mjs").Server} server */
function installedCli({ extensionsFolder }) {
    const name = readdirSync(extensionsFolder).find((folder) => folder.startsWith("ingot.ingot-"));
    assert.ok(name, "the extension is installed");
    return join(extensionsFolder, name, "dist", "cli.mjs");
}

/** @type {import("../../scripts/vscode/ui.mjs").UiTest[]} */
export const tests = [
    {
        name: "a folder is converted from the palette to the bytes that the CLI writes",
        async run({ workbench, server, root }) {
            const models = join(server.ingotHome, "models");
            rmSync(models, { recursive: true, force: true });
            const source = join(root, "models", "starter");
            await convertFolder(workbench, source, "Q4_K_M");
            assert.deepEqual(readdirSync(models), ["starter-Q4_K_M.gguf"]);

            const expected = join(server.folder, "expected.gguf");
            const cli = spawnSync(
                process.execPath,
                [installedCli(server), "convert", source, "--type", "Q4_K_M", "--out", expected],
                { encoding: "utf8" },
            );
            assert.equal(cli.status, 0, cli.stderr);
            assert.equal(sha256(join(models, "starter-Q4_K_M.gguf")), sha256(expected));
        },
    },
    {
        name: "another model is chosen and the status bar names it",
        async run({ workbench }) {
            for (const { row, shown } of [
                { row: "starter-Q4_K_M", shown: "starter-Q4_K_M" },
                { row: "small built-in model", shown: "Starter model" },
            ]) {
                await workbench.runCommand("Ingot: Select Model...");
                await workbench.waitForQuickInput("Model for Completions");
                await workbench.pickRow(row);
                const expected = `Ingot: ${shown}`;
                const status = await workbench.waitForStatus((text) => text === expected);
                assert.equal(status, expected);
            }
        },
    },
    {
        name: "a model is searched on the Hub, made here, and completes",
        async run({ workbench, server, hub, newFile }) {
            const models = join(server.ingotHome, "models");
            rmSync(models, { recursive: true, force: true });
            await workbench.runCommand("Ingot: Get a Model...");
            await workbench.waitForQuickInput("Get a Model");
            await keepPicture(workbench, "get-model-first");
            await workbench.quickInputBox.fill("tea coder");
            await workbench.pickRow(CODER);
            await workbench.waitForQuickInput(`Get ${CODER}`);
            await workbench.waitForRow("will be made here");
            await keepPicture(workbench, "get-model-types");
            await workbench.pick("Q4_K_M");
            const toast = await workbench.waitForToast("is now", WORK_LIMIT_MS);
            await keepPicture(workbench, "get-model-done");
            await toast.getByText("Use for completions").click();
            const status = await workbench.waitForStatus((text) => text.includes(MADE));
            assert.ok(status.includes(MADE), status);
            assert.deepEqual(readdirSync(models), [`${MADE}.gguf`]);
            const asked = hub.requests.filter(({ path }) => path.startsWith("/api/models?"));
            assert.ok(asked.length > 0, "the search went to the Hub");

            await workbench.openFile(newFile("made.ts").name);
            const { ghost } = await typeUntilGhost(workbench);
            assert.notEqual(ghost.trim(), "");
            await workbench.closeEditors();
        },
    },
];
