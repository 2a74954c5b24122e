/**
 * Token healing: which tokens at the end of the prefix are taken back, because the text the user typed so far may end in the
 * middle of what the model writes as one token. The model must then begin its answer with the bytes taken back.
 * Measured (completion.md 6.2): with text after the middle token, rest-of-identifier answers fall from .65 to .10 without it.
 */

export interface Healed {
    tokens: number[];
    /** Text that the answer must begin with; empty when nothing was taken back. */
    forcedPrefix: string;
}

/** More are only taken back to reach a character boundary. */
const MAX_POPPED = 4;

/**
 * Takes back the last token of `tokens`, the tokens of `text`. `piece` gives a token's text, with U+FFFD for bytes that are not a
 * whole character. When no whole-character boundary is near, nothing is taken back.
 */
export function heal(tokens: number[], text: string, piece: (token: number) => string): Healed {
    let forcedPrefix = "";
    for (let popped = 1; popped <= MAX_POPPED && popped <= tokens.length; popped++) {
        const token = tokens[tokens.length - popped];
        if (token === undefined) break;
        forcedPrefix = piece(token) + forcedPrefix;
        if (forcedPrefix !== "" && text.endsWith(forcedPrefix))
            return { tokens: tokens.slice(0, tokens.length - popped), forcedPrefix };
    }
    return { tokens, forcedPrefix: "" };
}
