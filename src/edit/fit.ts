/**
 * Lines from a model as lines of a document: indented as the lines they replace are, by tabs or spaces as the document has it. Which
 * shift is right is seen from the lines that stay: the one that leaves most of them as they were. Pure.
 */

import { indentUnit, reindent, sharedIndent } from "./reindent";

export interface Surroundings {
    /** The lines that are replaced. */
    before: readonly string[];
    /** Indentation where nothing is replaced. */
    indent?: string | undefined;
    /** One level of indentation in the document: a tab or spaces. */
    unit: string;
}

/** The lines of `code` as they go into the document; none when it is blank. */
export function fitLines(code: string, { before, indent, unit }: Surroundings): string[] {
    if (code.trim() === "") return [];
    const written = code.replace(/\r\n?/g, "\n").split("\n");
    const isBlank = before.every((line) => line.trim() === "");
    const base = isBlank ? (indent ?? before[0] ?? "") : sharedIndent(before);
    const own = ownUnit(written) ?? unit;
    const target = isBlank ? unit : (ownUnit(before) ?? unit);
    const shifted = (to: string) =>
        reindent(code, { before: "", indent: base, unit: to }).split("\n");
    const asIs = withoutBlankEdges(written);
    // The first of equals. Where the old lines have another step than the document (or seem to, in an argument list), a model's own
    // is as good, if it is of the same kind.
    const isSure = target === unit || isTab(own) !== isTab(target);
    const candidates = isSure ? [target, own] : [own, target];
    const known = new Set(before.map((line) => line.trimEnd()).filter((line) => line !== ""));
    const nKept = (lines: readonly string[]) =>
        lines.filter((line) => known.has(line.trimEnd())).length;
    return [...candidates.map(shifted), asIs].reduce((best, next) =>
        nKept(next) > nKept(best) ? next : best,
    );
}

function ownUnit(lines: readonly string[]): string | undefined {
    const shared = sharedIndent(lines).length;
    return indentUnit(lines.map((line) => (line.trim() === "" ? "" : line.slice(shared))));
}

function isTab(unit: string): boolean {
    return unit === "\t";
}

/** Without empty lines at both ends. */
export function withoutBlankEdges(lines: readonly string[]): string[] {
    let start = 0;
    let end = lines.length;
    while (start < end && lines[start]?.trim() === "") start++;
    while (end > start && lines[end - 1]?.trim() === "") end--;
    return lines.slice(start, end);
}
