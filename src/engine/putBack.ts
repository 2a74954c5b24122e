/**
 * What earlier processes have read of a document, put back into its sequence: looked for when the document gets one, and put there at the
 * first place at which most of it is of use, because an editor opens a file at its beginning before it goes to where the person was.
 */

import type { ResolvedFim } from "../prompt/families";
import type { PrefillRequest } from "../protocol/completion";
import type { Holder, Holders, Kept } from "./holders";
import type { LoadedModel } from "./loadedModel";
import type { FileState, PromptComposer, WindowedPrompt } from "./promptComposer";
import type { SavedPrompt, SavedPrompts } from "./savedPrompts";
import { isMostOf } from "./tokenRuns";

export interface PutBackOptions {
    composer: PromptComposer;
    holders: Holders;
    saved: Pick<SavedPrompts, "load" | "isOpen">;
}

export class PutBack {
    constructor(private readonly options: PutBackOptions) {}

    /** Settles when it is known what was saved of the holder's document; where that may not be read yet, it is asked for again. */
    async look(model: LoadedModel, holder: Holder, document: string): Promise<void> {
        const { saved, holders } = this.options;
        if (saved.isOpen) holder.ready ??= this.recall(model, holder, document);
        await holder.ready;
        if (!holders.has(holder)) holder.kept = undefined;
    }

    /** Undefined when this is not the place, or the sequence is another's by then: `holders.has` tells. */
    async restore(
        model: LoadedModel,
        fim: ResolvedFim,
        request: PrefillRequest,
        holder: Holder,
    ): Promise<{ windows: FileState; prompt: WindowedPrompt } | undefined> {
        const { kept } = holder;
        if (!kept) return undefined;
        const { composer, holders, saved } = this.options;
        const budget = { windows: kept.windows.budget, pieceTokens: undefined };
        const composed = composer.compose(model, fim, request, budget, kept.windows);
        if (!isMostOf(kept.tokens, composed.prompt.tokens)) {
            holder.kept = { tokens: kept.tokens, windows: kept.windows };
            return undefined;
        }
        holder.kept = undefined;
        const whole = isWhole(kept) ? kept : await saved.load(model, request.document);
        if (!whole || !holders.has(holder)) return undefined;
        const { tokens, state } = whole;
        const { sequence } = holder;
        const isBack = await model.context.restoreSequence(sequence, tokens, state);
        if (!holders.has(holder)) {
            // Given up meanwhile: what came back is nobody's, and stays nowhere.
            if (isFree(holders, sequence)) model.context.clearSequence(sequence);
            return undefined;
        }
        if (!isBack) return undefined;
        holder.saved = tokens;
        return composed;
    }

    private async recall(model: LoadedModel, holder: Holder, document: string): Promise<void> {
        holder.kept = await this.options.saved.load(model, document);
    }
}

function isFree(holders: Holders, sequence: number): boolean {
    return holders.all.some((one) => one.sequence === sequence && one.document === undefined);
}

function isWhole(kept: Kept): kept is SavedPrompt {
    return kept.state !== undefined;
}
