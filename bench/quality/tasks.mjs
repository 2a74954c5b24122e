// Holes of HumanEval-Infilling: its own files (a JSON object a line with `prompt`, `canonical_solution`, `suffix`), or HumanEval itself (without
// `suffix`), from whose solutions the same single-line and multi-line tasks are made, and random spans by our own seed. Both MIT, of OpenAI.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { randomOf } from "../support/random.mjs";
import { cut, KINDS, MAX_BLOCK_LINES, seedOf, shuffled } from "./holes.mjs";

export const TASK_KINDS = [...KINDS, "span"];
/** Tries for a span that is more than blanks. */
const MAX_TRIES = 20;

/** Objects of a `.jsonl` file, also compressed with gzip. */
export function readTasks(file) {
    const bytes = readFileSync(file);
    const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    return lines.map((line) => JSON.parse(line));
}

/** Every run of whole lines of the solution that begins and ends with one that is not blank: 1,033 single lines and 5,815 runs in all of HumanEval. */
export function infillingTasks({ task_id: id, prompt, canonical_solution: solution }) {
    const lines = solution.split("\n");
    const filled = lines.flatMap((line, i) => (line.trim() === "" ? [] : [i]));
    return filled.flatMap((first) =>
        filled
            .filter((last) => last >= first)
            .map((last) => ({
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

/** `nHoles` of each kind, tasks in an order of the seed. Spans are cut from tasks without `suffix` only. */
export function taskHoles(tasks, nHoles, seed) {
    const isWhole = (task) => task.suffix === undefined;
    const cutTasks = tasks.flatMap((task) => (isWhole(task) ? infillingTasks(task) : [task]));
    return TASK_KINDS.flatMap((kind, k) => {
        const random = randomOf(seedOf(seed, k));
        const isSpan = kind === "span";
        const order = shuffled(isSpan ? tasks.filter(isWhole) : cutTasks, random);
        return some(order, nHoles, (task) =>
            isSpan ? spanHole(task, random) : lineHole(kind, task, random),
        );
    });
}

function some(tasks, nHoles, holeOf) {
    const holes = [];
    for (const task of tasks) {
        if (holes.length >= nHoles) break;
        const hole = holeOf(task);
        if (hole) holes.push({ path: "solution.py", languageId: "python", ...hole });
    }
    return holes;
}

function lineHole(kind, { prompt, canonical_solution: text, suffix }, random) {
    const solution = text.replace(/\n$/, "").split("\n");
    const isBlock = solution.length > 1;
    if (isBlock !== (kind === "block") || solution.length > MAX_BLOCK_LINES) return undefined;
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

function withEnd(line) {
    return `${line}\n`;
}
