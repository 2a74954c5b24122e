/** What the self-test of a written file's tokenizer found, and the one line that says it. Plain data, for CLI and host alike. */

export interface TokenizerCheck {
    /** Texts that were tokenized by llama.cpp from the file and by the checkpoint's own tokenizer. */
    nProbes: number;
    /** Same token ids. */
    nEqual: number;
    /** Different in a way that the GGUF format cannot avoid, in every converter's files. */
    nKnown: number;
    /** The reason of those, in a few words. */
    known?: string | undefined;
    /** The first texts that differ for no known reason. */
    different: string[];
    /** Why nothing was compared. */
    skipped?: string | undefined;
}

/** E.g. "tokenizer: 24 of 24 probes equal". */
export function describeTokenizerCheck(check: TokenizerCheck): string {
    if (check.skipped !== undefined) return `tokenizer: not compared (${check.skipped})`;
    const parts = [`${check.nEqual} of ${check.nProbes} probes equal`];
    if (check.nKnown > 0)
        parts.push(`${check.nKnown} different as in every GGUF file (${check.known ?? "known"})`);
    const shown = check.different.map((text) => JSON.stringify(text)).join(", ");
    const nOther = check.nProbes - check.nEqual - check.nKnown;
    if (nOther > 0) parts.push(`${nOther} different, such as ${shown}`);
    return `tokenizer: ${parts.join("; ")}`;
}
