/**
 * Where the code of an answer goes in a document: search and replace blocks, and the hunks of a diff, to the lines that they quote, whole
 * symbols to the place of the old ones, a whole file over everything, a piece to the lines that it repeats or looks like, and the rest to the selection or
 * the cursor. The result is the document as it would be; who shows it decides with `diffLines` what is to be reviewed. Pure.
 */

import { indentOf } from "../prompt/lines";
import { withoutBareDots } from "./bareDots";
import { isBalanced, isCutOff, openBraces } from "./cutOff";
import { isDiff, isYaml, parseDiff } from "./diff";
import { fillElisions } from "./elided";
import { hasElisions } from "./elision";
import { fitLines, withoutBlankEdges } from "./fit";
import { decisiveWindow } from "./likely";
import { diffLines } from "./lines";
import { isImport, outermost, partsByIndentation, type Part } from "./outline";
import { withComma } from "./mergeItems";
import { replacesCodeByComments } from "./onlyComments";
import type { LineRange } from "./range";
import { applyBlocks, hasBlocks, parseBlocks, type SearchReplace } from "./searchReplace";
import { isOneOf, squeezed } from "./similar";
import { editSymbols, losesParts } from "./symbolEdit";

export interface ApplyTarget {
    lines: readonly string[];
    languageId: string;
    /** Its symbols, in order. */
    parts: readonly Part[];
    /** Selected lines, end excluded; undefined: only the cursor. */
    selection?: { start: number; end: number } | undefined;
    cursor: number;
    /** One level of indentation. */
    unit: string;
}

export interface ApplyCode {
    /** The block, without fences; line ends are `\n`. */
    text: string;
    parts: readonly Part[];
    /** The word behind its fence, where it had one. */
    fence?: string | undefined;
}

export type Applied =
    | {
          kind: "change";
          how: "blocks" | "file" | "symbols" | "piece" | "selection" | "cursor";
          lines: string[];
          /** Sentences for the person: what was not used. */
          notes: string[];
      }
    | { kind: "refused"; reason: string };

/** So much of a document has to be in the code for it to be the whole file. */
const MIN_FILE_SHARE = 0.6;
/** So many of a piece's lines have to stand where it goes. */
const MIN_PIECE_SHARE = 0.4;
/** What closes the lines that some look like is at most so far below them. */
const MAX_BELOW = 3;

/** Reasons complete the sentence "The code was not applied: ...". */
export function applyCode(target: ApplyTarget, { text, parts, fence }: ApplyCode): Applied {
    if (text.trim() === "") return refused("the answer has no code");
    const blocks = blocksOf(target, text, fence);
    if (blocks) return quoted(target, blocks);
    const code = { text: withoutBareDots(target, { text, parts }), parts };
    const written = withoutBlankEdges(code.text.split("\n"));
    if (isStopped(target, code, written)) return refused("the code breaks off before its end");
    if (isWholeFile(target, code, written))
        return withoutEnd(target, code, written) ?? wholeFile(target, written);
    const symbols = editSymbols(
        target,
        { lines: code.text.split("\n"), parts: code.parts },
        target,
    );
    if (symbols && "reason" in symbols) return refused(symbols.reason);
    if (symbols) {
        const { lines, kept, nLeftOut } = symbols;
        return change("symbols", lines, [...keptNote(kept), ...leftOutNote(nLeftOut)]);
    }
    if (target.selection) return selected(target, target.selection, code.text);
    if (hasElisions(written)) {
        // Empty lines at the end of a file are its own.
        const end = target.lines.findLastIndex((line) => line.trim() !== "") + 1;
        const filled = fillElisions(target.lines.slice(0, end), written, {
            isPart: true,
            isText: isText(target),
        });
        return "reason" in filled
            ? refused(filled.reason)
            : change("piece", [...filled.lines, ...target.lines.slice(end)]);
    }
    if (isPartOfObject(target, written))
        return refused("it leaves out keys of the file; select the lines that it is to replace");
    const placed = placedPart(target, code, written);
    if (!placed && repeatsKey(target, written))
        return refused("the file has its keys already; select the lines that it is to replace");
    return placed ?? atCursor(target, code);
}

function placedPart(target: ApplyTarget, code: ApplyCode, written: readonly string[]) {
    return piece(target, written) ?? alike(target, code, written);
}

/** As a part, a text that lacks what the file begins or ends with; not where that is all that would change. */
function withoutEnd(
    target: ApplyTarget,
    code: ApplyCode,
    written: readonly string[],
): Change | undefined {
    const present = target.lines.filter((line) => line.trim() !== "");
    const isMissing = (at: number) =>
        !isOneOf(written)(present.at(at) ?? "") && isOneOf(present)(written.at(at) ?? "");
    if (target.parts.length > 0 || !(isMissing(0) || isMissing(-1))) return undefined;
    const part = placedPart(target, code, written);
    return part && diffLines(target.lines, part.lines).length > 0 ? part : undefined;
}

/** YAML with a key that is at the margin of the file, where it cannot stand twice. */
function repeatsKey({ lines, languageId }: ApplyTarget, written: readonly string[]): boolean {
    const keys = (text: readonly string[]) =>
        text.flatMap((line) => /^[\w"'.-]+:(?=\s|$)/.exec(line) ?? []);
    const known = keys(lines);
    const isOne = !lines.some((line) => /^---\s*$/.test(line));
    return isYaml(languageId) && isOne && keys(written).some((key) => known.includes(key));
}

/** Headings look like comments. */
function isText({ languageId }: Pick<ApplyTarget, "languageId">): boolean {
    return /^(?:markdown|mdx)$/.test(languageId);
}

type Change = Extract<Applied, { kind: "change" }>;

function change(how: Change["how"], lines: string[], notes: string[] = []): Change {
    return { kind: "change", how, lines, notes };
}

function refused(reason: string): Applied {
    return { kind: "refused", reason };
}

/** Lines in place of some of a text. */
function replaced(
    lines: readonly string[],
    { start, end }: LineRange,
    now: readonly string[],
): string[] {
    return [...lines.slice(0, start), ...now, ...lines.slice(end)];
}

function keptNote(kept: readonly string[]): string[] {
    return kept.length === 0 ? [] : [`Not in the code, and kept: ${kept.join(", ")}.`];
}

function leftOutNote(nLeftOut: number): string[] {
    if (nLeftOut === 0) return [];
    const lines = nLeftOut === 1 ? "1 line" : `${nLeftOut} lines`;
    const were = nLeftOut === 1 ? "was" : "were";
    return [`${lines} of the code outside of its functions ${were} not used.`];
}

/** Blocks or hunks, with what a person calls one; undefined: it is neither. */
function blocksOf(
    target: ApplyTarget,
    text: string,
    fence: string | undefined,
): { blocks: SearchReplace[]; noun: string } | { reason: string } | undefined {
    const isOfBlocks = hasBlocks(text);
    if (!isOfBlocks && !isDiff(text, { ...target, fence })) return undefined;
    const parsed = isOfBlocks ? parseBlocks(text) : parseDiff(text, target.lines);
    return "reason" in parsed
        ? parsed
        : { blocks: parsed.blocks, noun: isOfBlocks ? "block" : "hunk" };
}

/** To the lines that are quoted; what stands in several places is meant where the selection is. */
function quoted(
    { lines, selection }: ApplyTarget,
    parsed: Exclude<ReturnType<typeof blocksOf>, undefined>,
): Applied {
    if ("reason" in parsed) return refused(parsed.reason);
    const { blocks, noun } = parsed;
    const applied = applyBlocks(lines, blocks, noun);
    if (!("reason" in applied)) return change("blocks", applied.lines);
    if (!selection) return refused(applied.reason);
    const { start, end } = selection;
    const inside = applyBlocks(lines.slice(start, end), blocks, noun);
    return "reason" in inside
        ? refused(applied.reason)
        : change("blocks", replaced(lines, selection, inside.lines));
}

/** Definitions that end too early would take others with them; lines that were open before may stay so. */
function isStopped(
    { lines, selection }: ApplyTarget,
    { parts }: ApplyCode,
    written: readonly string[],
): boolean {
    const defined = [...parts, ...partsByIndentation(written)];
    if (defined.every(({ isValue }) => isValue)) return false;
    const before = selection ? lines.slice(selection.start, selection.end) : lines;
    return (
        before.some((line) => line.trim() !== "") && openBraces(before) <= 0 && isCutOff(written)
    );
}

/** It has most of the file's lines, and all of its outermost symbols. */
function isWholeFile(
    { lines, parts, languageId }: ApplyTarget,
    code: ApplyCode,
    written: readonly string[],
): boolean {
    const present = lines.filter((line) => line.trim() !== "");
    if (present.length === 0) return true;
    if (hasElisions(written)) return false;
    const names = new Set(outermost(code.parts).map(({ name }) => name));
    const missing = outermost(parts).filter(({ name }) => !names.has(name));
    if (missing.length > 0 || isOnlySymbolsOf({ lines, parts }, code)) return false;
    const source = { lines: code.text.split("\n"), parts: code.parts };
    if (losesParts({ lines, parts, languageId }, source)) return false;
    return present.filter(isOneOf(written)).length >= present.length * MIN_FILE_SHARE;
}

/** Symbols alone are not the whole of a file that is one of them, or has more than them: what stands around them is just not shown. */
function isOnlySymbolsOf(file: Pick<ApplyTarget, "lines" | "parts">, code: ApplyCode): boolean {
    const names = outermost(file.parts).map(({ name }) => name);
    const isClear = names.length > 0 && new Set(names).size === names.length;
    const isAlone = (lines: readonly string[], parts: readonly Part[]) =>
        lines.every(
            (line, i) => line.trim() === "" || parts.some(({ lead, end }) => lead <= i && i < end),
        );
    return (
        isClear &&
        isAlone(code.text.split("\n"), code.parts) &&
        (names.length === 1 || !isAlone(file.lines, file.parts))
    );
}

function wholeFile({ lines, unit }: ApplyTarget, written: readonly string[]): Applied {
    const fitted = fitLines(written.join("\n"), { before: lines, indent: "", unit });
    // Empty lines at both ends of a file are its own, and so is the line that says what runs it.
    const isRun = (line = "") => line.startsWith("#!");
    const first = isRun(lines[0]) && !isRun(fitted[0]) ? 1 : 0;
    const start = lines.findIndex((line, i) => line.trim() !== "" && i >= first);
    if (start < 0) return change("file", [...fitted, ...lines.slice(1)]);
    const end = lines.findLastIndex((line) => line.trim() !== "") + 1;
    return change("file", replaced(lines, { start, end }, fitted));
}

function selected(
    { lines, unit, languageId }: ApplyTarget,
    { start, end }: { start: number; end: number },
    text: string,
): Applied {
    const before = lines.slice(start, end);
    if (replacesCodeByComments(before, text.split("\n"), languageId))
        return refused("the answer has no code, only comments");
    const fitted = fitLines(text, { before, unit });
    const filled = hasElisions(fitted)
        ? fillElisions(before, fitted, { isText: isText({ languageId }) })
        : { lines: fitted };
    if ("reason" in filled) return refused(filled.reason);
    return change("selection", replaced(lines, { start, end }, filled.lines));
}

/** Its first and last line stand in the file once each, in this order, and enough of the others between them. */
function piece({ lines, unit }: ApplyTarget, written: readonly string[]): Change | undefined {
    if (written.length < 3) return undefined;
    const start = onlyLine(lines, written[0] ?? "");
    const last = onlyLine(lines, written.at(-1) ?? "");
    if (start === undefined || last === undefined || last <= start) return undefined;
    const before = lines.slice(start, last + 1);
    const nKept = written.filter(isOneOf(before)).length;
    if (isBalanced(before) !== isBalanced(written)) return undefined;
    if (nKept < Math.max(before.length, written.length) * MIN_PIECE_SHARE) return undefined;
    const fitted = fitLines(written.join("\n"), { before, unit });
    return change("piece", replaced(lines, { start, end: last + 1 }, fitted));
}

/** The lines that look like it far more than any others; not new symbols and imports, which look like those beside them. */
function alike(
    { lines, unit, cursor }: ApplyTarget,
    { parts }: ApplyCode,
    written: readonly string[],
): Change | undefined {
    if (parts.some(({ isValue }) => !isValue) || written.some(isImport)) return undefined;
    // A person has made room for it.
    if (lines[cursor]?.trim() === "") return undefined;
    const found = decisiveWindow(lines, written);
    if (!found) return undefined;
    const { start } = found;
    const end = balancedEnd(lines, found, written);
    if (end === undefined) return undefined;
    const before = lines.slice(start, end);
    const name = declared(written[0]);
    if (name !== undefined && !before.some((line) => declared(line) === name)) return undefined;
    const fitted = withComma(fitLines(written.join("\n"), { before, unit }), before);
    return change("piece", replaced(lines, { start, end }, fitted));
}

/** The function that a line only declares: another one is not it with another name. */
function declared(line = ""): string | undefined {
    return /^\s*(?!return|throw|await|new)\w[\w:<>*& ]* \*?(\w+)\([^()]*\)[\w ]*;$/.exec(line)?.[1];
}

/** Where lines that are to be replaced end so that they open and close as the new ones do: there, or a little below. */
function balancedEnd(
    lines: readonly string[],
    { start, end }: LineRange,
    written: readonly string[],
): number | undefined {
    if (!isBalanced(written)) return end;
    for (let last = end; last <= Math.min(lines.length, end + MAX_BELOW); last++)
        if (isBalanced(lines.slice(start, last))) return last;
    return undefined;
}

/** JSON with some of the file's outermost keys, as if they were all: it says neither which go nor that the others stay. */
function isPartOfObject(
    { lines, languageId, cursor }: ApplyTarget,
    written: readonly string[],
): boolean {
    // A person has made room for it.
    if (!/^json/.test(languageId) || lines[cursor]?.trim() === "") return false;
    const keysOf = (text: readonly string[]) => {
        const found = text.flatMap((line) => {
            const [, indent = "", key] = /^(\s*)("[^"]*")\s*:/.exec(line) ?? [];
            return key === undefined ? [] : [{ depth: indent.length, key }];
        });
        const least = found.reduce((sum, { depth }) => Math.min(sum, depth), Infinity);
        return found.filter(({ depth }) => depth === least).map(({ key }) => key);
    };
    const shown = new Set(keysOf(written));
    const keys = keysOf(lines);
    return (
        written[0]?.trim() === "{" &&
        keys.some((key) => shown.has(key)) &&
        keys.some((key) => !shown.has(key))
    );
}

function onlyLine(lines: readonly string[], wanted: string): number | undefined {
    const text = squeezed(wanted);
    const found = [...lines.keys()].filter((i) => squeezed(lines[i] ?? "") === text);
    return found.length === 1 ? found[0] : undefined;
}

/** New symbols, and new methods, stand behind what the cursor is in, not in the middle of it; anything else below the cursor's line. */
function atCursor({ lines, parts, cursor, unit }: ApplyTarget, code: ApplyCode): Applied {
    const isMethod = code.parts.some(({ container }) => container === "");
    const isSymbol = outermost(code.parts).some(({ container }) => container === undefined);
    const beside = isMethod
        ? parts.filter(({ container, isContainer }) => container !== undefined && !isContainer)
        : outermost(parts);
    const around = beside.find(({ lead, end }) => lead <= cursor && cursor < end);
    const line = lines[cursor] ?? "";
    const indent = indentOf(line);
    // A class in the middle of another is hardly meant, nor a function in a method; one beside those is one of them.
    const isIn = ({ container, isContainer, lead, end }: Part) =>
        container !== undefined && !isContainer && lead <= cursor && cursor < end;
    const isBeside = around && (!around.isContainer || isClass(code.parts) || parts.some(isIn));
    if ((isSymbol || isMethod) && isBeside) {
        const margin = isMethod ? indentOf(lines[around.start] ?? "") : "";
        const fitted = fitLines(code.text, { before: [], indent: margin, unit });
        return change(
            "cursor",
            replaced(lines, { start: around.end, end: around.end }, ["", ...fitted]),
        );
    }
    const fitted = fitLines(code.text, { before: [], indent, unit });
    const isBlank = line.trim() === "";
    const start = isBlank ? cursor : cursor + 1;
    const isLast = isBlank && cursor === lines.length - 1;
    const after = isLast ? [""] : lines.slice(cursor + 1);
    return change("cursor", [...lines.slice(0, start), ...fitted, ...after]);
}

function isClass(parts: readonly Part[]): boolean {
    return outermost(parts).every(({ isContainer }) => isContainer);
}
