// Holes of HumanEval-Infilling: its own files (a JSON object a line with `prompt`, `canonical_solution`, `suffix`), or HumanEval itself (without
// `suffix`), from whose solutions the same single-line and multi-line tasks are made, and random spans by our own seed; both MIT, of OpenAI. So
// are files of HumanEval-X (CodeGeeX, Apache-2.0), which has the tasks in other languages.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { randomOf } from "../support/random.mjs";
import { cut, KINDS, MAX_BLOCK_LINES, seedOf, shuffled } from "./holes.mjs";
import { fileOf } from "./languages.mjs";

export const TASK_KINDS = [...KINDS, "span"];
/** Tries for a span that is more than blanks. */
const MAX_TRIES = 20;

/** Objects of a `.jsonl` file, also compressed with gzip. */
export function readTasks(file) {
    const bytes = readFileSync(file);
    const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    return lines.map((line) => withHead(JSON.parse(line)));
}

/** HumanEval-X's prompts end with the function's head, but for Rust's, which are the comment above it. */
function withHead(task) {
    const { prompt, declaration = "" } = task;
    const head = declaration.trimEnd().split("\n").at(-1);
    return prompt.includes(head) ? task : { ...task, prompt: prompt + declaration };
}

/** Every run of whole lines of the solution that begins and ends with one that is not blank: 1,033 single lines and 5,815 runs in all of HumanEval. */
export function infillingTasks(task) {
    const { task_id: id, prompt, canonical_solution: solution } = task;
    const lines = solution.split("\n");
    const filled = lines.flatMap((line, i) => (line.trim() === "" ? [] : [i]));
    return filled.flatMap((first) =>
        filled
            .filter((last) => last >= first)
            .map((last) => ({
                ...task,
                task_id: `${id}/L${first}_L${last}`,
                prompt: prompt + lines.slice(0, first).map(withEnd).join(""),
                canonical_solution: lines
                    .slice(first, last + 1)
                    .map(withEnd)
                    .join(""),
                suffix: lines.slice(last + 1).join("\n"),
            })),
    );
}

/** `nHoles` of each kind, each with its `task`; tasks in an order of the seed. Spans are cut from tasks without `suffix`, or are tasks that are no whole lines. */
export function taskHoles(tasks, nHoles, seed) {
    const isWhole = (task) => task.suffix === undefined;
    const cutTasks = tasks.flatMap((task) => (isWhole(task) ? infillingTasks(task) : [task]));
    return TASK_KINDS.flatMap((kind, k) => {
        const random = randomOf(seedOf(seed, k));
        const isSpan = kind === "span";
        const own = isSpan
            ? tasks.filter((task) => isWhole(task) || !isOfLines(task))
            : cutTasks.filter(isOfLines);
        return some(shuffled(own, random), nHoles, (task) => {
            if (!isSpan) return lineHole(kind, task, random);
            return isWhole(task) ? spanHole(task, random) : givenSpan(task);
        });
    });
}

function some(tasks, nHoles, holeOf) {
    const holes = [];
    for (const task of tasks) {
        if (holes.length >= nHoles) break;
        const hole = holeOf(task);
        if (hole) holes.push({ ...fileOf(task.task_id), ...hole, task });
    }
    return holes;
}

function lineHole(kind, { task_id: id, prompt, canonical_solution: text, suffix }, random) {
    const solution = text.replace(/\n$/, "").split("\n");
    // A line that only closes something is no task. HumanEval-Infilling has them, but Python has hardly any.
    const isCloser = fileOf(id).languageId !== "python" && !/\w/.test(solution[0]);
    const isBlock = solution.length > 1;
    if (isCloser || isBlock !== (kind === "block") || solution.length > MAX_BLOCK_LINES)
        return undefined;
    const before = prompt.split("\n").slice(0, -1);
    const lines = [...before, ...solution, ...suffix.split("\n")];
    const place = { first: before.length, end: before.length + solution.length };
    const hole = cut(kind, lines, place, random);
    return hole && { kind, ...hole };
}

/** From any character of the solution to any other, at most as many lines as a block. */
function spanHole({ prompt, canonical_solution: solution }, random) {
    for (let i = 0; i < MAX_TRIES; i++) {
        const ends = [random(), random()].map((x) => Math.floor(x * (solution.length + 1)));
        const [start, end] = [Math.min(...ends), Math.max(...ends)];
        const truth = solution.slice(start, end);
        if (truth.trim() === "" || truth.split("\n").length > MAX_BLOCK_LINES) continue;
        const before = prompt + solution.slice(0, start);
        return { kind: "span", before, truth, after: solution.slice(end) };
    }
    return undefined;
}

/** HumanEval-Infilling's own random spans. */
function givenSpan({ prompt, canonical_solution: truth, suffix }) {
    const fits = truth.trim() !== "" && truth.split("\n").length <= MAX_BLOCK_LINES;
    return fits ? { kind: "span", before: prompt, truth, after: suffix } : undefined;
}

/** Whether what is cut out of a task is whole lines. */
function isOfLines({ prompt, canonical_solution: solution, suffix }) {
    return prompt.endsWith("\n") && (solution.endsWith("\n") || suffix === "");
}

function withEnd(line) {
    return `${line}\n`;
}
