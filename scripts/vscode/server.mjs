// Starts and stops one VS Code server (code-server) with its own user data, extensions and Ingot home in a temporary folder,
// on the loopback interface only. It knows nothing of tests or browsers.
import { spawn, spawnSync } from "node:child_process";
import {
    createWriteStream,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

/** Part of the command line of the engine process. */
export const ENGINE = "dist/engine.mjs";

/** What keeps a test's workbench quiet: no welcome page, no second side bar, no animation, no other completions. */
const QUIET_SETTINGS = {
    "telemetry.telemetryLevel": "off",
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.quickOpen.closeOnFocusLost": false,
    "workbench.reduceMotion": "on",
    "workbench.tips.enabled": false,
    "workbench.enableExperiments": false,
    "security.workspace.trust.enabled": false,
    "extensions.ignoreRecommendations": true,
    "extensions.autoCheckUpdates": false,
    "extensions.autoUpdate": false,
    "git.openRepositoryInParentFolders": "never",
    "files.autoSave": "off",
    "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
    "github.copilot.enable": { "*": false },
    "chat.disableAIFeatures": true,
};

/**
 * @typedef {object} ServerOptions
 * @property {import("./install.mjs").VsCode} vsCode
 * @property {string} [vsix] Installed before the start.
 * @property {boolean} [driver] The smoke-test driver, which the host suite needs and UI tests must not have.
 * @property {Record<string, unknown>} [settings] Added to the quiet ones.
 * @property {Record<string, unknown>} [machineSettings] Those with the scope `machine` count nowhere else.
 * @property {Record<string, string>} [env]
 * @property {number} [port]
 * @property {string} [ingotHome] Default: a folder inside the temporary one.
 */

/**
 * @typedef {object} Server
 * @property {number} pid
 * @property {number} port
 * @property {string} folder The temporary folder; removed by `stop`.
 * @property {string} ingotHome
 * @property {string} extensionsFolder
 * @property {string} logFile What the server wrote.
 * @property {() => Promise<void>} stop
 */

/** @param {ServerOptions} options @returns {Promise<Server>} */
export async function startServer(options) {
    const folder = mkdtempSync(join(tmpdir(), "ingot-vscode-"));
    const userData = join(folder, "user-data");
    const extensionsFolder = join(folder, "extensions");
    const ingotHome = options.ingotHome ?? join(folder, "home");
    for (const path of [extensionsFolder, ingotHome]) mkdirSync(path, { recursive: true });
    const settings = {
        User: { ...QUIET_SETTINGS, ...options.settings },
        Machine: options.machineSettings ?? {},
    };
    for (const [scope, own] of Object.entries(settings)) {
        mkdirSync(join(userData, scope), { recursive: true });
        writeFileSync(join(userData, scope, "settings.json"), JSON.stringify(own, undefined, 4));
    }
    // Without a config file of its own code-server writes one into the home folder.
    writeFileSync(join(folder, "config.yaml"), "cert: false\n");

    const env = { ...cleanEnvironment(), INGOT_HOME: ingotHome, ...options.env };
    const { node, entry } = options.vsCode;
    const common = [entry, "--config", join(folder, "config.yaml")];
    common.push("--user-data-dir", userData, "--extensions-dir", extensionsFolder);
    if (options.vsix) installExtension(node, [...common, "--install-extension", options.vsix], env);

    const port = options.port ?? (await freePort());
    const logFile = join(folder, "server.log");
    const args = [...common, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`];
    args.push("--disable-telemetry", "--disable-update-check", "--disable-workspace-trust");
    args.push("--disable-getting-started-override", "--ignore-last-opened");
    args.push("--reconnection-grace-time", "5");
    if (options.driver) args.push("--vscode-option", "enable-smoke-test-driver");
    const child = spawn(node, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const pid = child.pid;
    if (pid === undefined) throw new Error(`${node} does not start`);

    const killNow = () => {
        signalGroup(pid, "SIGKILL");
        rmSync(folder, { recursive: true, force: true });
    };
    process.on("exit", killNow);
    writeFileSync(logFile, "");
    const log = createWriteStream(logFile);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const stop = async () => {
        await stopGroup(pid);
        process.off("exit", killNow);
        log.end();
        rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    };
    try {
        await listening(child, logFile);
    } catch (error) {
        await stop();
        throw error;
    }
    return { pid, port, folder, ingotHome, extensionsFolder, logFile, stop };
}

/** Ends the process in an orderly way on a signal, so that no server outlives it. */
export function exitOnSignals() {
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
        process.once(signal, () => process.exit(130));
}

/**
 * Ids of the processes below the server whose command line contains `text`.
 * @param {Server} server @param {string} text
 */
export function descendants(server, text) {
    const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
    const rows = stdout.split("\n").flatMap((line) => {
        const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
        return match
            ? [{ pid: Number(match[1]), parent: Number(match[2]), args: match[3] ?? "" }]
            : [];
    });
    const inside = new Set([server.pid]);
    // A parent can stand behind its child in the list: repeat until nothing is added.
    for (let before = 0; before !== inside.size;) {
        before = inside.size;
        for (const row of rows) if (inside.has(row.parent)) inside.add(row.pid);
    }
    return rows
        .filter((row) => inside.has(row.pid) && row.args.includes(text))
        .map((row) => row.pid);
}

/** A terminal of another VS Code leaks its variables; npm's and Node's must not reach the server either. */
function cleanEnvironment() {
    return Object.fromEntries(
        Object.entries(process.env).filter(
            ([name]) => !/^(VSCODE_|npm_|NODE_OPTIONS|ELECTRON_|VITEST)/.test(name),
        ),
    );
}

/** @param {string} node @param {string[]} args @param {NodeJS.ProcessEnv} env */
function installExtension(node, args, env) {
    const { status, stdout, stderr } = spawnSync(node, args, { env, encoding: "utf8" });
    if (status !== 0 || !stdout.includes("successfully installed"))
        throw new Error(`VS Code did not install the vsix:\n${stdout}${stderr}`);
}

/** @returns {Promise<number>} */
function freePort() {
    return new Promise((resolve, reject) => {
        const probe = createServer();
        probe.on("error", reject);
        probe.listen(0, "127.0.0.1", () => {
            const address = probe.address();
            const port = address !== null && typeof address === "object" ? address.port : 0;
            probe.close(() => resolve(port));
        });
    });
}

/** @param {import("node:child_process").ChildProcess} child @param {string} logFile @returns {Promise<void>} */
function listening(child, logFile) {
    return new Promise((resolve, reject) => {
        const fail = (/** @type {string} */ why) =>
            reject(
                new Error(`VS Code server ${why}:\n${readFileSync(logFile, "utf8").slice(-3000)}`),
            );
        const timer = setTimeout(() => fail("did not listen in time"), START_LIMIT_MS);
        child.on("exit", (code, signal) => {
            clearTimeout(timer);
            fail(`ended at start (${code ?? signal})`);
        });
        let seen = "";
        child.stdout?.on("data", (chunk) => {
            seen = (seen + String(chunk)).slice(-4000);
            if (!/HTTP server listening/.test(seen)) return;
            clearTimeout(timer);
            resolve();
        });
    });
}

/** The server leaves helpers behind that ignore SIGTERM: the whole group is ended. @param {number} pid */
async function stopGroup(pid) {
    signalGroup(pid, "SIGTERM");
    for (const until = Date.now() + STOP_LIMIT_MS; Date.now() < until;) {
        if (!signalGroup(pid, 0)) return;
        await delay(50);
    }
    signalGroup(pid, "SIGKILL");
}

/** @param {number} pid @param {NodeJS.Signals | 0} signal @returns {boolean} Whether anybody was there. */
function signalGroup(pid, signal) {
    try {
        process.kill(-pid, signal);
        return true;
    } catch {
        return false;
    }
}
