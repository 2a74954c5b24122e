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
