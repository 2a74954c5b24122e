/** Types of languages.mjs. */

import type { Limits, Sandbox } from "./sandbox.mjs";

export interface Run {
    passed: boolean;
    isLate: boolean;
    /** The end of stderr. */
    errors: string;
}

export interface Runner {
    version: string;
    identity: unknown;
    run(program: string, limits?: Limits): Promise<Run>;
}

export function fileOf(taskId: string): { path: string; languageId: string };
export function testOf(task: { test: string; entry_point?: string }): string;
export function runnerOf(languageId: string, sandbox: Sandbox | undefined): Runner | undefined;
