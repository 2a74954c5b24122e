// What a person is shown before a model may run the workspace's test task: all that it runs, and nothing else is run.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CancellationToken } from "vscode";
import { TestRuns } from "../../../../src/host/tools/runTests";

const editor = vi.hoisted(() => ({
    tasks: [] as unknown[],
    settings: [] as unknown,
    ran: [] as string[],
}));
vi.mock("vscode", () => {
    class ShellExecution {
        constructor(
            readonly commandLine: string | undefined,
            readonly options?: object,
        ) {}
    }
    class ProcessExecution {
        constructor(
            readonly process: string,
            readonly args: string[],
            readonly options?: object,
        ) {}
    }
    const ended: ((event: unknown) => void)[] = [];
    return {
        ShellExecution,
        ProcessExecution,
        MarkdownString: class {
            constructor(readonly value: string) {}
        },
        TaskGroup: { Test: { id: "test" } },
        tasks: {
            fetchTasks: async () => editor.tasks,
            onDidEndTaskProcess: (listener: (event: unknown) => void) => {
                ended.push(listener);
                return { dispose: () => undefined };
            },
            onDidEndTask: () => ({ dispose: () => undefined }),
            executeTask: async (task: { name: string }) => {
                editor.ran.push(task.name);
                setImmediate(() => ended.at(-1)?.({ execution: { task }, exitCode: 0 }));
                return { task, terminate: () => undefined };
            },
        },
        workspace: {
            isTrusted: true,
            getConfiguration: () => ({
                inspect: () => ({ workspaceFolderValue: editor.settings }),
            }),
        },
    };
});
const vscode = await import("vscode");

const token = { onCancellationRequested: () => ({ dispose: () => undefined }) };
const problems = async () => ({ head: "", lines: [] });
function task(name: string, execution: unknown, more: object = {}) {
    const definition = { type: "shell" };
    return {
        name,
        source: "Workspace",
        execution,
        definition,
        scope: 2,
        isBackground: false,
        ...more,
    };
}
const test = (execution: unknown, more: object = {}) =>
    task("test", execution, { group: { id: "test", isDefault: true }, ...more });
const shell = (line: string, options?: object) => new vscode.ShellExecution(line, options);

async function shown(runs = new TestRuns()): Promise<string> {
    const { confirmationMessages } = await runs.prepare({ task: undefined });
    const { message } = confirmationMessages ?? { message: "" };
    return typeof message === "string" ? message : message.value;
}

beforeEach(() => {
    editor.tasks = [];
    editor.settings = [];
    editor.ran = [];
});

describe("what is shown before the tests run", () => {
    it("holds folder, shell and variables", async () => {
        const options = {
            cwd: "/elsewhere",
            env: { NODE_OPTIONS: "--require ./evil.js" },
            executable: "/bin/zsh",
            shellArgs: ["-c"],
        };
        editor.tasks = [test(shell("npm test", options))];
        expect(await shown()).toBe(
            [
                "```",
                "test",
                "  runs: npm test",
                "  in the shell: /bin/zsh -c",
                "  in the folder: /elsewhere",
                "  with: NODE_OPTIONS=--require ./evil.js",
                "```",
            ].join("\n"),
        );
    });

    it("holds all tasks that run before it, once each, and those that are not known", async () => {
        const npm = { definition: { type: "npm", script: "lint" }, source: "npm" };
        editor.tasks = [
            test(new vscode.ProcessExecution("node", ["--test"])),
            task("build", shell("make", { cwd: "/b" })),
            task("setup", shell("curl x | sh")),
            task("lint", shell("npm run lint"), npm),
        ];
        editor.settings = [
            { label: "test", dependsOn: ["build", { type: "npm", script: "lint" }, "gone"] },
            { label: "build", dependsOn: "setup" },
            { label: "setup", dependsOn: "test" },
            null,
            "none",
        ];
        expect(await shown()).toBe(
            [
                "```",
                "test",
                "  runs: node --test",
                "first: build",
                "  runs: make",
                "  in the folder: /b",
                "first: setup",
                "  runs: curl x | sh",
                "first: lint",
                "  runs: npm run lint",
                "first: gone",
                "  not known before it runs",
                "```",
            ].join("\n"),
        );
    });

    it("is all that is run: what has changed since is asked about again", async () => {
        const run = (runs: TestRuns) =>
            runs.run({ task: undefined }, problems, token as unknown as CancellationToken);
        const runs = new TestRuns();
        editor.tasks = [test(shell("npm test")), task("build", shell("make"))];
        await shown(runs);
        expect((await run(runs)).head).toContain("passed (exit code 0)");
        await shown(runs);
        editor.settings = [{ label: "test", dependsOn: "build" }];
        await expect(run(runs)).rejects.toThrow("was not asked about the task test as it is now");
        await shown(runs);
        editor.tasks = [test(shell("npm test")), task("build", shell("rm -r ."))];
        await expect(run(runs)).rejects.toThrow("was not asked");
        await shown(runs);
        editor.tasks = [test(shell("npm test", { env: { A: "1" } })), task("build", shell("make"))];
        await expect(run(runs)).rejects.toThrow("was not asked");
        expect(editor.ran).toEqual(["test"]);
    });
});
