// What a session does before it is asked: work at the change, reading where the cursor rests, what follows a suggestion.
import { describe, expect, it } from "vitest";
import { settle } from "../../support/fakeClock";
import { answered, document, setUp, suggestion } from "./sessionSetup";

describe("working ahead", () => {
    const NO_WAIT = { debounceMs: 0 };

    it("asks at the change, and the request that follows joins", async () => {
        const { session, calls, clock } = setUp(NO_WAIT);
        session.anticipate(document("fo|\n"));
        expect(calls).toHaveLength(1);
        await clock.advance(50);
        const promise = session.request(document("fo|\n"), { trigger: "automatic" });
        calls[0]?.answer.resolve(suggestion("o()"));
        expect(await promise).toMatchObject({ text: "o()", source: "model" });
        expect(calls).toHaveLength(1);
    });

    it("asks nothing while what a list's selected item leads to is typed", async () => {
        const { session, calls } = setUp(NO_WAIT);
        const assumed = document("this.items|\n", { nAssumed: "items".length });
        const shown = session.request(assumed, { trigger: "automatic" });
        calls[0]?.answer.resolve(suggestion(".length;"));
        expect(await shown).toMatchObject({ text: ".length;" });
        session.anticipate(document("this.i|\n"));
        const typed = session.request(document("this.ite|\n"), { trigger: "automatic" });
        expect(await typed).toMatchObject({ text: "ms.length;", source: "cache" });
        expect(calls).toHaveLength(1);
    });

    it("counts the debounce from the change", async () => {
        const { session, calls, clock } = setUp();
        session.anticipate(document("fo|\n"));
        await clock.advance(15);
        void session.request(document("fo|\n"), { trigger: "automatic" });
        await clock.advance(4);
        expect(calls).toHaveLength(0);
        await clock.advance(1);
        expect(calls).toHaveLength(1);
    });

    it("goes on with a call that what is typed agrees with, and ends one that it does not", async () => {
        const { session, calls, clock } = setUp(NO_WAIT);
        session.anticipate(document("f|\n"));
        calls[0]?.say("oo()");
        session.anticipate(document("fo|\n"));
        await clock.advance(1000);
        expect(calls).toHaveLength(1);
        expect(calls[0]?.signal.aborted).toBe(false);
        session.anticipate(document("fa|\n"));
        expect(calls[0]?.signal.aborted).toBe(true);
        expect(calls).toHaveLength(2);
    });

    it("reads a place that the cursor rests at, once", async () => {
        const { session, reads, clock } = setUp();
        session.visit(document("a\n|b\n"));
        session.visit(document("a\nb|\n"));
        await clock.advance(60);
        expect(reads.map(({ request }) => request.prefix)).toEqual(["a\nb"]);
        session.anticipate(document("a\nbc|\n"));
        expect(reads[0]?.signal.aborted).toBe(true);
    });

    it("reads more when somebody who typed pauses for long, not where somebody only looks", async () => {
        const all = setUp();
        all.session.visit(document("a|\n"));
        await all.clock.advance(60);
        await all.clock.advance(10_000);
        expect(all.reads.map(({ request }) => request.idle)).toEqual(["short"]);
        await answered(all, "a = |\n", { kind: "none", reason: "empty-answer", stage: "filter" });
        for (const ms of [250, 1000, 4000]) await all.clock.advance(ms);
        const idle = all.reads.map(({ request }) => request.idle);
        expect(idle).toEqual(["short", "typing", "short", "long"]);
    });

    it("asks for no larger windows where the answer was known", async () => {
        const { session, reads, ...all } = setUp();
        await answered({ session, reads, ...all }, "a = |\n", suggestion("bc"));
        const growth = () => reads.filter(({ request }) => request.idle === "typing").length;
        expect(growth()).toBe(1);
        const typed = session.request(document("a = b|\n"), { trigger: "automatic" });
        expect(await typed).toMatchObject({ source: "cache" });
        expect(growth()).toBe(1);
    });

    it("reads larger windows beside the typing, one at a time, until the cursor goes elsewhere", async () => {
        const all = setUp();
        all.reading.isSlow = true;
        const growth = () => all.reads.filter(({ request }) => request.idle === "typing");
        await answered(all, "a|\n", suggestion("b"));
        expect(growth()).toHaveLength(1);
        all.session.anticipate(document("ax|\n"));
        await answered(all, "ax|\n", suggestion("y"));
        expect(growth()).toHaveLength(1);
        expect(growth()[0]?.signal.aborted).toBe(false);
        all.session.visit(document("|ax\n"));
        expect(growth()[0]?.signal.aborted).toBe(true);
        await answered(all, "c = |\nax\n", suggestion("y"));
        expect(growth()).toHaveLength(2);
    });

    it("does not read a file that is switched off", async () => {
        const { session, reads, clock } = setUp({ languages: { typescript: false } });
        session.visit(document("a|\n"));
        await clock.advance(60);
        expect(reads).toHaveLength(0);
    });

    it("asks for what follows a suggestion that is being read", async () => {
        const all = setUp();
        await answered(all, "a = |\n", suggestion("1"));
        await all.clock.advance(250);
        expect(all.calls[1]?.request).toMatchObject({ prefix: "a = 1", lane: "ahead" });
        all.calls[1]?.answer.resolve(suggestion("\nb = 2;"));
        await settle();
        const next = await all.session.request(document("a = 1\n|\n"), { trigger: "automatic" });
        expect(next).toMatchObject({ text: "b = 2;", source: "cache" });
        expect(all.calls).toHaveLength(2);
    });

    it("asks for the next line when nothing follows on this one", async () => {
        const all = setUp();
        await answered(all, "  a = |\n", suggestion("1"));
        await all.clock.advance(250);
        all.calls[1]?.answer.resolve({ kind: "none", reason: "empty-answer", stage: "filter" });
        await settle();
        expect(all.calls[2]?.request).toMatchObject({ prefix: "  a = 1\n  ", lane: "ahead" });
    });

    it("is asked again for another answer when what was asked for ahead is the line below", async () => {
        const all = setUp();
        await answered(all, "a = |\nb = 2;\n", suggestion("1;"));
        await all.clock.advance(250);
        const entered = document("a = 1;\n|\nb = 2;\n");
        const joined = all.session.request(entered, { trigger: "automatic" });
        await settle();
        expect(all.calls).toHaveLength(2);
        all.calls[1]?.answer.resolve({
            ...{ kind: "none", reason: "only-repeats-suffix", stage: "filter" },
            filter: "following-lines",
        });
        await settle();
        expect(all.calls[2]?.request).toMatchObject({ prefix: "a = 1;\n", lane: "keystroke" });
        all.calls[2]?.answer.resolve(suggestion("c = 3;"));
        expect(await joined).toMatchObject({ text: "c = 3;", source: "model" });
    });

    it("asks for the next line at once behind a complete statement, suggested or typed", async () => {
        const suggested = setUp();
        await answered(suggested, "  a = |\n", suggestion("f(1);"));
        await suggested.clock.advance(250);
        expect(suggested.calls[1]?.request.prefix).toBe("  a = f(1);\n  ");
        const typed = setUp();
        const promise = typed.session.request(document("  a = f(1);|\n"), {
            trigger: "automatic",
        });
        expect(await promise).toMatchObject({ reason: "statement-end", stage: "gate" });
        await typed.clock.advance(250);
        expect(typed.calls.map(({ request }) => request.prefix)).toEqual(["  a = f(1);\n  "]);
        typed.calls[0]?.answer.resolve(suggestion("b = 2;"));
        await settle();
        const entered = await typed.session.request(document("  a = f(1);\n  |\n"), {
            trigger: "automatic",
        });
        expect(entered).toMatchObject({ text: "b = 2;", source: "cache" });
    });

    it("drops what follows a suggestion when something else is typed", async () => {
        const all = setUp(NO_WAIT);
        await answered(all, "a = |\n", suggestion("1;"));
        await all.clock.advance(250);
        all.session.anticipate(document("a = 2|\n"));
        expect(all.calls[1]?.signal.aborted).toBe(true);
        expect(all.calls[2]?.request).toMatchObject({ prefix: "a = 2", lane: "keystroke" });
    });

    it("never leaves a call running that nobody can end", async () => {
        const all = setUp(NO_WAIT);
        const none = { kind: "none", reason: "empty-answer", stage: "filter" } as const;
        await answered(all, "a = |\n", suggestion("10"));
        await all.clock.advance(250);
        all.calls[1]?.answer.resolve(none);
        await settle();
        // What the next line would be is still being asked for when the person types on and rests again.
        expect(all.calls).toHaveLength(3);
        all.session.anticipate(document("a = 1|\n"));
        await all.session.request(document("a = 1|\n"), { trigger: "automatic" });
        await all.clock.advance(250);
        expect(all.calls).toHaveLength(4);
        expect(all.calls[2]?.signal.aborted).toBe(true);
        all.session.anticipate(document("a = 12|\n"));
        expect(all.calls.filter(({ signal }) => !signal.aborted)).toHaveLength(3);
        expect(all.calls[3]?.signal.aborted).toBe(true);
    });

    it("ends a call whose request came and was given up at once", async () => {
        const { session, calls, clock } = setUp(NO_WAIT);
        session.anticipate(document("fo|\n"));
        const gone = session.request(document("fo|\n"), {
            trigger: "automatic",
            signal: AbortSignal.abort(),
        });
        expect(await gone).toMatchObject({ reason: "cancelled" });
        const given = new AbortController();
        const joined = session.request(document("fo|\n"), {
            trigger: "automatic",
            signal: given.signal,
        });
        await settle();
        given.abort();
        await joined;
        await clock.advance(75);
        expect(calls).toHaveLength(1);
        expect(calls[0]?.signal.aborted).toBe(true);
    });

    it("forgets what a call from before other settings answers all the same", async () => {
        const { session, calls } = setUp(NO_WAIT);
        session.anticipate(document("fo|\n"));
        calls[0]?.answer.resolve(suggestion("o()"));
        session.forget();
        await settle();
        void session.request(document("fo|\n"), { trigger: "automatic" });
        await settle();
        expect(calls).toHaveLength(2);
    });

    it("asks for nothing ahead while somebody types on", async () => {
        const all = setUp(NO_WAIT);
        await answered(all, "a = |\n", suggestion("100;"));
        for (const typed of ["1", "10", "100"]) {
            await all.clock.advance(200);
            all.session.anticipate(document(`a = ${typed}|\n`));
        }
        await all.clock.advance(1000);
        expect(all.calls).toHaveLength(1);
    });
});
