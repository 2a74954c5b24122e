/**
 * One answer while it is generated: follows the text, decides after each token whether it is complete, and what of it counts.
 */

import type { GenerateChunk } from "../node/native";
import { endsBefore } from "../prompt/confidence";
import { cutSoFar, type FilterContext } from "../prompt/filters";
import { findStop, isMisplaced, type Stop, type StopContext } from "../prompt/stop";

/** A token that is a part of a character: what it spells shows up with the rest of it. */
const BROKEN = "\uFFFD";

export class Answer {
    private text = "";
    private nTokens = 0;
    private found: Stop | undefined;

    /** `piece`: a token's text. `isGated`: an answer ends where the model only guesses, below `minProbability`. */
    constructor(
        private readonly context: StopContext & FilterContext,
        private readonly piece: (token: number) => string,
        private readonly isGated: boolean,
        private readonly minProbability?: number,
    ) {}

    get stop(): Stop | undefined {
        return this.found;
    }

    /** Whether the model has begun to write. */
    get isWriting(): boolean {
        return this.nTokens > 0;
    }

    /** The text of `chunk` that belongs to the answer; sets `stop` when it is complete. */
    push(chunk: GenerateChunk): string {
        if (this.found) return "";
        const before = this.text.length;
        this.text += chunk.text;
        if (this.isGated) this.found = this.guessed(chunk, before);
        this.nTokens += chunk.tokens.length;
        if (this.found) return this.text.slice(before, Math.max(before, this.found.length));
        if (isMisplaced(this.text, this.context)) {
            this.found = { length: 0, reason: "scope-end" };
            return "";
        }
        const isLineEnd = chunk.text.includes("\n");
        if (isLineEnd) this.found = findStop(this.text, this.context);
        if (this.found) return chunk.text;
        this.found = this.filtered(isLineEnd);
        return this.text.slice(before, Math.max(before, this.found?.length ?? this.text.length));
    }

    private filtered(isLineEnd: boolean): Stop | undefined {
        const cut = cutSoFar(this.text, this.context, isLineEnd);
        return cut && { ...cut, reason: "filter" };
    }

    /** The end before the first token that is a guess; `before`: characters of the answer before the chunk. */
    private guessed({ tokens, probabilities }: GenerateChunk, before: number): Stop | undefined {
        const pieces = tokens.map(this.piece);
        // Where a token begins in the text is not known then, but a whole character ends where the chunk begins.
        const isBroken = pieces.some((text) => text.includes(BROKEN));
        // Counted from the end: at the beginning of an answer the tokens also spell what was typed already.
        let start = this.text.length - pieces.reduce((sum, text) => sum + text.length, 0);
        for (const [i, text] of pieces.entries()) {
            const at = isBroken ? before : Math.max(0, start);
            const next = { text, probability: probabilities[i] ?? 1 };
            const length = endsBefore(this.text.slice(0, at), next, this.minProbability);
            if (length !== undefined) return { length, reason: "unsure" };
            start += text.length;
        }
        return undefined;
    }
}
