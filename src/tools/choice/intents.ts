/**
 * Of which kind a question is, and a tool: where both are the same the tool is meant, however its description is worded. Questions of other kinds, and tools
 * for other things, have none. Pure.
 */

import type { ToolDefinition } from "../../protocol/chat";
import { INSTEAD, KINDS, USUAL_WORDS, VENDOR, type Cue, type KindName } from "./kinds";
import { shapeOf } from "./shape";
import { allWordsOf } from "./words";

const names = Object.keys(KINDS) as KindName[];

/** How much a question is of each kind, 0 to 5, where one of the tools can do it. */
export function kindsAsked(
    tools: readonly ToolDefinition[],
    question: string,
): Map<KindName, number> {
    const shape = shapeOf(question);
    const there = new Set(tools.map(kindOf));
    const asked = new Map<KindName, number>();
    for (const name of names) {
        const cues: readonly Cue[] = KINDS[name].cues;
        const weight = weightOf(cues.filter(([, cue]) => cue.test(shape)));
        const instead = INSTEAD[name];
        const done = there.has(name) ? name : instead;
        if (done !== undefined && weight > 0 && there.has(done))
            asked.set(done, Math.max(asked.get(done) ?? 0, done === name ? weight : weight - 1));
    }
    return asked;
}

/**
 * How much of a kind's tool one is for a question, 0 to 1: words of its name that tools of a kind do not share (notebook, image, last) make it one for special
 * things, unless the question has them too.
 */
export function plainness(tool: ToolDefinition, question: string): number {
    const stems = new Set(allWordsOf(question).map(stemOf));
    const words = allWordsOf(allWordsOf(tool.name).join(" ").replace(VENDOR, ""));
    const special = words.filter((word) => !USUAL_WORDS.has(word) && !stems.has(stemOf(word)));
    return 1 / (1 + special.length);
}

const stemOf = (word: string) => word.slice(0, 4);

/** Of the surest; two of them are surer than one. */
function weightOf(cues: readonly Cue[]): number {
    return Math.max(0, ...cues.map(([weight]) => weight)) + (cues.length > 1 ? 1 : 0);
}

/** By its name alone: descriptions speak of other tools too. */
export function kindOf({ name }: Pick<ToolDefinition, "name">): KindName | undefined {
    const words = allWordsOf(name).join(" ");
    return names.find((kind) => KINDS[kind].tool.test(words));
}
