/** What an answer is held to that is to be words: anything that does not begin as a call does. */

import { Grammar } from "./grammar";

/** Calls begin with a mark in angle or square brackets, or with JSON; white space may stand in front. */
const CALL_CHARACTERS = "<[{";
const LAST_CODE_POINT = 0x10_ff_ff;

let made: { numbers: readonly number[]; root: number } | undefined;

export function wordsGrammar(): { numbers: readonly number[]; root: number } {
    made ??= make();
    return made;
}

function make(): { numbers: readonly number[]; root: number } {
    const grammar = new Grammar();
    const any = grammar.characters([[0, LAST_CODE_POINT]]);
    const codes = [...CALL_CHARACTERS].map((c) => c.codePointAt(0) ?? 0).toSorted((a, b) => a - b);
    const starts = [0x20, ...codes];
    const first = grammar.characters(
        starts.map((code, i) => [code + 1, (starts[i + 1] ?? LAST_CODE_POINT + 1) - 1] as const),
    );
    const { numbers, roots } = grammar.compile([grammar.sequence([first, grammar.repeat(any, 0)])]);
    return { numbers, root: roots[0] ?? 0 };
}
