/**
 * What the field says of each type, whatever the model: beside a measurement, not instead of it. Sources, in our words: llama.cpp's pull requests
 * 1684 (k-quants), 4773, 4856, 4930 and 5747 (i-quants) and the remarks that published model cards carry; docs/compare.md. Pure.
 */

const WORDS: Readonly<Record<string, string>> = {
    F32: "Unquantized: for making other types, not for use",
    F16: "Unquantized: the original for most comparisons",
    BF16: "Unquantized, as most models are trained",
    Q8_0: "As good as the original, more than is needed; a good start for embeddings and small models",
    Q6_K: "Hardly to be told from the original; recommended where it fits",
    Q5_K_M: "Very low loss; recommended",
    Q5_K_S: "Low loss; recommended",
    Q4_K_M: "The usual choice: balanced; recommended",
    Q4_K_S: "A little smaller and a little worse than Q4_K_M; recommended",
    IQ4_XS: "As good as Q4_K_S and smaller; recommended",
    IQ4_NL: "As IQ4_XS, a little larger; for rows that 256 does not divide",
    Q5_0: "Legacy; Q5_K_S is as large and better",
    Q5_1: "Legacy; Q5_K_M is smaller and better",
    Q4_0: "Legacy: quick on processors, more loss than Q4_K_S of the same size",
    Q4_1: "Legacy; Q4_K_M is as large and better",
    Q3_K_L: "Usable when memory is short",
    Q3_K_M: "High loss; IQ3_M is as good and smaller",
    Q3_K_S: "High loss; not recommended",
    IQ3_M: "The best near 3.7 bits; slow on processors",
    IQ3_S: "Better than Q3_K_S of the same size; slow on processors",
    IQ3_XS: "Between IQ3_S and IQ3_XXS; needs an importance matrix",
    IQ3_XXS: "The best near 3 bits; needs an importance matrix, slow on processors",
    Q2_K: "Very high loss: only for models that would not fit otherwise",
    Q2_K_S: "Very high loss; needs an importance matrix",
    IQ2_M: "The best near 2.7 bits, for large models; needs an importance matrix",
    IQ2_S: "Low quality, for large models; needs an importance matrix",
    IQ2_XS: "Low quality, for large models; needs an importance matrix",
    IQ2_XXS: "Very low quality, for large models; needs an importance matrix",
    IQ1_M: "Extremely low quality; a last resort",
    IQ1_S: "Extremely low quality; a last resort",
    TQ1_0: "For models that were trained with three values for a weight",
    TQ2_0: "For models that were trained with three values for a weight",
    MXFP4_MOE: "For models of experts that were trained in MXFP4",
};

/** Without a period; undefined for a type of which nothing is said. */
export function fieldWords(type: string): string | undefined {
    return Object.hasOwn(WORDS, type) ? WORDS[type] : undefined;
}
