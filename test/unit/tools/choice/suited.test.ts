// Which tool a request suits, by what it names and by its words; and whether it wants a call at all.
import { describe, expect, it } from "vitest";
import { wantedBy, suitedTo } from "../../../../src/tools/choice/suited";

const tool = (name: string, description: string, ...required: string[]) => ({
    name,
    description,
    parameters: {
        type: "object",
        properties: Object.fromEntries(required.map((one) => [one, { type: "string" }])),
        required,
    },
});
const tools = [
    tool("view", "Shows the text of a file, to read it.", "filePath"),
    tool("list_dir", "Shows what a directory holds.", "path"),
    tool("grep", "Looks for code.", "query"),
    tool("glob", "Looks for files by name.", "pattern"),
    tool("load", "Loads something of the web.", "url"),
    tool("status", "Tells how things are."),
];
const best = (request: string) =>
    [...suitedTo(tools, request)].toSorted(([, a], [, b]) => b - a)[0]?.[0];

describe("the tool", () => {
    it.each([
        ["view", "What's in package.json?"],
        ["list_dir", "What's in src/assets?"],
        ["grep", "Who needs sendEmail?"],
        ["load", "https://example.com"],
        ["status", "How are things?"],
    ])("is %s: %s", (name, question) => {
        expect(best(question)).toBe(name);
        expect(
            best(`<context>See https://a.b/c</context>\n<userRequest>${question}</userRequest>`),
        ).toBe(name);
    });

    it("is not one that has to be given what the question does not name", () => {
        const plain = suitedTo(tools, "and now?");
        expect(plain.get("view")).toBeLessThan(plain.get("status") ?? 0);
        expect(plain.get("load")).toBeLessThan(plain.get("view") ?? 0);
        expect(plain.get("grep")).toBe(plain.get("status"));
    });

    it("is the one that the instructions prefer, of two that do the same", () => {
        const edits = ["insert_edit_into_file", "replace_string_in_file"].map((name) =>
            tool(name, "Edits a file.", "filePath"),
        );
        const difference = (request: string) => {
            const suited = suitedTo(edits, `${request}<userRequest>Fix a.ts</userRequest>`);
            return (
                (suited.get("replace_string_in_file") ?? 0) -
                (suited.get("insert_edit_into_file") ?? 0)
            );
        };
        const told =
            "Prefer the replace_string_in_file tool for making edits and only fall back to insert_edit_into_file if it fails.";
        expect(difference(told) - difference("")).toBeCloseTo(3);
        expect(difference("Prefer short answers.")).toBe(difference(""));
    });

    it("may have any schema, or none", () => {
        for (const parameters of [undefined, null, 3, [], {}, { required: "x", properties: [1] }])
            expect(suitedTo([{ name: "a", description: "", parameters }], "b.ts").get("a")).toBe(
                -1,
            );
    });
});

describe("what is wanted", () => {
    it.each([
        ["call", 0.0001, "Why is there a red squiggle in app/user.ts?"],
        ["call", 0.2, "What did we change in the last commit?"],
        ["call", 0.05, "Where is sendEmail?"],
        ["call", 0.99, "Do it."],
        ["words", 0.3, "Give me an example of a Python generator."],
        ["words", 0.05, "What does HTTP status 418 mean?"],
        ["words", 0.001, "How do I look for an item in a list?"],
        ["words", 0.9, "Hello!"],
        ["words", 0.9, "Tell me a joke."],
        ["words", 0, "Thanks"],
        [undefined, 0.3, "Which sorting algorithm is stable?"],
        [undefined, 0.7, "Go on"],
        ["words", 0.5, "What is a Dockerfile?"],
        ["call", 0.001, "What's in the Dockerfile?"],
        ["call", 0.001, "What does timeout mean in conf/settings.yml?"],
        [undefined, 0.01, "What is the purpose of the UserService class?"],
        [undefined, 0.05, "TCP/IP vs UDP"],
        [undefined, 0.05, "bubble sort python"],
        [undefined, 0.2, "Fix the login bug, thanks!"],
        ["call", 0.02, "运行测试"],
        [undefined, 0.3, "How do we log in? What is the idea behind our code?"],
        // Of another language only the model knows anything.
        ["call", 0.02, "Zeige mir bitte alle offenen Aufgaben"],
        [undefined, 0.002, "Zeige mir bitte alle offenen Aufgaben"],
        ["call", 0.0005, "Zeige mir bitte package.json"],
        ["call", 1, "?"],
    ])("is %s at %d: %s", (wanted, chance, question) => {
        expect(wantedBy(tools, question, chance)).toBe(wanted);
    });
});
