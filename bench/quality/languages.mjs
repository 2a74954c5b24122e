// Languages of tasks: the file a task's code is in, and for those whose tests can be run here how a program is run to its end. Adding a language that
// runs is one entry in RUNNERS and a driver in run/.
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { LANGUAGES } from "./holes.mjs";

/** By the first part of a task's name, as HumanEval-X has it; all other tasks are HumanEval's, in Python. */
const PATHS = {
    JavaScript: "solution.js",
    Java: "Main.java",
    Go: "solution.go",
    CPP: "solution.cpp",
    Rust: "solution.rs",
};
const PYTHON_FILE = "solution.py";

/** `{ path, languageId }` of a task's code. */
export function fileOf(taskId) {
    const path = PATHS[taskId.split("/")[0]] ?? PYTHON_FILE;
    return { path, languageId: LANGUAGES[extname(path)] };
}

/** What is appended to a task's code: its test, and the call of it where the test does not call itself. */
export function testOf({ test, entry_point: entryPoint }) {
    return entryPoint === undefined ? `\n${test}\n` : `\n${test}\ncheck(${entryPoint})\n`;
}

const RUNNERS = {
    python: {
        version: () => versionOf("python3", "import sys, resource; print(sys.executable)"),
        driver: "driver.py",
        // Only the standard library, whatever is installed here.
        args: () => ["-I", "-S", "-B"],
    },
    javascript: {
        version: () => ({ path: process.execPath, version: process.version }),
        driver: "driver.cjs",
        args: (folder) => ["--max-old-space-size=256", "--no-warnings", ...permissions(folder)],
    },
};

/**
 * Runs programs of a language in a sandbox: `{ version, identity, run }`, undefined where that cannot be. `run(program, limits)` is `{ passed, isLate,
 * errors }`; `identity` changes with whatever a verdict depends on besides the program and the limits.
 */
export function runnerOf(languageId, sandbox) {
    const runner = RUNNERS[languageId];
    const found = sandbox && runner?.version();
    if (!found) return undefined;
    const { driver, args } = runner;
    const text = readFileSync(new URL(`run/${driver}`, import.meta.url), "utf8");
    const run = async (program, limits) => {
        const word = randomUUID();
        const { code, isLate, output, errors } = await sandbox.run({
            files: { [driver]: text, solution: program },
            command: (folder) => [found.path, ...args(folder), driver, "solution", word],
            limits,
        });
        return { passed: code === 0 && output === word, isLate, errors };
    };
    return { version: found.version, identity: { version: found.version, driver: text }, run };
}

/** The interpreter itself: what PATH names may be a script that needs an environment. */
function versionOf(name, script) {
    const code = `${script}; print(sys.version.split()[0])`;
    const { status, stdout } = spawnSync(name, ["-c", code], { encoding: "utf8" });
    if (status !== 0) return undefined;
    const [path, version] = stdout.trim().split("\n");
    return { path, version };
}

/** No files but those of the folder, no processes, no threads, no addons; none in versions of Node that have no such thing. */
function permissions(folder) {
    const flags = ["--permission", "--experimental-permission"];
    const flag = flags.find((one) => process.allowedNodeEnvironmentFlags.has(one));
    return flag ? [flag, `--allow-fs-read=${folder}`] : [];
}
