/** How much a tool may say: in tokens, by the caller's own counting where there is one; whole lines; what is left out is said. Pure. */

/** Tokens of a text. */
export type CountTokens = (text: string) => Promise<number>;

/** Of one answer, when the caller allows more. A model on a processor reads a few hundred tokens a second. */
export const MAX_TOOL_TOKENS = 1500;
/** Code has about three characters in a token; more are never sent to be counted. */
const CHARACTERS_PER_TOKEN = 3;
const MAX_CHARACTERS_PER_TOKEN = 6;

export interface Budget {
    maxTokens: number;
    count: CountTokens;
}

/** The caller's budget, never more than ours. Without one a token counts for three characters. */
export function budgetOf(
    options:
        { tokenBudget: number; countTokens: (text: string) => PromiseLike<number> } | undefined,
): Budget {
    if (!options)
        return {
            maxTokens: MAX_TOOL_TOKENS,
            count: async (text) => Math.ceil(text.length / CHARACTERS_PER_TOKEN),
        };
    const { tokenBudget, countTokens } = options;
    return {
        maxTokens: Math.max(50, Math.min(MAX_TOOL_TOKENS, Math.floor(tokenBudget))),
        count: async (text) => countTokens(text),
    };
}

/** The most lines from the beginning that fit with `head`; at least one, cut when it alone is too long. */
export async function fittingLines(
    head: string,
    lines: readonly string[],
    { maxTokens, count }: Budget,
): Promise<string[]> {
    const most = maxTokens * MAX_CHARACTERS_PER_TOKEN;
    const fits = async (n: number) => {
        const text = [head, ...lines.slice(0, n)].join("\n");
        return text.length <= most && (await count(text)) <= maxTokens;
    };
    if (await fits(lines.length)) return [...lines];
    let low = 0;
    let high = lines.length;
    while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (await fits(middle)) low = middle;
        else high = middle;
    }
    if (low > 0) return lines.slice(0, low);
    const [first = ""] = lines;
    return [`${first.slice(0, maxTokens * CHARACTERS_PER_TOKEN)} ...`];
}
