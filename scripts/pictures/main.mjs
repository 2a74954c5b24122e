// `npm run pictures -- --model FILE.gguf [--only NAME] [--out FOLDER]`: makes the pictures of the README and docs anew, in a real VS Code with the
// packaged extension, the sample project and a real model; nothing in them is drawn or put in. They are for people, so no
// test depends on them. One server and one page per scene: a scene finds nothing of the one before it.
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Workbench } from "../../test/ui/workbench.mjs";
import { packageVsix } from "../package.mjs";
import { launchBrowser } from "../vscode/browser.mjs";
import { ensureSystem, ensureVsCode } from "../vscode/install.mjs";
import { exitOnSignals, startServer } from "../vscode/server.mjs";
import { copySample } from "../vscode/workspace.mjs";
import { SCENES } from "./scenes.mjs";
import { CHAT_SCENES } from "./vsCodeChat.mjs";

const MAX_BYTES = 160_000;
const STEP_LIMIT_MS = 120_000;
const SIZE = { width: 1160, height: 720 };
const root = fileURLToPath(new URL("../..", import.meta.url));

/** @typedef {{ x: number, y: number, width: number, height: number }} Clip */
/**
 * @typedef {object} Stage What a scene may use.
 * @property {Workbench} workbench
 * @property {string} workspace
 * @property {string} model Path of the GGUF file.
 * @property {(name: string, clip?: Clip) => Promise<void>} picture Writes `NAME.png`.
 */
/**
 * @typedef {object} Scene
 * @property {string} name
 * @property {Record<string, unknown>} [settings]
 * @property {(workspace: string) => void} [prepare] Before VS Code opens the folder.
 * @property {(stage: Stage) => Promise<void>} play
 */

const { values } = parseArgs({
    options: {
        model: { type: "string" },
        only: { type: "string" },
        out: { type: "string", default: join(root, "docs", "images") },
        vsix: { type: "string" },
    },
});
if (!values.model) {
    console.error("usage: npm run pictures -- --model FILE.gguf [--only NAME] [--out FOLDER]");
    process.exit(2);
}
const model = resolve(values.model);
const { only, out } = values;

const MODEL_SETTINGS = { "ingot.completion.model": model, "ingot.chat.model": model };
/** No more than the picture is about. */
const SETTINGS = {
    "workbench.colorTheme": "Dark 2026",
    "editor.minimap.enabled": false,
    "window.commandCenter": false,
    "workbench.layoutControl.enabled": false,
    "chat.commandCenter.enabled": false,
};

/** @param {Scene} scene @param {{ vsCode: import("../vscode/install.mjs").VsCode, vsix: string, browser: import("playwright-core").Browser }} where */
async function shoot(scene, { vsCode, vsix, browser }) {
    const workspace = copySample();
    scene.prepare?.(workspace.folder);
    const server = await startServer({
        vsCode,
        vsix,
        settings: { ...SETTINGS, ...scene.settings },
        machineSettings: MODEL_SETTINGS,
    });
    let workbench;
    try {
        workbench = await Workbench.open({
            browser,
            port: server.port,
            workspace: workspace.folder,
        });
        const { page } = workbench;
        // A real model shares the processor with the page.
        page.setDefaultTimeout(STEP_LIMIT_MS);
        await page.setViewportSize(SIZE);
        const picture = async (/** @type {string} */ name, /** @type {Clip} */ clip) => {
            // The pointer has no place in a picture; at the upper edge there is nothing that would show a hover.
            await page.mouse.move(SIZE.width / 2, 1);
            await page.waitForTimeout(600);
            const bytes = await page.screenshot({ clip });
            if (bytes.length > MAX_BYTES)
                throw new Error(`${name} has ${bytes.length} bytes; clip it to ${MAX_BYTES}`);
            writeFileSync(join(out, `${name}.png`), bytes);
            console.log(`  ${name}.png, ${Math.round(bytes.length / 1000)} kB`);
        };
        await scene.play({ workbench, workspace: workspace.folder, model, picture });
    } catch (error) {
        await workbench?.page.screenshot({ path: join(root, ".cache", `${scene.name}.png`) });
        throw error;
    } finally {
        await workbench?.close();
        await server.stop();
        workspace.remove();
    }
}

exitOnSignals();
mkdirSync(out, { recursive: true });
mkdirSync(join(root, ".cache"), { recursive: true });
statSync(model);
const chromium = await ensureSystem(console.log);
const vsCode = await ensureVsCode(console.log);
const vsix = values.vsix ?? packageVsix().vsix;
const browser = await launchBrowser(chromium);
let nFailed = 0;
try {
    const scenes = [...SCENES, ...CHAT_SCENES].filter(({ name }) => !only || name.includes(only));
    for (const scene of scenes) {
        console.log(scene.name);
        try {
            await shoot(scene, { vsCode, vsix, browser });
        } catch (error) {
            nFailed++;
            console.log(`  failed, see .cache/${scene.name}.png: ${error}`);
        }
    }
} finally {
    await browser.close();
}
process.exitCode = nFailed > 0 ? 1 : 0;
