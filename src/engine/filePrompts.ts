/**
 * The prompts of the documents that were worked in last, each in its sequence and where its windows are: kept in memory and on disk, grown
 * beside the one in use, and forgotten when their text may not be shown any more.
 */

import { cancelled } from "../base/errors";
import { Lru } from "../base/lru";
import { completionCells } from "../library/memory";
import {
    budgetFor,
    firstBudgetFor,
    firstPieceBudgetFor,
    firstReadable,
    pieceBudgetFor,
} from "../prompt/budget";
import type { ResolvedFim } from "../prompt/families";
import type {
    CompletionRequest,
    KeptPrompt,
    PrefillRequest,
    Snippet,
} from "../protocol/completion";
import { affordable, isWorthReading, keptBy } from "./growth";
import { Holders, type Holder } from "./holders";
import type { Layouts } from "./layouts";
import type { LoadedModel } from "./loadedModel";
import { PromptComposer, type FileState, type WindowedPrompt } from "./promptComposer";
import { PutBack } from "./putBack";
import { filesOf, isSavable, type SavedPrompts } from "./savedPrompts";
import { isMostOf, isSame, nCommon } from "./tokenRuns";

/** What is typed while larger windows are read may be behind by so much when they are taken. */
const UNNOTICED_CHARACTERS = 8;

/** Who asks explicitly waits for an answer; who types does not. */
type PlaceRequest = PrefillRequest & Partial<Pick<CompletionRequest, "trigger">>;

export interface PlacedPrompt extends WindowedPrompt {
    sequence: number;
}

export interface FilePromptsOptions {
    layouts: Pick<Layouts, "of">;
    saved: Pick<SavedPrompts, "load" | "save" | "isOpen">;
}

export class FilePrompts {
    private readonly files = new Lru<string, FileState>(64);
    private readonly holders = new Holders();
    private readonly composer: PromptComposer;
    private readonly putBack: PutBack;
    private model: LoadedModel | undefined;
    /** How often documents were forgotten: what was asked before may show what may not be shown any more. */
    nForgotten = 0;
    private growing: { document: string; windows: FileState } | undefined;
    /** Those that were forgotten, and not taken by another document. */
    private readonly forgotten = new WeakSet<Holder>();

    constructor(private readonly options: FilePromptsOptions) {
        const { layouts, saved } = options;
        this.composer = new PromptComposer(layouts);
        this.putBack = new PutBack({ composer: this.composer, holders: this.holders, saved });
    }

    /**
     * Moves the document's windows when they no longer fit, and its sequence to the most recently used. A document that no sequence
     * holds gets back what was saved of it. Throws AppError `cancelled` when another model came meanwhile, or the document was forgotten.
     */
    async place(
        model: LoadedModel,
        fim: ResolvedFim,
        request: PlaceRequest,
    ): Promise<PlacedPrompt> {
        const { document } = request;
        if (this.model !== model) this.startOver(model);
        const holder = this.holders.take(document);
        holder.latest = request;
        await this.putBack.look(model, holder, document);
        if (!this.holders.has(holder)) return this.placeAgain(model, fim, request, holder);
        let prompt = this.build(model, fim, request, holder.prompt);
        if (holder.kept && !isMostOf(holder.prompt, prompt.tokens)) {
            const back = await this.putBack.restore(model, fim, request, holder);
            if (!this.holders.has(holder)) return this.placeAgain(model, fim, request, holder);
            if (back) {
                this.files.set(document, back.windows);
                prompt = back.prompt;
            }
        }
        holder.prompt = prompt.tokens;
        holder.languageId = request.languageId;
        this.makeRoom(model, holder);
        return { ...prompt, sequence: holder.sequence };
    }

    /** Others had more urgent prompts meanwhile. */
    private async placeAgain(
        model: LoadedModel,
        fim: ResolvedFim,
        request: PlaceRequest,
        holder: Holder,
    ): Promise<PlacedPrompt> {
        // What it asks for was gathered before, by rules that hold no more, or for a model that is being freed.
        if (this.model !== model || this.forgotten.has(holder)) throw cancelled();
        return this.place(model, fim, request);
    }

    /** Lets go of the documents used longest ago when all together would take cells that are the chat's. */
    private makeRoom(model: LoadedModel, keep: Holder, nMore = 0): void {
        const { all } = this.holders;
        let nUsed = nMore + all.reduce((sum, { prompt }) => sum + prompt.length, 0);
        for (const holder of all) {
            if (nUsed <= completionCells(model.sizes)) return;
            if (holder === keep || holder.document === undefined) continue;
            nUsed -= holder.prompt.length;
            model.context.clearSequence(holder.sequence);
            this.holders.release(holder);
        }
    }

    /**
     * A prompt with larger windows or better pieces of other files beside the one in use, for which there is time: as large as what is
     * read in time, and after a long pause larger. Between keystrokes only what is larger than the first windows, or has room again for
     * typing, for the text as it is now. `adopt` makes it the document's once it is evaluated; false when more was typed meanwhile than can be made up for
     * unnoticed, and it is to be asked for again. Undefined when the one in use holds all there is.
     */
    larger(
        model: LoadedModel,
        fim: ResolvedFim,
        asked: PrefillRequest,
    ): (PlacedPrompt & { adopt: () => boolean }) | undefined {
        const { document, idle } = asked;
        const known = this.files.get(document);
        const holder = this.holders.of(document);
        if (!known || !holder?.latest || asked.prompt?.maxPrefixTokens) return undefined;
        const budget = affordable(model.speed.promptTokensPerSecond, known, idle);
        const isTyping = idle === "typing";
        const request = isTyping ? holder.latest : asked;
        const begun = this.growing?.document === document ? this.growing.windows : undefined;
        const { windows, prompt } = this.composer.compose(
            model,
            fim,
            // A window that is nearly full moves.
            { ...request, idle: "short" },
            budget,
            begun ?? keptBy(known, budget),
        );
        if (!isWorthReading(known, windows)) return undefined;
        this.makeRoom(model, holder, prompt.tokens.length);
        this.growing = { document, windows };
        const grown = { ...prompt, sequence: this.holders.spare };
        const { prefix } = request;
        const tolerance = isTyping ? UNNOTICED_CHARACTERS : Infinity;
        const adopt = () => {
            // Another document's, or taken already.
            if (this.growing?.windows !== windows || !this.holders.has(holder)) return true;
            const nTyped = Math.abs((holder.latest?.prefix.length ?? 0) - prefix.length);
            if (nTyped > tolerance) return false;
            this.adopt(model, holder, grown, windows);
            return true;
        };
        return { ...grown, adopt };
    }

    private adopt(
        model: LoadedModel,
        holder: Holder,
        { tokens }: PlacedPrompt,
        windows: FileState,
    ): void {
        this.holders.swapSpare(holder);
        holder.prompt = tokens;
        if (holder.document !== undefined) this.files.set(holder.document, windows);
        this.growing = undefined;
        model.context.clearSequence(this.holders.spare);
    }

    /** Writes to disk what has changed since the last time. */
    async save(model: LoadedModel): Promise<void> {
        if (this.model !== model) return;
        for (const holder of this.holders.all) {
            const { document, languageId, sequence, prompt } = holder;
            const windows = document === undefined ? undefined : this.files.get(document);
            if (document === undefined || !windows || isSame(prompt, holder.saved)) continue;
            if (!windows.pieces.every(isSavable)) continue;
            holder.saved = prompt;
            const held = await model.context.saveSequence(sequence);
            // A prompt that was never evaluated leaves there what the document before had.
            if (!held || !isMostOf(held.tokens, prompt)) holder.saved = [];
            else if (this.holders.has(holder))
                await this.options.saved.save(model, document, { windows, languageId, ...held });
        }
    }

    /** Whose prompts are held or would begin as they were, and may be saved. */
    documents(): KeptPrompt[] {
        const documents = [
            ...this.holders.all.flatMap(({ document }) => document ?? []),
            ...this.files.entries().map(([document]) => document),
        ];
        return [...new Set(documents)].map((document) => {
            const holder = this.holders.of(document);
            const growing = this.growing?.document === document ? this.growing.windows : undefined;
            const pieces: (readonly Snippet[] | undefined)[] = [
                this.files.get(document)?.pieces,
                growing?.pieces,
                holder?.latest?.snippets,
            ];
            const files = filesOf(pieces.flatMap((some) => some ?? []));
            return { document, languageId: holder?.languageId ?? "", files };
        });
    }

    /** Lets go of documents: nothing of them stays here or is saved, nor is what is being placed for them. */
    forget(documents: readonly string[]): void {
        if (documents.length > 0) this.nForgotten++;
        for (const document of documents) {
            this.files.delete(document);
            const holder = this.holders.of(document);
            if (!holder) continue;
            this.model?.context.clearSequence(holder.sequence);
            this.forgotten.add(holder);
            this.holders.release(holder);
        }
        // Nor of what was being read for it.
        if (this.growing && documents.includes(this.growing.document)) {
            this.growing = undefined;
            this.model?.context.clearSequence(this.holders.spare);
        }
    }

    private startOver(model: LoadedModel): void {
        this.model = model;
        this.files.clear();
        this.composer.forget();
        this.growing = undefined;
        this.holders.startOver();
    }

    /** Where much would have to be read, the prompt begins small: who waits for it sees something sooner. */
    private build(
        model: LoadedModel,
        fim: ResolvedFim,
        request: PlaceRequest,
        held: readonly number[],
    ): WindowedPrompt {
        const known = this.files.get(request.document);
        const pace = model.speed.promptTokensPerSecond;
        const isHurried = request.trigger !== "explicit";
        // Another budget would move the windows, other pieces all that stands after them.
        const stay = known && { windows: known.budget, pieceTokens: undefined };
        // Where there is time, windows move in the spare sequence; given ones, for measurements, have none.
        const typed = request.prompt?.maxPrefixTokens ? request : { ...request, idle: undefined };
        const kept = stay && this.composer.compose(model, fim, typed, stay, known);
        if (kept && (!isHurried || isReadSoon(held, kept.prompt.tokens, pace))) {
            this.files.set(request.document, kept.windows);
            return kept.prompt;
        }
        const first = isHurried ? firstBudgetFor(pace) : budgetFor(pace);
        const nPieces = isHurried ? firstPieceBudgetFor(pace, first) : pieceBudgetFor(pace, first);
        const budget = { windows: first, pieceTokens: known ? undefined : nPieces };
        const begun = known && { pieces: known.pieces };
        const { windows, prompt } = this.composer.compose(model, fim, request, budget, begun);
        this.files.set(request.document, windows);
        return prompt;
    }
}

/** Whether what is not held of a prompt is read before one notices. */
function isReadSoon(
    held: readonly number[],
    prompt: readonly number[],
    tokensPerSecond: number,
): boolean {
    return prompt.length - nCommon(held, prompt) <= firstReadable(tokensPerSecond);
}
