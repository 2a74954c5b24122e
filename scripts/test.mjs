// `npm test`: builds, then runs every suite in the order of its cost. Each suite's output is prefixed with its name, so that
// only the closing line reads `N passed, N failed`. A suite that finds fewer tests than its floor has failed.
// `npm test -- unit host` runs only those; `--record-floors` writes down what was found after a green run.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packageVsix } from "./package.mjs";
import { belowFloor, readFloors, writeFloors } from "./result.mjs";
import { ensureVsCode } from "./vscode/install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const SUITE_LIMIT_MS = 8 * 60_000;
const VITEST_SUITES = ["unit", "native", "foundry", "goldens", "engine"];
const VSCODE_SUITES = ["host", "ui"];

/** @typedef {{ passed: number, failed: number }} Counts */

/** @param {string} suite @param {string} line */
function print(suite, line) {
    console.log(`[${suite}] ${line}`);
}

/**
 * @param {string} suite Prefix of its lines.
 * @param {string[]} args For Node.
 * @returns {Promise<{ code: number | null, lastLine: string }>}
 */
function run(suite, args) {
    return new Promise((resolve, reject) => {
        const env = { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" };
        const child = spawn(process.execPath, args, {
            cwd: root,
            env,
            stdio: ["ignore", "pipe", "pipe"],
        });
        let lastLine = "";
        for (const stream of [child.stdout, child.stderr])
            createInterface({ input: stream }).on("line", (line) => {
                if (line.trim() !== "" && stream === child.stdout) lastLine = line;
                print(suite, line);
            });
        const timer = setTimeout(() => {
            print(suite, `took longer than ${SUITE_LIMIT_MS / 60_000} minutes and was ended`);
            // A suite of VS Code ends its server on SIGTERM.
            child.kill("SIGTERM");
            setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
        }, SUITE_LIMIT_MS);
        child.on("error", reject);
        child.on("close", (code) => {
            clearTimeout(timer);
            resolve({ code, lastLine });
        });
    });
}

/** @param {string} suite @returns {Promise<Counts>} */
async function runVitest(suite) {
    const file = join(root, ".cache", "test", `${suite}.json`);
    rmSync(file, { force: true });
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const { code } = await run(suite, [vitest, "run", "--project", suite, ...reporters]);
    if (!existsSync(file)) return { passed: 0, failed: 1 };
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, "utf8"));
    // A file that does not load has no tests: only the exit code tells.
    const failed = Math.max(numFailedTests, code === 0 ? 0 : 1);
    return { passed: numPassedTests, failed };
}

/** @param {string} suite @param {string} vsix @returns {Promise<Counts>} */
async function runInVsCode(suite, vsix) {
    const { code, lastLine } = await run(suite, [`scripts/vscode/${suite}.mjs`, "--vsix", vsix]);
    const match = /^(\d+) passed, (\d+) failed$/.exec(lastLine);
    if (!match) return { passed: 0, failed: 1 };
    const failed = Number(match[2]);
    return { passed: Number(match[1]), failed: Math.max(failed, code === 0 ? 0 : 1) };
}

/** @param {string} suite @param {() => Promise<Counts>} runSuite @returns {Promise<Counts>} */
async function guarded(suite, runSuite) {
    const started = Date.now();
    /** @type {Counts} */
    let counts;
    try {
        counts = await runSuite();
    } catch (error) {
        print(suite, error instanceof Error ? error.message : String(error));
        counts = { passed: 0, failed: 1 };
    }
    const missing = belowFloor(suite, counts.passed + counts.failed);
    // The suites of VS Code count their own floor already.
    if (missing && VITEST_SUITES.includes(suite)) {
        print(suite, missing);
        counts = { ...counts, failed: counts.failed + 1 };
    }
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    print(suite, `${counts.passed} tests passed and ${counts.failed} failed in ${seconds} s`);
    return counts;
}

/** @param {string[]} wanted Names of suites; none = all. @param {boolean} recordFloors */
async function main(wanted, recordFloors) {
    const isWanted = (/** @type {string} */ suite) => wanted.length === 0 || wanted.includes(suite);
    const unknown = wanted.filter((name) => ![...VITEST_SUITES, ...VSCODE_SUITES].includes(name));
    if (unknown.length > 0) throw new Error(`there is no suite ${unknown.join(", ")}`);
    mkdirSync(join(root, ".cache", "test"), { recursive: true });
    // The download of VS Code waits on the network while the first suites use the cores.
    const installing = ensureVsCode((line) => print("vscode", line)).catch((error) => {
        print("vscode", error instanceof Error ? error.message : String(error));
    });
    const built = await run("build", ["esbuild.js"]);
    if (built.code !== 0) return { passed: 0, failed: 1 };

    /** @type {Record<string, Counts>} */
    const results = {};
    for (const suite of VITEST_SUITES.filter(isWanted))
        results[suite] = await guarded(suite, () => runVitest(suite));
    await installing;
    /** @type {string | undefined} */
    let vsix;
    for (const suite of VSCODE_SUITES.filter(isWanted))
        results[suite] = await guarded(suite, () => {
            vsix ??= packageVsix().vsix;
            return runInVsCode(suite, vsix);
        });

    const total = Object.values(results).reduce(
        (sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }),
        { passed: 0, failed: 0 },
    );
    if (recordFloors && total.failed === 0) {
        const found = Object.entries(results).map(([suite, { passed }]) => [suite, passed]);
        writeFloors({ ...readFloors(), ...Object.fromEntries(found) });
    }
    return total;
}

const { values, positionals } = parseArgs({
    options: { "record-floors": { type: "boolean" } },
    allowPositionals: true,
});
const { passed, failed } = await main(positionals, values["record-floors"] ?? false);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
