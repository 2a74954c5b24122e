// `npm run test:host [-- --tree | --vsix FILE]`: the mocha suite of test/host in a real VS Code, by default on a freshly
// packaged and unpacked vsix, because that is what a person installs. Last line: `N passed, N failed`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packageVsix } from "../package.mjs";
import { finish } from "../result.mjs";
import { bundleHostSuite, runHostSuite } from "./hostSuite.mjs";
import { ensureSystem, ensureVsCode } from "./install.mjs";
import { exitOnSignals } from "./server.mjs";
import { unpackVsix } from "./unpack.mjs";
import { copySample } from "./workspace.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

const { values } = parseArgs({
    options: { tree: { type: "boolean" }, vsix: { type: "string" } },
});
exitOnSignals();
const unpacked = mkdtempSync(join(tmpdir(), "ingot-unpacked-"));
const workspace = copySample();
try {
    const suite = await bundleHostSuite();
    const chromium = await ensureSystem(console.log);
    const vsCode = await ensureVsCode(console.log);
    let extension = root;
    if (!values.tree) {
        unpackVsix(values.vsix ?? packageVsix().vsix, unpacked);
        extension = join(unpacked, "extension");
    }
    const { passed, failed } = await runHostSuite({
        vsCode,
        chromium,
        extension,
        suite,
        workspace: workspace.folder,
        print: console.log,
    });
    finish("host", passed, failed);
} catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    finish("host", 0, 1);
} finally {
    workspace.remove();
    rmSync(unpacked, { recursive: true, force: true });
}
