// What a request names: files and folders, addresses, names in code; and what of it is the question.
import { expect, it } from "vitest";
import { isGeneral, isOfWorkspace, questionIn } from "../../../../src/tools/choice/request";
import { namedIn, shapeOf } from "../../../../src/tools/choice/shape";

const kinds = (question: string) =>
    Object.entries(namedIn(question))
        .filter(([kind, isNamed]) => isNamed && kind !== "isWellKnown")
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
    ["quoted", 'Where does "Invalid token" come from?'],
    ["address", "What does https://example.com/a.html say?"],
    ["code", "Where is parseConfig used?"],
    ["code", "MAX_RETRIES is what?"],
    ["code", "where is `x`"],
    ["code", "What does response.json() return?"],
    ["file", "Look at App.js and a.ts."],
    ["folder", "look at /etc/hosts"],
    ["folder", "what is in app/models/user"],
    ["", "res.json, process.env, Math.log and logger.log"],
    ["", "at 9 a.m. or p.m., d.h. p.ex."],
    ["", "read/write/execute, HTML/CSS/JS, yes/no/cancel, and/or/not, dd/mm/yyyy, 12/25/2025"],
    ["", "w/ or w/o lib/framework, server/client, include/exclude, public/private, build/deploy"],
    ["", "What is D3.js, P5.js or Chart.js?"],
    ["", "/explain it"],
    ["", "What is socket.io? Is ASP.NET faster?"],
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
        ["Thanks!", true],
        ["ok great, thanks a lot", true],
        ["Hello there, how are you?", true],
        ["tell me a programming joke", true],
        ["Why should I write tests?", true],
        ["What are warnings in C?", true],
        ["What is recursion?", true],
        ["Fix the login bug, thanks!", false],
        ["yes, thank you", false],
        ["Thanks, that works. Commit it.", false],
        ["Remove the joke from the header", false],
        ["Show the differences between main and dev", false],
        ["Find examples of error handling", false],
        ["What is running on port 3000?", false],
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

it("has its question at the end, or in a tag that says so", () => {
    expect(questionIn(`delete ${"x ".repeat(250)}`)).not.toContain("delete");
    expect(questionIn(`${"x ".repeat(250)}delete\n`)).toMatch(/delete$/);
    const told = "<context>\nThe debugger starts.\n</context>\n";
    for (const tag of ["userRequest", "user-query", "task"])
        expect(questionIn(`${told}<${tag}>\nDelete it.\n</${tag}>\n<reminder>x</reminder>`)).toBe(
            "Delete it.",
        );
    for (const text of ["Convert this: <p>Hello</p>", "Delete it.</request>"])
        expect(questionIn(text)).toBe(text);
    const pasted = questionIn("What does this code do?\n```js\nimport './a.js';\n```");
    expect(pasted).toBe("What does this code do?\n PASTED");
    expect([isOfWorkspace(pasted), namedIn(pasted).file]).toEqual([false, false]);
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
