/**
 * How sure a model is of its answer, token by token: where an answer should end because the next token is a guess. Thresholds come from
 * data (docs/measuring.md). Pure.
 */

/** A first token less likely than this is a guess: nothing is shown. */
export const MIN_FIRST = 0.15;
/** A later token less likely than this ends the suggestion before it. */
export const MIN_LATER = 0.12;

export interface ScoredToken {
    text: string;
    /** 0..1, of the model's own distribution. */
    probability: number;
}

const WORD = /[\p{L}\p{N}_$]/u;

/**
 * Characters of the answer to keep when `next` does not belong to it any more: never a part of a word. `isFirst`: nothing but what was
 * typed already comes before. Undefined while it does belong.
 */
export function endsBefore(text: string, next: ScoredToken, isFirst: boolean): number | undefined {
    if (next.probability >= (isFirst ? MIN_FIRST : MIN_LATER)) return undefined;
    if (!WORD.test(next.text.charAt(0))) return text.length;
    let end = text.length;
    while (end > 0 && WORD.test(text.charAt(end - 1))) end--;
    return end;
}
