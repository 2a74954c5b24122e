/** Types of judge.mjs. */

export interface Judgement {
    shown: boolean;
    line: boolean;
    whole: boolean;
    ended: boolean;
}

export interface Sum {
    holes: number;
    shown: number | null;
    line: number | null;
    whole: number | null;
    ended: number | null;
}

export function judge(hole: { truth: string }, text: string | undefined): Judgement;
export function sum(judgements: readonly Judgement[]): Sum;
export function isClearlyWorse(pair: { won: number; lost: number }): boolean;
export function pair(
    judgements: readonly Judgement[],
    others: readonly Judgement[],
): { won: number; lost: number };
