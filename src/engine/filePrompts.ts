/**
 * Which KV sequence holds which document's prompt, and where its windows are: the documents that were worked in last each keep their
 * prompt, in memory and on disk. Grows a prompt beside the one in use.
 */

import { Lru } from "../base/lru";
import { COMPLETION_SEQUENCES, completionCells } from "../library/memory";
import {
    budgetFor,
    firstBudgetFor,
    firstPieceBudgetFor,
    firstReadable,
    pieceBudgetFor,
} from "../prompt/budget";
import type { ResolvedFim } from "../prompt/families";
import type { CompletionRequest, PrefillRequest } from "../protocol/engine";
import type { Layouts } from "./layouts";
import type { LoadedModel } from "./loadedModel";
import { SPARE_SEQUENCE } from "./plan";
import { affordable, isWorthReading, keptBy } from "./growth";
import { PromptComposer, type FileState, type WindowedPrompt } from "./promptComposer";
import type { SavedPrompt, SavedPrompts } from "./savedPrompts";

/** What is typed while larger windows are read may be behind by so much when they are taken. */
const UNNOTICED_CHARACTERS = 8;

/** Who asks explicitly waits for an answer; who types does not. */
type PlaceRequest = PrefillRequest & Partial<Pick<CompletionRequest, "trigger">>;

export interface PlacedPrompt extends WindowedPrompt {
    sequence: number;
}

/** The state is let go of when the first place is not where it is of use: it is large, and lies on the disk. */
type Kept = Pick<SavedPrompt, "tokens" | "windows"> & Partial<SavedPrompt>;

interface Holder {
    sequence: number;
    document: string | undefined;
    languageId: string;
    /** What was last asked for. */
    latest: PrefillRequest | undefined;
    /** The last prompt, and the last that was saved or is being saved. */
    prompt: readonly number[];
    saved: readonly number[];
    /** What was saved of the document and is not back yet. */
    kept: Kept | undefined;
    /** Settles when it is known. */
    ready: Promise<void> | undefined;
}

export interface FilePromptsOptions {
    layouts: Pick<Layouts, "of">;
    saved: Pick<SavedPrompts, "load" | "save">;
}

export class FilePrompts {
    private readonly files = new Lru<string, FileState>(64);
    /** Most recently used last. */
    private holders: Holder[] = [];
    private readonly composer: PromptComposer;
    private model: LoadedModel | undefined;
    /** Belongs to no document: larger windows are read into it. */
    private spare = SPARE_SEQUENCE;
    private growing: { document: string; windows: FileState } | undefined;

    constructor(private readonly options: FilePromptsOptions) {
        this.composer = new PromptComposer(options.layouts);
    }

    /**
     * Moves the document's windows when they no longer fit, and its sequence to the most recently used. A document that no sequence
     * holds gets back what was saved of it.
     */
    async place(
        model: LoadedModel,
        fim: ResolvedFim,
        request: PlaceRequest,
    ): Promise<PlacedPrompt> {
        if (this.model !== model) this.startOver(model);
        const holder = this.hold(request.document);
        holder.latest = request;
        holder.ready ??= this.recall(model, holder, request.document);
        await holder.ready;
        let prompt = this.build(model, fim, request, holder.prompt);
        if (holder.kept && !isMostOf(holder.prompt, prompt.tokens))
            prompt = (await this.restore(model, fim, request, holder)) ?? prompt;
        holder.prompt = prompt.tokens;
        holder.languageId = request.languageId;
        this.makeRoom(model, holder);
        return { ...prompt, sequence: holder.sequence };
    }

    /** Lets go of the documents used longest ago when all together would take cells that are the chat's. */
    private makeRoom(model: LoadedModel, keep: Holder, nMore = 0): void {
        let nUsed = nMore + this.holders.reduce((sum, { prompt }) => sum + prompt.length, 0);
        for (const holder of this.holders) {
            if (nUsed <= completionCells(model.sizes)) return;
            if (holder === keep || holder.document === undefined) continue;
            nUsed -= holder.prompt.length;
            model.context.clearSequence(holder.sequence);
            this.assign(holder, undefined);
        }
    }

    /** Learns what was saved of a document. */
    private async recall(model: LoadedModel, holder: Holder, document: string): Promise<void> {
        const saved = await this.options.saved.load(model, document);
        // The sequence may be another document's by now.
        if (!saved || holder.document !== document) return;
        holder.kept = saved;
    }

    /**
     * Puts back what was saved of a document, at the first place at which most of it is of use. An editor opens a file at its beginning
     * before it goes to where the person was. Undefined when this is not the place.
     */
    private async restore(
        model: LoadedModel,
        fim: ResolvedFim,
        request: PrefillRequest,
        holder: Holder,
    ): Promise<WindowedPrompt | undefined> {
        const { document } = request;
        const { kept } = holder;
        if (!kept) return undefined;
        const budget = { windows: kept.windows.budget, pieceTokens: undefined };
        const { windows, prompt } = this.composer.compose(
            model,
            fim,
            request,
            budget,
            kept.windows,
        );
        if (!isMostOf(kept.tokens, prompt.tokens)) {
            holder.kept = { tokens: kept.tokens, windows: kept.windows };
            return undefined;
        }
        holder.kept = undefined;
        const saved = isWhole(kept) ? kept : await this.options.saved.load(model, document);
        if (!saved || holder.document !== document) return undefined;
        const { tokens, state } = saved;
        const isBack = await model.context.restoreSequence(holder.sequence, tokens, state);
        if (!isBack || holder.document !== document) return undefined;
        holder.saved = tokens;
        this.files.set(document, windows);
        return prompt;
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
        const holder = this.holders.find((h) => h.document === document);
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
        const grown = { ...prompt, sequence: this.spare };
        const { prefix } = request;
        const tolerance = isTyping ? UNNOTICED_CHARACTERS : Infinity;
        const adopt = () => {
            // Another document's, or taken already.
            if (this.growing?.windows !== windows || holder.document !== document) return true;
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
        { sequence, tokens }: PlacedPrompt,
        windows: FileState,
    ): void {
        this.spare = holder.sequence;
        holder.sequence = sequence;
        holder.prompt = tokens;
        if (holder.document !== undefined) this.files.set(holder.document, windows);
        this.growing = undefined;
        model.context.clearSequence(this.spare);
    }

    /** Writes to disk what has changed since the last time. */
    async save(model: LoadedModel): Promise<void> {
        if (this.model !== model) return;
        for (const holder of this.holders) {
            const { document, languageId, sequence, prompt } = holder;
            const windows = document === undefined ? undefined : this.files.get(document);
            if (document === undefined || !windows || isSame(prompt, holder.saved)) continue;
            if (windows.pieces.some(({ kind }) => kind === "clipboard")) continue;
            holder.saved = prompt;
            const held = await model.context.saveSequence(sequence);
            // A prompt that was never evaluated leaves there what the document before had.
            if (!held || !isMostOf(held.tokens, prompt)) holder.saved = [];
            else if (holder.document === document)
                await this.options.saved.save(model, document, { windows, languageId, ...held });
        }
    }

    /** Whose prompts are held, and may be saved. */
    documents(): { document: string; languageId: string }[] {
        return this.holders.flatMap(({ document, languageId }) =>
            document === undefined ? [] : [{ document, languageId }],
        );
    }

    /** Lets go of documents: nothing of them stays here or is saved. */
    forget(documents: readonly string[]): void {
        for (const holder of this.holders) {
            if (holder.document === undefined || !documents.includes(holder.document)) continue;
            this.model?.context.clearSequence(holder.sequence);
            this.assign(holder, undefined);
        }
        for (const document of documents) this.files.delete(document);
        // Nor of what was being read for it.
        if (this.growing && documents.includes(this.growing.document)) {
            this.growing = undefined;
            this.model?.context.clearSequence(this.spare);
        }
    }

    private startOver(model: LoadedModel): void {
        this.model = model;
        this.files.clear();
        this.composer.forget();
        this.spare = SPARE_SEQUENCE;
        this.growing = undefined;
        this.holders = COMPLETION_SEQUENCES.map((sequence) => ({
            sequence,
            document: undefined,
            languageId: "",
            latest: undefined,
            prompt: [],
            saved: [],
            kept: undefined,
            ready: undefined,
        }));
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

    /** The sequence that holds this document's prompt, else the one that was not used for the longest time. */
    private hold(document: string): Holder {
        const holder = this.holders.find((h) => h.document === document) ?? this.holders[0];
        if (!holder) throw new Error("There are no sequences for completions");
        if (holder.document !== document) this.assign(holder, document);
        this.holders = [...this.holders.filter((h) => h !== holder), holder];
        return holder;
    }

    private assign(holder: Holder, document: string | undefined): void {
        holder.document = document;
        holder.latest = undefined;
        holder.prompt = [];
        holder.saved = [];
        holder.kept = undefined;
        holder.ready = undefined;
    }
}

function isWhole(kept: Kept): kept is SavedPrompt {
    return kept.state !== undefined;
}

/** Whether what is not held of a prompt is read before one notices. */
function isReadSoon(
    held: readonly number[],
    prompt: readonly number[],
    tokensPerSecond: number,
): boolean {
    return prompt.length - nCommon(held, prompt) <= firstReadable(tokensPerSecond);
}

/** Whether more than half of a prompt need not be read when `held` is there. */
function isMostOf(held: readonly number[], prompt: readonly number[]): boolean {
    return nCommon(held, prompt) > prompt.length / 2;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
    return a.length === b.length && nCommon(a, b) === a.length;
}

/** Tokens that two prompts have in common at their beginning. */
function nCommon(a: readonly number[], b: readonly number[]): number {
    const at = a.findIndex((token, i) => token !== b[i]);
    return at < 0 ? a.length : at;
}
