/**
 * The prompt of a place in a document, and the KV sequence it belongs in. Remembers per file where its windows began, so that typing
 * only appends, and which sequence holds which file: the files that were worked in last each keep their prompt.
 */

import { Lru } from "../base/lru";
import {
    CPU_BUDGET,
    fitBudget,
    GPU_BUDGET,
    prefixWindow,
    suffixWindow,
    type PrefixAnchor,
} from "../prompt/budget";
import type { ResolvedFim } from "../prompt/families";
import { buildFimPrompt, type FimPrompt } from "../prompt/fim";
import type { PrefillRequest } from "../protocol/engine";
import type { Layouts } from "./layouts";
import type { LoadedModel } from "./loadedModel";
import { COMPLETION_SEQUENCES } from "./plan";

interface FileState {
    prefix: PrefixAnchor;
    suffix: string;
}

export interface PlacedPrompt extends FimPrompt {
    sequence: number;
}

export class FilePrompts {
    private readonly files = new Lru<string, FileState>(64);
    /** Paths by sequence, most recently used last. */
    private holders: { sequence: number; path: string | undefined }[] = COMPLETION_SEQUENCES.map(
        (sequence) => ({ sequence, path: undefined }),
    );

    constructor(private readonly layouts: Pick<Layouts, "of">) {}

    /** Moves the file's windows when they no longer fit, and its sequence to the most recently used. */
    place(model: LoadedModel, fim: ResolvedFim, request: PrefillRequest): PlacedPrompt {
        const { path, prompt: choice } = request;
        const budget = fitBudget(
            model.info.nLayersOffloaded > 0 ? GPU_BUDGET : CPU_BUDGET,
            model.sizes.completion,
            request.maxTokens,
        );
        const count = (text: string) => model.native.tokenize(text).length;
        const known = this.files.get(path);
        const prefix = prefixWindow(request.prefix, budget.maxPrefixTokens, count, known?.prefix);
        const suffix = suffixWindow(request.suffix, budget.maxSuffixTokens, count, known?.suffix);
        this.files.set(path, { prefix: prefix.anchor, suffix });
        const { addBos, special } = model.native.info;
        const prompt = buildFimPrompt({
            fim,
            layout: choice?.layout ?? this.layouts.of(model),
            healing: choice?.healing ?? true,
            prefix: prefix.text,
            suffix,
            bos: addBos ? special.bos : undefined,
            tokenizer: model.native,
        });
        return { ...prompt, sequence: this.sequenceFor(path) };
    }

    /** The sequence that holds this file's prompt, else the one that was not used for the longest time. */
    private sequenceFor(path: string): number {
        const holder = this.holders.find((h) => h.path === path) ?? this.holders[0];
        if (!holder) return 0;
        holder.path = path;
        this.holders = [...this.holders.filter((h) => h !== holder), holder];
        return holder.sequence;
    }
}
