// The Hub of the UI tests: the fake one of test/support on loopback, with the starter's checkpoint under a few names. The server
// gets its address by HF_ENDPOINT, and a cache of its own.
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeHub } from "../support/fakeHub.mjs";

/** Of who may publish. */
export const PUBLISHER = { name: "ann", token: "hf_ui" };

/** The repository that is converted. */
export const CODER = "ingot-tests/tea-coder-base";

/**
 * @typedef {object} UiHub
 * @property {import("../support/fakeHub.mjs").FakeHub} hub
 * @property {Record<string, string>} env For the server.
 * @property {() => Promise<void>} stop
 */

/** @param {string} root The tree. @returns {Promise<UiHub>} */
export async function startUiHub(root) {
    const folder = mkdtempSync(join(tmpdir(), "ingot-ui-hub-"));
    const starter = join(root, "models", "starter");
    const checkpoint = join(folder, "checkpoint");
    // Without the GGUF file: this is a repository that has to be converted.
    for (const name of readdirSync(starter).filter((one) => /\.(json|safetensors)$/.test(one)))
        cpSync(join(starter, name), join(checkpoint, name));
    const fact = (/** @type {number} */ nParameters, /** @type {number} */ downloads) => ({
        folder: checkpoint,
        nParameters,
        downloads,
    });
    const hub = await startFakeHub({
        accounts: { [PUBLISHER.token]: { name: PUBLISHER.name } },
        repos: {
            [CODER]: fact(5.2e6, 34_567),
            "ingot-tests/tea-coder-instruct": {
                folder: starter,
                nParameters: 5.2e6,
                downloads: 912,
            },
            "ingot-tests/tea-coder-gated": { ...fact(1.5e9, 2_100), gated: true, token: "x" },
            "ingot-tests/tea-coder-huge": fact(405e9, 88_000),
        },
    });
    return {
        hub,
        env: { HF_ENDPOINT: hub.url, HF_HOME: join(folder, "home"), HF_TOKEN: "" },
        async stop() {
            await hub.close();
            rmSync(folder, { recursive: true, force: true });
        },
    };
}
