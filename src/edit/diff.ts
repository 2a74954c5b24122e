/**
 * Code that is a diff: with hunks (`@@`), with a header, or only lines marked `+` and `-`. Each hunk becomes the lines that it quotes
 * and those that it wants instead; where they stand is seen from the lines alone, since models make up the numbers. Pure.
 */

import { isElision } from "./elided";
import type { SearchReplace } from "./searchReplace";
import { squeezed } from "./similar";

const HUNK = /^@@(?:\s|-\d|$)/;
const OLD_FILE = /^--- \S/;
const NEW_FILE = /^\+\+\+ (?:b\/)?(\S[^\t]*)/;
const GIT =
    /^(?:diff --git |index [0-9a-f]{4,}\.\.|(?:new|deleted) file mode |similarity index |rename (?:from|to) )/;
/** Languages whose lists, or the whole of them, are marked like that. */
const MARKED_LANGUAGES = new Set(["diff", "git-commit", "markdown", "mdx", "plaintext", "yaml"]);

/** Whether code for a document of a language is a diff; `document`: its lines. */
export function isDiff(
    text: string,
    { lines, languageId }: { lines: readonly string[]; languageId: string },
): boolean {
    if (languageId === "diff") return false;
    const written = text.split("\n");
    const marked = written.filter((line, i) => isMarked(line) && !isFileLine(written, i));
    if (marked.length === 0) return false;
    if (written.some((line, i) => HUNK.test(line) || isFileLine(written, i))) return true;
    if (MARKED_LANGUAGES.has(languageId)) return false;
    // A line of the file itself can begin so.
    const present = new Set(lines.map(squeezed));
    const isOwn = (line: string) => !/^[+-](?![+-])/.test(line) || present.has(squeezed(line));
    const isSign = (line: string) => line.startsWith("+") || present.has(squeezed(line.slice(1)));
    return !marked.some(isOwn) && marked.some(isSign);
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
    for (const [i, line] of written.entries()) {
        if (HUNK.test(line) || isElision(line.replace(/^ /, ""))) hunks.push([]);
        else if (!isFileLine(written, i) && !GIT.test(line) && !line.startsWith("\\"))
            hunks.at(-1)?.push(line);
    }
    const read = contextReader(hunks.flat(), document);
    const blocks = hunks
        .filter((lines) => lines.some(isMarked))
        .map((lines) => blockOf(lines, read));
    const isEmpty = document.every((line) => line.trim() === "");
    const isLost = ({ search }: SearchReplace) => search.every((line) => line.trim() === "");
    if (!isEmpty && blocks.some(isLost))
        return { reason: "a part of the diff does not show between which lines it goes" };
    return { blocks };
}

function blockOf(lines: readonly string[], read: (line: string) => string): SearchReplace {
    const block: SearchReplace = { search: [], replace: [] };
    for (const line of lines) {
        const text = isMarked(line) ? line.slice(1) : read(line);
        if (!line.startsWith("+")) block.search.push(text);
        if (!line.startsWith("-")) block.replace.push(text);
    }
    return block;
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
