/** Turns on a scripted engine: streaming by frames, activity, stop, failure, new chat in the middle of an answer. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Deferred } from "../../../src/base/async";
import { onAbort } from "../../../src/base/cancel";
import { AppError, cancelled } from "../../../src/base/errors";
import { silentLog } from "../../../src/base/log";
import type { ChatEngine } from "../../../src/host/chat/asking";
import { ChatSession } from "../../../src/host/chat/session";
import type { StoredChat } from "../../../src/host/chat/stored";
import type {
    ChatPrefillRequest,
    ChatProgress,
    ChatRequest,
    ChatResult,
} from "../../../src/protocol/chat";

const RESULT: ChatResult = {
    text: "Hello",
    stop: "end-of-text",
    tokens: { prompt: 1, reused: 0, generated: 2 },
    timings: { loadMs: 0, promptMs: 1, generateMs: 1, totalMs: 2 },
    nDropped: 0,
    contextTokens: 2048,
};

/** Answers when the test says so. */
class ScriptedEngine implements ChatEngine {
    readonly requests: ChatRequest[] = [];
    readonly drafts: { request: ChatPrefillRequest; signal: AbortSignal }[] = [];
    progress: (value: ChatProgress) => void = () => undefined;
    answer = new Deferred<ChatResult>();
    /** Whether a stop is answered; an engine that is starting does not. */
    obeys = true;

    chat: ChatEngine["chat"] = (request, { signal, onProgress }) => {
        this.requests.push(request);
        this.progress = onProgress;
        const answer = new Deferred<ChatResult>();
        this.answer = answer;
        onAbort(signal, () => this.obeys && answer.reject(cancelled()));
        return answer.promise;
    };

    prefillChat: ChatEngine["prefillChat"] = async (request, signal) => {
        this.drafts.push({ request, signal });
        const tokens = { prompt: 1, reused: 0, generated: 0 };
        return { tokens, nTokens: 700, contextTokens: 1000, aborted: false };
    };
}

function setUp() {
    const engine = new ScriptedEngine();
    const session = new ChatSession({
        engine,
        log: silentLog,
        model: () => ({ name: "starter", contextTokens: 2048 }),
        mend: (code) =>
            code === "env/memory" ? { label: "Select Model", command: "x" } : undefined,
    });
    const appended: string[] = [];
    const activities: (string | undefined)[] = [];
    session.onAppend(({ text }) => appended.push(text));
    session.onActivity((text) => activities.push(text));
    return { engine, session, appended, activities };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("ChatSession", () => {
    it("collects text to frames and loses none of it", async () => {
        const { engine, session, appended } = setUp();
        const done = session.send("hi");
        for (const text of ["H", "e", "l"]) engine.progress({ kind: "text", text });
        expect(appended).toEqual([]);
        vi.advanceTimersByTime(16);
        expect(appended).toEqual(["Hel"]);
        engine.progress({ kind: "text", text: "lo" });
        engine.answer.resolve(RESULT);
        await done;
        expect(appended).toEqual(["Hel", "lo"]);
        expect(session.turns[1]).toMatchObject({ text: "Hello", state: "done" });
        expect(session.isBusy).toBe(false);
    });

    it("says what is happening until there is text", async () => {
        const { engine, session, activities } = setUp();
        const done = session.send("hi");
        engine.progress({ kind: "load", fraction: 0.4 });
        engine.progress({ kind: "prompt", done: 1306, total: 2140 });
        engine.progress({ kind: "text", text: "H" });
        engine.answer.resolve(RESULT);
        await done;
        expect(activities).toEqual([
            "Asking starter",
            "Loading starter, 40 %",
            "Reading 2,140 tokens, 61 %",
            undefined,
        ]);
    });

    it("asks with the conversation's id, room for the answer, and the attempt as seed", async () => {
        const { engine, session } = setUp();
        const done = session.send("  hi  ");
        engine.answer.resolve(RESULT);
        await done;
        const again = session.retry();
        engine.answer.resolve(RESULT);
        await again;
        expect(engine.requests.map(({ seed, maxTokens }) => [seed, maxTokens])).toEqual([
            [0, 512],
            [1, 512],
        ]);
        expect(engine.requests[0]?.conversation).toBe(session.id);
        expect(engine.requests[0]?.messages.at(-1)).toEqual({ role: "user", content: "hi" });
    });

    it("asks a question that has one within its own limit, also again, and no other", async () => {
        const { engine, session } = setUp();
        const asked = async (done: Promise<void>) => {
            // What goes along is gathered first.
            await Promise.resolve();
            engine.answer.resolve(RESULT);
            await done;
        };
        await asked(session.send("Suggest names", () => [], 200));
        await asked(session.retry());
        session.open(JSON.parse(JSON.stringify(session.stored(0))) as StoredChat);
        await asked(session.retry());
        await asked(session.send("Why?"));
        const limits = engine.requests.map(({ maxTokens, maxAnswerTokens }) => [
            maxTokens,
            maxAnswerTokens,
        ]);
        expect(limits).toEqual([
            [512, 200],
            [512, 200],
            [512, 200],
            [512, undefined],
        ]);
    });

    it("takes one question at a time and no empty one", async () => {
        const { engine, session } = setUp();
        await session.send("  ");
        void session.send("one");
        await session.send("two");
        expect(engine.requests).toHaveLength(1);
        expect(session.turns).toHaveLength(2);
    });

    it("stops at once and keeps what was written, even if the engine does not answer", async () => {
        const { engine, session } = setUp();
        engine.obeys = false;
        const done = session.send("hi");
        engine.progress({ kind: "text", text: "Hel" });
        session.stop();
        await done;
        expect(session.turns[1]).toMatchObject({ text: "Hel", state: "stopped" });
        const { progress } = engine;
        void session.send("again");
        progress({ kind: "text", text: "late" });
        vi.advanceTimersByTime(16);
        expect(session.turns.at(-1)).toMatchObject({ text: "", state: "streaming" });
    });

    it("shows a failure under the turn, with the button that mends it", async () => {
        const { engine, session } = setUp();
        const done = session.send("hi");
        engine.answer.reject(new AppError("env/memory", "It does not fit; choose a smaller model"));
        await done;
        expect(session.turns[1]).toMatchObject({
            state: "failed",
            error: "It does not fit; choose a smaller model",
            mend: { label: "Select Model" },
        });
    });

    it("halves the context until it fits the model, and says what was sent", async () => {
        const { engine, session } = setUp();
        const sizes: number[] = [];
        const done = session.send("hi", (maxCharacters) => {
            sizes.push(maxCharacters);
            return [{ label: `${maxCharacters}`, text: `${maxCharacters} characters` }];
        });
        for (let i = 0; i < 2; i++) {
            engine.answer.reject(new AppError("engine/context-full", "Too long"));
            await vi.waitFor(() => expect(engine.requests).toHaveLength(i + 2));
        }
        engine.answer.resolve(RESULT);
        await done;
        expect(sizes).toEqual([3072, 1536, 768]);
        expect(engine.requests.map(({ messages }) => messages.at(-1)?.content)).toEqual([
            "3072 characters\n\nhi",
            "1536 characters\n\nhi",
            "768 characters\n\nhi",
        ]);
        expect(session.turns[0]?.context).toEqual(["768"]);
        expect(session.turns[1]).toMatchObject({ state: "done" });
    });

    it("gives up on a question that is too long by itself", async () => {
        const { engine, session } = setUp();
        const done = session.send("hi");
        engine.answer.reject(new AppError("engine/context-full", "Too long"));
        await done;
        expect(engine.requests).toHaveLength(1);
        expect(session.turns[1]).toMatchObject({ state: "failed", error: "Too long" });
    });

    it("shows the question while its context is looked up, and asks when it is there", async () => {
        const { engine, session, activities } = setUp();
        const found = new Deferred<{ label: string; text: string }[]>();
        const done = session.send("where", (_, { onActivity }) => {
            onActivity?.("Indexing the workspace, 0 of 2 files");
            return found.promise;
        });
        expect(session.turns).toMatchObject([{ text: "where" }, { state: "streaming" }]);
        expect(session.isBusy).toBe(true);
        expect(activities.at(-1)).toBe("Indexing the workspace, 0 of 2 files");
        expect(engine.requests).toEqual([]);
        const place = { uri: "file:///x/a.ts", first: 3, last: 9 };
        found.resolve([{ label: "a.ts, lines 4-10 of 20", text: "code", place } as never]);
        await vi.waitFor(() => expect(engine.requests).toHaveLength(1));
        expect(engine.requests[0]?.messages.at(-1)?.content).toBe("code\n\nwhere");
        engine.answer.resolve(RESULT);
        await done;
        const [question, answer] = session.turns;
        expect(question?.context).toEqual(["codebase, 1 found"]);
        expect(answer?.sources).toEqual(["a.ts, lines 4-10 of 20"]);
        expect(session.source(answer?.id ?? "", 0)).toEqual(place);
        for (const [id, at] of [
            [answer?.id ?? "", 1],
            [question?.id ?? "", 0],
            ["x", 0],
        ] as const)
            expect(session.source(id, at)).toBeUndefined();
    });

    it("looks the context up again when that was stopped or failed", async () => {
        const { engine, session } = setUp();
        const answers = [
            new Promise<never>(() => undefined),
            Promise.reject(new AppError("user/usage", "Nothing fits")),
            Promise.resolve([{ label: "a", text: "code" }]),
        ];
        let nAsked = 0;
        const stopped = session.send("where", () => answers[nAsked++] ?? []);
        session.stop();
        await stopped;
        expect(session.turns[1]).toMatchObject({ state: "stopped" });
        await session.retry();
        expect(session.turns[1]).toMatchObject({ state: "failed", error: "Nothing fits" });
        expect(engine.requests).toEqual([]);
        const done = session.retry();
        await vi.waitFor(() => expect(engine.requests).toHaveLength(1));
        expect(engine.requests[0]?.messages.at(-1)?.content).toBe("code\n\nwhere");
        engine.answer.resolve(RESULT);
        await done;
        expect(nAsked).toBe(3);
    });

    it("calls an empty answer a failure", async () => {
        const { engine, session } = setUp();
        const done = session.send("hi");
        engine.answer.resolve({ ...RESULT, text: " \n" });
        await done;
        expect(session.turns[1]).toMatchObject({ state: "failed" });
        expect(session.turns[1]?.error).toContain("no answer");
    });

    it("says when an answer was cut and what was left out", async () => {
        const { engine, session } = setUp();
        const done = session.send("hi");
        engine.answer.resolve({ ...RESULT, stop: "max-tokens", nDropped: 2 });
        await done;
        expect(session.turns[1]?.note).toContain("cut at 2 tokens");
        expect(session.turns[1]?.note).toContain("oldest 2 messages");
    });

    it("keeps a late answer out of a new chat", async () => {
        const { engine, session, appended } = setUp();
        const before = session.id;
        const done = session.send("hi");
        engine.progress({ kind: "text", text: "old" });
        session.newChat();
        await done;
        expect(session.id).not.toBe(before);
        expect(session.turns).toEqual([]);
        expect(session.isBusy).toBe(false);
        expect(session.activity).toBeUndefined();
        expect(appended).toEqual([]);
    });

    it("reads a question while it is typed: after a pause, the newest one, as it would be sent", async () => {
        const { engine, session } = setUp();
        const context = () => [{ label: "a.ts", text: "File a.ts" }];
        for (const text of ["W", "Wh", "Why"]) session.draft(text, context);
        expect(engine.drafts).toEqual([]);
        await vi.advanceTimersByTimeAsync(250);
        expect(engine.drafts).toHaveLength(1);
        const done = session.send("Why", context);
        engine.answer.resolve(RESULT);
        await done;
        const [sent] = engine.requests;
        const [draft] = engine.drafts;
        expect(draft?.request).toEqual({
            conversation: sent?.conversation,
            messages: sent?.messages,
            maxTokens: sent?.maxTokens,
        });
        expect(draft?.signal.aborted).toBe(true);
    });

    it("reads nothing while an answer is written, for an empty input, or for a chat that is left", async () => {
        const { engine, session } = setUp();
        session.draft("  ");
        session.draft("Why");
        session.newChat();
        void session.send("hi");
        session.draft("next");
        await vi.advanceTimersByTimeAsync(1000);
        expect(engine.drafts).toEqual([]);
    });

    it("counts the context as the engine does: of the draft, then of the turn", async () => {
        const { engine, session } = setUp();
        session.draft("Why");
        await vi.advanceTimersByTimeAsync(250);
        expect(session.usage).toEqual({ used: 700, of: 1000 });
        const done = session.send("Why");
        engine.answer.resolve({ ...RESULT, tokens: { prompt: 5, reused: 300, generated: 7 } });
        await done;
        expect(session.usage).toEqual({ used: 312, of: 2048 });
        session.newChat();
        expect(session.usage).toBeUndefined();
    });

    it("asks an edited question on its own branch, with the context of the first", async () => {
        const { engine, session } = setUp();
        const first = session.send("one", () => [{ label: "a.ts", text: "File a.ts" }]);
        engine.answer.resolve(RESULT);
        await first;
        const id = session.turns[0]?.id ?? "";
        const second = session.edit(id, "two");
        engine.answer.resolve({ ...RESULT, text: "Other" });
        await second;
        expect(engine.requests[1]?.messages.at(-1)?.content).toBe("File a.ts\n\ntwo");
        expect(session.turns.map(({ text }) => text)).toEqual(["two", "Other"]);
        expect(session.turns[0]?.version).toEqual({ at: 2, of: 2 });
        session.select(session.turns[0]?.id ?? "", -1);
        expect(session.turns.map(({ text }) => text)).toEqual(["one", "Hello"]);
    });

    it("asks an edited question that names its own context with that alone", async () => {
        const { engine, session } = setUp();
        const first = session.send("one", () => [{ label: "a.ts", text: "File a.ts" }]);
        engine.answer.resolve(RESULT);
        await first;
        const context = () => [{ label: "b.ts", text: "File b.ts" }];
        const own = { context, maxTokens: 900 };
        const second = session.edit(session.turns[0]?.id ?? "", "/explain", own);
        engine.answer.resolve(RESULT);
        await second;
        expect(engine.requests[1]?.messages.at(-1)?.content).toBe("File b.ts\n\n/explain");
        expect(engine.requests[1]?.maxAnswerTokens).toBe(900);
        expect(session.turns[0]?.context?.join()).toBe("b.ts");
    });

    it("keeps the question when it is stopped, or left, while its context is gathered", async () => {
        const { engine, session } = setUp();
        const gathered = new Deferred<{ label: string; text: string }[]>();
        const sent = session.send("one", () => gathered.promise);
        expect(session.isBusy).toBe(true);
        session.stop();
        await sent;
        expect(engine.requests).toEqual([]);
        expect(session.turns.map(({ text, state }) => [text, state])).toEqual([
            ["one", "done"],
            ["", "stopped"],
        ]);
        // What comes late goes along when it is asked again.
        gathered.resolve([{ label: "a.ts", text: "File a.ts" }]);
        await vi.advanceTimersByTimeAsync(0);
        const again = session.retry();
        engine.answer.resolve(RESULT);
        await again;
        expect(engine.requests[0]?.messages.at(-1)?.content).toBe("File a.ts\n\none");
        const left = session.send("two", () => new Promise(() => undefined));
        const kept = session.stored(0);
        session.newChat();
        await left;
        expect(kept.turns.map(({ text }) => text)).toContain("two");
        expect(session.turns).toEqual([]);
    });

    it("says under the question why its context could not be had", async () => {
        const { engine, session } = setUp();
        await session.send("one", () => Promise.reject(new AppError("user/usage", "No file")));
        expect(engine.requests).toEqual([]);
        expect(session.turns.at(-1)).toMatchObject({ state: "failed", error: "No file" });
    });

    it("says that it has changed when context is pinned, so that the pin is kept", () => {
        const { session } = setUp();
        let nChanges = 0;
        session.onDidChange(() => nChanges++);
        session.setPinned([{ label: "a.ts", text: "File a.ts" }]);
        expect(nChanges).toBe(1);
        expect(session.stored(0).pinned).toHaveLength(1);
    });

    it("calls an answer that is only reasoning no answer", async () => {
        const { engine, session } = setUp();
        const done = session.send("hi");
        engine.answer.resolve({ ...RESULT, text: "<think>so</think>\n" });
        await done;
        expect(session.turns[1]).toMatchObject({ state: "failed" });
    });

    it("shows the error of a model's template with its line under the turn", async () => {
        const { engine, session } = setUp();
        const done = session.send("hi");
        const message =
            "The chat template of this model is not valid in line 7: Unexpected token; choose another model";
        engine.answer.reject(new AppError("data/template", message));
        await done;
        expect(session.turns[1]).toMatchObject({ state: "failed", error: message });
    });
});
