/**
 * How sure a model is of its answer, token by token: where an answer should end because the next token is a guess. Pure.
 */

/**
 * A token less likely than this is a guess. Of tokens below 0.3 none of 7 was right; but where an answer is cut at 0.3, what is left breaks
 * the code more often and is not shown: at 0.2 a right first line is shown at 35 of 100 places that want one, at 0.3 at 31, and
 * silence where nothing belongs is the same (docs/measuring.md, 0.5B model).
 */
export const MIN_PROBABILITY = 0.2;

/** A model with fewer parameters nearly only guesses; it is there to show how completions work, and would show nothing. */
export const MIN_PARAMETERS = 50e6;

export interface ScoredToken {
    text: string;
    /** 0..1, of the model's own distribution. */
    probability: number;
}

const WORD = /[\p{L}\p{N}_$]/u;

/**
 * Characters of the answer to keep when `next` does not belong to it any more: never a part of a word. Undefined while it does belong.
 */
export function endsBefore(
    text: string,
    next: ScoredToken,
    minProbability = MIN_PROBABILITY,
): number | undefined {
    if (next.probability >= minProbability) return undefined;
    if (!WORD.test(next.text.charAt(0))) return text.length;
    let end = text.length;
    while (end > 0 && WORD.test(text.charAt(end - 1))) end--;
    return end;
}
