// The chat's page alone in Chromium, with its real shell, policy, script and style, and a host that the test plays: what hostile
// answers, long conversations and keys do to it needs no VS Code.
/* global window -- the functions that run in the page */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const ORIGIN = "http://chat.test";
const TYPES = { js: "text/javascript", css: "text/css", ttf: "font/ttf" };

/** @typedef {{ m: string, p: any }} Sent A request or an event of the page. */

/** @param {string} root */
async function shellOf(root) {
    const { outputFiles } = await build({
        entryPoints: [join(root, "src", "host", "page", "shell.ts")],
        bundle: true,
        write: false,
        format: "esm",
    });
    const code = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
    const { pageShell } = await import(`data:text/javascript;base64,${code}`);
    return pageShell({
        cspSource: ORIGIN,
        nonce: "test-nonce",
        script: `${ORIGIN}/dist/chat.js`,
        styles: ["dist/codicon.css", "media/page.css", "media/chat.css"].map(
            (path) => `${ORIGIN}/${path}`,
        ),
        title: "Ingot Chat",
        main: "chat",
    });
}

/** Runs in the page before its script: says hello as the host does, answers requests, keeps what was sent. */
function playHost() {
    const view = /** @type {any} */ (window);
    view.sent = [];
    view.answers = {};
    const post = (/** @type {unknown} */ frame) => window.postMessage(frame, "*");
    view.tell = (/** @type {string} */ m, /** @type {unknown} */ p) => post({ t: "evt", m, p });
    view.acquireVsCodeApi = () => ({
        getState: () => undefined,
        setState: () => undefined,
        postMessage(/** @type {any} */ frame) {
            if (frame.t === "hello") post(frame);
            else view.sent.push({ m: frame.m, p: frame.p });
            if (frame.t !== "req") return;
            const answer = () => post({ t: "res", id: frame.id, r: view.answers[frame.m] });
            if (view.held) view.held.push(answer);
            else answer();
        },
    });
}

export class ChatPage {
    /** @param {import("playwright-core").Page} page @param {string[]} strangers */
    constructor(page, strangers) {
        this.page = page;
        /** Addresses that the page asked for and has no business with. */
        this.strangers = strangers;
        this.input = page.locator(".composer textarea");
        this.articles = page.locator("article.turn");
    }

    /** @param {import("playwright-core").Browser} browser @param {string} root */
    static async open(browser, root) {
        const shell = await shellOf(root);
        const context = await browser.newContext({ viewport: { width: 340, height: 700 } });
        const page = await context.newPage();
        /** @type {string[]} */
        const strangers = [];
        await page.route("**/*", async (route) => {
            const url = new URL(route.request().url());
            const ending = /** @type {keyof typeof TYPES} */ (url.pathname.split(".").at(-1));
            if (url.href === `${ORIGIN}/`)
                return route.fulfill({ contentType: "text/html", body: shell });
            if (url.origin === ORIGIN && /^\/(dist|media)\/[\w.]+$/.test(url.pathname))
                return route.fulfill({
                    contentType: TYPES[ending],
                    body: readFileSync(join(root, url.pathname)),
                });
            strangers.push(url.href);
            return route.abort();
        });
        await page.addInitScript(playHost);
        await page.goto(`${ORIGIN}/`);
        const chat = new ChatPage(page, strangers);
        await chat.waitFor((sent) => sent.some(({ m }) => m === "ready"));
        return chat;
    }

    close() {
        return this.page.context().close();
    }

    /** @param {string} event @param {unknown} params */
    async tell(event, params) {
        await this.page.evaluate(
            ([m, p]) => /** @type {any} */ (window).tell(m, p),
            [event, params],
        );
        // Messages arrive in order: after this one it has been taken.
        await this.page.evaluate(() => new Promise((done) => setTimeout(done)));
    }

    /** @param {Record<string, unknown>} state */
    show(state) {
        return this.tell("state", {
            conversation: "c",
            modelName: "Model",
            turns: [],
            nEarlier: 0,
            chips: [],
            suggestions: [],
            busy: false,
            ...state,
        });
    }

    /** One question with its answer. @param {string} text */
    showAnswer(text) {
        return this.show({ turns: exchange(1, text) });
    }

    /** @param {string} method @param {unknown} result */
    answer(method, result) {
        return this.page.evaluate(
            ([m, r]) => {
                /** @type {any} */ (window).answers[/** @type {string} */ (m)] = r;
            },
            [method, result],
        );
    }

    /** Answers wait from now on. */
    hold() {
        return this.page.evaluate(() => void (/** @type {any} */ (window.held = [])));
    }

    /** They come, and no more wait. */
    release() {
        return this.page.evaluate(() => {
            const view = /** @type {any} */ (window);
            for (const answer of view.held) answer();
            view.held = undefined;
        });
    }

    /** @returns {Promise<Sent[]>} */
    sent() {
        return this.page.evaluate(() => /** @type {any} */ (window).sent);
    }

    /** @param {(sent: Sent[]) => boolean} accept */
    async waitFor(accept) {
        for (const until = Date.now() + 10_000; Date.now() < until;) {
            if (accept(await this.sent())) return;
            await this.page.waitForTimeout(20);
        }
        throw new Error(
            `the page never sent that: ${JSON.stringify((await this.sent()).slice(-5))}`,
        );
    }

    /** The parameters of the last request of a kind. @param {string} method */
    async last(method) {
        await this.waitFor((sent) => sent.some(({ m }) => m === method));
        return (await this.sent()).findLast(({ m }) => m === method)?.p;
    }
}

/** @param {number} i @param {string} text @param {string} [state] */
export function exchange(i, text, state = "done") {
    return [
        { id: `c.${2 * i}`, role: "user", text: `Question ${i}`, state: "done" },
        { id: `c.${2 * i + 1}`, role: "assistant", text, state },
    ];
}
