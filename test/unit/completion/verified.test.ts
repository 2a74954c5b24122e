// The grammar's say in a typing session: in what is asked, and in what is shown of the answer.
import { describe, expect, it } from "vitest";
import type { Trigger } from "../../../src/completion/request";
import type { Syntax } from "../../../src/syntax/syntax";
import { syntaxFor } from "../syntax/setUp";
import { document, setUp, suggestion } from "./sessionSetup";

async function typing(patienceMs?: number, syntax?: Syntax) {
    return setUp(
        { debounceMs: 0 },
        patienceMs,
        undefined,
        syntax ?? (await syntaxFor("typescript")),
    );
}

/** What is shown when the model answers `answer` at `at`. */
async function shown(at: string, answer: string, trigger: Trigger = "automatic") {
    const { session, calls } = await typing();
    const outcome = session.request(document(at), { trigger });
    calls.at(-1)?.answer.resolve(suggestion(answer));
    return outcome;
}

describe("a request", () => {
    it("says what the cursor is in", async () => {
        const { session, calls } = await typing();
        void session.request(document("foo(); // the |\n"), { trigger: "automatic" });
        expect(calls[0]?.request.syntax).toEqual({ at: "comment", lines: "one" });
    });

    it("says nothing where no grammar is loaded", async () => {
        const { session, calls } = setUp({ debounceMs: 0 });
        void session.request(document("foo(); // the |\n"), { trigger: "automatic" });
        expect(calls[0]?.request.syntax).toBeUndefined();
    });
});

describe("behind a closing bracket", () => {
    const inArgument = "render(\n    item(a)|\n);\n";

    it("the model is asked where the grammar knows that the statement goes on", async () => {
        expect(await shown(inArgument, ", item(b)")).toMatchObject({ text: ", item(b)" });
    });

    it("nothing is asked where it is complete, nor where only the words can tell", async () => {
        const end = { kind: "none", reason: "statement-end", stage: "gate" };
        const { session, calls } = await typing();
        const at = document("function f() {\n    render(a)|\n}\n");
        expect(await session.request(at, { trigger: "automatic" })).toMatchObject(end);
        const bare = setUp({ debounceMs: 0 });
        const told = bare.session.request(document(inArgument), { trigger: "automatic" });
        expect(await told).toMatchObject(end);
        expect(calls.length + bare.calls.length).toBe(0);
    });

    it("who asks for more gets it", async () => {
        const text = ".then(show)";
        expect(await shown("load(a)|\n", text, "explicit")).toMatchObject({ text });
    });

    it("what is asked for ahead is more of the line where there can be more, else the next one", async () => {
        for (const [at, prefix] of [
            ["render(\n    |\n);\n", "render(\n    item(a)"],
            ["|\n", "item(a)\n"],
        ] as const) {
            const { session, calls, clock } = await typing();
            const outcome = session.request(document(at), { trigger: "automatic" });
            calls[0]?.answer.resolve(suggestion("item(a)"));
            await outcome;
            await clock.advance(250);
            expect(calls[1]?.request).toMatchObject({ prefix, lane: "ahead" });
        }
    });
});

describe("an answer", () => {
    it("is shown as it is when it fits", async () => {
        const outcome = await shown("const a = |\n", "b(1);");
        expect(outcome).toEqual(suggestion("b(1);"));
    });

    it("is cut where the code breaks, and says so", async () => {
        const outcome = await shown("function f() {\n    |\n}\n", "foo();\n    of the: a, b");
        expect(outcome).toMatchObject({ kind: "suggestion", text: "foo();", stop: "scope-end" });
    });

    it("gets its line break before the closer again when it is cut", async () => {
        const outcome = await shown("function f() {|}\n", "\n    foo();\n    of the: a, b");
        expect(outcome).toMatchObject({ text: "\n    foo();\n" });
    });

    it("is dropped with a reason, and with what it has cost", async () => {
        const { tokens } = suggestion("") as { tokens: object };
        expect(await shown("foo(|\nbar();\n", "a, b));")).toMatchObject({
            kind: "none",
            reason: "breaks-syntax",
            stage: "filter",
            tokens,
        });
    });

    it("is shown to who has asked explicitly, broken or not, but cut", async () => {
        const broken = await shown("foo(|\nbar();\n", "a, b));", "explicit");
        expect(broken).toMatchObject({ text: "a, b));" });
        const at = "function f() {\n    |\n}\n";
        const cut = await shown(at, "foo();\n    of the: a, b", "explicit");
        expect(cut).toMatchObject({ text: "foo();" });
    });

    it("that was dropped is not known afterwards", async () => {
        const { session, calls } = await typing();
        const ask = () => session.request(document("foo(|\nbar();\n"), { trigger: "automatic" });
        for (const n of [1, 2]) {
            const outcome = ask();
            expect(calls).toHaveLength(n);
            calls.at(-1)?.answer.resolve(suggestion("a, b));"));
            expect(await outcome).toMatchObject({ reason: "breaks-syntax" });
        }
    });

    it("is looked at before any of it is shown early", async () => {
        const { session, calls, clock } = await typing(200);
        const at = document("function f() {\n    |\n}\n");
        const outcome = session.request(at, { trigger: "automatic" });
        calls[0]?.say("of the: a, b\n    ");
        await clock.advance(250);
        calls[0]?.say("c");
        calls[0]?.answer.resolve(suggestion("of the: a, b\n    c"));
        expect(await outcome).toMatchObject({ kind: "none", reason: "breaks-syntax" });
    });
});
