// How a repository words its commits, the prompt, and the message in an answer.
import { describe, expect, it } from "vitest";
import {
    commitMessageIn,
    commitMessages,
    commitWords,
} from "../../../../src/prompt/commit/message";
import { commitStyle } from "../../../../src/prompt/commit/style";

describe("commitStyle", () => {
    it.each([
        [
            "types with scopes",
            ["feat(cart): add totals", "fix(cart): round prices", "fix(api): retry"],
            /"type\(scope\): what changes".*one of fix, feat.*small letter/,
        ],
        ["types", ["feat: add totals", "fix: Round", "docs: say so"], /"type: what changes"/],
        [
            "areas",
            ["engine : A saved prompt is read once", "docs : What is checked", "test : It runs"],
            /"area : what changes".*engine, docs, test.*capital letter/,
        ],
        ["plain", ["Add totals", "Fix rounding", "Say so"], /a verb such as Add, Fix or Show$/],
        [
            "plain small",
            ["add totals", "fix rounding", "Say so"],
            /a verb such as add, fix or show$/,
        ],
        ["tickets", ["ABC-12: add", "ABC-13: fix", "ABC-14: say"], /begins with a verb/],
        ["no history", [], /Add, Fix or Show/],
    ])("sees %s", (_, messages, form) => {
        expect(commitStyle(messages).form).toMatch(form);
    });

    it("does not count merges", () => {
        const { labels } = commitStyle(["Merge branch 'x'", "fix: a", 'Revert "b"', "fix: c"]);
        expect(labels).toEqual(["fix"]);
    });

    it("sees whether there is more than a line, trailers aside", () => {
        expect(commitStyle(["Add a\n\nBecause.", "Fix b\n\n- x"]).hasBody).toBe(true);
        const signed = "Add a\n\nSigned-off-by: A <a@b.c>\nCo-authored-by: A <a@b.c>";
        expect(commitStyle([signed, signed]).hasBody).toBe(false);
    });

    it("keeps the usual length between 50 and 72", () => {
        expect(commitStyle(["Add a"]).maxSubject).toBe(50);
        expect(commitStyle(["x".repeat(60), "x".repeat(60)]).maxSubject).toBe(60);
        expect(commitStyle(["x".repeat(200)]).maxSubject).toBe(72);
    });
});

describe("commitMessages", () => {
    it("shows the change first and asks last, in the repository's form", () => {
        const [system, user] = commitMessages("CHANGES", commitStyle(["fix: a"]));
        expect(system?.role).toBe("system");
        expect(user?.content).toMatch(
            /^CHANGES\n\nWrite the commit message[^]*"type: what changes"/,
        );
        expect(user?.content.endsWith("Answer with the message only.")).toBe(true);
        expect(user?.content).not.toContain("empty line");
    });

    it("asks for more than a line where that is usual, and for what the person adds", () => {
        const words = commitWords(commitStyle(["Fix a\n\nBecause."]), " in German ");
        expect(words).toContain("Then an empty line and one to four short lines");
        expect(words.endsWith("Answer with the message only.\n\nin German")).toBe(true);
    });
});

describe("commitMessageIn", () => {
    const done = (text: string, hasBody = false) =>
        commitMessageIn(text, { hasBody, isDone: true });
    it.each([
        ["fix: a thing", "fix: a thing"],
        ["  Fix a thing\n\nThis commit fixes...", "Fix a thing"],
        ["Commit message: Fix a thing", "Fix a thing"],
        ["**Commit Message:** Fix a thing", "Fix a thing"],
        ["Here is the commit message:\n\n```\nfix: a\n```\nIt says...", "fix: a"],
        ["```text\nfix: a\n```", "fix: a"],
        ['"Fix a thing"', "Fix a thing"],
        ["`fix: a`", "fix: a"],
        ["- Fix a thing", "Fix a thing"],
        ["# Fix a thing", "Fix a thing"],
        ["**Fix a thing**", "Fix a thing"],
        ['"Quoted" names are kept', '"Quoted" names are kept'],
        ["<think>hm: x</think>\n\nFix a", "Fix a"],
        ["\n<thinking>hm\n</thinking>\nFix a", "Fix a"],
        ["<think>never ends", ""],
        ["", ""],
        ["title: the subject of a commit", "the subject of a commit"],
    ])("%j is %j", (answer, message) => {
        expect(done(answer)).toBe(message);
    });

    it("keeps a body where the repository has them", () => {
        expect(done("fix: a\n- one\n- two\n", true)).toBe("fix: a\n\n- one\n- two");
        expect(done("```\nfix: a\n\n- one\n```\nmore", true)).toBe("fix: a\n\n- one");
        expect(done("fix: a", true)).toBe("fix: a");
        expect(done(`fix: a\n${"- x\n".repeat(50)}`, true).split("\n")).toHaveLength(14);
    });

    it("cuts an endless first line at a word", () => {
        const message = done(`fix: ${"word ".repeat(100)}`);
        expect(message.length).toBeLessThanOrEqual(120);
        expect(message.endsWith("word")).toBe(true);
    });

    it("never takes back a letter while it arrives", () => {
        const answers = [
            "fix(cart): round prices",
            "Commit message: fix: a",
            "Here is the commit message:\n```\nfix: round prices\n```",
            '"Add totals"',
            "<think>so: x</think>Say so",
            "`Add` totals",
            "The totals are right",
        ];
        for (const answer of answers) {
            const final = done(answer);
            for (let n = 0; n < answer.length; n++) {
                const part = commitMessageIn(answer.slice(0, n), { hasBody: false, isDone: false });
                expect(final.startsWith(part.replace(/["`]+$/, "")), `${answer}: ${part}`).toBe(
                    true,
                );
            }
        }
    });
});
