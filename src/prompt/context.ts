/**
 * Pieces of other files as tokens in front of the hole, the way the model's family saw a repository in training, else with the path as a
 * comment. One block per piece, tokenized by itself, so that a block that stays where it is stays the same tokens. Which pieces: pieces.ts.
 */

import type { Snippet } from "../protocol/completion";
import { commentLine } from "./comments";
import type { ResolvedRepository } from "./families";
import type { PlainTokenizer } from "./fim";

/** Where the hole is, and what is shown before it. */
export interface FimContext {
    /** Made by `blockTokens`, one for each piece. */
    blocks: readonly (readonly number[])[];
    repository?: string | undefined;
    /** The document's own. */
    path: string;
    languageId: string;
}

const MAX_NAME = 200;

/** The repository's name and the pieces. */
export function contextTokens(
    { blocks, repository }: FimContext,
    { name, nameEnd }: ResolvedRepository,
    tokenizer: PlainTokenizer,
): number[] {
    if (name === undefined || !repository) return blocks.flat();
    return [name, ...tokenizer.tokenize(`${oneLine(repository)}${nameEnd}`), ...blocks.flat()];
}

/** One piece. Never empty. */
export function blockTokens(
    { path, text }: Snippet,
    languageId: string,
    format: ResolvedRepository,
    tokenizer: PlainTokenizer,
): number[] {
    const { before, after, end } = format;
    const body = `${heading(path, languageId, format)}${text.replace(/\n+$/, "")}\n${end}`;
    return [
        ...(before === undefined ? [] : [before]),
        ...tokenizer.tokenize(body),
        ...(after === undefined ? [] : [after]),
    ];
}

/** What stands in front of a file's text. */
export function heading(path: string, languageId: string, format: ResolvedRepository): string {
    const name = oneLine(path);
    return format.mark === undefined ? commentLine(name, languageId) : `${format.mark}${name}\n`;
}

function oneLine(text: string): string {
    return text.replace(/\s+/g, " ").slice(-MAX_NAME);
}
