/**
 * What Ingot adds to other parts of VS Code: prompt files, entries of the light bulb, commit messages in a real repository, tools that
 * any chat can call.
 */

import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
    CancellationTokenSource,
    commands,
    extensions,
    LanguageModelTextPart,
    lm,
    Range,
    Uri,
    window,
    workspace,
    type CodeAction,
} from "vscode";
import type { GitRepository } from "../../../src/host/commit/git";
import { APPLY_ANSWER_COMMAND, COMMAND, TOOL } from "../../../src/host/manifest";
import { findPrompts, promptBlocks, promptText } from "../../../src/host/slash/promptFiles";
import type { AnswerTarget } from "../../../src/host/slash/target";
import { api, closeEditors, openAt, until, withFolder } from "./support";

const prompt = () => commands.executeCommand<string>(COMMAND.showLastPrompt);
const folder = () => workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";

const made: string[] = [];
/** A file of the workspace, gone after the suite. */
function put(path: string, text: string): void {
    const file = join(folder(), path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
    made.push(file);
}
after(() => {
    for (const file of made) rmSync(file, { recursive: true, force: true });
});

async function call(name: string, input: object): Promise<string> {
    const token = new CancellationTokenSource().token;
    const result = await lm.invokeTool(name, { input, toolInvocationToken: undefined }, token);
    return result.content
        .map((part) => (part instanceof LanguageModelTextPart ? part.value : ""))
        .join("");
}

describe("prompt files", () => {
    it("are found, filled in and read with what they link to; broken ones are said", async () => {
        const body = "Write ${input:name} like [this](../../src/price.ts).";
        put(".github/prompts/endpoint.prompt.md", `---\ndescription: An endpoint\n---\n${body}`);
        put(".github/prompts/broken.prompt.md", "---\ndescription: x\n");
        put(".github/prompts/fix.prompt.md", "Mine");
        put(".github/prompts/other.md", "No prompt");
        const { prompts, problems } = await findPrompts();
        assert.deepEqual(
            prompts.map(({ file }) => [file.name, file.description]),
            [["endpoint", "An endpoint"]],
        );
        assert.equal(problems.length, 2);
        assert.match(
            problems[0] ?? "",
            /^The prompt file broken\.prompt\.md cannot be used \(line 1\)/,
        );
        assert.match(problems[1] ?? "", /\/fix is Ingot's own/);
        const [found] = prompts;
        assert.ok(found);
        const place = { selection: undefined, file: undefined };
        assert.equal(
            await promptText(found, place, "orders"),
            body.replace("${input:name}", "orders"),
        );
        const files = {
            read: async (uri: Uri) => ({ uri, lines: [`text of ${uri.path}`], version: "1" }),
        };
        const [block, ...more] = await promptBlocks(found, place, { files, maxCharacters: 2000 });
        assert.match(
            block?.text ?? "",
            /^File src\/price\.ts:\n```\ntext of .*\/src\/price\.ts\n```$/,
        );
        assert.deepEqual(more, []);
    });
});

describe("the light bulb", () => {
    afterEach(closeEditors);

    it("offers what there is something for, and asks it in the side bar", async () => {
        const { document } = await openAt(
            "function add(a, b) {|\n    return a;\n}\n",
            "typescript",
        );
        const ask = async (range: Range) => {
            const { uri } = document;
            try {
                const command = "vscode.executeCodeActionProvider";
                return await commands.executeCommand<CodeAction[]>(command, uri, range);
            } catch (error) {
                // The editor stops asking when a provider is added meanwhile, as by a language service that is just starting.
                if (error instanceof Error && error.message === "Canceled") return undefined;
                throw error;
            }
        };
        const at = async (range: Range) => {
            const actions = await until("the entries of the light bulb", () => ask(range));
            return actions.filter(({ title }) => title.endsWith("with Ingot"));
        };
        assert.deepEqual(await at(new Range(1, 0, 1, 0)), []);
        const actions = await at(new Range(0, 0, 0, 0));
        assert.deepEqual(
            actions.map(({ title }) => title),
            ["Generate Documentation with Ingot", "Generate Tests with Ingot"],
        );
        const { command } = actions[0] ?? {};
        assert.ok(command);
        await commands.executeCommand(command.command, ...((command.arguments ?? []) as unknown[]));
        const [question, answer] = (await (await api()).chat()).turns;
        assert.match(question?.text ?? "", /Write the documentation of `add` as a JSDoc comment/);
        assert.match(question?.context?.[0] ?? "", /lines 1-3 of 4/);
        assert.equal(answer?.state, "done", JSON.stringify(answer));
        await commands.executeCommand(COMMAND.newChat);
    });
});

describe("the code of an answer", () => {
    afterEach(closeEditors);

    it("is reviewed in the file with what it left out, undone in one step, refused on other lines", async () => {
        await api();
        const before = "class A {\n    add(a) {\n        check(a);\n        return a;\n    }\n}\n";
        const { document } = await openAt(`|${before}`, "typescript");
        const target: AnswerTarget = {
            uri: document.uri.toString(),
            languageId: "typescript",
            place: "replace",
            first: 1,
            original: before.split("\n").slice(1, 5).join("\n"),
        };
        const code = "add(a) {\n  // ... existing code ...\n  return a + 1;\n}";
        const after = before.replace("return a;", "return a + 1;");
        await commands.executeCommand(APPLY_ANSWER_COMMAND, target, code);
        assert.equal(document.getText(), after.replace("        return", "\n        return"));
        await commands.executeCommand(COMMAND.rejectAllChanges);
        assert.equal(document.getText(), before);
        await commands.executeCommand(APPLY_ANSWER_COMMAND, target, code);
        await commands.executeCommand(COMMAND.acceptAllChanges);
        assert.equal(document.getText(), after);
        await commands.executeCommand(APPLY_ANSWER_COMMAND, target, code);
        assert.equal(document.getText(), after);
        await commands.executeCommand("undo");
        assert.equal(document.getText(), before);
    });

    it("that is a comment goes above what it is about, to be reviewed", async () => {
        await api();
        const { document } = await openAt("|  f() {\n  }\n", "typescript");
        const { uri, languageId } = document;
        const target = { uri: uri.toString(), languageId, place: "above", first: 0 };
        const given = { ...target, original: "  f() {\n  }" };
        await commands.executeCommand(APPLY_ANSWER_COMMAND, given, "/** F. */\nf() {");
        await commands.executeCommand(COMMAND.acceptAllChanges);
        assert.equal(document.getText(), "  /** F. */\n  f() {\n  }\n");
    });

    it("opens tests as a new file with the name that the language's tests have", async () => {
        const target: AnswerTarget = {
            uri: Uri.file(join(folder(), "src", "price.ts")).toString(),
            languageId: "typescript",
            place: "new-file",
            first: 0,
            original: "",
        };
        await commands.executeCommand(APPLY_ANSWER_COMMAND, target, "test();");
        const document = window.activeTextEditor?.document;
        assert.equal(document?.uri.scheme, "untitled");
        assert.match(document.uri.path, /src\/price\.test\.ts$/);
        assert.equal(document.getText(), "test();\n");
    });
});

describe("a commit message", () => {
    const git = (cwd: string, ...args: string[]) =>
        execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@t", ...args], { cwd });

    async function withRepository(
        work: (root: string, repository: GitRepository) => Promise<void>,
    ): Promise<void> {
        await withFolder(async (root) => {
            git(root, "init", "-q");
            writeFileSync(join(root, "a.ts"), "export const a = 1;\n");
            git(root, "add", ".");
            git(root, "commit", "-q", "-m", "fix: the first thing");
            const { exports } = extensions.getExtension("vscode.git") as {
                exports: {
                    getAPI(version: 1): {
                        openRepository(uri: Uri): Promise<GitRepository | null>;
                    };
                };
            };
            const repository = await exports.getAPI(1).openRepository(Uri.file(root));
            assert.ok(repository);
            try {
                await work(root, repository);
            } finally {
                await commands.executeCommand("git.close", repository);
            }
        });
    }

    it("is written into the input box from what is staged, without secret files", async () => {
        await withRepository(async (root, repository) => {
            writeFileSync(join(root, "a.ts"), "export const changedHere = 2;\n");
            writeFileSync(join(root, ".env"), "PASSWORD=hunter2\n");
            git(root, "add", "-f", ".");
            writeFileSync(join(root, "b.ts"), "export const unstaged = 3;\n");
            const message = await commands.executeCommand<string>(COMMAND.writeCommitMessage, {
                rootUri: Uri.file(root),
            });
            const text = await prompt();
            assert.match(text, /- a\.ts \(\+1 -1\)[^]*\+export const changedHere = 2;/);
            assert.match(text, /in the form "type: what changes", where type is one of fix/);
            assert.ok(!/hunter2|\.env|unstaged/.test(text), text);
            // The starter model's words do not matter; that they are in the box does.
            assert.ok(message.length > 0);
            assert.equal(repository.inputBox.value, message);
        });
    });

    it("describes new files when nothing is staged; says so when nothing changed", async () => {
        await withRepository(async (root, repository) => {
            repository.inputBox.value = "mine";
            await commands.executeCommand(COMMAND.writeCommitMessage, root);
            assert.equal(repository.inputBox.value, "mine");
            writeFileSync(join(root, "new.ts"), "export const fresh = 3;\n");
            await commands.executeCommand(COMMAND.writeCommitMessage, Uri.file(root).toString());
            assert.match(
                await prompt(),
                /- new\.ts \(added, \+\d -0\)[^]*\+export const fresh = 3;/,
            );
        });
    });
});

describe("the tools", () => {
    it("are there for any chat", () => {
        const names = lm.tools.map(({ name }) => name);
        for (const name of Object.values(TOOL)) assert.ok(names.includes(name), name);
    });

    it("search and read the workspace, but nothing ignored, secret or outside", async () => {
        put(".gitignore", "hidden/\n");
        put("hidden/x.ts", "export const needleInHay = 1;\n");
        put(".env", "KEY=needleInHay\n");
        put("src/found.ts", "// one\nexport const needleInHay = 2;\n");
        const outside = join(folder(), "outside.ts");
        symlinkSync("/etc/hostname", outside);
        made.push(outside);
        assert.equal(
            await call(TOOL.search, { query: "NEEDLEinhay" }),
            "1 line holds `NEEDLEinhay`:\nsrc/found.ts:2: export const needleInHay = 2;",
        );
        assert.match(await call(TOOL.search, { query: "needle", path: "src/price.ts" }), /No line/);
        assert.equal(
            await call(TOOL.readFile, { path: "src/found.ts", startLine: 2, endLine: 2 }),
            "src/found.ts, 3 lines:\n2: export const needleInHay = 2;",
        );
        const refusals: [string, RegExp][] = [
            ["hidden/x.ts", /is ignored or excluded/],
            [".env", /holds keys or passwords/],
            ["outside.ts", /leads out of the workspace/],
            ["../x.ts", /is not in the workspace/],
            ["src/none.ts", /There is no `src\/none\.ts`/],
            ["src", /is a folder/],
        ];
        for (const [path, words] of refusals)
            assert.match(await call(TOOL.readFile, { path }), words, path);
        assert.match(
            await call(TOOL.readFile, { file: "a" }),
            /^The input of ingot_readFile is wrong/,
        );
    });

    it("tell what is wrong in a file", async () => {
        put("src/wrong.json", '{ "a": }\n');
        const uri = Uri.file(join(folder(), "src", "wrong.json"));
        await window.showTextDocument(uri);
        const text = await until("a problem of the file", async () => {
            const said = await call(TOOL.problems, { path: "src/wrong.json" });
            return !said.startsWith("There are no") && said;
        });
        assert.match(text, /^1 problem in src\/wrong\.json:\nsrc\/wrong\.json:1:\d+: error: /);
        await closeEditors();
    });
});
