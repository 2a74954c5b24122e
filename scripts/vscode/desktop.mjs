// `npm run test:desktop`: the same mocha suite as test:host, in a desktop VS Code that @vscode/test-electron downloads. It
// needs a display (on a server: `xvfb-run -a npm run test:desktop`) and is not part of `npm test`.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTests } from "@vscode/test-electron";
import { finish } from "../result.mjs";
import { bundleHostSuite, readResults } from "./hostSuite.mjs";
import { copySample } from "./workspace.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const artefacts = join(root, ".cache", "desktop");
const resultsFile = join(artefacts, "results.json");

const home = mkdtempSync(join(tmpdir(), "ingot-desktop-"));
const workspace = copySample();
mkdirSync(artefacts, { recursive: true });
rmSync(resultsFile, { force: true });
try {
    const code = await runTests({
        cachePath: join(root, ".vscode-test"),
        version: process.env.VSCODE_VERSION ?? "stable",
        extensionDevelopmentPath: root,
        extensionTestsPath: await bundleHostSuite(),
        extensionTestsEnv: { INGOT_TEST_RESULTS: resultsFile, INGOT_HOME: home },
        launchArgs: [workspace.folder, "--disable-extensions", "--disable-workspace-trust"],
    }).catch((error) => {
        console.error(error instanceof Error ? error.message : String(error));
        return 1;
    });
    const { passed, failed } = readResults(resultsFile, code, console.log);
    finish("host", passed, failed);
} finally {
    workspace.remove();
    rmSync(home, { recursive: true, force: true });
}
