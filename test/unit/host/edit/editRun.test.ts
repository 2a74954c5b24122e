/** One edit on a scripted answer: what is asked, what stands in the document while it comes, how it ends. */

import { describe, expect, it } from "vitest";
import { onAbort } from "../../../../src/base/cancel";
import { AppError, cancelled } from "../../../../src/base/errors";
import { silentLog } from "../../../../src/base/log";
import { runEdit, type AnswerSource } from "../../../../src/host/edit/editRun";
import { outcomeMessage } from "../../../../src/host/edit/outcome";
import { ReviewSession } from "../../../../src/host/edit/reviewSession";
import type { ChatRequest, ChatResult } from "../../../../src/protocol/chat";
import type { StopReason } from "../../../../src/protocol/generation";

const FILE = ["import x", "", "def f(a):", "    return a", "", "print(f(1))", ""];
const RANGE = { start: 2, end: 4 };

function setUp(source: AnswerSource, lines: readonly string[] = FILE, range = RANGE) {
    let text = [...lines];
    const session: ReviewSession = new ReviewSession(
        {
            lines: () => text,
            replace: async ({ start, end, lines: now }) => {
                await Promise.resolve();
                const old = text;
                text = [...text.slice(0, start), ...now, ...text.slice(end)];
                session.documentChanged(
                    [
                        {
                            startLine: 0,
                            startCharacter: 0,
                            endLine: old.length - 1,
                            endCharacter: old.at(-1)?.length ?? 0,
                            text: text.join("\n"),
                        },
                    ],
                    "edit",
                );
                return true;
            },
            undo: () => Promise.resolve(false),
            redo: () => Promise.resolve(),
        },
        range,
    );
    const controller = new AbortController();
    const run = () =>
        runEdit({
            source,
            session,
            log: silentLog,
            lines,
            range,
            path: "src/a.py",
            languageId: "python",
            instruction: "Add one.",
            unit: "    ",
            contextTokens: 2048,
            onProgress: () => undefined,
            signal: controller.signal,
        });
    return { run, session, controller, text: () => text };
}

function answering(text: string, stop: StopReason = "stop-text") {
    const requests: ChatRequest[] = [];
    const source: AnswerSource = {
        chat: (request, { onProgress }) => {
            requests.push(request);
            for (const piece of text.match(/[^]{1,7}/g) ?? [])
                onProgress({ kind: "text", text: piece });
            return Promise.resolve(resultOf(text, stop));
        },
    };
    return { source, requests };
}

function resultOf(text: string, stop: StopReason): ChatResult {
    return {
        text,
        stop,
        tokens: { prompt: 9, reused: 0, generated: 7 },
        timings: { loadMs: 0, promptMs: 0, generateMs: 0, totalMs: 0 },
        nDropped: 0,
        contextTokens: 8192,
    };
}

describe("an edit", () => {
    it("asks for the lines with what stands around them, begins the block, drafts from the lines", async () => {
        const { source, requests } = answering("def f(a):\n    return a + 1");
        const { run, session } = setUp(source);
        expect(await run()).toEqual({ kind: "changes", nChanges: 1 });
        const [request] = requests;
        expect(request).toMatchObject({
            temperature: 0,
            answerStart: "```python\n",
            stopTexts: ["\n```"],
            draftFrom: "def f(a):\n    return a\n```",
        });
        const question = request?.messages.at(-1)?.content ?? "";
        expect(question).toContain(
            "```python\ndef f(a):\n    return a\n```\nInstruction: Add one.",
        );
        expect(question).toContain("import x");
        expect(question).toContain("print(f(1))");
        expect(session.pending).toMatchObject([
            { added: ["    return a + 1"], gone: ["    return a"] },
        ]);
    });

    it.each([
        ["repeats its surroundings", "import x\n\ndef f(a):\n    return a + 1\n\nprint(f(1))"],
        ["has lost its indentation", "def f(a):\n  return a + 1"],
        ["opens the block again", "```python\ndef f(a):\n    return a + 1"],
        ["goes on behind the block", "def f(a):\n    return a + 1\n```\nI have added one."],
        ["has windows line ends", "def f(a):\r\n    return a + 1\r\n"],
    ])("whose answer %s changes one line", async (_name, answer) => {
        const { run, session, text } = setUp(answering(answer).source);
        expect(await run()).toEqual({ kind: "changes", nChanges: 1 });
        await session.acceptAll();
        expect(text()).toEqual(FILE.with(3, "    return a + 1"));
    });

    it("whose lines hold a fence is asked for in a longer one", async () => {
        const lines = ["# Title", "```", "x", "```"];
        const { source, requests } = answering("# Title\n```\ny\n```");
        const { run, session, text } = setUp(source, lines, { start: 0, end: 4 });
        expect(await run()).toEqual({ kind: "changes", nChanges: 1 });
        expect(requests[0]?.stopTexts).toEqual(["\n````"]);
        await session.acceptAll();
        expect(text()).toEqual(["# Title", "```", "y", "```"]);
    });

    it("that changes nothing says so, and one without code as well", async () => {
        const same = setUp(answering("def f(a):\n    return a").source);
        expect(await same.run()).toEqual({ kind: "unchanged" });
        const empty = setUp(answering("\n```").source);
        expect(await empty.run()).toEqual({ kind: "empty" });
        for (const { text, session } of [same, empty]) {
            expect(text()).toEqual(FILE);
            expect(session.state).toBe("ended");
        }
    });

    it("that is refused in words says the words, and writes none of them into the document", async () => {
        const said = "I'm sorry, but I cannot do that.\nPlease ask for something else instead.";
        const { run, text, session } = setUp(answering(said).source);
        expect(await run()).toEqual({ kind: "words", text: said.replace("\n", " ") });
        expect(text()).toEqual(FILE);
        expect(session.state).toBe("ended");
    });

    it("whose answer is a diff changes what it quotes", async () => {
        const answer = "@@ -9,2 +9,2 @@\n def f(a):\n-    return a\n+    return a + 1";
        const { run, session, text } = setUp(answering(answer).source);
        expect(await run()).toEqual({ kind: "changes", nChanges: 1 });
        await session.acceptAll();
        expect(text()).toEqual(FILE.with(3, "    return a + 1"));
    });

    it.each([
        ["a diff of other lines", "@@\n-    nowhere(to, be, seen)\n+    return 1", /no lines like/],
        ["comments only", "# Return one more.\n# Nothing else.", /no code, only comments/],
    ])("whose answer is %s is refused", async (_name, answer, reason) => {
        const { run, session, text } = setUp(answering(answer).source);
        expect(await run()).toEqual({
            kind: "refused",
            reason: expect.stringMatching(reason) as string,
        });
        expect(text()).toEqual(FILE);
        expect(session.state).toBe("ended");
    });

    it("that leaves parts out gets them from the old lines, and is refused when it is not clear which", async () => {
        const lines = ["def f(a):", "    b = a", "    c = b", "    return c", ""];
        const range = { start: 0, end: 4 };
        const short = "def f(a):\n    # ... existing code ...\n    return c + 1";
        const filled = setUp(answering(short).source, lines, range);
        expect(await filled.run()).toEqual({ kind: "changes", nChanges: 1 });
        await filled.session.acceptAll();
        expect(filled.text()).toEqual(lines.with(3, "    return c + 1"));
        const unclear = setUp(answering("# ... existing code ...\nx = 1").source, lines, range);
        expect(await unclear.run()).toMatchObject({ kind: "refused" });
        expect(unclear.text()).toEqual(lines);
    });

    it.each([
        [{ kind: "unchanged" }, false, /same lines again, so nothing was changed; say/],
        [{ kind: "words", text: "No. ".repeat(200) }, false, /it said: No\. .{200,240}\.\.\.$/],
        [
            { kind: "refused", reason: "it leaves parts out" },
            true,
            /not made: it leaves parts out;/,
        ],
        [{ kind: "empty" }, false, /empty answer/],
        [{ kind: "cut", nChanges: 0, nTokens: 1200 }, true, /cut at 1,200 tokens/],
    ] as const)("that ended as %j is told as what it is", (outcome, isWarning, words) => {
        expect(outcomeMessage(outcome)?.isWarning).toBe(isWarning);
        expect(outcomeMessage(outcome)?.text).toMatch(words);
    });

    it("with changes, or stopped by the person, needs no words", () => {
        expect(outcomeMessage({ kind: "changes", nChanges: 1 })).toBeUndefined();
        expect(outcomeMessage({ kind: "stopped" })).toBeUndefined();
    });

    it("that is cut leaves the lines behind it, and waits for a person", async () => {
        const { run, session, text } = setUp(answering("def f(b):\n    retu", "max-tokens").source);
        expect(await run()).toEqual({ kind: "cut", nChanges: 1, nTokens: 7 });
        expect(session.state).toBe("reviewing");
        await session.acceptAll();
        expect(text()).toEqual(["import x", "", "def f(b):", "def f(a):", ...FILE.slice(3)]);
    });

    it("that is stopped leaves the document as it was", async () => {
        const source: AnswerSource = {
            chat: (_request, { signal, onProgress }) =>
                new Promise((_, reject) => {
                    onAbort(signal, () => reject(cancelled()));
                    onProgress({ kind: "text", text: "def g(a):\n" });
                }),
        };
        const byKey = setUp(source);
        const first = byKey.run();
        await byKey.session.rejectAll();
        expect(await first).toEqual({ kind: "stopped" });
        const bySignal = setUp(source);
        const second = bySignal.run();
        bySignal.controller.abort();
        expect(await second).toEqual({ kind: "stopped" });
        const byClosing = setUp(source);
        const third = byClosing.run();
        byClosing.session.dispose();
        expect(await third).toEqual({ kind: "stopped" });
        expect([byKey.text(), bySignal.text()]).toEqual([FILE, FILE]);
    });

    it("that fails says why, and leaves the document as it was", async () => {
        const error = new AppError("engine/gone", "The engine has ended");
        const { run, text, session } = setUp({ chat: () => Promise.reject(error) });
        await expect(run()).rejects.toBe(error);
        expect(text()).toEqual(FILE);
        expect(session.state).toBe("ended");
    });

    it("shows less around the lines when they do not fit, and at last says how many lines are too many", async () => {
        const questions: string[] = [];
        const source: AnswerSource = {
            chat: ({ messages }) => {
                questions.push(messages.at(-1)?.content ?? "");
                return Promise.reject(new AppError("engine/context-full", "full"));
            },
        };
        const { run } = setUp(source);
        await expect(run()).rejects.toMatchObject({
            code: "user/usage",
            message: expect.stringMatching(/^These 2 lines are too long/) as string,
        });
        expect(questions).toHaveLength(3);
        expect(questions[2]).not.toContain("import x");
    });
});
