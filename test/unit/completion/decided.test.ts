// What is on the screen when the model goes on with a text at `|`: the decided behaviours, from the gate over the token loop's rules and the
// filters to the last look with the grammar.
import { beforeAll, describe, expect, it } from "vitest";
import type { Trigger } from "../../../src/completion/request";
import { Answer } from "../../../src/engine/answer";
import { reasonOf, trimAnswer } from "../../../src/prompt/filters";
import { isMisplaced } from "../../../src/prompt/stop";
import type { CompletionOutcome, CompletionRequest } from "../../../src/protocol/completion";
import type { TreeSyntax } from "../../../src/syntax/syntax";
import { settle } from "../../support/fakeClock";
import { syntaxFor } from "../syntax/setUp";
import { document, setUp, suggestion } from "./sessionSetup";

let syntax: TreeSyntax;
beforeAll(async () => {
    syntax = await syntaxFor("typescript", "python");
}, 60_000);

interface How {
    languageId?: string;
    trigger?: Trigger;
}

/** What the engine makes of what a model writes. */
function answerOf(request: CompletionRequest, written: string): CompletionOutcome {
    const answer = new Answer(request, () => "", false);
    let text = "";
    for (const piece of written.match(/\s*\S+|\s+/g) ?? [])
        text += answer.push({ text: piece, tokens: [], probabilities: [] });
    const { stop } = answer;
    const kept = text.slice(0, stop?.length ?? text.length);
    const trimmed = trimAnswer(kept, request);
    if ("text" in trimmed) return suggestion(trimmed.text);
    const emptied = kept.trim() === "" && stop?.filter ? reasonOf(stop.filter) : trimmed.reason;
    const reason = isMisplaced(written, request) ? "statement-end" : emptied;
    return { kind: "none", reason, stage: "filter" };
}

/** The text that is shown, or why there is none; `unasked` when the model was spared. */
async function shown(at: string, written: string, how: How = {}): Promise<string> {
    const { languageId = "typescript", trigger = "automatic" } = how;
    const { session, calls } = setUp({ debounceMs: 0 }, undefined, undefined, syntax);
    const showing = session.request(document(at, { languageId }), { trigger });
    await settle();
    const [call] = calls;
    call?.answer.resolve(answerOf(call.request, written));
    const outcome = await showing;
    if (outcome.kind === "suggestion") return outcome.text;
    return `none: ${outcome.reason}${call ? "" : ", unasked"}`;
}

const python = { languageId: "python" };
const explicit = { trigger: "explicit" } as const;

describe("in the middle of a line", () => {
    it("is one line, without what stands to the right", async () => {
        expect(await shown("const a = f(| + 1);\n", "b, c + 1);\nd();\n")).toBe("b, c");
        expect(await shown("const a = | * 2;\n", "b();\nc();\n")).toBe("b()");
    });
    it("is nothing that breaks the line", async () => {
        expect(await shown("const a = f(| + 1);\n", "b, c) + 1);\n")).toBe("none: breaks-syntax");
    });
    it("is nothing when all of it stands there", async () => {
        expect(await shown("const a = |b + 1;\n", "b + 1;", explicit)).toBe(
            "none: only-repeats-suffix",
        );
    });
});

describe("in the middle of a word", () => {
    it("is nothing, unasked, unless it is asked for", async () => {
        expect(await shown("const total = co|unt;\n", "unt")).toBe("none: mid-word, unasked");
        expect(await shown("const total = is|ed;\n", "Finish", explicit)).toBe("Finish");
    });
    it("is the rest of the word at its end", async () => {
        expect(await shown("const total = co|;\n", "unt")).toBe("unt");
    });
});

describe("at the end of a comment's line", () => {
    it("is nothing, unasked, when the comment goes on below, unless it is asked for", async () => {
        const wrapped = "// Counts the things|\n// that are there.\nlet n = 0;\n";
        expect(await shown(wrapped, " of")).toBe("none: mid-comment, unasked");
        expect(await shown(wrapped, " of all", explicit)).toBe(" of all");
        expect(await shown("/*\n * One|\n * two.\n */\n", " thing")).toMatch(/mid-comment/);
        // The same sign in code is a factor.
        expect(await shown("const a = b\n  * c|\n  * d;\n", " + 1")).not.toMatch(/mid-comment/);
        expect(await shown("# One|\n# two\nx = 1\n", " thing", python)).toMatch(/mid-comment/);
    });
    it("is the rest of it when it is the last", async () => {
        expect(await shown("// Counts the|\nlet n = 0;\n", " things")).toBe(" things");
        expect(await shown("/*\n * Counts the|\n */\nlet n = 0;\n", " things")).toBe(" things");
        expect(await shown("// ----\n// Counts the|\n// ----\n", " things")).toBe(" things");
    });
});

describe("inside a string", () => {
    it("ends with it, and with its line", async () => {
        expect(await shown('const a = "hel|";\n', 'lo";\nb();\n')).toBe("lo");
        expect(await shown("const a = `one\n|\n`;\n", "two\nthree\nfour\n")).toBe("two");
        expect(
            await shown('def f():\n    """Adds |\n    """\n', "two numbers.\n    more\n", python),
        ).toBe("two numbers.");
    });
});

describe("inside a comment", () => {
    it("is the rest of its line, whatever that looks like", async () => {
        expect(await shown("// adds |\nf();\n", "what f {\n    g();\n}\n")).toBe("what f {");
        expect(await shown("x = 1  # the |\n", "first\ny = 2\n", python)).toBe("first");
    });
    it("is nothing where only more comments follow", async () => {
        expect(await shown("f();\n|\n", "// a\n// b\n// c\n")).toBe("none: comment");
    });
});

describe("behind a complete statement", () => {
    it("is nothing, unasked", async () => {
        expect(await shown("f();|\ng();\n", " h();")).toBe("none: statement-end, unasked");
        expect(await shown("run(a)|\n", "\nrun(b)", python)).toBe("none: statement-end, unasked");
        expect(await shown("if (a) {\n    f();\n}|\n", "\n")).toBe("none: statement-end, unasked");
    });
    it("is a new line for who asks, and no more of the same line behind a semicolon", async () => {
        expect(await shown("f();|\n", "\ng();\n", explicit)).toBe("\ng();");
        expect(await shown("f();|\n", " g();\n", explicit)).toBe("none: statement-end");
        expect(await shown("f()|\n", ".then(g);\n", explicit)).toBe(".then(g);");
    });
});

describe("with an item of the suggestion list selected", () => {
    it("goes on from the item, and is known once that is typed", async () => {
        const { session, calls } = setUp({ debounceMs: 0 }, undefined, undefined, syntax);
        const assumed = document("list.forEach|\n", { nAssumed: "Each".length });
        const showing = session.request(assumed, { trigger: "automatic" });
        await settle();
        expect(calls[0]?.request.prefix).toBe("list.forEach");
        calls[0]?.answer.resolve(suggestion("((one) => f(one));"));
        expect(await showing).toMatchObject({ text: "((one) => f(one));" });
        const typed = await session.request(document("list.forE|\n"), { trigger: "automatic" });
        expect(typed).toMatchObject({ text: "ach((one) => f(one));", source: "cache" });
    });
});

describe("what nobody wants", () => {
    // Put together here: a scanner of repositories would take a whole one for a leak.
    const key = `ghp_${"aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cD3fG6".slice(0, 36)}`;
    it.each([
        ["a licence header", "|\n", "// Copyright (c) 2015 The Authors\n", "none: licence"],
        ["a secret", "const token = |\n", `"${key}";\n`, "none: secret"],
        ["a secret further down", "|\n", `const a = 1;\nconst b = "${key}";\n`, "const a = 1;"],
        ["a fence", "const a = |\n", "1;\n```\nThis is", "1;"],
        ["a fence at once", "|\n", "```ts\nconst a = 1;\n", "none: fence"],
        ["a leaked control token", "const a = |\n", "1<|im_end|>\n<|im_start|>user\n", "1"],
        ["a control token at once", "const a = |\n", "<|file_sep|>b.ts\n", "none: control-tokens"],
    ])("%s is cut", async (_, at, written, expected) => {
        expect(await shown(at, written)).toBe(expected);
        expect(await shown(at, written, explicit)).toBe(expected);
    });
});
