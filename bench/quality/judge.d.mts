/** Types of judge.mjs. */

export interface Judgement {
    shown: boolean;
    line: boolean;
    whole: boolean;
    ended: boolean;
    /** Whether the task's own test passed (pass.mjs); undefined where none was run. */
    passed?: boolean | undefined;
}

export interface Sum {
    holes: number;
    shown: number | null;
    line: number | null;
    whole: number | null;
    ended: number | null;
    run: number;
    passed: number | null;
}

export function judge(hole: { truth: string }, text: string | undefined): Judgement;
export function sum(judgements: readonly Judgement[]): Sum;
export function isClearlyWorse(pair: { won: number; lost: number }): boolean;
export function pair(
    judgements: readonly Judgement[],
    others: readonly Judgement[],
    field?: "line" | "passed",
): { won: number; lost: number };
