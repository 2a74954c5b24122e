// Models as a person handles them: a Hugging Face folder converted from the palette, and another model chosen.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
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

/** `Ingot: Get a Model...` up to the list of types. @param {import("./workbench.mjs").Workbench} workbench */
async function chooseCoder(workbench) {
    await workbench.runCommand("Ingot: Get a Model...");
    await workbench.waitForQuickInput("Get a Model");
    await workbench.waitForRow("recommended for this computer");
    await keepPicture(workbench, "get-model");
    await workbench.quickInputBox.fill("tea coder");
    await workbench.waitForRow("does not fit");
    await keepPicture(workbench, "get-model-search");
    await workbench.pickRow(CODER);
    await workbench.waitForQuickInput(`Get ${CODER}`);
    await workbench.waitForRow("will be made here");
    await keepPicture(workbench, "get-model-types");
}

/** @param {string} folder */
function readFolder(folder) {
    return existsSync(folder) ? readdirSync(folder).sort() : [];
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
            await chooseCoder(workbench);
            await workbench.pick("Q4_K_M");
            const toast = await workbench.waitForToast(`${CODER} is now`, WORK_LIMIT_MS);
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
    {
        name: "a second job waits for the first, and both go on after a reload of the window",
        async run({ workbench, server, hub }) {
            const models = join(server.ingotHome, "models");
            rmSync(models, { recursive: true, force: true });
            await chooseCoder(workbench);
            // From here on the Hub sends nothing: the conversion stays where it is.
            let open = () => {};
            hub.faults.gate = new Promise((resolve) => (open = () => resolve(undefined)));
            try {
                await workbench.pick("Q5_K_M");
                await workbench.waitForToast(`Converting ${CODER} to Q5_K_M`);
                await workbench.runCommand("Ingot: Quantize a Model...");
                await workbench.waitForQuickInput("File");
                await workbench.pickRow("starter");
                await workbench.waitForQuickInput("Type for starter");
                await keepPicture(workbench, "quantize-types");
                await workbench.pick("Q4_0");
                const waiting = "waits for the job before it";
                await workbench.waitForToast(waiting);
                await workbench.runCommand("Ingot: Focus on Models View");
                await keepPicture(workbench, "queue");
                await workbench.reload();
                await workbench.waitForToast(waiting);
                assert.deepEqual(
                    readFolder(models).filter((name) => name.endsWith(".gguf")),
                    [],
                );
            } finally {
                delete hub.faults.gate;
                open();
            }
            const both = ["starter-Q4_0.gguf", "tea-coder-base-Q5_K_M.gguf"];
            const made = await workbench.poll(
                async () => readFolder(models).join(),
                (names) => names === both.join(),
                WORK_LIMIT_MS,
            );
            assert.equal(made, both.join());
        },
    },
];
