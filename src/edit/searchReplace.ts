/**
 * Blocks of the form "search these lines, replace them by those", as models write them between conflict markers. Reading them forgives
 * the length of the markers and what stands behind them; a block that is not complete is refused. Pure.
 */

import { indentOf } from "../prompt/lines";
import { AnchoredLines } from "./anchor";
import { withoutBlankEdges } from "./fit";
import { applyHunks, diffLines } from "./lines";
import { indentUnit, sharedIndent } from "./reindent";

export interface SearchReplace {
    search: string[];
    replace: string[];
}

const OPEN = /^\s*<{5,9}\s*(SEARCH|ORIGINAL|HEAD)?\b.*$/i;
const DIVIDER = /^\s*={5,9}\s*$/;
const CLOSE = /^\s*>{5,9}.*$/;

/** Whether a text has such blocks. */
export function hasBlocks(text: string): boolean {
    return text.split("\n").some((line) => /^\s*<{5,9}\s*(SEARCH|ORIGINAL)\b/i.test(line));
}

/** The blocks of a text in order, or why it cannot be used. What stands between them is not theirs. */
export function parseBlocks(text: string): { blocks: SearchReplace[] } | { reason: string } {
    const blocks: SearchReplace[] = [];
    let open: SearchReplace | undefined;
    let isReplacing = false;
    for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
        if (!open) {
            if (OPEN.test(line)) open = { search: [], replace: [] };
            isReplacing = false;
        } else if (OPEN.test(line) || (isReplacing && DIVIDER.test(line)))
            return { reason: "a search and replace block has such marks in its own lines" };
        else if (DIVIDER.test(line)) isReplacing = true;
        else if (isReplacing && CLOSE.test(line)) {
            blocks.push(open);
            open = undefined;
        } else (isReplacing ? open.replace : open.search).push(line);
    }
    if (open) return { reason: "its last search and replace block is not complete" };
    return { blocks };
}

/**
 * The document's lines after all blocks, each applied to what the ones before it left. Nothing is changed when one cannot be placed.
 * A block without a search text fills an empty document, or is put at its end. `noun`: what a person calls a block.
 */
export function applyBlocks(
    document: readonly string[],
    blocks: readonly SearchReplace[],
    noun = "block",
): { lines: string[] } | { reason: string } {
    let present = new AnchoredLines(document);
    for (const [i, { search, replace }] of blocks.entries()) {
        const quoted = withoutBlankEdges(search);
        const wanted = withoutBlankEdges(replace);
        if (quoted.length === 0) {
            present = new AnchoredLines(appended(present.lines, wanted));
            continue;
        }
        const anchor = present.find(quoted);
        if (anchor.kind === "refused")
            return {
                reason: blocks.length > 1 ? `${noun} ${i + 1}: ${anchor.reason}` : anchor.reason,
            };
        const { first, last } = anchor;
        const now = replaced(present.between(first, last), quoted, wanted);
        present.replace(first, last, now);
    }
    return { lines: present.lines };
}

/** Only what differs between the two halves of a block is changed: what was quoted with a mistake stays as the file has it. */
function replaced(
    present: readonly string[],
    quoted: readonly string[],
    wanted: readonly string[],
): string[] {
    const move = indentMover(quoted, present);
    const isAligned =
        present.length === quoted.length &&
        present.every((line, i) => (line.trim() === "") === (quoted[i]?.trim() === ""));
    if (!isAligned) return wanted.map(move);
    const hunks = diffLines(quoted, wanted);
    return applyHunks(
        present,
        hunks.map(({ start, removed, added }) => ({
            start,
            removed: present.slice(start, start + removed.length),
            added: added.map((line, i) => {
                // One that is as deep as what it replaces, or comes behind, has the document's indentation, which the quotation may have lost.
                const at = start + Math.min(i, removed.length - 1);
                const quote = quoted[at];
                const isSame = quote !== undefined && indentOf(quote) === indentOf(line);
                const own = isSame && line.trim() !== "" ? present[at] : undefined;
                return own === undefined ? move(line) : indentOf(own) + line.trimStart();
            }),
        })),
    );
}

/** From the indentation that the quotation has to that of the document. */
function indentMover(
    quoted: readonly string[],
    present: readonly string[],
): (line: string) => string {
    const from = sharedIndent(quoted);
    const to = sharedIndent(present);
    const bare = (lines: readonly string[], shared: string) =>
        lines.map((line) => (line.trim() === "" ? "" : line.slice(shared.length)));
    const ownUnit = indentUnit(bare(quoted, from));
    const unit = indentUnit(bare(present, to));
    return (line) => {
        if (line.trim() === "") return "";
        const inner = line.startsWith(from) ? line.slice(from.length) : line.trimStart();
        const indent = indentOf(inner);
        const isConverted = ownUnit !== undefined && unit !== undefined && ownUnit !== unit;
        if (!isConverted || indent.length % ownUnit.length !== 0) return to + inner;
        return to + unit.repeat(indent.length / ownUnit.length) + inner.slice(indent.length);
    };
}

function appended(lines: readonly string[], added: readonly string[]): string[] {
    if (lines.every((line) => line.trim() === "")) return [...added, ...lines.slice(1)];
    const end = lines.at(-1) === "" ? lines.length - 1 : lines.length;
    return [...lines.slice(0, end), "", ...added, ...lines.slice(end)];
}
