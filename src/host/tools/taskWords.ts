/**
 * What a person is told of a task before it runs: its command line, where and with which variables it runs, and the tasks that VS Code runs
 * before it. VS Code's tasks say nothing of what they depend on, so that is read where people write it, in the settings `tasks`.
 */

import { ProcessExecution, ShellExecution, workspace, type Task, type Uri } from "vscode";

/** A task of tasks.json, as far as it is looked at. Written by anybody: nothing is assumed. */
type Entry = Record<string, unknown>;

const MAX_TASKS = 50;

/** The task and all that runs before it, one paragraph each, in the order of the settings. */
export function taskWords(task: Task, all: readonly Task[]): string {
    const said: string[] = [];
    const seen = new Set<Task>();
    const say = (one: Task, why: string) => {
        if (seen.has(one) || seen.size >= MAX_TASKS) return;
        seen.add(one);
        said.push([`${why}${one.name}`, ...linesOf(one)].join("\n"));
        for (const named of dependenciesOf(one)) {
            const found = all.find((other) => isNamed(other, named));
            const name = typeof named === "string" ? named : JSON.stringify(named);
            if (found) say(found, "first: ");
            else said.push(`first: ${name}\n  not known before it runs`);
        }
    };
    say(task, "");
    return said.join("\n");
}

function linesOf({ execution, name }: Task): string[] {
    const isKnown = execution instanceof ShellExecution || execution instanceof ProcessExecution;
    if (!isKnown) return [`  runs: ${name}, by an extension`];
    const { cwd, env } = execution.options ?? {};
    const shell = execution instanceof ShellExecution ? execution.options : undefined;
    const shellLine = [shell?.executable, ...(shell?.shellArgs ?? [])].filter(Boolean).join(" ");
    return [
        `  runs: ${commandLine(execution)}`,
        ...(shellLine === "" ? [] : [`  in the shell: ${shellLine}`]),
        ...(cwd === undefined ? [] : [`  in the folder: ${cwd}`]),
        ...Object.entries(env ?? {}).map(([key, value]) => `  with: ${key}=${value}`),
    ];
}

function commandLine(execution: ShellExecution | ProcessExecution): string {
    if (execution instanceof ProcessExecution)
        return [execution.process, ...execution.args].join(" ");
    if (execution.commandLine !== undefined) return execution.commandLine;
    const text = (part: string | { value: string }) =>
        typeof part === "string" ? part : part.value;
    return [execution.command ?? "", ...(execution.args ?? [])].map(text).join(" ");
}

/** Labels, or what else names a task. */
function dependenciesOf(task: Task): (string | Entry)[] {
    const entry = entries(folderOf(task)).find((one) => isEntryOf(one, task));
    const named = entry?.["dependsOn"];
    const list = Array.isArray(named) ? (named as unknown[]) : named === undefined ? [] : [named];
    return list.filter((one) => typeof one === "string" || isEntry(one));
}

function isNamed(task: Task, named: string | Entry): boolean {
    if (typeof named !== "string") return matches(task, named);
    return task.name === named || `${task.source}: ${task.name}` === named;
}

function isEntryOf(entry: Entry, task: Task): boolean {
    if (entry["label"] !== undefined) return entry["label"] === task.name;
    if (entry["taskName"] !== undefined) return entry["taskName"] === task.name;
    return matches(task, entry);
}

/** Whether it is the kind of task that its provider has defined so. */
function matches({ definition }: Task, entry: Entry): boolean {
    const keys = Object.keys(definition).filter((key) => entry[key] !== undefined);
    return keys.length > 1 && keys.every((key) => entry[key] === (definition as Entry)[key]);
}

function folderOf({ scope }: Task): Uri | undefined {
    return typeof scope === "object" ? scope.uri : undefined;
}

/** Of the folder, the workspace and the person. */
function entries(folder: Uri | undefined): Entry[] {
    const found = workspace.getConfiguration("tasks", folder).inspect<unknown>("tasks");
    const lists = [found?.workspaceFolderValue, found?.workspaceValue, found?.globalValue];
    return lists.flatMap((list) => {
        const all = Array.isArray(list) ? (list as unknown[]) : [];
        return all.filter(isEntry);
    });
}

function isEntry(value: unknown): value is Entry {
    return typeof value === "object" && value !== null;
}
