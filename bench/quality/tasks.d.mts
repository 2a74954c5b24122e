/** Types of tasks.mjs. */

import type { Hole } from "./holes.mjs";

export interface Task {
    task_id: string;
    prompt: string;
    canonical_solution: string;
    /** Missing: all of the solution is to be cut. */
    suffix?: string;
    /** Code that fails when the solution is wrong: a function `check` of `entry_point`, or what calls itself. */
    test?: string;
    entry_point?: string;
    /** HumanEval-X: the function's head with what it needs above it. */
    declaration?: string;
}

export interface TaskHole extends Hole {
    task: Task;
}

export const TASK_KINDS: Hole["kind"][];
export function readTasks(file: string): Task[];
export function infillingTasks(task: Task): (Task & { suffix: string })[];
export function taskHoles(tasks: readonly Task[], nHoles: number, seed: number): TaskHole[];
