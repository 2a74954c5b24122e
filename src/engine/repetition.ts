/**
 * Small models get into circles inside of a call: a string or a list goes on until the tokens are used up, and there is no call. What only
 * repeats itself is taken back to its first time, the string or list is closed there where the grammar allows it, and the model writes the
 * rest.
 */

import type { GenerateResult, HeldTo } from "../node/native";

export interface RepetitionModel {
    tokenize: (text: string) => number[];
    /** Control tokens as text. */
    detokenize: (tokens: number[]) => string;
    /** The shortest end of what is written in the grammar. */
    shortestEnd: (heldTo: HeldTo) => string | undefined;
}

/** What the call knows of itself. */
export interface RepeatingCall {
    /** See CallParser. */
    openString: (nDropped: number) => number | undefined;
    /** Takes so many last characters back and goes on with others. */
    rewrite: (nDropped: number, text: string) => void;
}

/** How it goes on. */
export interface Resumed {
    /** Behind the prompt. */
    tokens: number[];
    maxTokens: number;
    heldTo: HeldTo;
}

/** A call that needs more than that is not worth having. */
const MAX_ROUNDS = 4;
/** Where it may be closed, in tokens: a piece that is repeated has at most so many. */
const MAX_PLACES = 128;
/** Up to the quote. */
const STRING_END = /^(?:[^"\\]|\\.)*"/s;
/** Up to the bracket of what is open, with strings in front of it that are needed. */
const LIST_END = /^(?:"(?:[^"\\]|\\.)*"|[^"[\]{}])*[\]}]/s;

/** Writes an answer; `write` may be asked again. `repeatedTokens`: how many were left out. */
export async function writeWithoutRepetition(
    model: RepetitionModel,
    call: RepeatingCall,
    start: { maxTokens: number; heldTo?: HeldTo | undefined },
    write: (resumed?: Resumed) => Promise<GenerateResult>,
): Promise<{ result: GenerateResult; repeatedTokens: number }> {
    let result = await write();
    let repeatedTokens = 0;
    let tokens: number[] = [];
    let written = "";
    for (let round = 0; round < MAX_ROUNDS && start.heldTo; round++) {
        if (result.stop !== "repetition") break;
        const all = [...tokens, ...result.tokens];
        const text = written + result.text;
        const nFirst = all.length - (result.repeatedTokens ?? 0);
        const nOpen = call.openString(0) ?? 0;
        const way = wayOut(model, call, start.heldTo, { tokens: all, text, nFirst, nOpen });
        if (!way || way.tokens.length >= start.maxTokens) break;
        const { nKept, kept, end } = way;
        repeatedTokens += all.length - nKept;
        call.rewrite(text.length - kept.length, end);
        tokens = way.tokens;
        written = kept + end;
        const maxTokens = start.maxTokens - tokens.length;
        result = await write({ tokens, maxTokens, heldTo: { ...start.heldTo, written } });
    }
    return { result: { ...result, text: written + result.text }, repeatedTokens };
}

interface Answer {
    tokens: number[];
    text: string;
    /** So many tokens are there before what only repeats itself. */
    nFirst: number;
    /** Characters of the string that is open at the end; 0: none is. */
    nOpen: number;
}

interface WayOut {
    nKept: number;
    /** Their text, and what closes it. */
    kept: string;
    end: string;
    /** No other place is better. */
    isLeast: boolean;
    tokens: number[];
}

/** The first place behind the first time where nothing else is needed to close what is open; if there is none, where the least is. */
function wayOut(
    model: RepetitionModel,
    call: RepeatingCall,
    heldTo: HeldTo,
    answer: Answer,
): WayOut | undefined {
    let best: WayOut | undefined;
    const { nFirst } = answer;
    for (let nKept = nFirst; nKept < nFirst + MAX_PLACES; nKept++) {
        const found = closedAt(nKept, model, call, heldTo, answer);
        if (found && found.end.length < (best?.end.length ?? Infinity)) best = found;
        if (best?.isLeast) break;
    }
    return best;
}

/** The string that goes on behind so many tokens, or the list or object around what does, closed there. */
function closedAt(
    nKept: number,
    model: RepetitionModel,
    call: RepeatingCall,
    heldTo: HeldTo,
    { tokens, text, nOpen }: Answer,
): WayOut | undefined {
    const first = tokens.slice(0, nKept);
    const kept = startOf(text, model.detokenize(first));
    if (kept === undefined) return undefined;
    const nDropped = text.length - kept.length;
    const isString = nOpen > nDropped;
    const isBetween = call.openString(nDropped) === 0 && !isInNumber(text, kept.length);
    if (isString ? kept.endsWith("\\") : !isBetween) return undefined;
    const rest = model.shortestEnd({ ...heldTo, written: kept }) ?? "";
    const [end] = (isString ? STRING_END : LIST_END).exec(rest) ?? [];
    if (end === undefined) return undefined;
    const isLeast = isString || end.length === 1;
    return { nKept, kept, end, isLeast, tokens: [...first, ...model.tokenize(end)] };
}

/** Or in a word. */
function isInNumber(text: string, at: number): boolean {
    return /^[\w.+-]{2}$/.test(text.slice(at - 1, at + 1));
}

/** Some tokenizers leave out the first space; half a character is none. */
function startOf(text: string, begun: string): string | undefined {
    return [begun, ` ${begun}`].find((start) => text.startsWith(start));
}
