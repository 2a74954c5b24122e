/**
 * What is taken off a model's answer before a person sees it: each step is a pure function from text to text, and when nothing is
 * left, the step that took the last of it says why. Stopping in time is stop.ts; this is for what was generated anyway.
 */

import type { NoSuggestionReason } from "../protocol/engine";
import {
    CLOSER_OF,
    closersAtCursor,
    isInsideString,
    isOnlyClosers,
    isSameLine,
    linePrefix,
    lineSuffix,
    nextNonBlankLine,
    previousNonBlankLine,
    scanBrackets,
} from "./lines";

export interface TrimContext {
    /** Document text before and after the cursor. */
    prefix: string;
    suffix: string;
}

export type Trimmed = { text: string } | { reason: NoSuggestionReason };

interface Step {
    reason: NoSuggestionReason;
    run(text: string, context: TrimContext): string;
}

const STEPS: readonly Step[] = [
    { reason: "control-tokens", run: (text) => cutControlTokens(text) },
    { reason: "repetition", run: (text, { prefix }) => cutRepetition(text, prefix) },
    { reason: "only-repeats-suffix", run: (text, { suffix }) => cutRestOfLine(text, suffix) },
    { reason: "only-repeats-suffix", run: cutFollowingLines },
    {
        reason: "only-repeats-suffix",
        run: (text, { prefix, suffix }) => dropClosersRightOfCursor(text, prefix, suffix),
    },
];

/** Runs all steps. White space at the end is never part of a suggestion. */
export function trimAnswer(answer: string, context: TrimContext): Trimmed {
    let text = answer;
    if (text.trim() === "") return { reason: "empty-answer" };
    for (const step of STEPS) {
        text = step.run(text, context);
        if (text.trim() === "") return { reason: step.reason };
    }
    text = text.trimEnd();
    return { text: text + breakBeforeCloser(text, context) };
}

/**
 * The line break that belongs between a suggested block and the closer that an editor put right of the cursor: `{|}` becomes three
 * lines, not two.
 */
export function breakBeforeCloser(text: string, { prefix, suffix }: TrimContext): string {
    if (!/^[ \t]*\n/.test(text)) return "";
    const line = linePrefix(prefix);
    const opener = line.trimEnd().at(-1) ?? "";
    const closer = closersAtCursor(suffix).charAt(0);
    if (closer === "" || CLOSER_OF[opener] !== closer) return "";
    return `\n${/^[ \t]*/.exec(line)?.[0] ?? ""}`;
}

/** Text of control tokens that a model spelled out: everything from there on is no code. */
export function cutControlTokens(text: string): string {
    const at = text.search(
        /<\|[a-z_]{2,24}\|>|<\/?think>|<(fim|file|repo)_[a-z]{2,8}>|<｜[^｜\n]{2,24}｜>/,
    );
    return at < 0 ? text : text.slice(0, at);
}

/** Cuts where the answer begins to go round in circles: repeated lines, repeated pieces in a line, the line above once more. */
export function cutRepetition(text: string, prefix: string): string {
    const lines = text.split("\n");
    const above = previousNonBlankLine(prefix);
    const first = linePrefix(prefix) + (lines[0] ?? "");
    if (above !== undefined && first.trim().length >= 10 && first.trim() === above.trim())
        return "";
    const kept = lines.slice(0, linesBeforeCycle(lines));
    const shortened = kept.map(cutCycleInLine);
    const cut = shortened.findIndex((line, i) => line !== kept[i]);
    return (cut < 0 ? kept : shortened.slice(0, cut + 1)).join("\n");
}

/** Text right of the cursor that the answer brings along at its end. With other text there, only one line fits. */
export function cutRestOfLine(text: string, suffix: string): string {
    const rest = lineSuffix(suffix);
    if (isOnlyClosers(rest)) return text;
    const line = text.split("\n", 1)[0] ?? "";
    const wanted = rest.trim();
    const found = line.lastIndexOf(wanted);
    if (found >= 0 && line.slice(found).trim() === wanted) return line.slice(0, found);
    for (let length = Math.min(line.length, wanted.length); length >= 4; length--)
        if (line.endsWith(wanted.slice(0, length))) return line.slice(0, -length);
    // The statement goes on to the right: an end of statement in front of it is wrong.
    return line.trimEnd().endsWith(";") ? line.trimEnd().slice(0, -1) : line;
}

/** Lines that the document already has below the cursor, and everything after them. */
export function cutFollowingLines(text: string, { prefix, suffix }: TrimContext): string {
    const next = nextNonBlankLine(suffix);
    if (next === undefined) return text;
    const lines = text.split("\n");
    const blankBefore = linePrefix(prefix).trim() === "";
    const same = lines.findIndex((line, i) =>
        i === 0
            ? lineSuffix(suffix).trim() === "" &&
              (blankBefore || line.trim() !== "") &&
              isSameLine(linePrefix(prefix) + line, next)
            : isSameLine(line, next),
    );
    return same < 0 ? text : lines.slice(0, same).join("\n");
}

/** The answer up to the closer that already stands right of the cursor: `foo(|)` gets `a, b`, not `a, b)`. */
export function dropClosersRightOfCursor(text: string, prefix: string, suffix: string): string {
    const closer = closersAtCursor(suffix).charAt(0);
    if (closer === "") return text;
    if (closer === '"' || closer === "'" || closer === "`") {
        if (!isInsideString(linePrefix(prefix), closer)) return text;
        const at = indexOfUnescaped(text, closer);
        return at < 0 ? text : text.slice(0, at);
    }
    const { unmatchedAt } = scanBrackets(text);
    if (unmatchedAt === undefined || text[unmatchedAt] !== closer) return text;
    return text.slice(0, unmatchedAt);
}

function indexOfUnescaped(text: string, character: string): number {
    for (let i = 0; i < text.length; i++) {
        if (text[i] === "\\") i++;
        else if (text[i] === character) return i;
    }
    return -1;
}

/** Blanks in a row that no model comes back from, at the cursor (whose line is indented already) and on a further line. */
const MAX_BLANKS_AT_CURSOR = 40;
const MAX_BLANKS = 120;

/** Whether an answer has begun to repeat one piece, or blanks, over and over in its last line: nothing good comes after that. */
export function isCycling(text: string): boolean {
    const line = text.slice(text.lastIndexOf("\n") + 1);
    const nBlanks = line.length - line.trimEnd().length;
    if (nBlanks > (text.includes("\n") ? MAX_BLANKS : MAX_BLANKS_AT_CURSOR)) return true;
    return cutCycleInLine(line) !== line;
}

/** Whether nothing that still comes can be shown: the answer goes round in circles, or has closed what is closed right of the cursor. */
export function isDecided(text: string, { prefix, suffix }: TrimContext): boolean {
    return isCycling(text) || dropClosersRightOfCursor(text, prefix, suffix) !== text;
}

/** How many lines come before the second round of a cycle of 1 to 4 lines that ends the text; all when there is none. */
function linesBeforeCycle(lines: string[]): number {
    const n = lines.findLastIndex((line) => line.trim() !== "") + 1;
    for (let period = 1; period <= 4; period++) {
        let start = n - period;
        while (start > 0 && lines[start - 1] === lines[start - 1 + period]) start--;
        const nCycle = n - start;
        const unit = lines.slice(start, start + period).join("");
        const long = unit.trim().length >= 12;
        if (unit.trim() !== "" && nCycle >= period * (long ? 2 : 3)) return start + period;
    }
    return lines.length;
}

/** A line that ends in at least four rounds of one piece (24 characters together) is cut before them. Rulers such as `-----` stay. */
function cutCycleInLine(line: string): string {
    const text = line.trimEnd();
    for (let period = 2; period <= text.length / 4; period++) {
        let start = text.length - period;
        while (start > 0 && text[start - 1] === text[start - 1 + period]) start--;
        const nCycle = text.length - start;
        const unit = text.slice(start, start + period);
        if (nCycle >= period * 4 && nCycle >= 24 && /\w/.test(unit)) return text.slice(0, start);
    }
    return line;
}
