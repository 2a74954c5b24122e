/**
 * Which names around a cursor are worth looking up in other files: those on its line, then those of the lines around it and of the
 * headers of the blocks that it stands in. Nearest first. What is a name is told by the grammar; without one comments and strings are told
 * from code line by line, roughly. Pure.
 */

import { once } from "../base/once";
import { indentWidth, isBlank } from "../prompt/lines";

/** A document by lines, as editors have it. */
export interface Lines {
    readonly lineCount: number;
    lineAt(line: number): { readonly text: string };
}

/** Zero-based, as an editor counts. */
export interface Spot {
    line: number;
    character: number;
}

export interface Name extends Spot {
    name: string;
}

/** The names on some lines as a grammar knows them, in any order of the lines; undefined: it does not. */
export type ReadNames = (lines: readonly number[]) => readonly Name[] | undefined;

const ABOVE = 12;
const BELOW = 4;
/** Lines above the cursor that are looked through for the headers of its blocks. */
const HEADERS_WITHIN = 400;
/** Longer lines are data or made by a tool. */
const MAX_LINE_CHARACTERS = 500;
const NAME = once(() => /[\p{L}_$][\p{L}\p{N}_$]*/gu);
const STRING_OR_COMMENT =
    /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/.*$|\/\*.*?(?:\*\/|$)|(?<=^|\s)#(?!include\b|define\b|if).*$|^\s*\*.*$/gu;

/** Words that name nothing of a project, in the languages that people use most. */
const KEYWORDS = new Set(
    (
        "abstract and any array as assert async await begin bool boolean break byte case catch char class const constructor continue " +
        "declare def default defer del delete do double elif else elsif end ensure enum except export extends extern false final " +
        "finally float fn for from func function get global go goto if impl implements import in include instanceof int interface " +
        "is lambda let list long loop map match mod module mut namespace new nil none None not null number object of or override " +
        "package pass private protected pub public raise readonly require return self set short signed static str string struct " +
        "super switch template then this This throw throws trait true True False try type typedef typeof undefined union unknown " +
        "unless unsigned until use using val var virtual void volatile when where while with yield"
    ).split(" "),
);

/** The word that touches the cursor is still being written, so it names nothing yet. */
export function namesAround(lines: Lines, cursor: Spot, max: number, read?: ReadNames): Name[] {
    const found = new Map<string, Name>();
    const around = linesAround(lines, cursor.line);
    const known = read?.([cursor.line, ...around])?.filter(isName);
    const namesOn = (line: number) =>
        known ? known.filter((name) => name.line === line) : namesOf(lines, line);
    const own = namesOn(cursor.line);
    const touches = ({ name, character }: Name) =>
        character <= cursor.character && cursor.character <= character + name.length;
    const before = own.filter((name) => name.character < cursor.character).reverse();
    const after = own.filter((name) => name.character > cursor.character);
    const settled = [...before, ...after].filter((name) => !touches(name));
    for (const line of around) settled.push(...namesOn(line));
    for (const name of settled) {
        if (found.size >= max) break;
        if (!found.has(name.name)) found.set(name.name, name);
    }
    return [...found.values()];
}

function linesAround(lines: Lines, at: number): number[] {
    const around: number[] = [];
    for (let line = at - 1; line >= Math.max(0, at - ABOVE); line--) around.push(line);
    for (let line = at + 1; line <= Math.min(lines.lineCount - 1, at + BELOW); line++)
        around.push(line);
    return around.concat(headersAbove(lines, at));
}

/** Lines beyond those just above that begin a block in which the cursor stands: each is indented less than all below it. */
function headersAbove(lines: Lines, at: number): number[] {
    const headers: number[] = [];
    let indent = indentWidth(lines.lineAt(at).text) || Infinity;
    for (let line = at - 1; line >= Math.max(0, at - HEADERS_WITHIN) && indent > 0; line--) {
        const { text } = lines.lineAt(line);
        if (isBlank(text) || indentWidth(text) >= indent) continue;
        indent = indentWidth(text);
        if (line < at - ABOVE) headers.push(line);
    }
    return headers;
}

function namesOf(lines: Lines, line: number): Name[] {
    const { text } = lines.lineAt(line);
    if (text.length > MAX_LINE_CHARACTERS) return [];
    const code = text.replace(STRING_OR_COMMENT, (found) => " ".repeat(found.length));
    return [...code.matchAll(NAME())]
        .map((match) => ({ name: match[0], line, character: match.index }))
        .filter(isName);
}

function isName({ name }: Name): boolean {
    return name.length > 1 && !KEYWORDS.has(name);
}

/** Lines of a text as a document. */
export function linesOf(lines: readonly string[]): Lines {
    return { lineCount: lines.length, lineAt: (line) => ({ text: lines[line] ?? "" }) };
}

/** All names in some code, each once. */
export function allNames(lines: readonly string[]): Set<string> {
    const document = linesOf(lines);
    return new Set(lines.flatMap((_, line) => namesOf(document, line).map(({ name }) => name)));
}
