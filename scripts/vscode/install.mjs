// Installs the pinned VS Code (code-server) and the Node it runs on into a cache outside the tree, and finds Chromium and
// ripgrep. It installs system packages only where that needs no question (root or passwordless sudo). It starts nothing.
import { execFileSync, spawn } from "node:child_process";
import {
    accessSync,
    constants,
    existsSync,
    mkdirSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const CODE_SERVER_VERSION = "4.139.1";
export const NODE_VERSION = "24.21.0";

const CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const LOCK_WAIT_MS = 8 * 60_000;

/** @typedef {{ node: string, entry: string }} VsCode Absolute paths of the Node binary and of code-server's entry script. */
/** @typedef {(line: string) => void} Log */

/** The folder of one pinned pair of versions: `$INGOT_CACHE`, else `~/.cache/ingot`, then `vscode/<versions>`. */
export function vsCodeFolder() {
    const base = process.env.INGOT_CACHE || join(homedir(), ".cache", "ingot");
    return join(base, "vscode", `code-server-${CODE_SERVER_VERSION}-node-${NODE_VERSION}`);
}

/**
 * The pinned VS Code, installed first when it is not in the cache (about 30 s, 820 MB).
 * Two processes may ask at once: one installs, the other waits.
 * @param {Log} log
 * @returns {Promise<VsCode>}
 */
export async function ensureVsCode(log) {
    const folder = vsCodeFolder();
    if (!existsSync(folder)) {
        mkdirSync(join(folder, ".."), { recursive: true });
        const unlock = await lock(`${folder}.lock`, log);
        try {
            if (!existsSync(folder)) await install(folder, log);
        } finally {
            unlock();
        }
    }
    return paths(folder);
}

/**
 * Path of a Chromium, with ripgrep on the PATH: both installed when that is possible without asking.
 * @param {Log} log
 * @returns {Promise<string>}
 */
export async function ensureSystem(log) {
    const missing = () =>
        [findChromium() ? "" : "chromium", findOnPath(["rg"]) ? "" : "ripgrep"].filter(Boolean);
    const before = missing();
    if (before.length > 0) await aptInstall(before, log);
    const browser = findChromium();
    const after = missing();
    if (!browser || after.length > 0) {
        const install = `sudo apt-get update && sudo apt-get install -y ${after.join(" ")}`;
        throw new Error(
            `${after.join(" and ")} ${after.length > 1 ? "are" : "is"} missing; install with: ${install} ` +
                "(or set CHROMIUM_PATH to a Chromium or Chrome)",
        );
    }
    return browser;
}

/** @returns {string | undefined} */
function findChromium() {
    const fromEnv = process.env.CHROMIUM_PATH;
    if (fromEnv) return isExecutable(fromEnv) ? fromEnv : undefined;
    const bundled = chromium.executablePath();
    return findOnPath(CHROMIUM_NAMES) ?? (isExecutable(bundled) ? bundled : undefined);
}

/** @param {string[]} names @returns {string | undefined} */
function findOnPath(names) {
    const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
    return names
        .flatMap((name) => folders.map((folder) => join(folder, name)))
        .find((file) => isExecutable(file));
}

/** @param {string} file */
function isExecutable(file) {
    try {
        accessSync(file, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}

/** @param {string[]} packages @param {Log} log */
async function aptInstall(packages, log) {
    const apt = findOnPath(["apt-get"]);
    if (!apt) return;
    const sudo = process.getuid?.() === 0 ? [] : [findOnPath(["sudo"]) ?? "", "-n"];
    if (sudo[0] === "" || (sudo.length > 0 && !succeeds([...sudo, "true"]))) return;
    log(`Installing ${packages.join(" and ")} with apt-get.`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const arguments_ = [...sudo, apt, "install", "-y", "--no-install-recommends", ...packages];
    if ((await exec(arguments_, { env })).code === 0) return;
    await exec([...sudo, apt, "update"], { env });
    const { code, output } = await exec(arguments_, { env });
    if (code !== 0) log(`apt-get failed:\n${output.slice(-2000)}`);
}

/** @param {string[]} command */
function succeeds([file = "", ...rest]) {
    try {
        execFileSync(file, rest, { stdio: "ignore" });
        return true;
    } catch {
        return false;
    }
}

/** @param {string} folder @param {Log} log */
async function install(folder, log) {
    const started = Date.now();
    log(
        `Installing VS Code (code-server ${CODE_SERVER_VERSION}) into ${folder}: once, about 30 s.`,
    );
    const staging = `${folder}.part`;
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    writeFileSync(join(staging, "package.json"), JSON.stringify({ private: true }));
    const { packageName, node } = nodePackage(staging);
    const server = join(staging, "node_modules", "code-server", "lib", "vscode");
    await npm(staging, [`code-server@${CODE_SERVER_VERSION}`, `${packageName}@${NODE_VERSION}`]);
    // code-server's own postinstall does these two with native builds; none of them is needed for a test.
    const nodeFolder = join(node, "..");
    await npm(server, ["--omit=dev"], nodeFolder);
    await npm(join(server, "extensions"), ["--omit=dev"], nodeFolder);
    const { entry } = paths(staging);
    const { code, output } = await exec([node, entry, "--version"], {});
    if (code !== 0 || !output.includes(CODE_SERVER_VERSION))
        throw new Error(`code-server was installed but does not start:\n${output.slice(-2000)}`);
    renameSync(staging, folder);
    log(`Installed VS Code in ${Math.round((Date.now() - started) / 1000)} s.`);
}

/** @param {string} folder @returns {VsCode} */
function paths(folder) {
    const entry = join(folder, "node_modules", "code-server", "out", "node", "entry.js");
    return { node: nodePackage(folder).node, entry };
}

/** Node comes as an npm package per platform. @param {string} folder */
function nodePackage(folder) {
    const packageName = `node-${process.platform}-${process.arch}`;
    return { packageName, node: join(folder, "node_modules", packageName, "bin", "node") };
}

/**
 * `npm install` without scripts; tried twice, because a registry may drop one request of thousands.
 * @param {string} cwd @param {string[]} what @param {string} [nodeFolder] Put first on the PATH.
 */
async function npm(cwd, what, nodeFolder) {
    const env = Object.fromEntries(
        Object.entries(process.env).filter(
            ([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name),
        ),
    );
    if (nodeFolder) env.PATH = `${nodeFolder}${delimiter}${env.PATH ?? ""}`;
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    const command = ["npm", "install", ...flags, ...what];
    const first = await exec(command, { cwd, env });
    if (first.code === 0) return;
    const second = await exec(command, { cwd, env });
    if (second.code !== 0)
        throw new Error(`${command.join(" ")} failed in ${cwd}:\n${second.output.slice(-3000)}`);
}

/**
 * @param {string[]} command @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function exec([file = "", ...rest], options) {
    return new Promise((resolve, reject) => {
        const child = spawn(file, rest, { ...options, stdio: ["ignore", "pipe", "pipe"] });
        let output = "";
        child.stdout.on("data", (chunk) => (output += chunk));
        child.stderr.on("data", (chunk) => (output += chunk));
        child.on("error", reject);
        child.on("close", (code) => resolve({ code, output }));
    });
}

/**
 * A folder is the lock, because making one is atomic; it names its owner, so that the lock of a dead process is taken over.
 * @param {string} folder @param {Log} log @returns {Promise<() => void>}
 */
async function lock(folder, log) {
    const owner = join(folder, "pid");
    const giveUpAt = Date.now() + LOCK_WAIT_MS;
    for (let told = false; ;) {
        try {
            mkdirSync(folder);
            writeFileSync(owner, String(process.pid));
            return () => rmSync(folder, { recursive: true, force: true });
        } catch (error) {
            if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
        }
        if (!told) log(`Waiting for another process that installs VS Code (${folder}).`);
        told = true;
        await delay(500);
        if (!isOwnerAlive(owner)) rmSync(folder, { recursive: true, force: true });
        else if (Date.now() > giveUpAt)
            throw new Error(`another process holds ${folder} for too long; remove that folder`);
    }
}

/** @param {string} owner File with a process id; one that is not written yet counts as alive. */
function isOwnerAlive(owner) {
    try {
        const pid = Number(readFileSync(owner, "utf8"));
        if (pid > 0) process.kill(pid, 0);
        return true;
    } catch (error) {
        const { code } = /** @type {NodeJS.ErrnoException} */ (error);
        return code === "EPERM";
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    try {
        const vsCode = await ensureVsCode(console.log);
        console.log(`${vsCode.entry}\n${vsCode.node}\n${await ensureSystem(console.log)}`);
    } catch (error) {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 1;
    }
}
