/** The language model tools that Ingot contributes: what a small agent needs offline. Any chat of VS Code can call them. */

import { lm } from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import type { SourceFiles } from "../context/sourceFiles";
import { TOOL } from "../manifest";
import { problems } from "./problems";
import { readFile } from "./readFile";
import { TestRuns } from "./runTests";
import { PROBLEMS_INPUT, READ_INPUT, SEARCH_INPUT, TESTS_INPUT } from "./schemas";
import { search } from "./search";
import { Tool } from "./tool";

export interface ToolsOptions {
    files: SourceFiles;
    log: Log;
}

export function makeTools({ files, log }: ToolsOptions) {
    const tests = new TestRuns();
    return {
        search: new Tool({
            name: TOOL.search,
            schema: SEARCH_INPUT,
            log,
            run: (input, token) => search(input, files, token),
            prepare: ({ query }) => ({ invocationMessage: `Searching for ${query}` }),
        }),
        readFile: new Tool({
            name: TOOL.readFile,
            schema: READ_INPUT,
            log,
            run: (input) => readFile(input, files),
            prepare: ({ path }) => ({ invocationMessage: `Reading ${path}` }),
        }),
        problems: new Tool({
            name: TOOL.problems,
            schema: PROBLEMS_INPUT,
            log,
            run: (input) => problems(input, files),
            prepare: () => ({ invocationMessage: "Looking at problems" }),
        }),
        runTests: new Tool({
            name: TOOL.runTests,
            schema: TESTS_INPUT,
            log,
            run: (input, token) =>
                tests.run(
                    input,
                    () => problems({ path: undefined, severity: "error" }, files),
                    token,
                ),
            prepare: (input) => tests.prepare(input),
        }),
    };
}

export function registerTools(options: ToolsOptions): Disposable {
    const store = new DisposableStore();
    const made = makeTools(options);
    for (const [key, tool] of Object.entries(made))
        store.add(lm.registerTool(TOOL[key as keyof typeof made], tool));
    return store;
}
