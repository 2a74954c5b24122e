/**
 * The prompt of a place in a document, and the KV sequence it belongs in. Remembers per document where its windows began, so that
 * typing only appends, and which sequence holds it: the documents that were worked in last each keep their prompt, in memory and on disk.
 */

import { Lru } from "../base/lru";
import { COMPLETION_SEQUENCES, completionCells } from "../library/memory";
import {
    budgetFor,
    fitBudget,
    pieceBudgetFor,
    prefixWindow,
    suffixWindow,
    type PrefixAnchor,
    type WindowBudget,
} from "../prompt/budget";
import { blockTokens } from "../prompt/context";
import type { ResolvedFim } from "../prompt/families";
import { buildFimPrompt, type FimPrompt } from "../prompt/fim";
import { choosePieces, type PieceOptions } from "../prompt/pieces";
import type { FimLayoutName, PrefillRequest, PromptPiece, Snippet } from "../protocol/engine";
import type { Layouts } from "./layouts";
import type { LoadedModel } from "./loadedModel";
import { SPARE_SEQUENCE } from "./plan";
import type { SavedPrompt, SavedPrompts } from "./savedPrompts";

/** After a long pause the windows may be so many times as large as what is read in time. */
const LONG_PAUSE = 4;

/** Control tokens, the names of the repository and of the document. */
const NAME_TOKENS = 96;

/** In a small context windows leave a quarter to pieces of other files, or so much. */
const RESERVED_TOKENS = 512;

/** Where the windows of a document are, and which pieces of other files stand in front of them. */
export interface FileState {
    prefix: PrefixAnchor;
    suffix: string;
    budget: WindowBudget;
    pieces: readonly Snippet[];
}

/** How large the parts of a prompt may be. */
interface Budget {
    windows: WindowBudget;
    /** undefined: the pieces stay as they are. */
    pieceTokens: number | undefined;
}

interface WindowedPrompt extends FimPrompt {
    layout: FimLayoutName;
    /** What the windows were cut to. */
    budget: WindowBudget;
    pieces: PromptPiece[];
}

export interface PlacedPrompt extends WindowedPrompt {
    sequence: number;
}

interface PieceChoice extends Pick<PieceOptions, "pinned" | "window"> {
    room: number;
    wantedTokens: number | undefined;
}

/** The state is let go of when the first place is not where it is of use: it is large, and lies on the disk. */
type Kept = Pick<SavedPrompt, "tokens" | "windows"> & Partial<SavedPrompt>;

interface Holder {
    sequence: number;
    document: string | undefined;
    languageId: string;
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
    /** Tokens of pieces, by the loaded model. */
    private blocks = new WeakMap<Snippet, readonly number[]>();
    private model: LoadedModel | undefined;
    /** Belongs to no document: larger windows are read into it. */
    private spare = SPARE_SEQUENCE;
    private growing: { document: string; windows: FileState } | undefined;

    constructor(private readonly options: FilePromptsOptions) {}

    /**
     * Moves the document's windows when they no longer fit, and its sequence to the most recently used. A document that no sequence
     * holds gets back what was saved of it.
     */
    async place(
        model: LoadedModel,
        fim: ResolvedFim,
        request: PrefillRequest,
    ): Promise<PlacedPrompt> {
        if (this.model !== model) this.startOver(model);
        const holder = this.hold(request.document);
        holder.ready ??= this.recall(model, holder, request.document);
        await holder.ready;
        let prompt = this.build(model, fim, request);
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
        const { windows, prompt } = this.compose(model, fim, request, budget, kept.windows);
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
     * A prompt with larger windows or better pieces of other files beside the one in use, for which there is time while nobody types: as
     * large as what is read in time, and after a long pause larger. `adopt` makes it the document's once it is evaluated. Undefined when
     * the one in use holds all there is.
     */
    larger(
        model: LoadedModel,
        fim: ResolvedFim,
        request: PrefillRequest,
    ): (PlacedPrompt & { adopt: () => void }) | undefined {
        const { document } = request;
        const known = this.files.get(document);
        const holder = this.holders.find((h) => h.document === document);
        if (!known || !holder || request.prompt?.maxPrefixTokens) return undefined;
        const pace = model.speed.promptTokensPerSecond * (request.idle === "long" ? LONG_PAUSE : 1);
        const affordable = budgetFor(pace);
        const isMore = affordable.maxPrefixTokens > known.budget.maxPrefixTokens;
        const windowBudget = isMore ? affordable : known.budget;
        const pieceTokens = pieceBudgetFor(pace, windowBudget) || undefined;
        if (!isMore && pieceTokens === undefined) return undefined;
        // Larger windows begin elsewhere; where only pieces change, windows stay.
        const fresh = isMore ? { pieces: known.pieces } : known;
        const begun = this.growing?.document === document ? this.growing.windows : fresh;
        const budget = { windows: windowBudget, pieceTokens };
        const { windows, prompt } = this.compose(model, fim, request, budget, begun);
        const isLonger =
            windows.prefix.offset < known.prefix.offset ||
            windows.suffix.length > known.suffix.length;
        if (!isLonger && windows.pieces === known.pieces) return undefined;
        this.makeRoom(model, holder, prompt.tokens.length);
        this.growing = { document, windows };
        const sequence = this.spare;
        const adopt = () => {
            if (this.model !== model || holder.document !== document) return;
            this.spare = holder.sequence;
            holder.sequence = sequence;
            holder.prompt = prompt.tokens;
            this.files.set(document, windows);
            this.growing = undefined;
            model.context.clearSequence(this.spare);
        };
        return { ...prompt, sequence, adopt };
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
    }

    private startOver(model: LoadedModel): void {
        this.model = model;
        this.files.clear();
        this.blocks = new WeakMap();
        this.spare = SPARE_SEQUENCE;
        this.growing = undefined;
        this.holders = COMPLETION_SEQUENCES.map((sequence) => ({
            sequence,
            document: undefined,
            languageId: "",
            prompt: [],
            saved: [],
            kept: undefined,
            ready: undefined,
        }));
    }

    private build(model: LoadedModel, fim: ResolvedFim, request: PrefillRequest): WindowedPrompt {
        const known = this.files.get(request.document);
        const pace = model.speed.promptTokensPerSecond;
        // Another budget would move the windows, other pieces all that stands after them.
        const windowBudget = known?.budget ?? budgetFor(pace);
        const budget = {
            windows: windowBudget,
            pieceTokens: known ? undefined : pieceBudgetFor(pace, windowBudget),
        };
        const { windows, prompt } = this.compose(model, fim, request, budget, known);
        this.files.set(request.document, windows);
        return prompt;
    }

    /** The prompt with windows of a budget, which stay where `known` has them as long as they fit. */
    private compose(
        model: LoadedModel,
        fim: ResolvedFim,
        request: PrefillRequest,
        budget: Budget,
        known: Partial<FileState> | undefined,
    ): { windows: FileState; prompt: WindowedPrompt } {
        const { prompt: choice, repository, path, languageId } = request;
        const given = choice?.maxPrefixTokens;
        const wanted = given
            ? { maxPrefixTokens: given, maxSuffixTokens: given >> 2 }
            : budget.windows;
        const { completion: size } = model.sizes;
        const reserved = Math.min(size >> 2, RESERVED_TOKENS);
        const fitted = fitBudget(wanted, size - reserved, request.maxTokens);
        const count = (text: string) => model.native.tokenize(text).length;
        const prefix = prefixWindow(
            request.prefix,
            fitted.maxPrefixTokens,
            count,
            known?.prefix,
            request.idle !== undefined,
        );
        const suffix = suffixWindow(request.suffix, fitted.maxSuffixTokens, count, known?.suffix);
        const { pieces, blocks } = this.pieces(model, fim, request, {
            pinned: known?.pieces ?? [],
            room: roomForPieces(model, fitted, request.maxTokens),
            wantedTokens: budget.pieceTokens,
            window: { path, prefix: prefix.text, suffix },
        });
        const isNamed = pieces.length > 0 || choice?.path === true;
        const { addBos, special } = model.native.info;
        const layout = choice?.layout ?? this.options.layouts.of(model);
        const prompt = buildFimPrompt({
            fim,
            layout,
            healing: choice?.healing ?? true,
            prefix: prefix.text,
            suffix,
            context: isNamed ? { blocks, repository, path, languageId } : undefined,
            bos: addBos ? special.bos : undefined,
            tokenizer: model.native,
        });
        const windows = { prefix: prefix.anchor, suffix, budget: budget.windows, pieces };
        const shown = pieces.map(({ kind, path: from }, i) => {
            return { kind, path: from, nTokens: blocks[i]?.length ?? 0 };
        });
        return { windows, prompt: { ...prompt, layout, budget: fitted, pieces: shown } };
    }

    /** The pieces in front of a prompt, and their tokens, which are the same at every keystroke. `wantedTokens`: as Budget.pieceTokens. */
    private pieces(
        model: LoadedModel,
        fim: ResolvedFim,
        { languageId, prompt, snippets = [] }: PrefillRequest,
        choice: PieceChoice,
    ): { pieces: readonly Snippet[]; blocks: (readonly number[])[] } {
        const { room, wantedTokens, window } = choice;
        const blockOf = (piece: Snippet) => {
            const known = this.blocks.get(piece);
            if (known) return known;
            const block = blockTokens(piece, languageId, fim.repository, model.native);
            this.blocks.set(piece, block);
            return block;
        };
        const count = (piece: Snippet) => blockOf(piece).length;
        // What was saved may be of a larger context.
        const nPinned = choice.pinned.reduce((sum, piece) => sum + count(piece), 0);
        const pinned = nPinned <= room ? choice.pinned : [];
        const maxTokens = Math.min(prompt?.maxPieceTokens ?? wantedTokens ?? 0, room);
        const pieces =
            wantedTokens === undefined
                ? pinned
                : choosePieces({ wanted: snippets, pinned, maxTokens, count, window });
        return { pieces, blocks: pieces.map(blockOf) };
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
        holder.prompt = [];
        holder.saved = [];
        holder.kept = undefined;
        holder.ready = undefined;
    }
}

/** What a context holds beside windows, names and an answer. */
function roomForPieces(model: LoadedModel, windows: WindowBudget, maxTokens: number): number {
    const used = windows.maxPrefixTokens + windows.maxSuffixTokens + maxTokens;
    return Math.max(0, model.sizes.completion - used - NAME_TOKENS);
}

function isWhole(kept: Kept): kept is SavedPrompt {
    return kept.state !== undefined;
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
