/**
 * The fill-in-the-middle prompt as tokens: control tokens by id, document text tokenized as plain text (so that a document can
 * never forge a control token), the end healed. Windows come from budget.ts, families from families.ts.
 */

import type { FimLayoutName } from "../protocol/completion";
import { contextTokens, heading, type FimContext } from "./context";
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
    /** Undefined: nothing but the document's text, and no names. */
    context?: FimContext | undefined;
    /** Beginning-of-sequence token, when the model wants one. */
    bos?: number | undefined;
    tokenizer: PlainTokenizer;
}

export interface FimPrompt {
    tokens: number[];
    /** Text taken back from the end of the prefix: the answer must begin with it. */
    forcedPrefix: string;
    /** What `tokens` consists of, in order. */
    parts: { part: LayoutPart | "BOS"; nTokens: number }[];
}

export function buildFimPrompt({
    fim,
    layout,
    healing,
    prefix,
    suffix,
    context,
    bos,
    tokenizer,
}: FimInput): FimPrompt {
    const parts = fim.layouts[layout];
    const tokens = tokenizer.tokenize(prefix);
    const healed = healing
        ? heal(tokens, prefix, (token) => tokenizer.piece(token))
        : { tokens, forcedPrefix: "" };
    const { repository } = fim;
    const one = (token: number | undefined) => (token === undefined ? [] : [token]);
    const tokensOf = (part: LayoutPart): number[] => {
        switch (part) {
            case "prefix":
                return healed.tokens;
            case "suffix":
                return tokenizer.tokenize(suffix);
            case "context":
                return context ? contextTokens(context, repository, tokenizer) : [];
            case "file":
                return context ? one(repository.before) : [];
            case "heading":
                return context
                    ? tokenizer.tokenize(heading(context.path, context.languageId, repository))
                    : [];
            case "PRE":
            case "SUF":
            case "MID":
                return one(fim.tokens[part]);
        }
    };
    const pieces = [
        { part: "BOS" as const, tokens: one(bos) },
        ...parts.map((part) => ({ part, tokens: tokensOf(part) })),
    ].filter((piece) => piece.tokens.length > 0);
    return {
        tokens: pieces.flatMap((piece) => piece.tokens),
        forcedPrefix: healed.forcedPrefix,
        parts: pieces.map(({ part, tokens }) => ({ part, nTokens: tokens.length })),
    };
}
