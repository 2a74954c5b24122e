// Models as a person handles them: a Hugging Face folder converted from the palette, and another model chosen.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    existsSync,
    mkdirSync,
    readFileSync,
    readdirSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { chooseToPublish, convertFolder } from "./flows.mjs";
import { CODER, PUBLISHER } from "./hub.mjs";
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
    await workbench.waitForRow(/fits this computer: needs \d+ MB of memory for 2,048 tokens/);
    await keepPicture(workbench, "get-model-types");
}

/** `Ingot: Quantize a Model...` for the starter, to Q4_0. @param {import("./workbench.mjs").Workbench} workbench */
async function quantizeStarter(workbench) {
    await workbench.runCommand("Ingot: Quantize a Model...");
    await workbench.waitForQuickInput("File");
    await workbench.pickRow("starter");
    await workbench.waitForQuickInput("Type for starter");
    await keepPicture(workbench, "quantize-types");
    // The list paints only the rows in sight.
    await workbench.quickInputBox.fill("Q4_0");
    await workbench.pick("Q4_0");
}

/** @typedef {import("../support/fakeHub.mjs").FakeHub} FakeHub */

/**
 * The Hub sends nothing of its files that lies behind an offset, until the result is called.
 * @param {FakeHub} hub @param {number} offset
 */
function holdFrom(hub, offset) {
    let open = () => {};
    hub.faults.gate = new Promise((resolve) => (open = () => resolve(undefined)));
    hub.faults.gateFrom = offset;
    return () => {
        delete hub.faults.gate;
        delete hub.faults.gateFrom;
        open();
    };
}

/** Lines about what unfinished results have written, in their journals, after the first. @param {string} folder */
function countJournalLines(folder) {
    const journals = readFolder(folder).filter((name) => name.endsWith(".journal"));
    const lines = journals.flatMap((name) =>
        readFileSync(join(folder, name), "utf8").split("\n").slice(1),
    );
    return lines.filter((line) => line !== "").length;
}

/** @param {string} folder */
function modelsIn(folder) {
    return readFolder(folder).filter((name) => name.endsWith(".gguf"));
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
            await workbench.quickInputBox.fill("Q4_K_M");
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
        name: "a second job waits for the first, can be cancelled, and both go on after a reload of the window",
        async run({ workbench, server, hub, root }) {
            const models = join(server.ingotHome, "models");
            rmSync(models, { recursive: true, force: true });
            await chooseCoder(workbench);
            const weights = statSync(join(root, "models", "starter", "model.safetensors"));
            const open = holdFrom(hub, 0.8 * weights.size);
            try {
                await workbench.quickInputBox.fill("Q5_K_M");
                await workbench.pick("Q5_K_M");
                await workbench.waitForToast(`Converting ${CODER} to Q5_K_M`);
                await quantizeStarter(workbench);
                const waiting = "waits for the job before it";
                await workbench.waitForToast(waiting);
                await workbench.revealTreeRow("Ingot: Focus on Models View", waiting);
                await keepPicture(workbench, "queue");
                await workbench.endTreeRow(waiting, "Cancel Job");
                await workbench.toasts.filter({ hasText: waiting }).waitFor({ state: "detached" });
                await quantizeStarter(workbench);
                await workbench.revealTreeRow("Ingot: Focus on Models View", waiting);

                // Some rows are written, and the last ones cannot come before the reload.
                const nLines = await workbench.poll(
                    async () => String(countJournalLines(models)),
                    (text) => Number(text) > 0,
                    WORK_LIMIT_MS,
                );
                assert.notEqual(nLines, "0");
                // At once: what is queued is on the disk.
                await workbench.reload();
                await workbench.waitForToast(waiting);
                assert.deepEqual(modelsIn(models), []);
            } finally {
                open();
            }
            // How much is not done again depends on how far the file's hash had come: test/engine/kill.test.ts counts it.
            const both = ["starter-Q4_0.gguf", "tea-coder-base-Q5_K_M.gguf"];
            const made = await workbench.poll(
                async () => readFolder(models).join(),
                (names) => names === both.join(),
                WORK_LIMIT_MS,
            );
            assert.equal(made, both.join());
        },
    },
    {
        name: "files are published with a card, after everything was shown, and go on after a reload in the middle of a part",
        async run({ workbench, server, hub, root }) {
            const models = join(server.ingotHome, "models");
            rmSync(models, { recursive: true, force: true });
            mkdirSync(models, { recursive: true });
            const starter = join(root, "models", "starter", "starter-q8_0.gguf");
            const names = ["tea-A-Q8_0.gguf", "tea-B-Q8_0.gguf"];
            for (const name of names) {
                // Without a licence, and each with a hash of its own.
                const bytes = readFileSync(starter);
                bytes.write("general.l1cense", bytes.indexOf("general.license"), "latin1");
                bytes.write(name.slice(0, 5), bytes.length - 9, "latin1");
                writeFileSync(join(models, name), bytes);
            }
            const nBefore = hub.requests.length;
            const repo = `${PUBLISHER.name}/Tea-${nBefore}-GGUF`;
            const page = await chooseToPublish(workbench, {
                files: names,
                repo,
                way: "Private",
                token: PUBLISHER.token,
            });
            const shown = await page.locator("main").innerText();
            for (const text of [...names, "Private:", "made for it", PUBLISHER.name, "README.md"])
                assert.ok(shown.includes(text), `${text} is on the page: ${shown}`);
            await keepPicture(workbench, "publish-preview");
            const isWrite = (/** @type {{ method: string }} */ { method }) => method !== "GET";
            assert.deepEqual(
                hub.requests.slice(nBefore).filter(isWrite),
                [],
                "nothing is sent before the yes",
            );

            // The person's own words in the card, not saved.
            await workbench.page.locator('.tab[data-resource-name="README.md"]').click();
            await workbench.press("Control+End");
            await workbench.type("Tea only.");
            hub.faults.partBytes = 1e6;
            let open = () => {};
            const gate = new Promise((resolve) => (open = () => resolve(undefined)));
            hub.faults.uploadGate = (received) => (received >= 3e6 ? gate : undefined);
            try {
                await page.getByRole("link", { name: "Publish Privately" }).click();
                await workbench.waitForToast(`Publishing ${repo}`);
                const received = await workbench.poll(
                    async () => String(hub.receivedBytes),
                    (text) => Number(text) >= 3e6,
                    WORK_LIMIT_MS,
                );
                assert.ok(Number(received) >= 3e6, received);
                await keepPicture(workbench, "publish-running");
                assert.deepEqual(hub.commits, []);
                await workbench.reload();
                await workbench.waitForToast(`Publishing ${repo}`);
            } finally {
                open();
                delete hub.faults.uploadGate;
                delete hub.faults.partBytes;
            }
            const toast = await workbench.waitForToast(`${repo} is published`, WORK_LIMIT_MS);
            await toast.getByText("Open Page").waitFor();
            assert.deepEqual(
                hub.commits.map(({ paths }) => [...paths].sort()),
                [["README.md", ...names]],
            );
            assert.equal(hub.isPrivate(repo), true);
            for (const name of names) {
                const published = hub.published(repo, name) ?? new Uint8Array();
                assert.ok(readFileSync(join(models, name)).equals(published), name);
            }
            const card = Buffer.from(hub.published(repo, "README.md") ?? []).toString();
            assert.match(card, /^---\n[^]*license: mit\nbase_model:\n- tiny\/Tea\n[^]*Tea only\.$/);
            await workbench.closeEditors();
        },
    },
];
