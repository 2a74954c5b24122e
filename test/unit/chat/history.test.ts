/** Chats on disk: found again after a reload in the middle of an answer, never overwritten by another window, searched, exported. */

import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../../src/base/log";
import { ChatStore } from "../../../src/host/chat/chatStore";
import { Conversation } from "../../../src/host/chat/conversation";
import { exportMarkdown } from "../../../src/host/chat/exportMarkdown";
import { History } from "../../../src/host/chat/history";
import { describeChat, searchChats } from "../../../src/host/chat/search";
import type { ChatEngine } from "../../../src/host/chat/asking";
import { ChatSession } from "../../../src/host/chat/session";
import { isStoredChat, type StoredChat } from "../../../src/host/chat/stored";
import type { ChatProgress, ChatResult } from "../../../src/protocol/chat";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ingot-chats-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A window on the same workspace: its own session and store; the memento is shared, as VS Code keeps it. */
function openWindow(memento: { last?: string | undefined }) {
    let nAnswers = 0;
    let progress: (value: ChatProgress) => void = () => undefined;
    const engine: ChatEngine = {
        chat: (_request, { signal, onProgress }) => {
            progress = onProgress;
            return new Promise((resolve, reject) => {
                if (isSlow.now) signal.addEventListener("abort", () => reject(new Error("gone")));
                else resolve(answer(`Answer ${++nAnswers}`));
            });
        },
        prefillChat: async () => undefined,
    };
    const isSlow = { now: false };
    const session = new ChatSession({
        engine,
        log: silentLog,
        model: () => ({ name: "m", contextTokens: 2048 }),
    });
    const history = new History({
        session,
        store: new ChatStore(folder),
        log: silentLog,
        lastChat: () => memento.last,
        setLastChat: (id) => (memento.last = id),
        now: () => 1000,
    });
    const write = (text: string) => progress({ kind: "text", text });
    return { session, history, isSlow, write };
}

function answer(text: string): ChatResult {
    return {
        text,
        stop: "end-of-text",
        tokens: { prompt: 1, reused: 0, generated: 1 },
        timings: { loadMs: 0, promptMs: 0, generateMs: 0, totalMs: 0 },
        nDropped: 0,
        contextTokens: 2048,
    };
}

describe("after a reload", () => {
    it("the chat is as it was", async () => {
        const memento = {};
        const before = openWindow(memento);
        await before.history.restore();
        await before.session.send("one?");
        await before.history.flush();
        const after = openWindow(memento);
        await after.history.restore();
        expect(after.session.turns).toEqual(before.session.turns);
        expect(after.session.id).toBe(before.session.id);
    });

    it("in the middle of an answer, what came is there and marked", async () => {
        const memento = {};
        const before = openWindow(memento);
        before.isSlow.now = true;
        void before.session.send("one?");
        const shown = new Promise<void>((done) => before.session.onAppend(() => done()));
        before.write("The beginning");
        await shown;
        await before.history.flush();
        const after = openWindow(memento);
        await after.history.restore();
        expect(after.session.turns.at(-1)).toMatchObject({
            text: "The beginning",
            state: "stopped",
            note: expect.stringContaining("window was closed") as string,
        });
        await after.session.send("two?");
        expect(after.session.turns.at(-1)).toMatchObject({ text: "Answer 1", state: "done" });
    });

    it("keeps the whole of a chat that another takes the place of before it was written", async () => {
        const { session, history } = openWindow({});
        await session.send("one?");
        const written = history.flush();
        session.newChat();
        await written;
        const [kept] = await history.list();
        expect(kept?.turns.map(({ state }) => state)).toEqual(["done", "done"]);
    });

    it("nothing of before comes back once a new chat was begun, before or while the old one is read", async () => {
        const memento = {};
        const before = openWindow(memento);
        await before.history.restore();
        await before.session.send("one?");
        await before.history.flush();
        for (const isUnderWay of [false, true]) {
            const { session, history } = openWindow({ ...memento });
            const restored = isUnderWay ? history.restore() : undefined;
            history.newChat();
            await restored;
            await history.restore();
            expect(session.turns).toEqual([]);
            expect(await history.list()).toHaveLength(1);
        }
    });

    it("of an empty chat nothing comes back", async () => {
        const memento = {};
        const before = openWindow(memento);
        await before.session.send("one?");
        await before.history.flush();
        await before.history.restore();
        before.session.newChat();
        await before.history.flush();
        const after = openWindow(memento);
        await after.history.restore();
        expect(after.session.turns).toEqual([]);
        expect(await after.history.list()).toHaveLength(1);
    });
});

describe("two windows", () => {
    it("that go on with the same chat keep both", async () => {
        const memento = {};
        const first = openWindow(memento);
        await first.session.send("shared?");
        await first.history.flush();
        const second = openWindow(memento);
        await second.history.restore();
        expect(second.session.id).toBe(first.session.id);
        await first.session.send("first?");
        await first.history.flush();
        await second.session.send("second?");
        await second.history.flush();
        await first.session.send("first again?");
        await first.history.flush();
        expect(second.session.id).not.toBe(first.session.id);
        const texts = (await first.history.list()).map(({ turns }) => turns.map((t) => t.text));
        expect(texts).toHaveLength(2);
        expect(texts.find((all) => all.includes("first again?"))).toContain("first?");
        expect(texts.find((all) => all.includes("second?"))).not.toContain("first?");
    });

    it("that write at once lose nothing", async () => {
        const windows = Array.from({ length: 4 }, () => openWindow({}));
        await Promise.all(
            windows.map(async ({ session, history }, i) => {
                await session.send(`question ${i}`);
                await history.flush();
            }),
        );
        const titles = (await windows[0]!.history.list()).map(({ title }) => title);
        expect(titles.sort()).toEqual([0, 1, 2, 3].map((i) => `question ${i}`));
    });
});

describe("the store", () => {
    const chat = (id: string, more: Partial<StoredChat> = {}): StoredChat => {
        const conversation = new Conversation(id);
        conversation.ask(`${id}?`, []);
        conversation.finish(`${id}.`);
        return { ...conversation.stored(1000), ...more };
    };

    it("skips what is damaged, foreign or named like a path", async () => {
        const store = new ChatStore(folder);
        await store.write(chat("good"));
        writeFileSync(join(folder, "cut.json"), '{"revision":"x","chat":{"version":1');
        writeFileSync(
            join(folder, "other.json"),
            JSON.stringify({ revision: "x", chat: chat("a") }),
        );
        expect((await store.list()).map(({ id }) => id)).toEqual(["good"]);
        expect(await store.read("../good")).toBeUndefined();
        expect(readdirSync(folder).filter((name) => !name.endsWith(".json"))).toEqual([]);
    });

    it("reads a chat of any length, which is kept without the context of its oldest questions", async () => {
        const conversation = new Conversation("long");
        for (const [i, n] of [6_000_000, 6_000_000, 6_000_000].entries()) {
            conversation.ask(`${i}?`, [{ label: `${i}.ts`, text: "x".repeat(n) }]);
            conversation.finish(`${i}.`);
        }
        await new ChatStore(folder).write(conversation.stored(0));
        const read = await new ChatStore(folder).read("long");
        expect(read?.turns.map(({ text }) => text)).toEqual(["0?", "0.", "1?", "1.", "2?", "2."]);
        const context = read?.turns.flatMap((one) => one.context ?? []);
        expect(context?.map(({ label, text }) => [label, text.length])).toEqual([
            ["0.ts (no longer kept)", 0],
            ["1.ts", 6_000_000],
            ["2.ts", 6_000_000],
        ]);
    });

    it("keeps the newest 200", async () => {
        const store = new ChatStore(folder);
        for (let i = 0; i < 200; i++) {
            const path = join(folder, `old-${i}.json`);
            writeFileSync(path, JSON.stringify({ revision: "r", chat: chat(`old-${i}`) }));
            utimesSync(path, i + 1, i + 1);
        }
        await store.write(chat("new"));
        const names = readdirSync(folder);
        expect(names).toHaveLength(200);
        expect(names).toContain("new.json");
        expect(names).not.toContain("old-0.json");
    });

    it.each([
        ["another version", { version: 2 }],
        ["a parent that comes later", { turns: [{ ...turn("b", "assistant"), parent: "a" }] }],
        ["an answer to nothing", { turns: [turn("a", "assistant")] }],
        ["two with one id", { turns: [turn("a", "user"), turn("a", "user")] }],
        ["text that is none", { turns: [{ ...turn("a", "user"), text: 7 }] }],
        ["pins that are none", { pinned: [{ label: "x" }] }],
        ...[
            { uri: "https://x", first: 0, last: 1 },
            { uri: "file:///x", first: -1, last: 1 },
            "x",
        ].map((place): [string, object] => [
            "a place that is none",
            { pinned: [{ label: "x", text: "x", place }] },
        ]),
    ])("does not take %s for a chat", (_name, change) => {
        expect(isStoredChat({ ...chat("x"), ...change })).toBe(false);
        expect(isStoredChat(chat("x"))).toBe(true);
    });
});

function turn(id: string, role: string) {
    return { id, role, text: "", state: "done" };
}

describe("the list", () => {
    it("renames, also with nothing, and deletes the chat that is open", async () => {
        const { session, history } = openWindow({});
        await session.send("one?");
        await history.rename(session.id, "Mine");
        expect((await history.list()).map(({ title }) => title)).toEqual(["Mine"]);
        await history.rename(session.id, "");
        expect((await history.list()).map(({ title }) => title)).toEqual(["one?"]);
        const { id } = session;
        session.newChat();
        await history.rename(id, "Old");
        expect((await history.list())[0]).toMatchObject({ title: "Old", isNamed: true });
        await history.rename(id, " ");
        expect((await history.list())[0]).toMatchObject({ title: "one?", isNamed: false });
        expect(await history.open(id)).toBe(true);
        await history.remove(id);
        expect(session.turns).toEqual([]);
        expect(await history.list()).toEqual([]);
        expect(await history.open(id)).toBe(false);
    });

    it("finds chats by words of questions and answers, and shows where", () => {
        const make = (id: string, question: string, text: string) => {
            const conversation = new Conversation(id);
            conversation.ask(question, []);
            conversation.finish(text);
            return conversation.stored(0);
        };
        const chats = [
            make("a", "How to sort?", `${"x ".repeat(100)}Use quicksort here. ${"y ".repeat(100)}`),
            make("b", "How to read a file?", "<think>quicksort</think>\nUse fs."),
        ];
        const find = (query: string) => searchChats(chats, query).map(({ chat }) => chat.id);
        expect(find("")).toEqual(["a", "b"]);
        expect(find("QUICKSORT")).toEqual(["a"]);
        expect(find("how file")).toEqual(["b"]);
        expect(find("nobody")).toEqual([]);
        expect(searchChats(chats, "quicksort")[0]?.excerpt).toMatch(
            /^\.\.\. .*Use quicksort here.* \.\.\.$/,
        );
    });

    it("says how long a chat is and when it was", () => {
        const conversation = new Conversation("a");
        conversation.ask("one?", []);
        const chat = conversation.stored(0);
        const hour = 3_600_000;
        const all = [0, hour / 2, 3 * hour, 30 * hour, 50 * hour].map((now) =>
            describeChat(chat, now),
        );
        expect(all).toEqual([
            "1 question, just now",
            "1 question, 30 min ago",
            "1 question, 3 h ago",
            "1 question, yesterday",
            "1 question, 2 days ago",
        ]);
    });
});

it("exports what an answer has of HTML as text, and titles and sentences without marks", () => {
    const conversation = new Conversation("c");
    conversation.ask("<!-- a", []);
    conversation.append(
        "<think></details></think><!-- open\n</details> in `</b>` a < b, <https://x.y>\n```html\n<!-- in code\n```\nend",
    );
    conversation.fail({ message: "It ended with *x*." });
    const [asked, answer] = exportMarkdown("Why?", conversation.turns).split("## Answer");
    expect(asked).toContain("> &lt;!-- a");
    expect(exportMarkdown("Why <b> and *c*?", [])).toBe("# Why \\<b\\> and \\*c\\*?\n");
    expect(answer).toBe(
        "\n\n<details><summary>Reasoning</summary>\n\n> &lt;/details>\n\n</details>\n\n&lt;!-- open\n&lt;/details> in `</b>` a < b, <https://x.y>\n```html\n<!-- in code\n```\nend\n\n*It ended with \\*x\\*.*\n",
    );
});

it("exports indented code as it is, and not the text of a list as code", () => {
    const conversation = new Conversation("c");
    conversation.ask("?", []);
    conversation.append("So:\n\n    <b>\n\n    <!-- a -->\n\n<i>\n    <u>\n\n- one\n\n    <s>");
    conversation.stop();
    expect(exportMarkdown("?", conversation.turns)).toContain(
        "So:\n\n    <b>\n\n    <!-- a -->\n\n&lt;i>\n    &lt;u>\n\n- one\n\n    &lt;s>",
    );
});

it("exports the branch that is shown as markdown", () => {
    const conversation = new Conversation("c");
    conversation.ask("# How?\nTell me", [{ label: "a.ts", text: "..." }]);
    conversation.append("<think>hm</think>\n```ts\nlet a;");
    conversation.stop();
    expect(exportMarkdown("How?", conversation.turns)).toBe(
        [
            "# How?",
            "## Question",
            "> # How?\n> Tell me",
            "With: a.ts",
            "## Answer",
            "<details><summary>Reasoning</summary>",
            "> hm",
            "</details>",
            "```ts\nlet a;\n```",
            "*Stopped.*\n",
        ].join("\n\n"),
    );
});
