/** Types of pass.mjs. */

import type { Limits, Sandbox } from "./sandbox.mjs";
import type { TaskHole } from "./tasks.mjs";

export function programOf(hole: TaskHole, text: string): string;
export function passesOf(options: {
    cases: readonly TaskHole[];
    texts: readonly (string | undefined)[][];
    /** Where verdicts are remembered. */
    folder: string;
    sandbox?: Sandbox;
    limits?: Limits;
}): Promise<{ passed: (boolean | undefined)[][]; leftOut: string[]; notes: string[] }>;
