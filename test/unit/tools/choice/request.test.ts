// What a request names: files and folders, addresses, names in code; and what of it is the question.
import { expect, it } from "vitest";
import {
    isGeneral,
    isOfWorkspace,
    namedIn,
    questionIn,
    shapeOf,
} from "../../../../src/tools/choice/request";

const kinds = (question: string) =>
    Object.entries(namedIn(question))
        .filter(([, isNamed]) => isNamed)
        .map(([kind]) => kind)
        .join(" ");

it.each([
    ["file", "What's in package.json?"],
    ["file", "Explain src/server/router.ts to me."],
    ["file", "show `lib/util.py`, please"],
    ["file", String.raw`Open C:\work\main.go`],
    ["file", "Add a .gitignore."],
    ["folder", "Is there anything inside public/assets?"],
    ["folder", "How many has packages/ got?"],
    ["folder", "look into ./x"],
    ["file", "a minimal Dockerfile"],
    ["folder", "explain this file"],
    ["address", "see docs.github.com/en/rest"],
    ["code", 'Where does "Invalid token" come from?'],
    ["address", "What does https://example.com/a.html say?"],
    ["code", "Where is parseConfig used?"],
    ["code", "MAX_RETRIES is what?"],
    ["code", "where is `x`"],
    ["", "Hello!"],
    ["", "Is Node.js a language? And Vue.js, or .NET?"],
    ["", "What does console.log do?"],
    ["", "TCP/IP and/or a client/server model, 1/2, I/O"],
    ["", "e.g. version 3.11, i.e. the last one."],
    ["", "What is JavaScript, TypeScript, GitHub?"],
])("names %j: %s", (expected, question) => {
    expect(kinds(question)).toBe(expected);
});

it("has a shape, in which what is named is of its kind", () => {
    expect(shapeOf("In src/a.ts set MAX_X to `y`, as tests/b.spec.js (see lib/) does!")).toBe(
        "in FILE set NAME to NAME , as test FILE (see FOLDER) does!",
    );
    expect(shapeOf("Use deleteAll, not 'the other one', for **/*.ts", new Set(["deleteAll"]))).toBe(
        "use deleteAll, not QUOTE , for GLOB",
    );
});

it("is general when anybody who can program knows the answer", () => {
    for (const [question, isKnown] of [
        ["What’s the difference between let and const?", true],
        ["how do i center a div", true],
        ["What does O(n) mean?", true],
        ["How does src/a.ts work?", false],
        ["What does the build say?", false],
    ] as const)
        expect([question, isGeneral(question)]).toEqual([question, isKnown]);
});

it("is of the workspace when it speaks of something there", () => {
    for (const question of [
        "Does my code compile?",
        "which files still import it",
        "What is the last commit?",
        "Run the unit tests.",
        "How do we log in?",
        "what runs on this laptop",
    ])
        expect([question, isOfWorkspace(question)]).toEqual([question, true]);
    for (const question of [
        "How do I read a file in Python?",
        "What is the difference between git merge and git rebase?",
        "Explain recursion.",
        "When would I use a hash map?",
    ])
        expect([question, isOfWorkspace(question)]).toEqual([question, false]);
});

it("has its question at the end, or in the last tag", () => {
    expect(questionIn(`delete ${"x ".repeat(250)}`)).not.toContain("delete");
    expect(questionIn(`${"x ".repeat(250)}delete\n`)).toMatch(/delete$/);
    const told = "<context>\nThe debugger starts.\n</context>\n";
    expect(questionIn(`${told}<request>\nDelete it.\n</request>\n`).trim()).toBe("Delete it.");
    expect(questionIn("Delete it.</request>")).toBe("Delete it.</request>");
});

it("is read in a time that grows with its length alone", () => {
    for (const piece of ["a/", "a.", "the a ", "`", "\\", "a_", "<a>", "my "]) {
        const startMs = performance.now();
        const question = piece.repeat(100_000);
        namedIn(questionIn(question));
        isOfWorkspace(questionIn(question));
        expect(performance.now() - startMs).toBeLessThan(1000);
    }
});
