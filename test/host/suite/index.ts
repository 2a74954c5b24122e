/**
 * Entry of the mocha suite inside the extension host: the same under code-server (scripts/vscode/host.mjs) and the desktop
 * (scripts/vscode/desktop.mjs). It runs every bundled `*.test.cjs` beside it and writes the results where
 * INGOT_TEST_RESULTS says, because a console can be lost and a file cannot.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";
import Mocha from "mocha";

/** Called by VS Code; rejects when a test failed, which becomes the exit code. */
export async function run(): Promise<void> {
    // The workbench shares the console: the runner keeps only lines with its mark.
    const mark = process.env.INGOT_TEST_MARK;
    if (mark)
        Mocha.reporters.Base.consoleLog = (...args: unknown[]) =>
            console.log(mark + format(...args));
    const mocha = new Mocha({
        ui: "bdd",
        timeout: 60_000,
        color: false,
        forbidOnly: true,
        forbidPending: true,
    });
    const files = readdirSync(__dirname).filter((name) => name.endsWith(".test.cjs"));
    for (const name of files.sort()) mocha.addFile(join(__dirname, name));

    let passed = 0;
    const nFailed = await new Promise<number>((resolve) => {
        const runner = mocha.run(resolve);
        runner.on("pass", () => passed++);
    });
    const file = process.env.INGOT_TEST_RESULTS;
    if (file) writeFileSync(file, JSON.stringify({ passed, failed: nFailed }));
    if (nFailed > 0) throw new Error(`${nFailed} tests failed.`);
}
