/**
 * How far the words of a question are those of each tool: BM25 over names and descriptions. Words are alike when they share a long
 * beginning (debug, debugger), or are used for one another (folder, directory). Nothing is known of a question in another language than
 * the tools': then all are alike. Pure.
 */

import { Lru } from "../../base/lru";
import type { ToolDefinition } from "../../protocol/chat";
import { groupsOf } from "./related";
import { wordsAround } from "./shape";
import { wordsOf } from "./words";

/** A name says more than one word of the description. */
const NAME_WEIGHT = 2;
/** BM25's usual ones. */
const SATURATION = 1.2;
const LENGTH_SHARE = 0.75;
/** Words that differ only behind a common beginning. */
const ALIKE = 0.8;
/** Words that are used for one another. */
const RELATED = 0.7;

interface Word {
    word: string;
    groups: readonly number[];
}

interface Told {
    name: string;
    words: readonly Weighted[];
}

type Weighted = Word & { weight: number };

/** Of tools: an agent has the same forty in every turn. */
const MAX_TOOLS = 512;
const wordsOfTools = new Lru<string, readonly Weighted[]>(MAX_TOOLS);

/** By a tool's name; 0: no word in common. */
export function likenesses(
    tools: readonly ToolDefinition[],
    question: string,
): Map<string, number> {
    const told = tools.map((tool): Told => ({ name: tool.name, words: wordsOfTool(tool) }));
    const scores = new Map(told.map(({ name }) => [name, 0]));
    const nMean = told.reduce((sum, { words }) => sum + words.length, 0) / told.length;
    const names = new Set(tools.map(({ name }) => name));
    for (const word of new Set(wordsOf(wordsAround(question, names)))) {
        const asked = known(word);
        const weights = told.map(({ words }) =>
            Math.max(0, ...words.map((other) => other.weight * nearness(asked, other))),
        );
        const n = weights.filter((weight) => weight > 0).length;
        if (n === 0) continue;
        const rarity = Math.log(1 + (told.length - n + 0.5) / (n + 0.5));
        for (const [i, { name, words }] of told.entries()) {
            const weight = weights[i] ?? 0;
            const length = 1 - LENGTH_SHARE + (LENGTH_SHARE * words.length) / nMean;
            const part = (weight * (SATURATION + 1)) / (weight + SATURATION * length);
            scores.set(name, (scores.get(name) ?? 0) + rarity * part);
        }
    }
    return scores;
}

function wordsOfTool({ name, description }: ToolDefinition): readonly Weighted[] {
    const key = `${name}\n${description}`;
    const found = wordsOfTools.get(key);
    if (found) return found;
    const weighted = (text: string, weight: number) =>
        wordsOf(text).map((word): Weighted => ({ ...known(word), weight }));
    const made = [...weighted(name, NAME_WEIGHT), ...weighted(description, 1)];
    wordsOfTools.set(key, made);
    return made;
}

function known(word: string): Word {
    return { word, groups: groupsOf(word, (a, b) => alike(a, b) > 0) };
}

/** 1: the same word, 0: one that has nothing to do with it. */
function nearness(a: Word, b: Word): number {
    const isRelated = a.groups.some((group) => b.groups.includes(group));
    return Math.max(alike(a.word, b.word), isRelated ? RELATED : 0);
}

/** 1: the same word, 0: another one. */
function alike(a: string, b: string): number {
    if (a === b) return 1;
    const [short, long] = a.length < b.length ? [a, b] : [b, a];
    let n = 0;
    while (n < short.length && short[n] === long[n]) n++;
    const isForm = n >= 4 && n >= short.length - 2 && n >= 0.55 * long.length;
    const isBeginning = n >= 3 && n === short.length && long.length - n <= 3;
    return isForm || isBeginning ? ALIKE : 0;
}
