/**
 * Which pieces of other files stand in a prompt. They stand in front of everything else, so a change there is a prompt to be read again: what
 * is there stays where it is as long as it fits, what is new comes after it, and nothing changes unless something better is to be had.
 */

import type { Snippet, SnippetKind } from "../protocol/completion";

/** What the choice is made from. */
export interface PieceOptions {
    /** Best first. */
    wanted: readonly Snippet[];
    /** What stands in the prompt now, in its order. */
    pinned: readonly Snippet[];
    maxTokens: number;
    /** Tokens that a piece takes with its heading. */
    count: (snippet: Snippet) => number;
    /** The document's text that is in the prompt anyway. */
    window: { path: string; prefix: string; suffix: string };
}

/** Less of a piece is not worth its heading. */
const MIN_TOKENS = 24;
/** Share of the budget for which a prompt is read again; for the definition of a name at the cursor it always is. */
const WORTH = 0.25;
/** What changes rarely stands in front. */
const ORDER: readonly SnippetKind[] = [
    "related",
    "visited",
    "import",
    "definition",
    "edit",
    "diagnostic",
    "clipboard",
];

/** The new pieces in their order; `pinned` itself when it has all that is wanted, or nearly. */
export function choosePieces(options: PieceOptions): readonly Snippet[] {
    const { pinned, maxTokens, count } = options;
    const wanted = options.wanted.filter((snippet) => !isInWindow(snippet, options.window));
    let left = maxTokens;
    const chosen: Snippet[] = [];
    for (const snippet of wanted) {
        if (chosen.some((other) => isSame(other, snippet))) continue;
        const fitted = fit(knownOf(pinned, snippet) ?? snippet, left, count);
        if (!fitted) continue;
        chosen.push(fitted);
        left -= count(fitted);
    }
    const added = chosen.filter((snippet) => !pinned.includes(snippet));
    if (added.length === 0) return pinned;
    const nAdded = added.reduce((sum, snippet) => sum + count(snippet), 0);
    const isMuch = pinned.length === 0 || nAdded >= maxTokens * WORTH;
    if (!isMuch && !added.some(({ kind }) => kind === "definition")) return pinned;
    const kept = pinned.filter((snippet) => {
        if (chosen.includes(snippet)) return true;
        const nTokens = count(snippet);
        // An older state of something new says what is no longer true.
        if (nTokens > left || added.some((other) => isSamePlace(other, snippet))) return false;
        left -= nTokens;
        return true;
    });
    return [...kept, ...inOrder(added)];
}

/** The rarely changing first; of a kind the best last, where it is nearest to the hole. */
function inOrder(snippets: readonly Snippet[]): Snippet[] {
    return snippets.toReversed().sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** As much of it as fits, in whole lines from its beginning: a definition's head says most. */
function fit(
    snippet: Snippet,
    maxTokens: number,
    count: PieceOptions["count"],
): Snippet | undefined {
    if (count(snippet) <= maxTokens) return snippet;
    if (maxTokens < MIN_TOKENS) return undefined;
    const lines = snippet.text.split("\n");
    const head = (nLines: number) => ({ ...snippet, text: lines.slice(0, nLines).join("\n") });
    let [fits, tooMany] = [0, lines.length];
    while (tooMany - fits > 1) {
        const nLines = (fits + tooMany) >> 1;
        if (count(head(nLines)) <= maxTokens) fits = nLines;
        else tooMany = nLines;
    }
    return head(fits).text.trim() === "" ? undefined : head(fits);
}

/** The pinned piece that says what this one says, also when it was cut there. */
function knownOf(pinned: readonly Snippet[], snippet: Snippet): Snippet | undefined {
    return pinned.find(
        (other) =>
            other.path === snippet.path && (isSame(other, snippet) || isHead(other, snippet)),
    );
}

function isHead(cut: Snippet, whole: Snippet): boolean {
    return cut.text !== "" && whole.text.startsWith(`${cut.text}\n`);
}

function isSame(a: Snippet, b: Snippet): boolean {
    return a.path === b.path && a.text === b.text;
}

function isSamePlace(a: Snippet, b: Snippet): boolean {
    return a.path === b.path && firstLine(a.text) === firstLine(b.text);
}

function firstLine(text: string): string {
    return text.trimStart().split("\n", 1)[0] ?? "";
}

function isInWindow({ path, text }: Snippet, window: PieceOptions["window"]): boolean {
    const body = text.trim();
    if (body === "") return true;
    if (path !== window.path) return false;
    return window.prefix.includes(body) || window.suffix.includes(body);
}
