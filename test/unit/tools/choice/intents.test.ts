// What kind of thing a question asks for, and which tools are of that kind.
import { expect, it } from "vitest";
import { kindOf, kindsAsked, plainness } from "../../../../src/tools/choice/intents";

const named = (name: string) => ({ name, description: "" });
const tools = [
    "read_file",
    "replace_string_in_file",
    "create_file",
    "delete_file",
    "create_directory",
    "list_dir",
    "file_search",
    "grep_search",
    "list_code_usages",
    "run_in_terminal",
    "runTests",
    "get_errors",
    "get_changed_files",
    "fetch_webpage",
    "open_preview",
    "get_docs",
    "save_memory",
    "todo_list",
    "ask_user",
    "rename_symbol",
    "go_to_definition",
].map(named);
const best = (question: string, those = tools) =>
    [...kindsAsked(those, question)].toSorted(([, a], [, b]) => b - a)[0]?.[0];

it.each([
    ["read", "read_file", "ViewFile", "open"],
    ["edit", "replace_string_in_file", "applyPatch", "edit-file"],
    ["create", "create_file", "writeNewFile"],
    ["delete", "delete_file"],
    ["makeFolder", "create_directory", "makeDir", "new_folder"],
    ["list", "list_dir", "listFiles", "directory_tree"],
    ["findFile", "file_search", "glob"],
    ["search", "grep_search", "searchText", "codebase"],
    ["usages", "list_code_usages", "findReferences"],
    ["command", "run_in_terminal", "executeCommand", "bash"],
    ["tests", "runTests", "run_test_suite"],
    ["problems", "get_errors", "getDiagnostics"],
    ["changes", "get_changed_files", "git_diff"],
    ["web", "fetch_webpage", "openUrl"],
    ["preview", "open_preview", "simpleBrowser"],
    ["docs", "get_library_docs"],
    ["memory", "save_memory"],
    ["plan", "manage_todo_list"],
    ["ask", "askUser"],
    ["rename", "rename_symbol"],
    ["definition", "goToDefinition"],
    [undefined, "think", "weather", ""],
])("%s is the kind of %s, %s", (kind, ...names) => {
    for (const name of names) expect([name, kindOf(named(name ?? ""))]).toEqual([name, kind]);
});

it.each([
    ["read", "Explain src/a.ts to me."],
    ["read", "show me lines 10 to 20"],
    ["edit", "pls could you rename foo to bar in a.py"],
    ["edit", "In a.ts change 1 to 2."],
    ["create", "Create b.ts with a function add."],
    ["create", "Add a LICENSE, we don't have one yet."],
    ["delete", "Delete old.txt."],
    ["makeFolder", "I need a new folder called x."],
    ["list", "What's inside src/components?"],
    ["findFile", "Which files end in *.test.ts? Find all files that end so."],
    ["search", "Find all TODOs"],
    ["usages", "who calls parseConfig?"],
    ["command", "npm install"],
    ["tests", "do the unit tests still pass?"],
    ["tests", "run tests/a.test.ts"],
    ["problems", "why is there a red squiggle in a.ts"],
    ["changes", "What have I changed since my last commit?"],
    ["web", "What does https://a.b/c say?"],
    ["preview", "Show the page in the browser"],
    ["docs", "what do the docs of zod say about it"],
    ["memory", "from now on always use tabs"],
    ["plan", "Write a plan first."],
    ["ask", "ask me before you go on"],
    ["rename", "rename it everywhere"],
    ["definition", "where is Basket declared"],
    [undefined, "What is a closure?"],
    [undefined, "Thanks!"],
])("%s is asked for: %s", (kind, question) => {
    expect(best(question)).toBe(kind);
});

it("asks for another kind where there is no tool of its own, and less surely", () => {
    const few = [named("grep"), named("bash")];
    expect(best("who calls parseConfig?", few)).toBe("search");
    expect(best("Run the tests.", few)).toBe("command");
    expect(kindsAsked([named("weather")], "Run the tests.")).toEqual(new Map());
});

it("has tools for everything and such for special things", () => {
    const shares = (question: string) =>
        ["vscode_readFile", "read_notebook_output", "run_vscode_command"].map((name) =>
            plainness(named(name), question),
        );
    expect(shares("Read a.ts")).toEqual([1, 1 / 3, 1 / 2]);
    expect(shares("Which outputs has the notebook?")).toEqual([1, 1, 1 / 2]);
});

it("is looked for in a time that grows with the question alone", () => {
    for (const piece of ["where FILE ", "please ", "create ", "test run ", "i've ", "'", "a/b "]) {
        const startMs = performance.now();
        kindsAsked(tools, piece.repeat(500 / piece.length));
        expect(performance.now() - startMs).toBeLessThan(200);
    }
});
