/**
 * How well a request suits each tool, and whether it wants a call at all: its words, and whether it names what a tool has to be given. This counts next
 * to what a small model thinks. In logarithms of odds; the weights are from the questions of docs/measuring.md. Pure.
 */

import type { ToolDefinition } from "../../protocol/chat";
import { argumentsFit } from "./argumentsFit";
import { kindOf, kindsAsked, plainness } from "./intents";
import { likenesses } from "./likeness";
import { isGeneral, isOfWorkspace, preferredIn, questionIn } from "./request";
import { namedIn, type Named } from "./shape";
import { isEnglish } from "./words";

/** Of a likeness of 1. */
const LIKENESS_WEIGHT = 2.5;
/** Of a kind that is asked for with weight 1. */
const KIND_WEIGHT = 3;
/** Of two that do the same, the one that an agent's instructions prefer. */
const PREFERRED = 3;
/** What is meant by a file's name with no word for what is to be done. */
const FILE_ALONE = "read contents";

/** Whether a call is wanted, where the model itself says with what odds. */
const MODEL_SHARE = 0.5;
const WORDS_SHARE = 0.5;
const MOST_LIKENESS = 3;
const KIND_SHARE = 0.75;
const PLACE_NAMED = 5;
const CODE_NAMED = 2;
const OF_WORKSPACE = 2.5;
const GENERAL = -2;
const BIAS = -1.5;
/** Below it a model may as well be wrong: a file or an address that is named wants a call, whatever it thinks. */
const LEAST_CHANCE = 0.001;
/** Of a question in another language only the model knows anything: it means a call from this chance on. */
const MIN_CHANCE = 0.01;

/** By a tool's name, to be added to what a model thinks of it. */
export function suitedTo(tools: readonly ToolDefinition[], request: string): Map<string, number> {
    const question = questionIn(request);
    const named = namedIn(question);
    let alike = likenesses(tools, question);
    const saysNothing = [...alike.values()].every((likeness) => likeness === 0);
    if (named.file && saysNothing) alike = likenesses(tools, FILE_ALONE);
    const asked = kindsAsked(tools, question);
    const preferred = preferredIn(request);
    return new Map(
        tools.map((tool) => {
            const words = LIKENESS_WEIGHT * (alike.get(tool.name) ?? 0);
            const kind = kindOf(tool);
            const meant = kind
                ? (words + KIND_WEIGHT * (asked.get(kind) ?? 0)) * plainness(tool, question)
                : words;
            const told = preferred.has(tool.name) ? PREFERRED : 0;
            return [tool.name, meant + told + argumentsFit(tool, named)];
        }),
    );
}

/**
 * Whether a call answers a request or words do; `chance` is the model's probability of beginning a call. undefined: words, unless the model begins one by
 * itself.
 */
export function wantedBy(
    tools: readonly ToolDefinition[],
    request: string,
    chance: number,
): "call" | "words" | undefined {
    const question = questionIn(request);
    const named = namedIn(question);
    const alike = Math.max(0, ...likenesses(tools, question).values());
    const isKnown = isGeneral(question) && !named.code;
    const isNamed = namesPlace(named, isKnown);
    const isHere = isOfWorkspace(question);
    if (!isNamed && alike === 0 && !isEnglish(question))
        return chance >= MIN_CHANCE ? "call" : undefined;
    if (isKnown && !isNamed && !isHere) return "words";
    const sure = Math.min(1 - LEAST_CHANCE, Math.max(LEAST_CHANCE, chance));
    const kind = Math.max(0, ...kindsAsked(tools, question).values());
    const parts = [
        BIAS,
        MODEL_SHARE * Math.log(sure / (1 - sure)),
        WORDS_SHARE * Math.min(MOST_LIKENESS, alike),
        KIND_SHARE * kind,
        isNamed ? PLACE_NAMED : namesCode(named) ? CODE_NAMED : 0,
        isHere ? OF_WORKSPACE : 0,
        isKnown ? GENERAL : 0,
    ];
    return parts.reduce((sum, part) => sum + part) > 0 ? "call" : undefined;
}

/** Who asks in general what a Makefile is means none. */
function namesPlace({ file, isWellKnown, folder, address }: Named, isKnown: boolean): boolean {
    return (file && !(isKnown && isWellKnown)) || folder || address;
}

const namesCode = ({ code, quoted }: Named) => code || quoted;
