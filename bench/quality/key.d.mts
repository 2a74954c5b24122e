/** Types of key.mjs. */

export interface StoredAnswer {
    text?: string;
    reason?: string;
}

export function keyOf(value: unknown): string;
export function readAnswers(text: string): Map<string, StoredAnswer>;
export function inKeyOrder<T>(list: readonly T[], seed: number): { one: T; number: number }[];
