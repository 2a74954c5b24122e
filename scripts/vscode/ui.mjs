// `npm run test:ui [-- --vsix FILE] [-- --only TEXT]`: the tests of test/ui by Playwright on a real VS Code with the installed
// vsix. One server and one page serve all tests of a stage; a failed test gets a new page and one more chance, which is printed.
// Last line: `N passed, N failed`.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { startUiHub } from "../../test/ui/hub.mjs";
import { Workbench } from "../../test/ui/workbench.mjs";
import { packageVsix } from "../package.mjs";
import { finish } from "../result.mjs";
import { launchBrowser } from "./browser.mjs";
import { ensureSystem, ensureVsCode } from "./install.mjs";
import { exitOnSignals, startServer } from "./server.mjs";
import { copySample } from "./workspace.mjs";

const TEST_LIMIT_MS = 90_000;
const MAX_ATTEMPTS = 2;
const root = fileURLToPath(new URL("../..", import.meta.url));
const artefacts = join(root, ".cache", "ui");

/** What a test may use. */
/**
 * @typedef {object} Ui
 * @property {Workbench} workbench
 * @property {import("./server.mjs").Server} server
 * @property {import("../../test/support/fakeHub.mjs").FakeHub} hub The Hub that the server knows; faults can be switched on.
 * @property {string} root The tree.
 * @property {string} workspace The folder that VS Code has open.
 * @property {(name: string) => { name: string, path: string }} newFile An empty file of the workspace, another one per attempt.
 */
/** @typedef {{ name: string, run: (ui: Ui) => Promise<void> }} UiTest */
/**
 * What the tests of a file want to find; without one they share a server with all the others.
 * @typedef {object} Stage
 * @property {Record<string, unknown>} settings
 * @property {(where: { root: string, workspace: string, folder: string }) => Record<string, unknown>} prepare Before VS Code starts: makes
 * what it opens, in the workspace or a folder of its own, and returns the settings of the machine.
 */

/** The text that a test types must be the text that lands in the file. */
const SETTINGS = {
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.autoIndent": "none",
    "editor.formatOnType": false,
};

/** @returns {Promise<{ stage: Stage | undefined, tests: UiTest[] }[]>} By stage. */
async function loadTests() {
    const folder = join(root, "test", "ui");
    const names = readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
    const modules = await Promise.all(
        names.sort().map((name) => import(pathToFileURL(join(folder, name)).href)),
    );
    const isShared = (/** @type {{ stage?: Stage }} */ { stage }) => stage === undefined;
    const shared = modules.filter(isShared).flatMap(({ tests }) => tests);
    const own = modules.filter((module) => !isShared(module));
    return [
        { stage: undefined, tests: shared },
        ...own.map(({ stage, tests }) => ({ stage, tests })),
    ];
}

/** @param {UiTest} test @param {Ui} ui */
async function runTest(test, ui) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const limit = new Promise((_, reject) => {
        const late = new Error(`took longer than ${TEST_LIMIT_MS / 1000} s`);
        timer = setTimeout(() => reject(late), TEST_LIMIT_MS);
    });
    try {
        await Promise.race([test.run(ui), limit]);
    } finally {
        clearTimeout(timer);
    }
}

/**
 * @param {UiTest[]} tests @param {{ server: import("./server.mjs").Server, hub: import("../../test/support/fakeHub.mjs").FakeHub, workspace: string, chromium: string }} where
 * @returns {Promise<number>} How many failed.
 */
async function runAll(tests, { server, hub, workspace, chromium }) {
    const browser = await launchBrowser(chromium);
    const open = () => Workbench.open({ browser, port: server.port, workspace });
    let nFailed = 0;
    try {
        /** @type {Workbench | undefined} */
        let workbench;
        for (const test of tests) {
            const started = Date.now();
            let passed = false;
            for (let attempt = 1; attempt <= MAX_ATTEMPTS && !passed; attempt++) {
                try {
                    workbench ??= await open();
                    const newFile = (/** @type {string} */ name) =>
                        createFile(workspace, name.replace(".", `-${attempt}.`));
                    await runTest(test, { workbench, server, hub, root, workspace, newFile });
                    passed = true;
                } catch (error) {
                    const again = attempt < MAX_ATTEMPTS ? "; tried again on a new page" : "";
                    console.log(`  ! ${test.name}${again}\n${indent(error)}`);
                    await keepEvidence(test, attempt, workbench, server);
                    await workbench?.close();
                    workbench = undefined;
                }
            }
            if (!passed) nFailed++;
            console.log(`  ${passed ? "✔" : "✗"} ${test.name} (${Date.now() - started} ms)`);
        }
    } finally {
        await browser.close();
    }
    return nFailed;
}

/** @param {string} workspace @param {string} name */
function createFile(workspace, name) {
    const path = join(workspace, name);
    writeFileSync(path, "");
    return { name, path };
}

/** @param {UiTest} test @param {number} attempt @param {Workbench | undefined} workbench @param {import("./server.mjs").Server} server */
async function keepEvidence(test, attempt, workbench, server) {
    const name = `${test.name.replace(/\W+/g, "-")}-${attempt}`;
    const path = join(artefacts, `${name}.png`);
    await workbench?.page.screenshot({ path }).catch(() => undefined);
    cpSync(server.logFile, join(artefacts, `${name}.log`), { force: true });
    console.log(`    screenshot and server log: .cache/ui/${name}.{png,log}`);
}

/** @param {unknown} error */
function indent(error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return text
        .split("\n")
        .slice(0, 14)
        .map((line) => `    ${line}`)
        .join("\n");
}

/**
 * @param {Stage | undefined} stage @param {UiTest[]} tests
 * @param {{ vsCode: import("./install.mjs").VsCode, vsix: string, chromium: string }} installed
 * @returns {Promise<number>} How many failed.
 */
async function runStage(stage, tests, { vsCode, vsix, chromium }) {
    const sample = copySample();
    const { folder: workspace } = sample;
    const folder = mkdtempSync(join(tmpdir(), "ingot-ui-"));
    /** @type {import("./server.mjs").Server | undefined} */
    let server;
    /** @type {import("../../test/ui/hub.mjs").UiHub | undefined} */
    let uiHub;
    try {
        uiHub = await startUiHub(root);
        const machineSettings = stage?.prepare({ root, workspace, folder }) ?? {};
        const settings = { ...SETTINGS, ...stage?.settings };
        server = await startServer({ vsCode, vsix, settings, machineSettings, env: uiHub.env });
        return await runAll(tests, { server, hub: uiHub.hub, workspace, chromium });
    } finally {
        await server?.stop();
        await uiHub?.stop();
        sample.remove();
        rmSync(folder, { recursive: true, force: true });
    }
}

const { values } = parseArgs({ options: { vsix: { type: "string" }, only: { type: "string" } } });
exitOnSignals();
rmSync(artefacts, { recursive: true, force: true });
mkdirSync(artefacts, { recursive: true });
try {
    const { only } = values;
    const stages = await loadTests();
    const chromium = await ensureSystem(console.log);
    const vsCode = await ensureVsCode(console.log);
    const vsix = values.vsix ?? packageVsix().vsix;
    let [nTests, nFailed] = [0, 0];
    for (const { stage, tests: all } of stages) {
        const tests = only ? all.filter((test) => test.name.includes(only)) : all;
        if (tests.length === 0) continue;
        nTests += tests.length;
        nFailed += await runStage(stage, tests, { vsCode, vsix, chromium });
    }
    finish(only ? undefined : "ui", nTests - nFailed, nFailed);
} catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    finish("ui", 0, 1);
}
