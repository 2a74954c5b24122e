/**
 * Small models get into circles inside of a call: a string or a list goes on until the tokens are used up, and there is no call. What only
 * repeats itself is taken back to its first time, the string or list is closed there where the grammar allows it, and the model writes the
 * rest. The same is done where the model has written the end of the call into a string.
 */

import type { GenerateResult, HeldTo } from "../node/native";

export interface RepetitionModel {
    tokenize: (text: string) => number[];
    /** Control tokens as text. */
    detokenize: (tokens: number[]) => string;
    /** The shortest ends in the grammar behind each of the pieces that what is written goes on with. */
    shortestEnds: (heldTo: HeldTo, pieces: readonly string[]) => (string | undefined)[];
}

/** What the call knows of itself. */
export interface RepeatingCall {
    /** See CallParser. */
    openString: (nDropped: number) => number | undefined;
    /** See CallParser. */
    falseEnd: () => number | undefined;
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
        const nFalse = call.falseEnd();
        if (result.stop !== "repetition" && nFalse === undefined) break;
        const all = [...tokens, ...result.tokens];
        const text = written + result.text;
        const nFirst = all.length - (result.repeatedTokens ?? 0);
        const nOpen = call.openString(0) ?? 0;
        const answer = { tokens: all, text, nFirst, nOpen };
        const way =
            nFalse === undefined
                ? wayOut(model, call, start.heldTo, answer)
                : closedBefore(model, start.heldTo, answer, nFalse);
        if (!way || way.tokens.length >= start.maxTokens) break;
        const { nKept, kept, end } = way;
        if (nFalse === undefined) repeatedTokens += all.length - nKept;
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

/** A place where the string or list that goes on can be closed. */
interface Place {
    /** Tokens in front of it, and their text. */
    first: number[];
    kept: string;
    isString: boolean;
}

interface WayOut {
    nKept: number;
    /** Their text, and what closes it. */
    kept: string;
    end: string;
    tokens: number[];
}

/** The first place behind the first time where nothing else is needed to close what is open; if there is none, where the least is. */
function wayOut(
    model: RepetitionModel,
    call: RepeatingCall,
    heldTo: HeldTo,
    answer: Answer,
): WayOut | undefined {
    const places = placesOf(model, call, answer);
    const pieces = places.map(({ kept }, i) => kept.slice(places[i - 1]?.kept.length ?? 0));
    let best: WayOut | undefined;
    for (const [i, rest] of model.shortestEnds(heldTo, pieces).entries()) {
        const place = places[i];
        const [end] = (place?.isString ? STRING_END : LIST_END).exec(rest ?? "") ?? [];
        if (!place || end === undefined || end.length >= (best?.end.length ?? Infinity)) continue;
        const { first, kept, isString } = place;
        best = { nKept: first.length, kept, end, tokens: [...first, ...model.tokenize(end)] };
        if (isString || end.length === 1) break;
    }
    return best;
}

/** The open string closed in front of so many last characters, which the grammar may want more for than a quote. */
function closedBefore(
    model: RepetitionModel,
    heldTo: HeldTo,
    { tokens, text }: Answer,
    nDropped: number,
): WayOut | undefined {
    const kept = text.slice(0, text.length - nDropped);
    const [end] = STRING_END.exec(model.shortestEnds(heldTo, [kept])[0] ?? "") ?? [];
    if (end === undefined) return undefined;
    let nKept = tokens.length;
    let begun: string | undefined;
    while (begun === undefined && nKept > 0)
        begun = startOf(kept, model.detokenize(tokens.slice(0, --nKept)));
    const rest = model.tokenize(kept.slice(begun?.length) + end);
    return { nKept, kept, end, tokens: [...tokens.slice(0, nKept), ...rest] };
}

/** In a string that goes on, or between two values of a list or object that does. */
function placesOf(
    model: RepetitionModel,
    call: RepeatingCall,
    { tokens, text, nFirst, nOpen }: Answer,
): Place[] {
    const places: Place[] = [];
    for (let nKept = nFirst; nKept < Math.min(tokens.length, nFirst + MAX_PLACES); nKept++) {
        const first = tokens.slice(0, nKept);
        const kept = startOf(text, model.detokenize(first));
        if (kept === undefined) continue;
        const nDropped = text.length - kept.length;
        const isString = nOpen > nDropped;
        const isBetween = call.openString(nDropped) === 0 && !isInNumber(text, kept.length);
        if (isString ? !kept.endsWith("\\") : isBetween) places.push({ first, kept, isString });
    }
    return places;
}

/** Or in a word. */
function isInNumber(text: string, at: number): boolean {
    return /^[\w.+-]{2}$/.test(text.slice(at - 1, at + 1));
}

/** Some tokenizers leave out the first space; half a character is none. */
function startOf(text: string, begun: string): string | undefined {
    return [begun, ` ${begun}`].find((start) => text.startsWith(start));
}
