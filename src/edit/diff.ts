/**
 * Code that is a diff: with hunks (`@@`), with a header, or only lines marked `+` and `-`. Each hunk becomes the lines that it quotes
 * and those that it wants instead; where they stand is seen from the lines alone, since models make up the numbers. Pure.
 */

import { isElision } from "./elision";
import { isDots } from "./bareDots";
import type { SearchReplace } from "./searchReplace";
import { isOneOf } from "./similar";

const HUNK = /^@@(?:\s|-\d|$)/;
const OLD_FILE = /^--- \S/;
const NEW_FILE = /^\+\+\+ (?:b\/)?(\S[^\t]*)/;
const GIT =
    /^(?:diff --git |index [0-9a-f]{4,}\.\.|(?:new|deleted) file mode |similarity index |rename (?:from|to) )/;
/** What a fence is called whose code is one. */
const NAMES = new Set(["diff", "patch", "udiff"]);
/** Languages whose lists, or the whole of them, are marked like that. */
const MARKED_LANGUAGES = /^(?:diff|git-commit|markdown|mdx|plaintext|restructuredtext)$/;
/** Of these, nothing begins with a plus. */
const YAML = /yaml|^dockercompose$|^github-actions|^ansible$|^azure-pipelines$|^helm$/;

/** Whether code for a document of a language is a diff; `fence`: the word behind its fence. */
export function isDiff(
    text: string,
    {
        lines,
        languageId,
        fence = "",
    }: { lines: readonly string[]; languageId: string; fence?: string | undefined },
): boolean {
    if (languageId === "diff") return false;
    const written = text.split("\n");
    const marked = written.filter((line, i) => isMarked(line) && !isFileLine(written, i));
    if (marked.length === 0) return false;
    if (written.some((line, i) => HUNK.test(line) || isFileLine(written, i))) return true;
    if (NAMES.has(fence.toLowerCase())) return true;
    const isPresent = isOneOf(lines);
    if (isYaml(languageId) || MARKED_LANGUAGES.test(languageId))
        return (
            isDiffOfLists(written, isPresent) ||
            (!lines.some((line) => line.trimStart().startsWith("+")) &&
                (isYaml(languageId) ? marked.some(isAdded) : isDiffOfAdditions(written, isPresent)))
        );
    // A line of the file itself can begin so.
    const isOwn = (line: string) => !/^[+-](?![+-])/.test(line) || isPresent(line);
    const isSign = (line: string) => line.startsWith("+") || isPresent(line.slice(1));
    return !marked.some(isOwn) && marked.some(isSign);
}

export function isYaml(languageId: string): boolean {
    return YAML.test(languageId);
}

/** Where items of a list begin like lines of a diff: lines come for others, and the file has all that go or stay without their marks. */
function isDiffOfLists(written: readonly string[], isPresent: (line: string) => boolean): boolean {
    const known = written.filter((line) => line.trim() !== "" && !line.startsWith("+"));
    const isKnown = (line: string) =>
        isElision(line) || (isPresent(withoutMark(line)) && !(isMarked(line) && isPresent(line)));
    return (
        written.some((line) => line.startsWith("+")) && known.some(isMarked) && known.every(isKnown)
    );
}

/**
 * Lines that only come, in a file without a list of pluses: between lines that it has, or with the mark of their own list behind the
 * plus. A plus at one side of such lines can begin a list.
 */
function isDiffOfAdditions(
    written: readonly string[],
    isPresent: (line: string) => boolean,
): boolean {
    const shown = written.filter((line) => line.trim() !== "");
    const known = shown.filter((line) => !isAdded(line));
    const isKnown = (line: string) => isElision(line) || isPresent(line);
    const isBetween = [shown[0], shown.at(-1)].every((line = "+") => !isAdded(line));
    const isMarkedTwice = shown.some((line) => /^\+ ?(?:[-*>|]|#+|\d+\.) /.test(line));
    return (
        known.some(isPresent) &&
        known.every(isKnown) &&
        known.length < shown.length &&
        (isBetween || isMarkedTwice)
    );
}

function isAdded(line: string): boolean {
    return line.startsWith("+");
}

function withoutMark(line: string): string {
    return isMarked(line) ? line.slice(1) : line;
}

/** The file that a diff names; undefined: none, or several. */
export function diffPath(text: string): string | undefined {
    const paths = pathsOf(text.split("\n"));
    return paths.length === 1 ? paths[0] : undefined;
}

/** Its hunks in order, or why it cannot be used. */
export function parseDiff(
    text: string,
    document: readonly string[],
): { blocks: SearchReplace[] } | { reason: string } {
    const written = text.split("\n");
    if (pathsOf(written).length > 1) return { reason: "it is a diff of several files" };
    const hunks: string[][] = [[]];
    const hasDots = document.some(isDots);
    for (const [i, line] of written.entries()) {
        const isLeftOut = isElision(line.replace(/^ /, "")) || (isDots(line) && !hasDots);
        if (HUNK.test(line) || isLeftOut) hunks.push([]);
        else if (!isFileLine(written, i) && !GIT.test(line) && !line.startsWith("\\"))
            hunks.at(-1)?.push(line);
    }
    const all = hunks.flat();
    const items = bareItems(all, document);
    if (!items) return { reason: "its marks can be those of a list of the file" };
    const read = contextReader(all, document);
    const isContext = (line: string) => items.has(line) || !isMarked(line);
    const textOf = (line: string) => (items.has(line) ? line : read(line));
    const hasSpace = isSpaced(
        all.filter((line) => !isContext(line)),
        all.filter(isContext).map(textOf),
    );
    const lineOf = (line: string): DiffLine =>
        isContext(line)
            ? { mark: " ", text: textOf(line) }
            : { mark: line.charAt(0), text: line.slice(hasSpace ? 2 : 1) };
    const blocks = hunks
        .map((lines) => lines.map(lineOf))
        .filter((lines) => lines.some(({ mark }) => mark !== " "))
        .map(blockOf);
    const isEmpty = document.every((line) => line.trim() === "");
    const isLost = ({ search }: SearchReplace) => search.every((line) => line.trim() === "");
    if (!isEmpty && blocks.some(isLost))
        return { reason: "a part of the diff does not show between which lines it goes" };
    return { blocks };
}

interface DiffLine {
    /** `+`, `-` or a space. */
    mark: string;
    text: string;
}

function blockOf(lines: readonly DiffLine[]): SearchReplace {
    const block: SearchReplace = { search: [], replace: [] };
    for (const { mark, text } of lines) {
        if (mark !== "+") block.search.push(text);
        if (mark !== "-") block.replace.push(text);
    }
    return block;
}

/**
 * Lines that stay, and begin like removed ones since they are items of a list with no space in front. Undefined: where no other line has
 * both marks, an item that goes may have been given one mark for two.
 */
function bareItems(
    lines: readonly string[],
    document: readonly string[],
): ReadonlySet<string> | undefined {
    const isPresent = isOneOf(document);
    const items = lines.filter(
        (line) => line.startsWith("-") && isPresent(line) && !isPresent(withoutMark(line)),
    );
    const isClear = items.length === 0 || lines.some((line) => /^(?:[+-]-|\+ +- )/.test(line));
    return isClear ? new Set(items) : undefined;
}

/** Models often leave out the space in front of the lines that stay: then more of them are the document's as they are. */
function contextReader(
    lines: readonly string[],
    document: readonly string[],
): (line: string) => string {
    const present = new Set(document.map((line) => line.trimEnd()));
    const context = lines.filter((line) => line.trim() !== "" && !isMarked(line));
    const nPresent = (read: (line: string) => string) =>
        context.filter((line) => present.has(read(line).trimEnd())).length;
    const unmarked = (line: string) => line.replace(/^ /, "");
    const asIs = (line: string) => line;
    return nPresent(asIs) > nPresent(unmarked) ? asIs : unmarked;
}

/** Whether a space parts the marks from the lines: no indentation is odd but theirs. */
function isSpaced(marked: readonly string[], context: readonly string[]): boolean {
    const isOdd = (line: string) => (/[^ ]/.exec(line)?.index ?? 0) % 2 === 1;
    const filled = marked.filter((line) => line.length > 1).map(withoutMark);
    return filled.length > 0 && filled.every(isOdd) && context.length > 0 && !context.some(isOdd);
}

function isMarked(line: string): boolean {
    return /^[+-]/.test(line);
}

/** One of the two lines that name the file. */
function isFileLine(lines: readonly string[], at: number): boolean {
    const isPair = (i: number) =>
        OLD_FILE.test(lines[i] ?? "") && NEW_FILE.test(lines[i + 1] ?? "");
    return isPair(at) || isPair(at - 1);
}

function pathsOf(lines: readonly string[]): string[] {
    const named = lines.flatMap((line, i) => {
        const [, path] = (isFileLine(lines, i) && NEW_FILE.exec(line)) || [];
        return path === undefined ? [] : [path.trim()];
    });
    return [...new Set(named)];
}
