/**
 * The prompt of a place in a document, from its windows and pieces of other files to tokens. Windows and pieces stay where they were
 * as long as they fit, so that typing only appends; which sequence a prompt belongs in is filePrompts.ts's.
 */

import {
    fitBudget,
    prefixWindow,
    suffixWindow,
    type PrefixAnchor,
    type WindowBudget,
} from "../prompt/budget";
import { blockTokens } from "../prompt/context";
import type { ResolvedFim } from "../prompt/families";
import { buildFimPrompt, type FimPrompt } from "../prompt/fim";
import { choosePieces, type PieceOptions } from "../prompt/pieces";
import type { FimLayoutName, PrefillRequest, PromptPiece, Snippet } from "../protocol/completion";
import type { Layouts } from "./layouts";
import type { LoadedModel } from "./loadedModel";

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
export interface Budget {
    windows: WindowBudget;
    /** undefined: the pieces stay as they are. */
    pieceTokens: number | undefined;
}

export interface WindowedPrompt extends FimPrompt {
    layout: FimLayoutName;
    /** What the windows were cut to. */
    budget: WindowBudget;
    pieces: PromptPiece[];
}

interface PieceChoice extends Pick<PieceOptions, "pinned" | "window"> {
    room: number;
    wantedTokens: number | undefined;
}

export class PromptComposer {
    /** Tokens of pieces, by the loaded model. */
    private blocks = new WeakMap<Snippet, readonly number[]>();

    constructor(private readonly layouts: Pick<Layouts, "of">) {}

    /** Another model has other tokens. */
    forget(): void {
        this.blocks = new WeakMap();
    }

    /** The prompt with windows of a budget, which stay where `known` has them as long as they fit. */
    compose(
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
        const layout = choice?.layout ?? this.layouts.of(model);
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
}

/** What a context holds beside windows, names and an answer. */
function roomForPieces(model: LoadedModel, windows: WindowBudget, maxTokens: number): number {
    const used = windows.maxPrefixTokens + windows.maxSuffixTokens + maxTokens;
    return Math.max(0, model.sizes.completion - used - NAME_TOKENS);
}
