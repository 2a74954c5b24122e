/**
 * Answers that go round in circles: repeated lines, repeated pieces in a line, the lines above the cursor once more, blanks without end. No
 * model comes back from there. Pure; a few hundred characters at most, looked at after each token.
 */

import { linePrefix, previousNonBlankLine } from "./lines";

/** Blanks in a row that no model comes back from, at the cursor (whose line is indented already) and on a further line. */
const MAX_BLANKS_AT_CURSOR = 40;
const MAX_BLANKS = 120;
/** A repeated line shorter than this says nothing: closers, `break;`, `x = 0`. */
const MIN_LINE = 12;
/** Lines above the cursor that are looked at, and the least text of a block that counts as repeated. */
const LINES_ABOVE = 8;
const MIN_BLOCK = 24;

/** Cuts where the answer begins to go round in circles. */
export function cutRepetition(text: string, prefix: string): string {
    if (repeatsAbove(text, prefix)) return "";
    // With the indentation that stands before the cursor, the first line is like the others.
    const line = linePrefix(prefix);
    const indent = line.trim() === "" ? line : "";
    const lines = (indent + text).split("\n");
    const kept = lines.slice(0, linesBeforeCycle(lines));
    const shortened = kept.map(cutCycleInLine);
    const cut = shortened.findIndex((line, i) => line !== kept[i]);
    const left = (cut < 0 ? kept : shortened.slice(0, cut + 1)).join("\n");
    return cutCycleOfWords(left.slice(indent.length));
}

/** The same in the middle of the answer, whose last line is not finished yet. */
export function cutCycleSoFar(text: string): string {
    const end = text.trimEnd().length;
    const nBlanks = text.length - Math.max(end, text.lastIndexOf("\n") + 1);
    if (nBlanks > (text.includes("\n") ? MAX_BLANKS : MAX_BLANKS_AT_CURSOR))
        return text.slice(0, end);
    const start = text.lastIndexOf("\n") + 1;
    const line = text.slice(start);
    const cut = cutCycleInLine(line);
    return cut === line ? cutCycleOfWords(text) : text.slice(0, start) + cut;
}

/** Whether the answer begins with the line above, or with the last two or more lines above, once more. */
function repeatsAbove(text: string, prefix: string): boolean {
    const lines = (linePrefix(prefix) + text).split("\n").filter((line) => line.trim() !== "");
    const above = previousNonBlankLine(prefix);
    const [first] = lines;
    if (above === undefined || first === undefined) return false;
    if (first.trim().length >= MIN_LINE - 2 && first.trim() === above.trim()) return true;
    const before = prefix
        .slice(-4000)
        .split("\n")
        .slice(0, -1)
        .filter((line) => line.trim() !== "")
        .slice(-LINES_ABOVE);
    for (let n = 2; n <= Math.min(before.length, lines.length); n++) {
        const block = before.slice(-n);
        const isSame = block.every((line, i) => line === lines[i]);
        if (isSame && block.join("").replace(/\s/g, "").length >= MIN_BLOCK) return true;
    }
    return false;
}

/** How many lines come before the second round of a cycle of 1 to 4 lines that ends the text; all when there is none. */
function linesBeforeCycle(lines: string[]): number {
    const n = lines.findLastIndex((line) => line.trim() !== "") + 1;
    for (let period = 1; period <= 4; period++) {
        let start = n - period;
        while (start > 0 && lines[start - 1] === lines[start - 1 + period]) start--;
        const nCycle = n - start;
        const unit = lines.slice(start, start + period).join("");
        const long = unit.trim().length >= MIN_LINE;
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

/** Words and signs of a cycle at the text's end, by the length of its period: with fewer of them it may be meant. */
const CYCLES: readonly [period: number, least: number][] = [
    [1, 10],
    [10, 30],
    [20, 45],
    [30, 60],
];

/** Cuts after the first round of a cycle of words that ends the text, also across lines. Blanks do not count. */
function cutCycleOfWords(text: string): string {
    const words = [...text.matchAll(/\w+|[^\w\s]/g)];
    if (words.length < 10) return text;
    const last = words.map((match) => match[0]).reverse();
    // borders[n]: the longest proper beginning of the last n words (backwards) that also ends them; n less that is their period.
    const borders = [0];
    let border = 0;
    for (let n = 1; n <= last.length; n++) {
        if (n > 1) {
            while (border > 0 && last[n - 1] !== last[border]) border = borders[border] ?? 0;
            if (last[n - 1] === last[border]) border++;
        }
        borders[n] = border;
    }
    for (let n = last.length; n >= 10; n--) {
        const period = n - (borders[n] ?? 0);
        const least = CYCLES.find(([longest]) => period <= longest)?.[1];
        if (least === undefined || n < least || n < period * 2) continue;
        if (!last.slice(0, period).some((word) => /\w/.test(word))) continue;
        const end = words[words.length - n + period - 1];
        return end === undefined ? text : text.slice(0, end.index + end[0].length);
    }
    return text;
}
