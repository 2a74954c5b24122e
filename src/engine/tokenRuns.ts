/** How much of a prompt another one holds from its beginning: that much need not be read again. Pure. */

/** Whether more than half of a prompt need not be read when `held` is there. */
export function isMostOf(held: readonly number[], prompt: readonly number[]): boolean {
    return nCommon(held, prompt) > prompt.length / 2;
}

export function isSame(a: readonly number[], b: readonly number[]): boolean {
    return a.length === b.length && nCommon(a, b) === a.length;
}

/** Tokens that two prompts have in common at their beginning. */
export function nCommon(a: readonly number[], b: readonly number[]): number {
    const at = a.findIndex((token, i) => token !== b[i]);
    return at < 0 ? a.length : at;
}
