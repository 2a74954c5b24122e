/** The language model tools that Ingot contributes: what a small agent needs offline. Any chat of VS Code can call them. */

import type { Log } from "../../base/log";
import type { Codebase } from "../codebase/codebase";
import { saidPlaces } from "../codebase/places";
import type { SourceFiles } from "../context/sourceFiles";
import { TOOL } from "../manifest";
import { toSignal } from "../signal";
import { problems } from "./problems";
import { readFile } from "./readFile";
import { TestRuns } from "./runTests";
import { CODEBASE_INPUT, PROBLEMS_INPUT, READ_INPUT, SEARCH_INPUT, TESTS_INPUT } from "./schemas";
import { search } from "./search";
import { Tool } from "./tool";

const DEFAULT_PLACES = 6;

export interface ToolsOptions {
    files: SourceFiles;
    codebase: Pick<Codebase, "search">;
    log: Log;
}

export function makeTools({ files, codebase, log }: ToolsOptions) {
    const tests = new TestRuns();
    return {
        search: new Tool({
            name: TOOL.search,
            schema: SEARCH_INPUT,
            log,
            run: (input, token) => search(input, files, token),
            prepare: ({ query }) => ({ invocationMessage: `Searching for ${query}` }),
        }),
        codebase: new Tool({
            name: TOOL.codebase,
            schema: CODEBASE_INPUT,
            log,
            run: async ({ question, maxResults = DEFAULT_PLACES }, token) => {
                const stop = toSignal(token);
                const options = { limit: maxResults, signal: stop.signal };
                const found = codebase.search(question, options);
                return saidPlaces(question, await found.finally(() => stop.dispose()));
            },
            prepare: ({ question }) => ({
                invocationMessage: `Searching the codebase for ${question}`,
            }),
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
