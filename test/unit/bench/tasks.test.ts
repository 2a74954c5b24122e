/** Holes made of HumanEval's tasks. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { infillingTasks, readTasks, taskHoles } from "../../../bench/quality/tasks.mjs";

const folder = mkdtempSync(join(tmpdir(), "ingot-tasks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const WHOLE = {
    task_id: "HumanEval/0",
    prompt: "def f(a):\n",
    canonical_solution: "    b = a + 1\n\n    if b:\n        return b\n",
};
const cutLine = {
    ...{ task_id: "L0", prompt: "def f(a):\n", suffix: "" },
    canonical_solution: "    return a + 1\n",
};
const cutBlock = {
    ...cutLine,
    ...{ canonical_solution: "    if a:\n        return 1\n", suffix: "    x\n" },
};

describe("tasks", () => {
    it("are read from a file, compressed or not", () => {
        const text = `${JSON.stringify(cutLine)}\n\n${JSON.stringify(WHOLE)}\n`;
        const [plain, packed] = [join(folder, "tasks.jsonl"), join(folder, "tasks.jsonl.gz")];
        writeFileSync(plain, text);
        writeFileSync(packed, gzipSync(text));
        expect(readTasks(plain)).toEqual([cutLine, WHOLE]);
        expect(readTasks(packed)).toEqual(readTasks(plain));
    });

    it("are all runs of lines of a solution that are not blank at their ends", () => {
        const tasks = infillingTasks(WHOLE);
        expect(tasks.map(({ task_id }) => task_id.replace("HumanEval/0/", ""))).toEqual([
            ...["L0_L0", "L0_L2", "L0_L3", "L2_L2", "L2_L3", "L3_L3"],
        ]);
        for (const { prompt, canonical_solution, suffix } of tasks)
            expect(prompt + canonical_solution + suffix).toBe(
                WHOLE.prompt + WHOLE.canonical_solution,
            );
        expect(tasks[1]?.canonical_solution).toBe("    b = a + 1\n\n    if b:\n");
    });
});

describe("holes of tasks", () => {
    it("come from tasks that are cut already, one solution each", () => {
        const holes = taskHoles([cutLine, cutBlock], 9, 1);
        expect(holes.map(({ kind }) => kind)).toEqual(["line", "word", "inside", "block"]);
        expect(holes[0]).toMatchObject({ before: "def f(a):\n    ", truth: "return a + 1" });
        expect(holes[3]).toMatchObject({ truth: "if a:\n        return 1", after: "\n    x\n" });
    });

    it("carry their task, whose test decides about an answer", () => {
        const tested = { ...WHOLE, test: "def check(f): pass", entry_point: "f" };
        for (const { task } of taskHoles([tested], 3, 1))
            expect(task).toMatchObject({ test: "def check(f): pass", entry_point: "f" });
    });

    it("are spans as they are where a task is cut inside lines already", () => {
        const given = {
            ...{ task_id: "RandomSpanInfilling/HumanEval/0/1", prompt: "def f(a):\n    ret" },
            ...{ canonical_solution: "urn a +", suffix: " 1\n" },
        };
        const holes = taskHoles([given, cutLine], 3, 1);
        expect(holes.filter(({ task }) => task === given)).toEqual([
            {
                ...{ kind: "span", path: "solution.py", languageId: "python", task: given },
                ...{ before: given.prompt, truth: "urn a +", after: " 1\n" },
            },
        ]);
        expect(holes.filter(({ kind }) => kind === "line")).toHaveLength(1);
    });

    it("leave whole tasks whole, are the same for the same seed, and hold something", () => {
        expect(taskHoles([WHOLE], 3, 5)).toEqual(taskHoles([WHOLE], 3, 5));
        const holes = Array.from({ length: 40 }, (_, i) => taskHoles([WHOLE], 3, i + 1)).flat();
        for (const { before, truth, after } of holes) {
            expect(before + truth + after).toBe(WHOLE.prompt + WHOLE.canonical_solution);
            expect(truth.trim()).not.toBe("");
        }
        const spans = holes.filter(({ kind }) => kind === "span");
        expect(spans).toHaveLength(40);
        expect(spans.some(({ after }) => !after.startsWith("\n"))).toBe(true);
        const most = taskHoles([WHOLE], 2, 1).filter(({ kind }) => kind === "line");
        expect(most).toHaveLength(2);
    });
});

/** In HumanEval-X's format, of our own making. */
const SCRIPT = {
    task_id: "JavaScript/0",
    prompt: "/* Adds up what is above zero. */\nconst total = (numbers) => {\n",
    canonical_solution:
        "  let sum = 0\n  for (const n of numbers) {\n    if (n > 0) sum += n\n  }\n  return sum\n}\n\n",
    declaration: "\nconst total = (numbers) => {\n",
    test: "console.assert(total([1, -2, 3]) === 4)\n",
    example_test: "console.assert(total([1]) === 1)\n",
};
const RUST = {
    ...{ task_id: "Rust/0", prompt: "\n/*\n Adds one.\n*/\n", test: "mod tests {}\n" },
    ...{ declaration: "\nuse std::cmp::max;\n\nfn more(a: i32) -> i32{\n" },
    canonical_solution: "    let b = a + 1;\n    return b;\n}\n",
};

describe("tasks in other languages", () => {
    it("are in a file of their language", () => {
        const idOf = (name: string) =>
            taskHoles([{ ...SCRIPT, task_id: `${name}/0` }], 1, 1).map((hole) => [
                hole.path,
                hole.languageId,
            ])[0];
        expect(["JavaScript", "Java", "Go", "CPP", "Rust", "Python"].map(idOf)).toEqual([
            ["solution.js", "javascript"],
            ["Main.java", "java"],
            ["solution.go", "go"],
            ["solution.cpp", "cpp"],
            ["solution.rs", "rust"],
            ["solution.py", "python"],
        ]);
    });

    it("have the function's head in the prompt, also where the file has it elsewhere", () => {
        const file = join(folder, "x.jsonl");
        writeFileSync(file, [SCRIPT, RUST].map((task) => JSON.stringify(task)).join("\n"));
        const [script, rust] = readTasks(file);
        expect(script).toEqual(SCRIPT);
        expect(rust).toEqual({ ...RUST, prompt: RUST.prompt + RUST.declaration });
    });

    it("are never a line that only closes something", () => {
        const whole = SCRIPT.prompt + SCRIPT.canonical_solution;
        const holes = Array.from({ length: 40 }, (_, i) => taskHoles([SCRIPT], 9, i + 1)).flat();
        const lines = holes.filter(({ kind }) => kind === "line" || kind === "block");
        expect(new Set(lines.map(({ truth }) => truth.split("\n")[0]))).toEqual(
            new Set([
                ...["let sum = 0", "for (const n of numbers) {", "if (n > 0) sum += n"],
                "return sum",
            ]),
        );
        for (const { before, truth, after } of holes) expect(before + truth + after).toBe(whole);
    });
});
