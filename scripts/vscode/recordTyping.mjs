// `node scripts/vscode/recordTyping.mjs --out TRACE.json [--model FILE.gguf] [--minutes 5] [--seed 1]`: a session of typing in a real VS Code with
// Ingot, recorded as it happened, for `npm run bench -- replay`. Keys come at a person's pace, with typing errors, pauses and a look at
// another file; ghost text that says what would be typed anyway is taken, some that does not is sent away.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { randomOf } from "../../bench/support/random.mjs";
import { Workbench } from "../../test/ui/workbench.mjs";
import { launchBrowser, newContext, remoteUri, workbenchAddress } from "./browser.mjs";
import { ensureSystem, ensureVsCode } from "./install.mjs";
import { exitOnSignals, startServer } from "./server.mjs";
import { copySample } from "./workspace.mjs";

/** Median between two keys, and its spread (log-normal): a quick typist. */
const KEY_MS = 135;
const SIGMA = 0.42;
const TYPO_SHARE = 0.016;
/** How long ghost text is looked at before it is taken. */
const READ_MS = 400;
const PATH = "src/receipt.ts";
const root = fileURLToPath(new URL("../..", import.meta.url));

const { values } = parseArgs({
    options: {
        out: { type: "string" },
        model: { type: "string" },
        minutes: { type: "string", default: "5" },
        seed: { type: "string", default: "1" },
    },
});
if (!values.out) {
    console.error("usage: node scripts/vscode/recordTyping.mjs --out TRACE.json [--model FILE]");
    process.exit(2);
}
const out = resolve(values.out);
const raw = `${out}.raw`;
const seed = Number(values.seed);
const random = randomOf(seed);
const typed = readFileSync(join(root, "scripts", "vscode", "typed.txt"), "utf8");

/** Milliseconds to the next key. */
function pause() {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return KEY_MS * Math.exp(SIGMA * normal);
}

/** @param {Workbench} workbench @param {number} untilMs */
async function typeSession(workbench, untilMs) {
    const { page } = workbench;
    let nKeys = 0;
    let nTaken = 0;
    let at = 0;
    while (at < typed.length && Date.now() < untilMs) {
        const char = typed.charAt(at);
        if (/[a-z]/.test(char) && random() < TYPO_SHARE) {
            await page.keyboard.type(String.fromCharCode(97 + Math.floor(random() * 26)));
            await page.waitForTimeout(2 * pause());
            await page.keyboard.press("Backspace");
            nKeys += 2;
        }
        if (char === "\n") await page.keyboard.press("Enter");
        else await page.keyboard.type(char);
        at++;
        nKeys++;
        const isLineEnd = char === "\n";
        const rests = isLineEnd ? random() < 0.4 : /[ (.=]/.test(char) && random() < 0.12;
        await page.waitForTimeout(rests ? 650 + 1500 * random() : pause());
        if (isLineEnd && typed.startsWith("\n", at) && random() < 0.5) await lookAround(workbench);
        const ghost = await workbench.ghostText();
        if (ghost === "") continue;
        if (typed.startsWith(ghost, at) && ghost.length > 2) {
            await page.waitForTimeout(READ_MS);
            if ((await workbench.ghostText()) !== ghost) continue;
            await page.keyboard.press("Tab");
            at += ghost.length;
            nTaken++;
        } else if (rests && random() < 0.2) await page.keyboard.press("Escape");
    }
    return { nKeys, nTaken };
}

/** Reads another file for some seconds. @param {Workbench} workbench */
async function lookAround(workbench) {
    await workbench.openFile(random() < 0.5 ? "basket.ts" : "price.ts");
    await workbench.page.waitForTimeout(2500 + 2000 * random());
    await workbench.runCommand("View: Close Editor");
    await workbench.page.locator('.tab.active[data-resource-name="receipt.ts"]').waitFor();
    await workbench.focusEditor();
    await workbench.press("Control+End");
}

/** The recorder's notes as a trace: what was typed is the truth of a file that was empty. @param {any} notes */
function traceOf({ files, events, final }) {
    const keystrokes = events.filter((/** @type {any} */ event) => event.type === "change").length;
    const text = final[PATH];
    const lines = text.split("\n").length;
    return {
        format: "typing-trace/1",
        name: "recorded-receipt",
        languageId: "typescript",
        source: { package: "ingot (recorded)", version: "0.1.0", licence: "MIT", files: [PATH] },
        seed,
        stats: { keystrokes, durationMs: events.at(-1).t },
        files,
        truth: [{ path: PATH, line: 0, lines, text }],
        events,
    };
}

exitOnSignals();
mkdirSync(dirname(out), { recursive: true });
for (const file of [raw, `${raw}.stop`]) rmSync(file, { force: true });
const chromium = await ensureSystem(console.log);
const vsCode = await ensureVsCode(console.log);
const workspace = copySample();
writeFileSync(join(workspace.folder, PATH), "");
const model = values.model && resolve(values.model);
const server = await startServer({
    vsCode,
    driver: true,
    settings: {
        "editor.autoClosingBrackets": "never",
        "editor.autoClosingQuotes": "never",
        "editor.autoIndent": "none",
        "editor.formatOnType": false,
    },
    machineSettings: model ? { "ingot.completion.model": model } : {},
    env: { INGOT_TRACE: raw },
});
const browser = await launchBrowser(chromium);
try {
    const context = await newContext(browser);
    /** @type {(code: number) => void} */
    let settle = () => {};
    /** @type {Promise<number>} */
    const exit = new Promise((done) => (settle = done));
    await context.exposeFunction("codeAutomationLog", () => undefined);
    await context.exposeFunction("codeAutomationExit", (/** @type {number} */ c) => settle(c));
    const page = await context.newPage();
    const recorder = join(root, "scripts", "vscode", "typingRecorder.cjs");
    await page.goto(
        workbenchAddress(server.port, workspace.folder, [
            ["extensionDevelopmentPath", remoteUri(server.port, root)],
            ["extensionTestsPath", remoteUri(server.port, recorder)],
            ["skipWelcome", "true"],
        ]),
    );
    const workbench = new Workbench(page);
    await workbench.status.waitFor({ timeout: 90_000 });
    await workbench.openFile("receipt.ts");
    const { nKeys, nTaken } = await typeSession(
        workbench,
        Date.now() + Number(values.minutes) * 60_000,
    );
    await page.waitForTimeout(2000);
    writeFileSync(`${raw}.stop`, "");
    const code = await exit;
    if (code !== 0 || !existsSync(raw)) throw new Error(`the recorder ended with ${code}`);
    const trace = traceOf(JSON.parse(readFileSync(raw, "utf8")));
    writeFileSync(out, JSON.stringify(trace, undefined, 1));
    for (const file of [raw, `${raw}.stop`]) rmSync(file, { force: true });
    const seconds = Math.round(trace.stats.durationMs / 1000);
    console.log(
        `${out}: ${seconds} s, ${nKeys} keys, ${trace.stats.keystrokes} changes, ${nTaken} suggestions taken`,
    );
} finally {
    await browser.close();
    await server.stop();
    workspace.remove();
}
