// The typing session against a fake engine and a fake clock: what it asks, what it answers by itself, what it records.
import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/base/errors";
import { none } from "../../../src/completion/outcomes";
import { settle } from "../../support/fakeClock";
import { answered, document, setUp, suggestion } from "./sessionSetup";

describe("when the model takes long", () => {
    const ANSWER = "{\n    let a = 1;\n    return a;\n}";
    const PATIENCE_MS = 300;
    const slow = async () => {
        const given = setUp({}, PATIENCE_MS);
        const promise = given.session.request(document("f() |\n"), { trigger: "automatic" });
        await given.clock.advance(20);
        given.calls[0]?.say("{\n    let");
        await given.clock.advance(PATIENCE_MS);
        return { ...given, promise };
    };

    it("answers with its finished lines, and goes on", async () => {
        const { promise, calls, clock, session } = await slow();
        calls[0]?.say(" a = 1;\n    ret");
        expect(await promise).toMatchObject({ text: "{\n    let a = 1;", source: "model" });
        await clock.advance(1000);
        expect(calls[0]?.signal.aborted).toBe(false);
        calls[0]?.answer.resolve(suggestion(ANSWER));
        await settle();
        const next = await session.request(document("f() {\n    let a = 1;|\n"), {
            trigger: "automatic",
        });
        expect(next).toMatchObject({ text: "\n    return a;\n}", source: "cache" });
        expect(calls).toHaveLength(1);
    });

    it("answers who joins it with what comes next", async () => {
        const { promise, calls, session } = await slow();
        calls[0]?.say(" a = 1;\n    return a;\n");
        await promise;
        const accepted = document("f() {\n    let a = 1;|\n");
        expect(await session.request(accepted, { trigger: "automatic" })).toMatchObject({
            text: "\n    return a;",
        });
        expect(calls).toHaveLength(1);
    });

    it("answers with finished words when there is no finished line", async () => {
        const { session, calls, clock } = setUp({}, PATIENCE_MS);
        const promise = session.request(document("const |\n"), { trigger: "automatic" });
        await clock.advance(20);
        calls[0]?.say("total = pri");
        await clock.advance(PATIENCE_MS);
        calls[0]?.say("ce");
        expect(await promise).toMatchObject({ text: "total =" });
        const next = session.request(document("const t|\n"), { trigger: "automatic" });
        expect(await next).toMatchObject({ text: "otal =" });
        expect(calls).toHaveLength(1);
    });

    it("waits while its words are those of the line below", async () => {
        const { session, calls, clock } = setUp({}, PATIENCE_MS);
        const place = document("function f() {\n    |\n    return total(a, b);\n}\n");
        const promise = session.request(place, { trigger: "automatic" });
        await clock.advance(20);
        calls[0]?.say("return total(a, b");
        await clock.advance(PATIENCE_MS);
        calls[0]?.say(")");
        calls[0]?.answer.resolve(suggestion("const x = 1;"));
        expect(await promise).toMatchObject({ text: "const x = 1;" });
    });

    it("takes back what a rule has taken off in the end", async () => {
        const { promise, calls, session, grown, clock } = await slow();
        calls[0]?.say(" a = 1;\n");
        await promise;
        calls[0]?.answer.resolve(none("repetition", "filter"));
        await settle();
        expect(grown).toEqual([["file:///a.ts", 1]]);
        // The model is asked again: nothing of it is known.
        void session.request(document("f() {\n    let|\n"), { trigger: "automatic" });
        await clock.advance(20);
        expect(calls).toHaveLength(2);
    });

    it("does not know what it has shown any more once everything is forgotten", async () => {
        const { promise, calls, session, clock } = await slow();
        calls[0]?.say(" a = 1;\n");
        await promise;
        session.forget();
        await settle();
        void session.request(document("f() {\n    let|\n"), { trigger: "automatic" });
        await clock.advance(20);
        expect(calls).toHaveLength(2);
    });

    it("still knows what it has shown when the rest never comes", async () => {
        const { promise, calls, session } = await slow();
        calls[0]?.say(" a = 1;\n");
        await promise;
        calls[0]?.answer.reject(new AppError("engine/gone", "The engine is gone"));
        await settle();
        const next = session.request(document("f() {\n    let|\n"), { trigger: "automatic" });
        expect(await next).toMatchObject({ text: " a = 1;", source: "cache" });
        expect(calls).toHaveLength(1);
    });

    it("says when the rest is there, unless something was asked meanwhile", async () => {
        for (const isAskedAgain of [false, true]) {
            const { promise, calls, session, grown } = await slow();
            calls[0]?.say(" a = 1;\n");
            await promise;
            const elsewhere = document("g() |\n", { uri: "file:///b.ts" });
            if (isAskedAgain) void session.request(elsewhere, { trigger: "automatic" });
            calls[0]?.answer.resolve(suggestion(ANSWER));
            await settle();
            expect(grown).toEqual(isAskedAgain ? [] : [["file:///a.ts", 1]]);
        }
    });

    it("does not say so when nothing came after what is shown", async () => {
        const { promise, calls, grown } = await slow();
        calls[0]?.say(" a = 1;\n");
        const shown = await promise;
        calls[0]?.answer.resolve(suggestion(shown.kind === "suggestion" ? shown.text : ""));
        await settle();
        expect(grown).toEqual([]);
    });

    it("is ended by a request at another place", async () => {
        const { promise, calls, session } = await slow();
        calls[0]?.say(" a = 1;\n");
        await promise;
        void session.request(document("g() |\n"), { trigger: "automatic" });
        await settle();
        expect(calls[0]?.signal.aborted).toBe(true);
    });

    it("waits for the whole answer when a line is not finished, or patience is not set", async () => {
        const { promise, calls } = await slow();
        calls[0]?.answer.resolve(suggestion(ANSWER));
        expect(await promise).toMatchObject({ text: ANSWER });
        const patient = setUp();
        const whole = patient.session.request(document("f() |\n"), { trigger: "automatic" });
        await patient.clock.advance(5000);
        patient.calls[0]?.say("{\n    let a = 1;\n");
        patient.calls[0]?.answer.resolve(suggestion(ANSWER));
        expect(await whole).toMatchObject({ text: ANSWER });
    });
});

describe("asking the model", () => {
    it("waits for the debounce, then sends both sides of the cursor", async () => {
        const { session, calls, clock } = setUp();
        const promise = session.request(document("const a = |;\n"), { trigger: "automatic" });
        await clock.advance(19);
        expect(calls).toHaveLength(0);
        await clock.advance(1);
        expect(calls[0]?.request).toMatchObject({
            path: "a.ts",
            prefix: "const a = ",
            suffix: ";\n",
            maxLines: 8,
            trigger: "automatic",
        });
        calls[0]?.answer.resolve(suggestion("1"));
        expect(await promise).toMatchObject({ kind: "suggestion", text: "1" });
    });

    it("does not wait when asked explicitly", async () => {
        const { session, calls } = setUp();
        void session.request(document("a|\n"), { trigger: "explicit" });
        await settle();
        expect(calls).toHaveLength(1);
    });

    it("sends line ends as the model knows them", async () => {
        const { session, calls } = setUp();
        void session.request(document("a\r\nb|\r\nc\r\n"), { trigger: "explicit" });
        await settle();
        expect(calls[0]?.request).toMatchObject({ prefix: "a\nb", suffix: "\nc\n" });
    });

    it("sends at most a window of a large document, whose start stays put", async () => {
        const all = setUp();
        const text = Array.from({ length: 20_000 }, (_, i) => `line ${i};\n`).join("");
        for (const typed of ["x", "xy"]) {
            await answered(all, `${text}${typed}|`, suggestion("z"));
        }
        const [first, second] = all.calls.map(({ request }) => request.prefix);
        expect(first?.length).toBeLessThanOrEqual(48_000);
        expect(second).toBe(`${first}y`);
    });
});

describe("latest wins", () => {
    it("ends an older request and its call when a newer one has nothing to do with it", async () => {
        const { session, calls, clock } = setUp();
        const first = session.request(document("a|\n"), { trigger: "automatic" });
        await clock.advance(20);
        const second = session.request(document("b|\n"), { trigger: "automatic" });
        expect(calls[0]?.signal.aborted).toBe(true);
        expect(await first).toMatchObject({ kind: "none", reason: "superseded" });
        await clock.advance(20);
        calls[1]?.answer.resolve(suggestion("c"));
        expect(await second).toMatchObject({ kind: "suggestion", text: "c" });
    });

    it("never asks for a request that was superseded while it waited", async () => {
        const { session, calls, clock } = setUp();
        const first = session.request(document("a|\n"), { trigger: "automatic" });
        await clock.advance(10);
        void session.request(document("ab|\n"), { trigger: "automatic" });
        expect(await first).toMatchObject({ reason: "superseded", stage: "debounce" });
        await clock.advance(20);
        expect(calls).toHaveLength(1);
    });

    it("tells a caller's cancel from a newer request, and ends the call that nobody takes over", async () => {
        const { session, calls, clock } = setUp();
        const controller = new AbortController();
        const options = { trigger: "automatic", signal: controller.signal } as const;
        const promise = session.request(document("a|\n"), options);
        await clock.advance(20);
        controller.abort();
        expect(await promise).toMatchObject({ kind: "none", reason: "cancelled" });
        await clock.advance(74);
        expect(calls[0]?.signal.aborted).toBe(false);
        await clock.advance(1);
        expect(calls[0]?.signal.aborted).toBe(true);
    });
});

describe("taking over a call under way", () => {
    it("answers the newest request with the rest of what the model writes", async () => {
        const { session, calls, clock } = setUp();
        const first = session.request(document("foo(|\n"), { trigger: "automatic" });
        await clock.advance(20);
        const second = session.request(document("foo(a|\n"), { trigger: "automatic" });
        expect(await first).toMatchObject({ reason: "superseded" });
        calls[0]?.say("alp");
        const third = session.request(document("foo(al|\n"), { trigger: "automatic" });
        expect(await second).toMatchObject({ reason: "superseded" });
        await clock.advance(200);
        calls[0]?.answer.resolve(suggestion("alpha, beta)"));
        expect(await third).toMatchObject({ source: "model", text: "pha, beta)" });
        expect(calls).toHaveLength(1);
    });

    it("across an editor's cancel and the pause before it asks again", async () => {
        const { session, calls, clock } = setUp();
        const controller = new AbortController();
        void session.request(document("foo(|\n"), {
            trigger: "automatic",
            signal: controller.signal,
        });
        await clock.advance(20);
        controller.abort();
        await clock.advance(50);
        const second = session.request(document("foo(a|\n"), { trigger: "automatic" });
        await clock.advance(100);
        calls[0]?.answer.resolve(suggestion("alpha)"));
        expect(await second).toMatchObject({ text: "lpha)" });
        expect(calls).toHaveLength(1);
    });

    it("asks anew as soon as the model writes something else", async () => {
        const { session, calls, clock } = setUp();
        void session.request(document("foo(|\n"), { trigger: "automatic" });
        await clock.advance(20);
        const second = session.request(document("foo(b|\n"), { trigger: "automatic" });
        await clock.advance(20);
        expect(calls).toHaveLength(1);
        calls[0]?.say("al");
        await settle();
        expect(calls[0]?.signal.aborted).toBe(true);
        expect(calls[1]?.request.prefix).toBe("foo(b");
        calls[1]?.answer.resolve(suggestion("eta)"));
        expect(await second).toMatchObject({ text: "eta)" });
    });

    it.each([
        ["has no suggestion", { kind: "none", reason: "empty-answer", stage: "filter" } as const],
        ["suggests only what was typed", suggestion("be")],
    ])("asks anew when the call %s", async (_, answer) => {
        const { session, calls, clock } = setUp();
        void session.request(document("foo(|\n"), { trigger: "automatic" });
        await clock.advance(20);
        const second = session.request(document("foo(be|\n"), { trigger: "automatic" });
        calls[0]?.answer.resolve(answer);
        await settle();
        calls[1]?.answer.resolve(suggestion("ta)"));
        expect(await second).toMatchObject({ text: "ta)" });
    });
});

describe("type-through", () => {
    it("answers from what it knows while the typed text agrees", async () => {
        const all = setUp();
        await answered(all, "foo(|\n", suggestion("alpha, beta)"));
        for (const typed of ["a", "alpha", "alpha, bet"]) {
            const promise = all.session.request(document(`foo(${typed}|\n`), {
                trigger: "automatic",
            });
            expect(await promise).toMatchObject({
                source: "cache",
                text: "alpha, beta)".slice(typed.length),
                tokens: { prompt: 0, generated: 0 },
            });
        }
        expect(all.calls).toHaveLength(1);
        // Nothing waits but the look at what follows the last one.
        expect(all.clock.nWaiting).toBe(1);
    });

    it("answers again after going back", async () => {
        const all = setUp();
        await answered(all, "foo(|\n", suggestion("alpha)"));
        const back = await all.session.request(document("foo(|\n"), { trigger: "automatic" });
        expect(back).toMatchObject({ source: "cache", text: "alpha)" });
    });

    it("goes on across an editor's closing bracket", async () => {
        const all = setUp();
        await answered(all, "foo|\n", suggestion("(alpha);"));
        const next = await all.session.request(document("foo(|)\n"), { trigger: "automatic" });
        expect(next).toMatchObject({ source: "cache", text: "alpha" });
    });

    it.each([
        ["other text was typed", "foo(x|\n", {}],
        ["everything was typed", "foo(alpha, b|\n", {}],
        ["the text after the cursor changed", "foo(a| + 1\n", {}],
        ["another document", "foo(a|\n", { uri: "file:///b.ts" }],
        ["text was deleted before the place", "fo|\n", {}],
    ])("asks the model when %s", async (_, text, more) => {
        const all = setUp();
        await answered(all, "foo(|\n", suggestion("alpha, b"));
        void all.session.request(document(text, more), { trigger: "automatic" });
        await all.clock.advance(20);
        expect(all.calls).toHaveLength(2);
    });

    it("goes on inside a block whose closer the editor inserted, and on the line after Enter", async () => {
        const given = setUp();
        const { session, calls } = given;
        const body = "{\n    let a = 1;\n    return a;\n}";
        await answered(given, "f() |\nend();\n", suggestion(body));
        const at = (text: string) => session.request(document(text), { trigger: "automatic" });
        expect(await at("f() {|}\nend();\n")).toMatchObject({
            text: "\n    let a = 1;\n    return a;\n",
            source: "cache",
        });
        expect(await at("f() {\n    |\n}\nend();\n")).toMatchObject({
            text: "let a = 1;\n    return a;",
            source: "cache",
        });
        expect(calls).toHaveLength(1);
    });

    it("joins a call under way after Enter between closers", async () => {
        const { session, calls, clock } = setUp();
        void session.request(document("f() |\n"), { trigger: "automatic" });
        await clock.advance(20);
        calls[0]?.say("{\n    retu");
        const second = session.request(document("f() {\n    |\n}\n"), { trigger: "automatic" });
        await clock.advance(20);
        calls[0]?.answer.resolve(suggestion("{\n    return 1;\n}"));
        expect(await second).toMatchObject({ text: "return 1;" });
        expect(calls).toHaveLength(1);
    });

    it("forgets on demand", async () => {
        const all = setUp();
        await answered(all, "foo(|\n", suggestion("alpha)"));
        all.session.forget();
        void all.session.request(document("foo(a|\n"), { trigger: "automatic" });
        await all.clock.advance(20);
        expect(all.calls).toHaveLength(2);
    });
});

describe("reasons", () => {
    it.each([
        ["disabled", { enabled: false }, {}],
        ["snoozed", { snoozed: true }, {}],
        ["language-off", { languages: { typescript: false } }, {}],
        ["language-off", { languages: { "*": false } }, {}],
        ["secret-file", {}, { path: "config/.env.local" }],
        ["secret-file", {}, { path: "deploy\\server.pem" }],
        ["secret-file", {}, { path: "config/settings", languageId: "dotenv" }],
        ["excluded", { excluded: true }, {}],
        ["document-too-large", {}, { prefix: "x".repeat(4_000_001) }],
        ["mid-word", {}, { suffix: "Name" }],
        ["statement-end", {}, { prefix: "a();", suffix: "\n" }],
        ["quiet", { onDemand: "quiet" }, {}],
        ["on-battery", { onDemand: "on-battery" }, {}],
    ] as const)("%s", async (reason, settings, more) => {
        const { session, calls } = setUp(settings);
        const outcome = await session.request(document("a|\n", more), { trigger: "automatic" });
        expect(outcome).toEqual({ kind: "none", reason, stage: "gate" });
        expect(calls).toHaveLength(0);
    });

    it.each([
        ["in the middle of a word", "a|b\n", {}],
        ["behind a complete statement", "a();|\n", {}],
        ["in quiet mode", "a = |\n", { onDemand: "quiet" }],
        ["while snoozed", "a = |\n", { snoozed: true }],
        ["on the battery", "a = |\n", { onDemand: "on-battery" }],
    ] as const)("an explicit request may complete %s", async (_, text, settings) => {
        const { session, calls } = setUp(settings);
        void session.request(document(text), { trigger: "explicit" });
        await settle();
        expect(calls).toHaveLength(1);
    });

    it("in quiet mode what was asked for stays while it is typed, and nothing else comes", async () => {
        const { session, calls } = setUp({ onDemand: "quiet" });
        const asked = session.request(document("a = |\n"), { trigger: "explicit" });
        await settle();
        calls[0]?.answer.resolve(suggestion("bcd"));
        await asked;
        const type = (text: string) => session.request(document(text), { trigger: "automatic" });
        expect(await type("a = b|\n")).toMatchObject({ text: "cd", source: "cache" });
        expect(await type("a = |\n")).toMatchObject({ reason: "quiet" });
        expect(await type("a = b|\n")).toMatchObject({ reason: "quiet" });
        expect(calls).toHaveLength(1);
    });

    it("nothing is read ahead on the battery or snoozed; in quiet mode it is there when it is asked for", async () => {
        for (const mode of [
            { onDemand: "quiet" },
            { onDemand: "on-battery" },
            { snoozed: true },
        ] as const) {
            const { session, reads, calls, clock } = setUp(mode);
            session.anticipate(document("a = |\n"));
            session.visit(document("a = |\n"));
            await clock.advance(5000);
            expect(calls).toHaveLength(0);
            expect(reads).toHaveLength("onDemand" in mode && mode.onDemand === "quiet" ? 1 : 0);
        }
    });

    it("its own language entry goes before the star", async () => {
        const { session, calls } = setUp({ languages: { "*": false, typescript: true } });
        void session.request(document("a|\n"), { trigger: "explicit" });
        await settle();
        expect(calls).toHaveLength(1);
    });

    it.each([
        ["engine/gone", "engine-gone"],
        ["user/no-model", "no-model"],
        ["data/gguf", "model-failed"],
    ] as const)("an error %s is the reason %s", async (code, reason) => {
        const { session, calls } = setUp();
        const promise = session.request(document("a|\n"), { trigger: "explicit" });
        await settle();
        calls[0]?.answer.reject(new AppError(code, "Because of it"));
        expect(await promise).toMatchObject({ kind: "none", reason, detail: "Because of it" });
    });
});

describe("records", () => {
    it("keeps the last 100 outcomes and logs one line for each", async () => {
        const { session, log } = setUp({ enabled: false });
        for (let i = 0; i < 120; i++)
            await session.request(document("a|\n"), { trigger: "automatic" });
        expect(session.outcomes()).toHaveLength(100);
        expect(session.outcomes().at(-1)?.id).toBe(120);
        expect(log).toHaveLength(120);
        expect(log[0]?.fields).toMatchObject({ outcome: "disabled", stage: "gate" });
    });

    it("never logs document text", async () => {
        const all = setUp();
        await answered(all, "const secretName = |\n", suggestion("otherSecret"));
        expect(JSON.stringify(all.log)).not.toMatch(/secret/i);
    });
});
