/**
 * The tool that runs the workspace's own test task, after the person has agreed to all that it runs. What a terminal shows cannot be
 * read by an extension: the answer is the exit code and what problem matchers found.
 */

import {
    MarkdownString,
    TaskGroup,
    tasks,
    workspace,
    type CancellationToken,
    type PreparedToolInvocation,
    type Task,
    type TaskExecution,
} from "vscode";
import { AppError, cancelled } from "../../base/errors";
import { DisposableStore, toDisposable } from "../../base/lifecycle";
import { fenceFor } from "../chat/context";
import type { TESTS_INPUT } from "./schemas";
import { chooseTask } from "./taskChoice";
import { taskWords } from "./taskWords";
import type { Said } from "./texts";
import type { InputOf } from "./validate";

/** A test run that takes longer is ended: the model waits for it. */
const MAX_RUN_MS = 10 * 60_000;

type Input = InputOf<typeof TESTS_INPUT>;

export class TestRuns {
    /** What a person was shown and has not been run since. */
    private readonly agreed = new Set<string>();

    /** What the person is asked before anything runs. */
    async prepare({ task: name }: Input): Promise<PreparedToolInvocation> {
        const { task, words } = await testTask(name);
        this.agreed.add(identity(task, words));
        const fence = fenceFor(words);
        return {
            invocationMessage: `Running the task ${task.name}`,
            confirmationMessages: {
                title: `Run the test task ${task.name}?`,
                message: new MarkdownString(`${fence}\n${words}\n${fence}`),
            },
        };
    }

    /** `problemsNow`: what there is to say about the workspace's files after the run. */
    async run(
        { task: name }: Input,
        problemsNow: () => Promise<Said>,
        token: CancellationToken,
    ): Promise<Said> {
        const { task, words } = await testTask(name);
        if (!this.agreed.delete(identity(task, words)))
            throw new AppError(
                "user/usage",
                `The person was not asked about the task ${task.name} as it is now; call the tool again`,
            );
        const exitCode = await run(task, token);
        const result =
            exitCode === 0
                ? "passed (exit code 0)"
                : exitCode === undefined
                  ? "ended without an exit code"
                  : `failed (exit code ${exitCode})`;
        const { head, lines } = await problemsNow();
        return {
            head: `The test task ${task.name} ${result}. Its output is in the terminal, which this tool cannot read. ${head}`,
            lines,
        };
    }
}

/** The task may be another one by the time it is run: workspace files can be written by a model. */
function identity({ source, name }: Task, words: string): string {
    return JSON.stringify([source, name, words]);
}

/** `words`: all that is run with it, for a person. */
async function testTask(name: string | undefined): Promise<{ task: Task; words: string }> {
    if (!workspace.isTrusted)
        throw new AppError("user/usage", "This workspace is not trusted, so nothing of it is run");
    const all = await tasks.fetchTasks();
    const found = all.filter(({ group }) => group?.id === TaskGroup.Test.id);
    const choice = chooseTask(
        found.map((task) => ({
            task,
            name: task.name,
            isDefault: task.group?.isDefault ?? false,
            isBackground: task.isBackground,
        })),
        name,
    );
    return { task: choice.task, words: taskWords(choice.task, all) };
}

/** Resolves with the exit code; undefined for a task that has none. Ends the task when the token says so. */
async function run(task: Task, token: CancellationToken): Promise<number | undefined> {
    const store = new DisposableStore();
    let execution: TaskExecution | undefined;
    try {
        return await new Promise<number | undefined>((resolve, reject) => {
            const isOurs = (other: TaskExecution) =>
                other === execution ||
                (other.task.name === task.name && other.task.source === task.source);
            const stop = (error: AppError) => {
                execution?.terminate();
                reject(error);
            };
            store.add(
                tasks.onDidEndTaskProcess((event) => {
                    if (isOurs(event.execution)) resolve(event.exitCode);
                }),
            );
            // A task of an extension has no process; one that has tells its exit code first.
            store.add(
                tasks.onDidEndTask((event) => {
                    if (isOurs(event.execution)) setImmediate(() => resolve(undefined));
                }),
            );
            store.add(token.onCancellationRequested(() => stop(cancelled())));
            const timer = setTimeout(
                () =>
                    stop(
                        new AppError("user/usage", "The tests took over 10 minutes and were ended"),
                    ),
                MAX_RUN_MS,
            );
            store.add(toDisposable(() => clearTimeout(timer)));
            Promise.resolve(tasks.executeTask(task)).then((started) => {
                execution = started;
                if (token.isCancellationRequested) stop(cancelled());
            }, reject);
        });
    } finally {
        store.dispose();
    }
}
