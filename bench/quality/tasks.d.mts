/** Types of tasks.mjs. */

import type { Hole } from "./holes.mjs";

export interface Task {
    task_id: string;
    prompt: string;
    canonical_solution: string;
    /** Missing: all of the solution is to be cut. */
    suffix?: string;
}

export const TASK_KINDS: Hole["kind"][];
export function readTasks(file: string): Task[];
export function infillingTasks(task: Task): Required<Task>[];
export function taskHoles(tasks: readonly Task[], nHoles: number, seed: number): Hole[];
