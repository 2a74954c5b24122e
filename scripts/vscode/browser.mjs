// Opens headless Chromium on a VS Code server: the address of a workspace, the launch flags, the page. What a page shows
// and how it is driven is test/ui/workbench.mjs.
import { URLSearchParams } from "node:url";
import { chromium } from "playwright-core";

/** @typedef {import("playwright-core").BrowserContext} BrowserContext */

/**
 * @param {string} executablePath
 * @returns {Promise<import("playwright-core").Browser>}
 */
export function launchBrowser(executablePath) {
    // Chromium refuses to run as root with its sandbox, and /dev/shm is small in containers. The page is our own.
    const args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"];
    return chromium.launch({ executablePath, args, chromiumSandbox: false });
}

/** @param {import("playwright-core").Browser} browser @returns {Promise<BrowserContext>} */
export function newContext(browser) {
    return browser.newContext({
        viewport: { width: 1280, height: 800 },
        permissions: ["clipboard-read", "clipboard-write"],
    });
}

/**
 * @param {number} port
 * @param {string} workspace Absolute path of the folder to open.
 * @param {[string, string][]} [payload] Extension-development keys; need the smoke-test driver.
 */
export function workbenchAddress(port, workspace, payload = []) {
    const query = new URLSearchParams({ folder: workspace });
    if (payload.length > 0) query.set("payload", JSON.stringify(payload));
    return `http://127.0.0.1:${port}/?${query.toString()}`;
}

/**
 * The authority must equal the page's host and port.
 * @param {number} port @param {string} path
 */
export function remoteUri(port, path) {
    return `vscode-remote://127.0.0.1:${port}${path}`;
}
