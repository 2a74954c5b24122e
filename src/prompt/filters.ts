/**
 * The rules that take something off a model's answer, or all of it, each under a name: with it they show up in outcomes, and by it a
 * measurement leaves one out. A rule is a pure function from text to a beginning of it. Where it can be, it is also looked at after each
 * token, so that no time goes into text that nobody will see; when an answer is complete is stop.ts'.
 */

import type { FilterName, NoSuggestionReason } from "../protocol/completion";
import { cutRambling, cutSecondBlankLine } from "./rambling";
import { cutCycleSoFar, cutRepetition } from "./repetition";
import {
    breakBeforeCloser,
    cutFollowingLines,
    cutRestOfLine,
    dropClosersRightOfCursor,
} from "./trim";
import { cutControlTokens, cutFence, cutLicence, cutSecret } from "./unwanted";

export interface FilterContext {
    /** Document text before and after the cursor. */
    prefix: string;
    suffix: string;
    languageId?: string | undefined;
    trigger?: "automatic" | "explicit" | undefined;
    /** For measurements: rules that do not hold. */
    withoutFilters?: readonly string[] | undefined;
}

export type Filtered =
    | { text: string; /** The rule that cut it first. */ filter?: FilterName | undefined }
    | { reason: NoSuggestionReason; filter?: FilterName | undefined };

export interface Cut {
    filter: FilterName;
    /** Characters of the answer to keep. */
    length: number;
}

/** `whole`: the answer is complete; `token`: it goes on; `lines`: its finished lines, while it goes on. */
type Stage = "whole" | "token" | "lines";

interface Filter {
    name: FilterName;
    reason: NoSuggestionReason;
    /** When it can be told before the answer is complete. */
    soFar: readonly Stage[];
    cut(text: string, context: FilterContext, stage: Stage): string;
}

const FILTERS: readonly Filter[] = [
    {
        name: "control-tokens",
        reason: "control-tokens",
        soFar: ["token"],
        cut: cutControlTokens,
    },
    { name: "fence", reason: "fence", soFar: ["token"], cut: cutFence },
    { name: "secret", reason: "secret", soFar: ["token"], cut: cutSecret },
    { name: "licence", reason: "licence", soFar: ["token"], cut: cutLicence },
    {
        name: "repetition",
        reason: "repetition",
        soFar: ["token", "lines"],
        cut: (text, { prefix }, stage) =>
            stage === "token" ? cutCycleSoFar(text) : cutRepetition(text, prefix),
    },
    {
        name: "comment",
        reason: "comment",
        soFar: ["lines"],
        cut: (text, context, stage) => cutRambling(text, context, stage === "whole"),
    },
    {
        name: "blank-line",
        reason: "empty-answer",
        soFar: ["token"],
        cut: cutSecondBlankLine,
    },
    {
        name: "rest-of-line",
        reason: "only-repeats-suffix",
        soFar: [],
        cut: (text, { suffix }) => cutRestOfLine(text, suffix),
    },
    {
        name: "following-lines",
        reason: "only-repeats-suffix",
        soFar: ["lines"],
        cut: cutFollowingLines,
    },
    {
        name: "closers",
        reason: "only-repeats-suffix",
        soFar: ["token"],
        cut: (text, { prefix, suffix }) => dropClosersRightOfCursor(text, prefix, suffix),
    },
];

export const FILTER_NAMES: readonly FilterName[] = FILTERS.map(({ name }) => name);

/** Runs all rules on a complete answer and tells of each that cuts. White space at the end is never part of a suggestion. */
export function trimAnswer(
    answer: string,
    context: FilterContext,
    onCut?: (cut: Cut) => void,
): Filtered {
    let text = answer;
    let filter: FilterName | undefined;
    if (text.trim() === "") return { reason: "empty-answer" };
    for (const rule of rulesOf(context)) {
        const cut = rule.cut(text, context, "whole");
        if (cut.length < text.length) {
            filter ??= rule.name;
            onCut?.({ filter: rule.name, length: cut.length });
        }
        text = cut;
        if (text.trim() === "") return { reason: rule.reason, filter: rule.name };
    }
    text = text.trimEnd();
    return { text: text + breakBeforeCloser(text, context), filter };
}

/** Where an answer that goes on has to end, because nothing that comes after can be shown. `isLineEnd`: it has just finished a line. */
export function cutSoFar(
    text: string,
    context: FilterContext,
    isLineEnd: boolean,
): Cut | undefined {
    const lines = text.slice(0, text.lastIndexOf("\n") + 1);
    for (const rule of rulesOf(context)) {
        if (rule.soFar.includes("token")) {
            const { length } = rule.cut(text, context, "token");
            if (length < text.length) return { filter: rule.name, length };
        }
        if (isLineEnd && rule.soFar.includes("lines")) {
            const { length } = rule.cut(lines, context, "lines");
            if (length < lines.length) return { filter: rule.name, length };
        }
    }
    return undefined;
}

/** The reason why nothing is left when a rule has taken everything. */
export function reasonOf(filter: FilterName): NoSuggestionReason {
    return FILTERS.find(({ name }) => name === filter)?.reason ?? "empty-answer";
}

/** Whether all of an answer is in the document below the cursor already: what else the model would write is worth asking for. */
export function isBelowAlready(
    filter: FilterName | undefined,
    reason: NoSuggestionReason,
): boolean {
    return filter === "following-lines" && reason === "only-repeats-suffix";
}

function rulesOf({ withoutFilters = [] }: FilterContext): readonly Filter[] {
    if (withoutFilters.length === 0) return FILTERS;
    return FILTERS.filter(({ name }) => !withoutFilters.includes(name));
}
