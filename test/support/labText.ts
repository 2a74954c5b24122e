/** A text of code that is the same everywhere, and what llama.cpp's own tools say of the starter model on it (v0.5.0, `-c 256 --chunks 6`). */

/** About 4,000 tokens of the starter model. */
export function labText(): string {
    const functions = Array.from({ length: 90 }, (_, i) =>
        [
            `def area${i}(width, height):`,
            `    # the ${(i * 7919) % 1000}th shape`,
            `    if width < ${(i * 31) % 17}:`,
            `        return height * ${i}`,
            "    return width * height\n\n",
        ].join("\n"),
    );
    return functions.join("");
}

/** How chunks were cut for the figures below. */
export const KNOWN_CHUNKS = { contextTokens: 256, chunks: 6 };

export const KNOWN_PERPLEXITY = { value: 4.741, error: 0.22833 };

/** Of the Q8_0 file against BF16. */
export const KNOWN_DIVERGENCE = { perplexityBase: 4.763684, meanKld: 0.000253, sameTop: 0.9895 };

/** Sum over all columns of the mean squares. */
export const KNOWN_IMATRIX: Readonly<Record<string, number>> = {
    "blk.0.attn_q.weight": 212.4511,
    "blk.1.ffn_up.weight": 181.20592,
    "blk.2.attn_output.weight": 445.62992,
    "blk.3.ffn_down.weight": 2682.68795,
};
