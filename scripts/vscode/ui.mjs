// `npm run test:ui [-- --vsix FILE] [-- --only TEXT]`: the tests of test/ui by Playwright on a real VS Code with the installed
// vsix. One server and one page serve all tests; a failed test gets a new page and one more chance, which is printed.
// Last line: `N passed, N failed`.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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
 * @property {(name: string) => { name: string, path: string }} newFile An empty file of the workspace, another one per attempt.
 */
/** @typedef {{ name: string, run: (ui: Ui) => Promise<void> }} UiTest */

/** The text that a test types must be the text that lands in the file. */
const SETTINGS = {
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.autoIndent": "none",
    "editor.formatOnType": false,
};

/** @returns {Promise<UiTest[]>} */
async function loadTests() {
    const folder = join(root, "test", "ui");
    const names = readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
    const modules = names.sort().map((name) => import(pathToFileURL(join(folder, name)).href));
    return (await Promise.all(modules)).flatMap((module) => module.tests);
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
                    await runTest(test, { workbench, server, hub, root, newFile });
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

const { values } = parseArgs({ options: { vsix: { type: "string" }, only: { type: "string" } } });
exitOnSignals();
rmSync(artefacts, { recursive: true, force: true });
mkdirSync(artefacts, { recursive: true });
const workspace = copySample();
/** @type {import("./server.mjs").Server | undefined} */
let server;
/** @type {import("../../test/ui/hub.mjs").UiHub | undefined} */
let uiHub;
try {
    const all = await loadTests();
    const { only } = values;
    const tests = only ? all.filter((test) => test.name.includes(only)) : all;
    const chromium = await ensureSystem(console.log);
    const vsCode = await ensureVsCode(console.log);
    const vsix = values.vsix ?? packageVsix().vsix;
    uiHub = await startUiHub(root);
    server = await startServer({ vsCode, vsix, settings: SETTINGS, env: uiHub.env });
    const where = { server, hub: uiHub.hub, workspace: workspace.folder, chromium };
    const nFailed = await runAll(tests, where);
    finish(only ? undefined : "ui", tests.length - nFailed, nFailed);
} catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    finish("ui", 0, 1);
} finally {
    await server?.stop();
    await uiHub?.stop();
    workspace.remove();
}
