/**
 * The fill-in-the-middle prompt as tokens: control tokens by id, document text tokenized as plain text (so that a document can
 * never forge a control token), the end healed. Windows come from budget.ts, families from families.ts.
 */

import type { FimLayoutName } from "../protocol/engine";
import type { LayoutPart, ResolvedFim } from "./families";
import { heal } from "./heal";

export interface PlainTokenizer {
    /** Control tokens in the text stay text. */
    tokenize(text: string): number[];
    piece(token: number): string;
}

export interface FimInput {
    fim: ResolvedFim;
    layout: FimLayoutName;
    /** false: no token of the prefix is taken back. */
    healing: boolean;
    /** Windows of the document. */
    prefix: string;
    suffix: string;
    /** Beginning-of-sequence token, when the model wants one. */
    bos?: number | undefined;
    tokenizer: PlainTokenizer;
}

export interface FimPrompt {
    tokens: number[];
    /** Text taken back from the end of the prefix: the answer must begin with it. */
    forcedPrefix: string;
}

export function buildFimPrompt({
    fim,
    layout,
    healing,
    prefix,
    suffix,
    bos,
    tokenizer,
}: FimInput): FimPrompt {
    const parts = fim.layouts[layout];
    const tokens = tokenizer.tokenize(prefix);
    const healed = healing
        ? heal(tokens, prefix, (token) => tokenizer.piece(token))
        : { tokens, forcedPrefix: "" };
    const tokensOf = (part: LayoutPart): number[] => {
        if (part === "prefix") return healed.tokens;
        if (part === "suffix") return tokenizer.tokenize(suffix);
        const token = fim.tokens[part];
        return token === undefined ? [] : [token];
    };
    const all = parts.flatMap(tokensOf);
    return {
        tokens: bos === undefined ? all : [bos, ...all],
        forcedPrefix: healed.forcedPrefix,
    };
}
