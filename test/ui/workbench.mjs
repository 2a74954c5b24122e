// The page object of VS Code's workbench: every selector and key of the UI tests and of `npm start -- --check` is here, for
// the pinned version of scripts/vscode/install.mjs. It knows what VS Code looks like, not what a test expects.
import { newContext, workbenchAddress } from "../../scripts/vscode/browser.mjs";

const BOOT_LIMIT_MS = 60_000;
const STEP_LIMIT_MS = 15_000;

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */

export class Workbench {
    /** @param {Page} page */
    constructor(page) {
        this.page = page;
        this.quickInput = page.locator(".quick-input-widget");
        this.quickInputBox = page.locator(".quick-input-widget .quick-input-box input");
        this.quickInputTitle = page.locator(".quick-input-widget .quick-input-title");
        this.rows = page.locator(".quick-input-list .monaco-list-row");
        this.toasts = page.locator(".notification-toast .notification-list-item");
        this.status = page.locator('.statusbar-item[id$="ingot.status"]');
        /** The chosen item of the open suggestion list. */
        this.suggestList = page.locator(".suggest-widget.visible .monaco-list-row.focused");
        this.editor = page.locator(".editor-instance .monaco-editor").first();
    }

    /**
     * Opens a workspace in a new browser context and waits until the extension's status item is there.
     * @param {{ browser: import("playwright-core").Browser, port: number, workspace: string }} options
     */
    static async open({ browser, port, workspace }) {
        return Workbench.openPage(await newContext(browser), workbenchAddress(port, workspace));
    }

    /** @param {import("playwright-core").BrowserContext} context @param {string} address */
    static async openPage(context, address) {
        const page = await context.newPage();
        page.setDefaultTimeout(STEP_LIMIT_MS);
        await page.goto(address, { timeout: BOOT_LIMIT_MS });
        const workbench = new Workbench(page);
        await page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: BOOT_LIMIT_MS });
        await workbench.status.waitFor({ timeout: BOOT_LIMIT_MS });
        return workbench;
    }

    /** Reloads the window, as a person does, and waits for the extension. */
    async reload() {
        await this.page.reload();
        await this.page
            .locator(".monaco-workbench .part.statusbar")
            .waitFor({ timeout: BOOT_LIMIT_MS });
        await this.status.waitFor({ timeout: BOOT_LIMIT_MS });
    }

    /** A second window of the same folder by the same person: what is kept for a folder is there for both. */
    secondWindow() {
        return Workbench.openPage(this.page.context(), this.page.url());
    }

    async close() {
        await this.page.context().close();
    }

    /** Runs a command by its title in the palette. @param {string} title */
    async runCommand(title) {
        const row = this.rows.filter({ hasText: title }).first();
        for (let attempt = 0; attempt < 4; attempt++) {
            await this.openQuickInput("Control+Shift+P");
            await this.quickInputBox.fill(`>${title}`);
            // What takes the focus just then closes the palette, or takes the text away.
            if (await isVisible(row, 5000)) return row.click();
            await this.press("Escape");
        }
        throw new Error(`the palette shows no command ${title}`);
    }

    /** Opens a file of the workspace with the keyboard in its text. @param {string} name */
    async openFile(name) {
        await this.showFile(name);
        await this.focusEditor();
    }

    /** Opens a file of the workspace in whatever editor it has. @param {string} name */
    async showFile(name) {
        const row = this.rows.filter({ hasText: name }).first();
        for (let attempt = 0; attempt < 5; attempt++) {
            await this.openQuickInput("Control+P");
            await this.quickInputBox.fill(name);
            // A file that was made just now can be missing from the list; only a new list looks again.
            if (await isVisible(row, 2000)) break;
            await this.press("Escape");
        }
        await row.click();
        await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    }

    /** Without the click the first letters typed are lost. */
    async focusEditor() {
        await this.page.locator(".editor-instance .view-lines").first().click();
        await this.page.locator(".editor-instance .monaco-editor.focused").first().waitFor();
    }

    /** Types as a person does, key by key. @param {string} text */
    async type(text) {
        await this.page.keyboard.type(text, { delay: 15 });
    }

    /** @param {string} key */
    async press(key) {
        await this.page.keyboard.press(key);
    }

    /** The ghost text that is shown, first line first; empty when there is none. */
    async ghostText() {
        const first = await this.page.locator(".ghost-text-decoration").allTextContents();
        const more = await this.page.locator(".ghost-text").allTextContents();
        // Spaces of the view are no-break spaces.
        const lines = [first.join(""), ...more].filter((line) => line !== "");
        return lines.join("\n").replaceAll("\u00a0", " ");
    }

    /**
     * @param {number} limitMs
     * @returns {Promise<string>} Empty when none came in time.
     */
    async waitForGhostText(limitMs) {
        const any = this.page.locator(".ghost-text-decoration, .ghost-text").first();
        if (!(await isVisible(any, limitMs))) return "";
        // Further lines are painted a moment after the first: twice the same is all of it.
        let before = "";
        return this.poll(
            async () => {
                before = await this.ghostText();
                await this.page.waitForTimeout(100);
                return this.ghostText();
            },
            (text) => text === before,
        );
    }

    /** Polls until the ghost text is what it should be, or the time is up. @param {(text: string) => boolean} accept @param {number} [limitMs] */
    async waitForGhostTextLike(accept, limitMs) {
        return this.poll(() => this.ghostText(), accept, limitMs);
    }

    /** A button above a line by its text, the first one when nothing is said. @param {string} text @param {number} [i] */
    codeLens(text, i = 0) {
        return this.page.locator(".codelens-decoration a").filter({ hasText: text }).nth(i);
    }

    /**
     * Presses the first of the buttons with that text until so many are left: VS Code makes them anew as the text changes, and a press on one that goes is lost.
     * @param {string} text @param {number} nLeft
     */
    async pressCodeLens(text, nLeft) {
        const all = this.page.locator(".codelens-decoration a").filter({ hasText: text });
        const isDone = async () => (await all.count()) <= nLeft;
        for (let attempt = 0; attempt < 4 && !(await isDone()); attempt++) {
            await all.first().click();
            await this.poll(
                async () => String(await isDone()),
                (done) => done === "true",
                3000,
            );
        }
        if (!(await isDone())) throw new Error(`more than ${nLeft} times "${text}" is left`);
    }

    async save() {
        await this.press("Control+S");
        await this.page.locator(".tab.active:not(.dirty)").waitFor();
    }

    /** Saves and closes whatever is open. */
    async closeEditors() {
        await this.press("Escape");
        await this.runCommand("File: Save All Files");
        // An editor that is still being saved would ask.
        await this.page.locator(".tab.dirty").first().waitFor({ state: "detached" });
        await this.runCommand("View: Close All Editors");
        await this.page.locator(".tab").first().waitFor({ state: "detached" });
    }

    /** Closes the page in front; the keyboard is in the text under it then. */
    async closePage() {
        await this.runCommand("View: Close Editor");
        await this.page.locator(".editor-instance .monaco-editor.focused").first().waitFor();
    }

    /** The whole text of the active editor, through the clipboard: the DOM holds only what is on the screen. */
    async editorText() {
        // By key: a click into a long document scrolls it first, and the text moves away under the pointer.
        await this.press("Control+1");
        await this.page.locator(".editor-instance .monaco-editor.focused").first().waitFor();
        await this.press("Control+A");
        await this.press("Control+C");
        return /** @type {Promise<string>} */ (
            this.page.evaluate("navigator.clipboard.readText()")
        );
    }

    /**
     * The text of a read-only document that a command opens.
     * @param {string} title @param {RegExp} expected What the text must hold before it counts as there.
     */
    async commandDocument(title, expected) {
        await this.runCommand(title);
        let text = "";
        for (const until = Date.now() + STEP_LIMIT_MS; Date.now() < until;) {
            text = await this.editorText().catch(() => "");
            if (expected.test(text)) return text;
            await this.page.waitForTimeout(100);
        }
        throw new Error(`"${title}" opened no document like ${expected}: ${text.slice(0, 500)}`);
    }

    /** @param {string} title Part of the open quick input's title. */
    async waitForQuickInput(title) {
        await this.quickInputTitle.filter({ hasText: title }).waitFor();
    }

    /**
     * Milliseconds that VS Code itself counted for an extension: loading its code and activating it.
     * @param {string} extension Its id.
     */
    async activationMs(extension) {
        const row = new RegExp(`\\| ${extension} +\\| \\w+ +\\| (\\d+) +\\| (\\d+) +\\| (\\d+) `);
        const text = await this.commandDocument("Developer: Startup Performance", row);
        const [, loadMs, callMs, finishMs] = row.exec(text) ?? [];
        return Number(loadMs) + Number(callMs) + Number(finishMs);
    }

    /**
     * A tree paints only the rows in sight, and a view that was never shown has none at first: goes to its end until the row is there.
     * @param {string} focus Title of the command that focuses the tree. @param {string} text
     */
    async revealTreeRow(focus, text) {
        await this.runCommand(focus);
        const rows = this.page.locator(".part.sidebar .monaco-list-row");
        const row = rows.filter({ hasText: text }).first();
        for (const until = Date.now() + STEP_LIMIT_MS; Date.now() < until;) {
            await this.press("End");
            if (await isVisible(row, 500)) return row;
        }
        throw new Error(`"${focus}" shows no row with ${text}`);
    }

    /**
     * Presses an action that a row shows under the pointer, and waits until the row is gone.
     * @param {string} text Any text of the row. @param {string} action The action's title.
     */
    async endTreeRow(text, action) {
        const rows = this.page.locator(".part.sidebar .monaco-list-row");
        const row = rows.filter({ hasText: text }).first();
        await row.hover();
        await row.locator(`.action-label[aria-label^="${action}"]`).click();
        await row.waitFor({ state: "detached" });
    }

    /** A row of the open quick pick by any of its text. @param {string | RegExp} text */
    async waitForRow(text) {
        await this.rows.filter({ hasText: text }).first().waitFor();
    }

    /** Chooses a row of the open quick pick by any of its text. @param {string | RegExp} text */
    async pickRow(text) {
        const row = this.rows.filter({ hasText: text }).first();
        await row.waitFor();
        await row.click();
    }

    /** Chooses a row of the open quick pick by what its label begins with. @param {string} label */
    async pick(label) {
        const row = this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`);
        await row.first().waitFor();
        await row.first().click();
    }

    /**
     * Answers VS Code's own dialog with a path in the workspace. It takes a path, and an answer, only when it has looked up the folder
     * that it shows.
     * @param {string} path
     */
    async fillFileDialog(path) {
        await this.rows.first().waitFor();
        await this.quickInputBox.fill(path);
        await this.rows.filter({ hasText: "tools" }).first().waitFor();
        await this.press("Enter");
    }

    /** Leaves no row of a quick pick chosen, in which several can be. */
    async uncheckAll() {
        const box = this.page.locator('.quick-input-header > [role="checkbox"]');
        await box.click();
        // The first click chooses all unless all were chosen.
        if ((await box.getAttribute("aria-checked")) !== "false") await box.click();
    }

    /** @param {string | RegExp} text @param {number} [limitMs] */
    async waitForToast(text, limitMs = STEP_LIMIT_MS) {
        const toast = this.toasts.filter({ hasText: text }).first();
        await toast.waitFor({ timeout: limitMs });
        return toast;
    }

    /** What the status item says to a screen reader: the first line of its hover. */
    async statusText() {
        return (await this.status.getAttribute("aria-label")) ?? "";
    }

    /** @param {(text: string) => boolean} accept */
    async waitForStatus(accept) {
        return this.poll(() => this.statusText(), accept);
    }

    /** The parts of the chat's page. */
    chat() {
        const page = this.webview();
        return {
            input: page.locator("textarea"),
            /** Their `data-state`: streaming, done, stopped, failed. */
            answers: page.locator("article.answer"),
            stop: page.getByRole("button", { name: "Stop" }),
            send: page.getByRole("button", { name: "Send" }),
        };
    }

    /**
     * Presses Stop from inside the page as soon as the next answer is under way: a small model would be done before a click
     * from outside arrives.
     */
    async stopNextAnswer() {
        await this.chat().input.evaluate((input) => {
            const page = input.ownerDocument;
            const view = page.defaultView;
            const stop = page.querySelector('button[aria-label^="Stop"]');
            if (!view || !(stop instanceof view.HTMLElement)) throw new Error("no Stop button");
            const nBefore = page.querySelectorAll("article.answer").length;
            const observer = new view.MutationObserver(() => {
                const nNow = page.querySelectorAll("article.answer").length;
                if (nNow === nBefore || stop.hidden) return;
                observer.disconnect();
                stop.click();
            });
            observer.observe(page.body, { childList: true, subtree: true, attributes: true });
        });
    }

    /** The document inside a webview: page > frame > inner frame. */
    webview() {
        return this.page
            .frameLocator("iframe.webview.ready")
            .first()
            .frameLocator("iframe#active-frame");
    }

    /**
     * The page of `Ingot: Why No Suggestion?`, once it says what is expected of the place. The chat may be another page.
     * @param {RegExp} expected
     */
    async whyNoSuggestion(expected) {
        await this.runCommand("Ingot: Why No Suggestion?");
        return this.pageWith("h1", expected);
    }

    /**
     * Of all pages that are open the one in which an element says what is expected.
     * @param {string} selector @param {RegExp} expected
     */
    async pageWith(selector, expected) {
        const frames = this.page.locator("iframe.webview.ready");
        const seen = [];
        for (const until = Date.now() + STEP_LIMIT_MS; Date.now() < until;) {
            for (let i = 0; i < (await frames.count()); i++) {
                const page = frames.nth(i).contentFrame().frameLocator("iframe#active-frame");
                const heading = page.locator(selector).first();
                const text = await heading.textContent({ timeout: 500 }).catch(() => null);
                if (text !== null && expected.test(text)) return page;
                seen.push(text);
            }
            await this.page.waitForTimeout(100);
        }
        throw new Error(`No page says ${expected}: ${seen.slice(-5).join(" | ")}`);
    }

    /**
     * Reads until the value is accepted or the time is up; the last value either way, for the caller's message.
     * @param {() => Promise<string>} read @param {(text: string) => boolean} accept @param {number} [limitMs]
     */
    async poll(read, accept, limitMs = STEP_LIMIT_MS) {
        const until = Date.now() + limitMs;
        for (;;) {
            const text = await read();
            if (accept(text) || Date.now() > until) return text;
            await this.page.waitForTimeout(50);
        }
    }

    /** A widget can be closed by whatever takes the focus just then: press, look, press again. @param {string} key */
    async openQuickInput(key) {
        for (let attempt = 0; attempt < 3; attempt++) {
            await this.press(key);
            if (await isVisible(this.quickInputBox, 1500)) return;
            await this.press("Escape");
        }
        throw new Error(`${key} opened no quick input`);
    }
}

/** @param {Locator} locator @param {number} limitMs */
function isVisible(locator, limitMs) {
    return locator.waitFor({ timeout: limitMs }).then(
        () => true,
        () => false,
    );
}
