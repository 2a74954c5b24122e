/**
 * Which part of a document the model sees. Windows move in steps: while somebody types, the window's start stays where it is, so
 * that the prompt only grows at its end and the KV cache stays valid. Token counting is a parameter.
 */

export type CountTokens = (text: string) => number;

export interface WindowBudget {
    /** The window is renewed when it would hold more. */
    maxPrefixTokens: number;
    maxSuffixTokens: number;
}

/** Three parts before the cursor, one after (completion.md 5.4), in steps so that windows stay comparable. */
const BUDGETS: readonly WindowBudget[] = [
    { maxPrefixTokens: 1536, maxSuffixTokens: 384 },
    { maxPrefixTokens: 768, maxSuffixTokens: 192 },
    { maxPrefixTokens: 384, maxSuffixTokens: 96 },
    { maxPrefixTokens: 256, maxSuffixTokens: 64 },
];
/** What windows may have in use: so much is read in the pauses of typing without being in the way. */
const COLD_MS = 2500;
/** The first windows of a document are what is read in so long: nothing is shown before. */
const FIRST_MS = 1000;
/** Smaller than any to stay with. Their suffix is the next ones', which share what was read of it. */
const FIRST_BUDGET: WindowBudget = { maxPrefixTokens: 96, maxSuffixTokens: 64 };

/** What pieces of other files may take together. */
const PIECES: readonly number[] = [1536, 1024, 768, 512, 256];

/** A renewed prefix window is filled to this share, the rest is room to type in. */
const FILL = 2 / 3;
/** Below this share of the fill a kept window has lost too much (the cursor moved up). */
const KEEP = 1 / 2;
/** Above this share of the budget a window is renewed when there is time for it. */
const RENEW = 0.9;
const ANCHOR_CHARACTERS = 200;
/** Characters of a suffix window by which it is known again. */
const MIN_RECOGNIZED = 16;

/** The largest budget whose cold prompt is read in time at a measured speed; the smallest always is. */
export function budgetFor(tokensPerSecond: number): WindowBudget {
    return readIn(COLD_MS, tokensPerSecond) ?? (BUDGETS.at(-1) as WindowBudget);
}

/** The same for a document of which nothing was read, where somebody waits for the first suggestion. */
export function firstBudgetFor(tokensPerSecond: number): WindowBudget {
    return readIn(FIRST_MS, tokensPerSecond) ?? FIRST_BUDGET;
}

/** Tokens that are read in the time in which the first suggestion should come. */
export function firstReadable(tokensPerSecond: number): number {
    return (tokensPerSecond * FIRST_MS) / 1000;
}

function readIn(ms: number, tokensPerSecond: number): WindowBudget | undefined {
    const readable = (tokensPerSecond * ms) / 1000;
    return BUDGETS.find(
        ({ maxPrefixTokens, maxSuffixTokens }) =>
            maxPrefixTokens * FILL + maxSuffixTokens <= readable,
    );
}

/** What is read in time beside windows of that budget; 0 where that is too little for a piece. */
export function pieceBudgetFor(tokensPerSecond: number, windows: WindowBudget): number {
    return piecesReadIn(COLD_MS, tokensPerSecond, windows);
}

/** The same beside the first windows of a document. */
export function firstPieceBudgetFor(tokensPerSecond: number, windows: WindowBudget): number {
    return piecesReadIn(FIRST_MS, tokensPerSecond, windows);
}

function piecesReadIn(ms: number, tokensPerSecond: number, windows: WindowBudget): number {
    const { maxPrefixTokens, maxSuffixTokens } = windows;
    const readable = (tokensPerSecond * ms) / 1000;
    const left = readable - maxPrefixTokens * FILL - maxSuffixTokens;
    return PIECES.find((nTokens) => nTokens <= left) ?? 0;
}

/** Makes both budgets fit a context that must also hold the answer and the control tokens. */
export function fitBudget(
    budget: WindowBudget,
    contextTokens: number,
    maxTokens: number,
): WindowBudget {
    const room = Math.max(64, contextTokens - maxTokens - 32);
    const wanted = budget.maxPrefixTokens + budget.maxSuffixTokens;
    if (wanted <= room) return budget;
    const maxSuffixTokens = Math.floor((room * budget.maxSuffixTokens) / wanted);
    return { maxPrefixTokens: room - maxSuffixTokens, maxSuffixTokens };
}

/** Start of a window over `length` characters that holds at most `max`: a multiple of a quarter of it. */
export function steppedStart(length: number, max: number): number {
    if (length <= max) return 0;
    const step = max >> 2;
    return Math.ceil((length - max) / step) * step;
}

/** Where the last prefix window began: enough to find the place again after an edit above it. */
export interface PrefixAnchor {
    offset: number;
    text: string;
}

export interface PrefixWindow {
    text: string;
    nTokens: number;
    anchor: PrefixAnchor;
}

/** The end of `prefix`, from a line start, at most `maxTokens`; starts at the previous anchor as long as that fits (with room to
 * type in, when it is `isIdle`). */
export function prefixWindow(
    prefix: string,
    maxTokens: number,
    count: CountTokens,
    previous?: PrefixAnchor,
    isIdle = false,
): PrefixWindow {
    const fill = Math.floor(maxTokens * FILL);
    const most = isIdle ? maxTokens * RENEW : maxTokens;
    const kept = previous && findAnchor(prefix, previous);
    if (kept !== undefined) {
        const text = prefix.slice(kept);
        const nTokens = text.length <= maxTokens * 12 ? count(text) : Infinity;
        if (nTokens <= most && (kept === 0 || nTokens >= fill * KEEP))
            return window(prefix, kept, nTokens);
    }
    if (prefix.length <= maxTokens * 12) {
        const nTokens = count(prefix);
        if (nTokens <= most) return window(prefix, 0, nTokens);
    }
    const start = startOfLastTokens(prefix, fill, count);
    return window(prefix, start, count(prefix.slice(start)));
}

/**
 * The beginning of `suffix`, at most `maxTokens`. Closers that end the cursor's line are left out, because editors insert and
 * remove them while one types; for the same reason the previous window is kept when only closers and blanks came in front of it.
 */
export function suffixWindow(
    suffix: string,
    maxTokens: number,
    count: CountTokens,
    previous?: string,
): string {
    const lineEnd = suffix.indexOf("\n");
    const rest = lineEnd < 0 ? suffix : suffix.slice(0, lineEnd);
    const text = /^[\s)\]}>"'`;,]*$/.test(rest) ? suffix.slice(rest.length) : suffix;
    if (previous !== undefined) {
        const inserted = /^[\s)\]}>"'`;,]{0,80}/.exec(text)?.[0].length ?? 0;
        const isShort = previous.length < MIN_RECOGNIZED;
        for (let i = 0; i <= inserted; i++) {
            // So little text could stand anywhere: it must be all that follows.
            if (isShort ? text.slice(i) === previous : text.startsWith(previous, i))
                return previous;
        }
    }
    return firstTokens(text, maxTokens, count);
}

function window(prefix: string, offset: number, nTokens: number): PrefixWindow {
    const text = prefix.slice(offset);
    return { text, nTokens, anchor: { offset, text: text.slice(0, ANCHOR_CHARACTERS) } };
}

/** The anchor's place now, or undefined when it is gone. An anchor cut short by the cursor still counts. */
function findAnchor(prefix: string, anchor: PrefixAnchor): number | undefined {
    if (prefix.startsWith(anchor.text, anchor.offset)) return anchor.offset;
    if (anchor.offset === 0) return 0;
    if (anchor.text.length < ANCHOR_CHARACTERS / 4) return undefined;
    const found = prefix.indexOf(anchor.text, Math.max(0, anchor.offset - 4000));
    return found < 0 ? undefined : found;
}

function startOfLastTokens(text: string, maxTokens: number, count: CountTokens): number {
    let start = text.length;
    let nTokens = 0;
    while (start > 0) {
        const lineStart = text.lastIndexOf("\n", start - 2) + 1;
        const line = text.slice(lineStart, start);
        nTokens += line.length > maxTokens * 12 ? Infinity : count(line);
        if (nTokens > maxTokens) break;
        start = lineStart;
    }
    if (start < text.length) return start;
    let characters = Math.min(text.length, maxTokens * 4);
    while (characters > 1 && count(text.slice(-characters)) > maxTokens) characters >>= 1;
    return text.length - characters;
}

function firstTokens(text: string, maxTokens: number, count: CountTokens): string {
    let end = 0;
    let nTokens = 0;
    while (end < text.length) {
        const lineEnd = text.indexOf("\n", end);
        const next = lineEnd < 0 ? text.length : lineEnd + 1;
        nTokens += next - end > maxTokens * 12 ? Infinity : count(text.slice(end, next));
        if (nTokens > maxTokens) break;
        end = next;
    }
    if (end > 0 || maxTokens <= 0) return text.slice(0, end);
    let characters = Math.min(text.length, maxTokens * 4);
    while (characters > 1 && count(text.slice(0, characters)) > maxTokens) characters >>= 1;
    return text.slice(0, characters);
}
