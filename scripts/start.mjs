// `npm start`: builds and packages the extension, and opens a real VS Code (code-server, in the browser) with it, the starter
// model and a copy of the sample project. `-- --check` does the same headless and tries the three main jobs: ghost text,
// chat, a conversion; exit 0 only if all came. The last line is then one JSON object.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { convertFolder, getAnswer, openChat } from "../test/ui/flows.mjs";
import { typeUntilGhost } from "../test/ui/typing.mjs";
import { Workbench } from "../test/ui/workbench.mjs";
import { packageVsix } from "./package.mjs";
import { launchBrowser, workbenchAddress } from "./vscode/browser.mjs";
import { ensureSystem, ensureVsCode } from "./vscode/install.mjs";
import { descendants, exitOnSignals, startServer } from "./vscode/server.mjs";
import { copySample } from "./vscode/workspace.mjs";

const N_ACTIVATIONS = 5;
const HOST_END_LIMIT_MS = 15_000;
/** Characters of an answer in the summary. */
const MAX_SHOWN = 200;
const CONVERT_TYPE = "Q4_K_M";
const root = fileURLToPath(new URL("..", import.meta.url));

/** @typedef {import("./vscode/server.mjs").Server} Server */

/** @typedef {object} Summary
 * @property {string | undefined} ghostText What was shown.
 * @property {string | undefined} chat How the answer begins.
 * @property {{ file: string, type: string, bytes: number, sha256: string } | undefined} convert
 * @property {number | undefined} activationMs Median of some windows: code loading and activation, as VS Code counts them.
 * @property {number} bundleBytes Of what activation loads: dist/extension.js and what it needs at once.
 * @property {number | undefined} firstGhostMs From the first key in a cold window, through engine start and model load.
 * @property {string} [error] Why it stopped.
 */

/** Steps go to stderr in a check: stdout ends with the summary. @param {string} line */
const say = (line) => console.error(line);

/** @returns {Promise<{ vsCode: import("./vscode/install.mjs").VsCode, vsix: string }>} */
async function prepare() {
    say("Building the bundles.");
    const built = spawnSync(process.execPath, ["esbuild.js"], {
        cwd: root,
        stdio: ["ignore", 2, 2],
    });
    if (built.status !== 0) throw new Error("the build failed; see above");
    say("Packaging the extension.");
    const { vsix, sizeBytes } = packageVsix();
    say(`${vsix}, ${(sizeBytes / 1e6).toFixed(1)} MB`);
    return { vsCode: await ensureVsCode(say), vsix };
}

async function open() {
    const { vsCode, vsix } = await prepare();
    const workspace = copySample();
    // A person's own models are welcome here; a check leaves them alone.
    const ingotHome = process.env.INGOT_HOME ?? join(homedir(), ".ingot");
    const server = await startServer({ vsCode, vsix, ingotHome });
    const address = workbenchAddress(server.port, workspace.folder);
    console.log(`\nVS Code with Ingot is ready: ${address}`);
    console.log(
        `The sample project is a copy in ${workspace.folder}; open src/basket.ts and type.`,
    );
    console.log("Ctrl+C ends it.");
    openInBrowser(address);
    await new Promise((resolve) => {
        process.once("SIGINT", resolve);
        process.once("SIGTERM", resolve);
    });
    await server.stop();
    workspace.remove();
}

/** Only where there is a screen. @param {string} address */
function openInBrowser(address) {
    const { DISPLAY, WAYLAND_DISPLAY } = process.env;
    const isMac = process.platform === "darwin";
    if (!isMac && !DISPLAY && !WAYLAND_DISPLAY) return;
    const child = spawn(isMac ? "open" : "xdg-open", [address], {
        stdio: "ignore",
        detached: true,
    });
    child.on("error", () => undefined);
    child.unref();
}

/** @param {Summary} summary Filled step by step, so that a failure shows how far it came. */
async function check(summary) {
    exitOnSignals();
    const chromium = await ensureSystem(say);
    const { vsCode, vsix } = await prepare();
    summary.bundleBytes = startBytes();
    const folder = join(root, ".cache", "start-check");
    rmSync(folder, { recursive: true, force: true });
    const ingotHome = join(folder, "home");
    mkdirSync(ingotHome, { recursive: true });
    const workspace = copySample();
    const settings = { "editor.autoClosingBrackets": "never", "editor.autoIndent": "none" };
    const server = await startServer({ vsCode, vsix, ingotHome, settings });
    const browser = await launchBrowser(chromium);
    const openWorkbench = () =>
        Workbench.open({ browser, port: server.port, workspace: workspace.folder });
    let workbench = await openWorkbench();
    try {
        say("Typing until ghost text comes.");
        writeFileSync(join(workspace.folder, "hello.ts"), "");
        await workbench.openFile("hello.ts");
        const started = performance.now();
        summary.ghostText = (await typeUntilGhost(workbench)).ghost;
        summary.firstGhostMs = Math.round(performance.now() - started);
        await workbench.closeEditors();

        say("Asking the chat.");
        await workbench.openFile("basket.ts");
        await openChat(workbench);
        const answer = await getAnswer(workbench, "What does this file do?");
        summary.chat = answer.slice(0, MAX_SHOWN);

        say("Converting models/starter from the command palette.");
        await convertFolder(workbench, join(root, "models", "starter"), CONVERT_TYPE);
        summary.convert = describeModel(join(ingotHome, "models"));

        say(`Measuring ${N_ACTIVATIONS} activations.`);
        const measured = [];
        for (let i = 0; i < N_ACTIVATIONS; i++) {
            await workbench.close();
            await hostsEnded(server);
            workbench = await openWorkbench();
            measured.push(await workbench.activationMs("ingot.ingot"));
        }
        measured.sort((a, b) => a - b);
        summary.activationMs = measured[Math.floor(measured.length / 2)] ?? Number.NaN;
    } catch (error) {
        await workbench.page
            .screenshot({ path: join(folder, "failure.png") })
            .catch(() => undefined);
        say("Screenshot: .cache/start-check/failure.png");
        throw error;
    } finally {
        await browser.close();
        await server.stop();
        workspace.remove();
    }
}

/** As the build has written it down. */
function startBytes() {
    const { files, start } = JSON.parse(readFileSync(join(root, "dist", "sizes.json"), "utf8"));
    return start.reduce(
        (/** @type {number} */ sum, /** @type {string} */ path) => sum + files[path],
        0,
    );
}

/** The host of a closed window lives on for some seconds and would compete with the next one. @param {Server} server */
async function hostsEnded(server) {
    for (const until = Date.now() + HOST_END_LIMIT_MS; Date.now() < until;) {
        if (descendants(server, "type=extensionHost").length === 0) return;
        await delay(200);
    }
}

/** @param {string} models Folder that must hold exactly one model now. */
function describeModel(models) {
    const names = readdirSync(models);
    const [name] = names;
    if (name === undefined || names.length > 1 || !name.endsWith(`${CONVERT_TYPE}.gguf`))
        throw new Error(`one ${CONVERT_TYPE} file was expected in ${models}: ${names.join(", ")}`);
    const file = join(models, name);
    const content = readFileSync(file);
    const sha256 = createHash("sha256").update(content).digest("hex");
    return { file, type: CONVERT_TYPE, bytes: content.length, sha256 };
}

const { values } = parseArgs({ options: { check: { type: "boolean" } } });
/** In the order in which a person reads them. @type {Summary} */
const summary = {
    ghostText: undefined,
    chat: undefined,
    convert: undefined,
    activationMs: undefined,
    bundleBytes: 0,
    firstGhostMs: undefined,
};
try {
    await (values.check ? check(summary) : open());
} catch (error) {
    summary.error = error instanceof Error ? error.message : String(error);
    console.error(summary.error);
    process.exitCode = 1;
}
if (values.check) console.log(JSON.stringify(summary));
