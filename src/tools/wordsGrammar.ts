/** What an answer is held to that is to be words: anything that does not begin as a call does. */

import { Grammar, type Node } from "./grammar";
import { ALL_CHARACTERS, inverted, type Range } from "./utf8";

/**
 * Marks in angle or square brackets, what is left of one, JSON, and JSON or XML in a fence; white space may stand in front. None begins with
 * another one.
 */
const CALL_STARTS = ["<", "[", "{", ">{", "```{", "```json", "```xml", "```\n"];
const WHITE_SPACE: Range = [0, 0x20];

let made: { numbers: readonly number[]; root: number } | undefined;

export function wordsGrammar(): { numbers: readonly number[]; root: number } {
    made ??= make();
    return made;
}

function make(): { numbers: readonly number[]; root: number } {
    const grammar = new Grammar();
    const any = grammar.characters(ALL_CHARACTERS);
    const begun = new Set(
        CALL_STARTS.flatMap((start) => [...start].map((_, i) => start.slice(0, i))),
    );
    // What goes on with another character than each of them.
    const ways = [...begun].map((prefix) =>
        grammar.sequence([
            grammar.text(prefix),
            otherThan(grammar, prefix),
            grammar.repeat(any, 0),
        ]),
    );
    const { numbers, roots } = grammar.compile([grammar.choice(ways)]);
    return { numbers, root: roots[0] ?? 0 };
}

/** A character that no call's beginning goes on with behind `prefix`; in front, no white space. */
function otherThan(grammar: Grammar, prefix: string): Node {
    const next = CALL_STARTS.filter((start) => start.startsWith(prefix)).map((start): Range => {
        const code = start.charCodeAt(prefix.length);
        return [code, code];
    });
    return grammar.characters(inverted(prefix === "" ? [WHITE_SPACE, ...next] : next));
}
