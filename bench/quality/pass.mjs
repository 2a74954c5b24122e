// pass@1: whether a task's own test passes with an answer put into the hole, run in a sandbox. A task whose own solution does not pass here (it needs
// a package, say) tells nothing and is left out. Verdicts are remembered beside the answers.
import { Store } from "./answers.mjs";
import { LINE_KINDS } from "./holes.mjs";
import { keyOf } from "./key.mjs";
import { runnerOf, testOf } from "./languages.mjs";
import { LIMITS, openSandbox } from "./sandbox.mjs";

const PROGRESS = 50;

/** The task's code with `text` in the hole, and its test. Of the rest of a line only a line is taken, whoever answered. Pure. */
export function programOf({ kind, before, after, task }, text) {
    const taken = LINE_KINDS.includes(kind) ? text.split("\n")[0] : text;
    return before + taken + after + testOf(task);
}

/**
 * `texts[column][case]`, undefined where nothing was suggested: that does not pass. `passed[column][case]` is undefined where no test was run; `notes`
 * say what was run how and what was not. `cases` are holes of tasks; one whose task has no `test` is not run.
 */
export async function passesOf({ cases, texts, folder, sandbox = openSandbox(), limits = LIMITS }) {
    const judge = new Judge(sandbox, limits, new Store(folder, "passed"));
    const passed = texts.map(() => []);
    const leftOut = new Set();
    for (const [i, one] of cases.entries()) {
        const reference = await judge.verdict(one, one.truth);
        if (reference === false) leftOut.add(nameOf(one));
        for (const [column, row] of texts.entries())
            passed[column][i] = reference ? await judge.verdict(one, row[i]) : undefined;
        if ((i + 1) % PROGRESS === 0) console.error(`tests: ${i + 1} of ${cases.length}`);
    }
    return { passed, leftOut: [...leftOut].sort(), notes: judge.notes(leftOut.size) };
}

class Judge {
    #sandbox;
    #limits;
    #store;
    /** By language; undefined for one that cannot be run here. */
    #runners = new Map();

    constructor(sandbox, limits, store) {
        this.#sandbox = sandbox;
        this.#limits = limits;
        this.#store = store;
    }

    /** Whether the test passes; undefined where it cannot be run here. */
    async verdict(one, text) {
        const runner = this.#runner(one.languageId);
        if (!runner || one.task.test === undefined) return undefined;
        if (text === undefined) return false;
        const program = programOf(one, text);
        const [limits, store] = [this.#limits, this.#store];
        const key = keyOf({ program, limits, runner: runner.identity });
        if (!store.has(key)) {
            const { passed, isLate } = await runner.run(program, limits);
            // That the clock ran out may be the machine's fault, and is asked again.
            if (isLate) return false;
            store.add(key, { passed });
        }
        return store.get(key).passed;
    }

    notes(nLeftOut) {
        const how = this.#sandbox?.isApart
            ? "without network"
            : "not cut off from the network, which this system does not permit";
        const lines = [...this.#runners].map(([languageId, runner]) =>
            runner
                ? `pass@1: ${languageId} ${runner.version}, ${how}`
                : `pass@1: no tests in ${languageId} are run here`,
        );
        if (nLeftOut === 0) return lines;
        return [...lines, `pass@1: ${nLeftOut} tasks whose own solution does not pass left out`];
    }

    #runner(languageId) {
        if (!this.#runners.has(languageId))
            this.#runners.set(languageId, runnerOf(languageId, this.#sandbox));
        return this.#runners.get(languageId);
    }
}

/** Of the whole task: names of cut ones go on with their lines. */
function nameOf({ task }) {
    return task.task_id.replace(/\/L\d+(_L\d+)?$/, "");
}
