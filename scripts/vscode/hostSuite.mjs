// Runs the mocha suite of test/host inside a real extension host and brings its output and its results file back. The same
// bundled suite runs under @vscode/test-electron (desktop.mjs). Which extension folder is tested is the caller's choice.
import {
    createWriteStream,
    existsSync,
    mkdirSync,
    readFileSync,
    readdirSync,
    rmSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import * as esbuild from "esbuild";
import { launchBrowser, newContext, remoteUri, workbenchAddress } from "./browser.mjs";
import { startServer } from "./server.mjs";

const RUN_LIMIT_MS = 180_000;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The suite marks its own lines with this; all other console output is the workbench's and goes to a file. */
const MARK = "ingot-suite:";

/** @typedef {{ passed: number, failed: number }} SuiteResults */

/**
 * Bundles test/host/suite into out/test/suite; one file per source file, `index.cjs` runs them.
 * @returns {Promise<string>} Absolute path of `index.cjs`.
 */
export async function bundleHostSuite() {
    const source = join(root, "test", "host", "suite");
    const outdir = join(root, "out", "test", "suite");
    rmSync(outdir, { recursive: true, force: true });
    const files = readdirSync(source).filter((name) => /(^index|\.test)\.ts$/.test(name));
    await esbuild.build({
        entryPoints: files.map((name) => join(source, name)),
        outdir,
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node20",
        outExtension: { ".js": ".cjs" },
        external: ["vscode", "mocha"],
        sourcemap: "inline",
        logLevel: "warning",
    });
    return join(outdir, "index.cjs");
}

/**
 * @param {object} options
 * @param {import("./install.mjs").VsCode} options.vsCode
 * @param {string} options.chromium
 * @param {string} options.extension Folder of the extension: the tree or an unpacked vsix.
 * @param {string} options.suite The bundled `index.cjs`.
 * @param {string} options.workspace
 * @param {(line: string) => void} options.print
 * @returns {Promise<SuiteResults>}
 */
export async function runHostSuite({ vsCode, chromium, extension, suite, workspace, print }) {
    const artefacts = join(root, ".cache", "host");
    mkdirSync(artefacts, { recursive: true });
    const resultsFile = join(artefacts, "results.json");
    rmSync(resultsFile, { force: true });
    const server = await startServer({
        vsCode,
        driver: true,
        env: { INGOT_TEST_RESULTS: resultsFile, INGOT_TEST_MARK: MARK },
    });
    const browser = await launchBrowser(chromium);
    const consoleFile = createWriteStream(join(artefacts, "console.log"));
    try {
        const context = await newContext(browser);
        /** @type {(code: number) => void} */
        let settle = () => {};
        /** @type {Promise<number>} */
        const exit = new Promise((resolve) => (settle = resolve));
        await context.exposeFunction(
            "codeAutomationLog",
            (/** @type {string} */ _type, /** @type {unknown[]} */ args) => {
                const text = format(...args);
                if (text.startsWith(MARK)) print(text.slice(MARK.length));
                else consoleFile.write(`${text}\n`);
            },
        );
        await context.exposeFunction("codeAutomationExit", (/** @type {number} */ code) =>
            settle(code),
        );
        const page = await context.newPage();
        page.on("crash", () => settle(98));
        const timer = setTimeout(() => settle(99), RUN_LIMIT_MS);
        await page.goto(
            workbenchAddress(server.port, workspace, [
                ["extensionDevelopmentPath", remoteUri(server.port, extension)],
                ["extensionTestsPath", remoteUri(server.port, suite)],
                ["skipWelcome", "true"],
            ]),
        );
        const code = await exit;
        clearTimeout(timer);
        if (code >= 98) {
            await page.screenshot({ path: join(artefacts, "timeout.png") }).catch(() => undefined);
            print(
                code === 98
                    ? "The page crashed."
                    : `The suite did not end in ${RUN_LIMIT_MS / 1000} s; screenshot in .cache/host.`,
            );
        }
        return readResults(resultsFile, code, print);
    } finally {
        await browser.close();
        await server.stop();
        consoleFile.end();
    }
}

/**
 * No file means that the suite did not run: a failure, whatever the exit code says.
 * @param {string} file @param {number} code Of the suite. @param {(line: string) => void} print
 * @returns {SuiteResults}
 */
export function readResults(file, code, print) {
    if (!existsSync(file)) {
        print(`The suite wrote no results (exit ${code}).`);
        return { passed: 0, failed: 1 };
    }
    /** @type {SuiteResults} */
    const { passed, failed } = JSON.parse(readFileSync(file, "utf8"));
    if (code === 0 || failed > 0) return { passed, failed };
    print(`All tests passed, yet the suite ended with ${code}.`);
    return { passed, failed: 1 };
}
