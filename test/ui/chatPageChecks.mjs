// What the chat's page must stand: hostile answers, long conversations, keys. Each check gets the page of chatPage.mjs.
/* global window, document, HTMLElement, MutationObserver, DataTransfer, File, DragEvent -- of the page */
import assert from "node:assert/strict";
import { exchange } from "./chatPage.mjs";

/** @typedef {import("./chatPage.mjs").ChatPage} ChatPage */

/** Answers that try to run, load, send or break something. */
const HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<svg onload='window.hacked = 1'><script>window.hacked = 1</script></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>top.hacked = 1</script>'></iframe></foreignObject></svg>",
    "<math><mtext><style><img src=x onerror='window.hacked = 1'></style></mtext></math>",
    "<iframe src='http://evil.test/'></iframe><object data='http://evil.test/'></object>",
    "<form action='http://evil.test/'><button>Send</button></form><base href='http://evil.test/'>",
    "<a href='javascript:window.hacked = 1'>x</a> <details open ontoggle='window.hacked = 1'>",
    "<style>body { display: none }</style><link rel=stylesheet href='http://evil.test/x.css'>",
    "<meta http-equiv='refresh' content='0; url=http://evil.test/'>",
    "[a](javascript:window.hacked=1) [b](JaVaScRiPt:window.hacked=1) [c](java\nscript:window.hacked=1)",
    "[a](command:workbench.action.quit) [b](vscode://evil/x) [c](file:///etc/passwd)",
    "[a](data:text/html;base64,PHNjcmlwdD53aW5kb3cuaGFja2VkPTE8L3NjcmlwdD4=) <javascript:window.hacked=1>",
    "![a](http://evil.test/pixel.png) ![b](data:image/svg+xml,<svg onload=window.hacked=1>)",
    "[a]: javascript:window.hacked=1\n[a] [x][a] [x]: http://evil.test \"' onmouseover='window.hacked=1\"",
    "```html\n</code></pre><script>window.hacked = 1</script>\n```",
    '```"><img/src/onerror=window.hacked=1>\nx\n```',
    "- x\n\n  ```js onload=window.hacked=1\n  </code><img src=x onerror=window.hacked=1>\n  ```",
    "<think><img src=x onerror='window.hacked = 1'></think>\n<think><script>window.hacked = 1</script>",
    "| <img src=x onerror=window.hacked=1> | [x](javascript:window.hacked=1) |\n|:-:|---|\n| a | b |",
    "&lt;script&gt;window.hacked = 1&lt;/script&gt; &#60;img src=x onerror=window.hacked=1&#62;",
    `${">".repeat(3000)} deep`,
    `${"*".repeat(5000)}a${"*".repeat(5000)}`,
    `${"[".repeat(5000)}a${"]".repeat(5000)}`,
];
const FORBIDDEN = "script,img,svg,math,iframe,object,embed,form,style,link,base,meta,video,audio";

/** @param {ChatPage} chat */
export async function standsHostileAnswers(chat) {
    for (const text of HOSTILE) {
        await chat.showAnswer(text);
        const found = await chat.page.evaluate((forbidden) => {
            const log = document.querySelector(".log");
            for (const fold of log?.querySelectorAll("details") ?? []) fold.open = true;
            const elements = [...(log?.querySelectorAll("*") ?? [])];
            const isHandler = (/** @type {Attr} */ { name }) => /^on|^style$|^srcdoc$/.test(name);
            return {
                hacked: /** @type {any} */ (window).hacked,
                forbidden: [...(log?.querySelectorAll(forbidden) ?? [])].map((e) => e.outerHTML),
                handlers: elements.filter((e) => [...e.attributes].some(isHandler)).length,
                addresses: elements.filter((e) => e.hasAttribute("href") || e.hasAttribute("src"))
                    .length,
                links: [...(log?.querySelectorAll("[data-address]") ?? [])].map(
                    (e) => /** @type {HTMLElement} */ (e).dataset["address"] ?? "",
                ),
            };
        }, FORBIDDEN);
        assert.deepEqual(
            { ...found, links: found.links.filter((link) => !/^https?:/.test(link)) },
            { hacked: undefined, forbidden: [], handlers: 0, addresses: 0, links: [] },
            text.slice(0, 200),
        );
    }
    assert.deepEqual(chat.strangers, []);
    assert.equal(new URL(chat.page.url()).origin, "http://chat.test");
    // The policy holds even for what gets into the page.
    await chat.page.evaluate(() => {
        const script = document.createElement("script");
        script.textContent = "window.hacked = 1";
        const image = document.createElement("img");
        image.src = "http://evil.test/pixel.png";
        const style = document.createElement("style");
        style.textContent = "body { display: none }";
        document.body.append(script, image, style);
        document.body.setAttribute("onclick", "window.hacked = 1");
        document.body.click();
    });
    assert.equal(await chat.page.evaluate(() => /** @type {any} */ (window).hacked), undefined);
    assert.equal(await chat.page.locator(".composer").isVisible(), true);
    assert.deepEqual(chat.strangers, []);
    // A link asks the host, which asks the person.
    await chat.showAnswer("[a](https://example.com/x)");
    await chat.page.locator("[data-address]").click();
    assert.deepEqual(await chat.last("openLink"), { href: "https://example.com/x" });
    assert.deepEqual(chat.strangers, []);
}

/** @param {ChatPage} chat */
export async function standsLongConversations(chat) {
    const cells = 20;
    const row = `|${" x |".repeat(cells)}`;
    const table = [row, `|${"---|".repeat(cells)}`, ...Array.from({ length: 200 }, () => row)];
    await chat.showAnswer(table.join("\n"));
    assert.equal(await chat.page.locator("td").count(), 200 * cells);
    await chat.showAnswer("`````md\n````\n```\ninner\n```\n````\n`````\n\n> ```ts\n> a\n> ```");
    assert.equal(await chat.page.locator(".code-block").count(), 2);
    assert.match(await chat.page.locator(".code-block pre").first().innerText(), /^````\n```/);

    const turns = Array.from({ length: 100 }, (_, i) => exchange(i, `Answer **${i}**\n\n- a\n- b`));
    const all = turns.flat();
    await chat.show({ turns: all.slice(-60), nEarlier: 140 });
    assert.equal(await chat.articles.count(), 60);
    await chat.page.getByRole("button", { name: "Show earlier turns (140)" }).click();
    await chat.last("showEarlier");
    await chat.show({ turns: all.slice(-120), nEarlier: 80 });
    assert.equal(await chat.articles.count(), 120);
    assert.match(await chat.articles.first().innerText(), /Question 40/);
    assert.match(await chat.articles.last().innerText(), /Answer 99/);
    const before = await countElements(chat);
    // Ten more pages of an answer and 400 pieces: what is settled stays the very same elements.
    const streaming = [
        ...all.slice(-59),
        { id: "n", role: "assistant", text: "", state: "streaming" },
    ];
    await chat.show({ turns: streaming, nEarlier: 141, busy: true });
    const touched = await chat.page.evaluate(async () => {
        const log = /** @type {HTMLElement} */ (document.querySelector(".log"));
        const last = log.querySelector("article:last-of-type");
        const tell = /** @type {any} */ (window).tell;
        let nOutside = 0;
        let nSettled = 0;
        const observer = new MutationObserver((records) => {
            for (const { target, removedNodes } of records) {
                if (!last?.contains(target)) nOutside++;
                for (const node of removedNodes)
                    if (node instanceof HTMLElement && node.dataset["settled"]) nSettled++;
            }
        });
        observer.observe(log, { childList: true, subtree: true, characterData: true });
        for (let i = 0; i < 400; i++) {
            tell("append", { id: "n", text: i % 4 === 3 ? " end.\n\n" : " word" });
            await new Promise((done) => setTimeout(done));
            const blocks = last?.querySelectorAll(".markdown > .block") ?? [];
            for (const block of [...blocks].slice(0, -2))
                /** @type {HTMLElement} */ (block).dataset["settled"] = "1";
        }
        observer.disconnect();
        return { nOutside, nSettled, nBlocks: last?.querySelectorAll(".markdown > .block").length };
    });
    assert.deepEqual(touched, { nOutside: 0, nSettled: 0, nBlocks: 100 });
    await chat.show({ turns: all.slice(-60), nEarlier: 140 });
    assert.ok((await countElements(chat)) < before, "turns that are not shown any more are gone");
    for (const width of [170, 340, 1400]) {
        await chat.page.setViewportSize({ width, height: 700 });
        const overflow = await chat.page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.equal(overflow, 0, `${width} pixels wide`);
    }
}

/** While an answer is written. @param {ChatPage} chat */
export async function showsWhatIsWritten(chat) {
    const { page } = chat;
    const write = (/** @type {string} */ text) =>
        chat.show({ turns: exchange(1, text, "streaming"), busy: true });
    // The cursor stands behind the last word, not below it.
    for (const [text, last] of [
        ["a\n\nb *c* d", "P"],
        ["- a\n- b\n  - c", "LI"],
        ["> a\n>\n> b", "P"],
        ["a\n```ts\nlet b", "CODE"],
        ["| a | b |\n|---|---|\n| c | d", "TD"],
    ]) {
        await write("");
        await write(text ?? "");
        const marked = page.locator(".written-last");
        assert.equal(await marked.count(), 1, text);
        assert.equal(await marked.evaluate(({ tagName }) => tagName), last, text);
    }
    // Long code goes on as it is: what is there is not put there anew.
    let code = "x\n".repeat(16_000);
    await write(`\`\`\`ts\n${code}`);
    await page.evaluate(() => {
        const body = document.querySelector(".code-block code");
        Object.assign(window, { first: body?.firstChild });
    });
    for (let i = 0; i < 20; i++) {
        const text = `line ${i}\n`.repeat(30);
        code += text;
        await chat.tell("append", { id: "c.3", text });
    }
    const body = page.locator(".code-block code");
    assert.equal(await body.evaluate(({ textContent }) => textContent), code);
    assert.equal(
        await body.evaluate((shown) => shown.firstChild === /** @type {any} */ (window).first),
        true,
    );
    // The button to the end covers none of the block's, in a narrow bar either.
    await chat.show({ turns: exchange(1, `${"a\n\n".repeat(200)}`) });
    await page.locator(".log").evaluate((log) => void (log.scrollTop = 0));
    await page.locator(".to-end").waitFor();
    const [toEnd, log] = [
        await page.locator(".to-end").boundingBox(),
        await page.locator(".log").boundingBox(),
    ];
    assert.ok(toEnd && log && toEnd.x + toEnd.width < log.x + log.width / 2);
}

/** @param {ChatPage} chat */
export async function worksByKeyboard(chat) {
    const { page, input } = chat;
    const turns = exchange(
        1,
        "<think>Let me see.</think>\nRun:\n```bash\nnpm test\n```\n```ts\na\n```",
    );
    await chat.show({ turns });
    assert.equal(await page.locator("details.reasoning").getAttribute("open"), null);
    assert.match(await page.locator("details.reasoning summary").innerText(), /^Thoughts, 3 words/);
    assert.doesNotMatch(await page.locator(".markdown").innerText(), /Let me see/);
    assert.equal(await page.getByRole("button", { name: "Put Into the Terminal" }).count(), 1);
    await page.getByRole("button", { name: "Put Into the Terminal" }).press("Enter");
    assert.deepEqual(await chat.last("toTerminal"), { text: "npm test\n" });
    await page.getByRole("button", { name: "Apply to File" }).last().press("Enter");
    assert.deepEqual(await chat.last("apply"), { text: "a\n", language: "ts" });

    // `#`: a list that arrows, Enter and Escape work in, told to a screen reader.
    const items = ["basket.ts", "basket.test.ts"].map((label) => ({
        id: `file:${label}`,
        kind: "file",
        label,
        insert: label,
    }));
    await chat.answer("suggest", items);
    await input.focus();
    await page.keyboard.type("Compare #bas");
    await page.getByRole("option", { name: "basket.ts" }).waitFor();
    assert.equal(await input.getAttribute("aria-expanded"), "true");
    await page.keyboard.press("ArrowDown");
    const active = await input.getAttribute("aria-activedescendant");
    assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
    await page.keyboard.press("Enter");
    assert.deepEqual(await chat.last("choose"), { id: "file:basket.test.ts" });
    assert.equal(await input.inputValue(), "Compare basket.test.ts ");
    await page.keyboard.type("#x");
    await page.getByRole("listbox").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.getByRole("listbox").isVisible(), false);

    // Enter before the list of what is typed now is there waits for it: it takes the first, or sends where there is none.
    await input.fill("");
    await chat.hold();
    await page.keyboard.type("#bas");
    await page.keyboard.press("Enter");
    await chat.release();
    await page.waitForFunction(() => document.querySelector("textarea")?.value === "basket.ts ");
    assert.deepEqual(await chat.last("choose"), { id: "file:basket.ts" });
    await input.fill("");
    await page.keyboard.type("#");
    await page.getByRole("listbox").waitFor();
    await chat.hold();
    await page.keyboard.type("bas");
    await page.keyboard.press("Enter");
    assert.equal(await input.inputValue(), "#bas");
    await chat.release();
    await page.waitForFunction(() => document.querySelector("textarea")?.value === "basket.ts ");
    // What the cursor has passed since stays.
    await input.fill("");
    await page.keyboard.type(" here");
    await page.keyboard.press("Home");
    await page.keyboard.type("#bas");
    await page.getByRole("listbox").waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
        () => document.querySelector("textarea")?.value === "basket.ts  here",
    );
    await chat.answer("suggest", []);
    await input.fill("");
    await chat.hold();
    await page.keyboard.type("Mend #12");
    await page.keyboard.press("Enter");
    assert.equal(await input.inputValue(), "Mend #12");
    await chat.release();
    assert.deepEqual(await chat.last("send"), { text: "Mend #12" });

    // Escape while the host still puts the question together stops what comes of it.
    await chat.answer("send", true);
    await input.fill("Never mind");
    await chat.hold();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    assert.equal(
        (await chat.sent()).some(({ m }) => m === "stop"),
        false,
    );
    await chat.release();
    await chat.last("stop");

    // `/` at the beginning: commands, completed in the same way; one that cannot be asked stays in the input.
    await input.fill("");
    await chat.answer("suggest", [{ id: "/fix", kind: "command", label: "/fix", insert: "/fix" }]);
    await page.keyboard.type("/f");
    await page.getByRole("listbox", { name: "Commands" }).waitFor();
    await page.keyboard.press("Tab");
    await page.waitForFunction(() => document.querySelector("textarea")?.value === "/fix ");
    await chat.answer("send", false);
    await page.keyboard.press("Enter");
    assert.deepEqual(await chat.last("send"), { text: "/fix" });
    await page.waitForFunction(() => document.querySelector("textarea")?.value === "/fix");
    await chat.answer("send", true);

    await chat.answer("edit", true);

    // Up edits the last question; Escape leaves it; a button keeps the focus while the page is painted.
    await input.fill("");
    const nStops = () => chat.sent().then((sent) => sent.filter(({ m }) => m === "stop").length);
    const nStopsBefore = await nStops();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type("!");
    await page.keyboard.press("Escape");
    assert.equal(await input.evaluate((element) => element === document.activeElement), true);
    assert.equal(
        (await chat.sent()).some(({ m }) => m === "edit"),
        false,
    );
    assert.equal(await nStops(), nStopsBefore);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type("!");
    await page.keyboard.press("Enter");
    assert.deepEqual(await chat.last("edit"), { id: "c.2", text: "Question 1!" });
    // One that cannot be asked stays open as it was written.
    await chat.answer("edit", false);
    await input.focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type("?");
    await page.keyboard.press("Enter");
    const again = page.locator("textarea.question-input");
    await again.waitFor();
    assert.equal(await again.inputValue(), "Question 1?");
    // What is typed stays while an answer begins, and is sent after that.
    const [asked, answered] = turns;
    await chat.show({ turns: [asked, { ...answered, state: "streaming" }], busy: true });
    await again.press("Enter");
    assert.equal(await again.inputValue(), "Question 1?");
    assert.equal(await page.getByRole("button", { name: "Send" }).first().isDisabled(), true);
    await chat.show({ turns });
    assert.equal(await page.getByRole("button", { name: "Send" }).first().isDisabled(), false);
    // So it does beside a second question that is written anew, and while another conversation is shown.
    const both = [...exchange(0, "Earlier"), ...turns];
    await chat.show({ turns: both });
    await page.locator(".turn.question").first().hover();
    await page.getByRole("button", { name: "Edit Question" }).click();
    const first = page.locator("textarea.question-input").first();
    await first.fill("Question 0?");
    await chat.show({ turns: [] });
    await chat.show({ turns: both });
    const editors = await page.locator("textarea.question-input").all();
    assert.deepEqual(await Promise.all(editors.map((one) => one.inputValue())), [
        "Question 0?",
        "Question 1?",
    ]);
    await first.press("Escape");
    await chat.show({ turns });
    await again.press("Escape");
    await chat.answer("edit", true);
    await page.getByRole("button", { name: "Ask Again" }).focus();
    await chat.show({ turns });
    assert.equal(
        await page.evaluate(() => document.activeElement?.getAttribute("aria-label")),
        "Ask Again",
    );

    // Versions, and what was added.
    const versioned = turns.map((turn) => ({ ...turn, version: { at: 1, of: 2 } }));
    const chip = { kind: "file", tooltip: "/a.ts", enabled: true, isAdded: true };
    await chat.show({ turns: versioned, chips: [{ ...chip, id: "f", label: "a.ts" }] });
    await page.getByRole("button", { name: "Next Answer" }).press("Enter");
    assert.deepEqual(await chat.last("selectVersion"), { id: "c.3", step: 1 });
    assert.equal(await page.getByRole("button", { name: "Previous Answer" }).isDisabled(), true);
    await page.getByRole("button", { name: "Pin a.ts to This Chat" }).press("Enter");
    assert.deepEqual(await chat.last("pinChip"), { id: "f" });
    await page.getByRole("button", { name: "Remove a.ts" }).press("Enter");
    assert.deepEqual(await chat.last("removeChip"), { id: "f" });

    // Escape stops; the finished answer is said once, and not while it comes.
    await chat.show({ turns: exchange(1, "", "streaming"), busy: true });
    await chat.tell("append", { id: "c.3", text: "Forty-two." });
    assert.equal(await page.locator(".log").getAttribute("aria-live"), "off");
    assert.equal(await page.locator(".visually-hidden").innerText(), "");
    await input.press("Escape");
    await chat.last("stop");
    await chat.show({ turns: exchange(1, "Forty-two.") });
    assert.equal(await page.locator(".visually-hidden").textContent(), "Answer: Forty-two.");

    // An image is refused where the person looks; a text is taken; the meter shows when the context is over half full.
    await page.evaluate(() => {
        for (const [name, type] of [
            ["shot.png", "image/png"],
            ["notes.txt", "text/plain"],
        ]) {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(["some text"], name ?? "", { type: type ?? "" }));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
        }
    });
    assert.deepEqual(await chat.last("drop"), {
        uris: [],
        files: [{ name: "notes.txt", text: "some text" }],
    });
    assert.match(await page.locator(".hint").innerText(), /shot\.png is an image/);
    await chat.tell("usage", { usage: { used: 400, of: 1000 } });
    assert.equal(await page.getByRole("meter").isVisible(), false);
    await chat.tell("usage", { usage: { used: 700, of: 1000 } });
    assert.equal(
        await page.getByRole("meter").getAttribute("aria-valuetext"),
        "700 of 1,000 tokens",
    );
}

/** @param {ChatPage} chat */
function countElements({ page }) {
    return page.evaluate(() => document.querySelectorAll("*").length);
}
