/** Fitting a model to a size: what is asked of the worker, and the plan that comes back. Plain data only. */

import type { TextFile } from "./lab";
import type { RecipeOptions, Source, Via } from "./worker";

/** What stands where a file type could: `fit:6GiB`, `fit:800MB`, `bpw:4.5`. */
export function isFitTarget(type: string): boolean {
    return /^(fit|bpw):/i.test(type);
}

/** The source that was measured, also when its branch has moved since. */
export function atCommit(source: Source, commit: string | undefined): Source {
    if (source.kind === "folder" || commit === undefined) return source;
    return { ...source, revision: commit };
}

export type FitModelParams =
    | {
          kind: "checkpoint";
          source: Source;
          via: Via;
          family?: string | undefined;
          pre?: string | undefined;
          /** As for `convert/run`. */
          reference?: boolean | undefined;
      }
    | {
          kind: "gguf";
          /** Absolute path; the first one of a split model. */
          file: string;
          /** As for `quantize/run`. */
          allowRequantize?: boolean | undefined;
      };

/** Runs of the model on a text, to find out which of its tensors matter; for a GGUF file only. */
export interface FitProbe {
    texts: readonly TextFile[];
    contextTokens?: number | undefined;
    chunks?: number | undefined;
}

export interface FitParams {
    model: FitModelParams;
    /** `isFitTarget` holds for it. */
    target: string;
    recipe?: RecipeOptions | undefined;
    /** Left out: by rule. */
    probe?: FitProbe | undefined;
    threads?: number | undefined;
}

/** Tensors that work alike. */
export interface FitGroup {
    name: string;
    nTensors: number;
    nElements: number;
    bytes: number;
    /** How many tensors have which type, largest share first. */
    types: { type: string; nTensors: number }[];
    /** Part of the expected loss, 0..1. */
    share: number;
}

export interface FitPlan {
    /** File type that the result is labelled with. */
    type: string;
    /** Of every tensor that is quantized, by name: goes into `RecipeOptions.types`. */
    types: Record<string, string>;
    /** Of a Hub repository, the one that was measured: `atCommit` makes it the one that is converted. */
    commit?: string | undefined;
    /** Exact size of the file, and what was allowed. */
    fileBytes: number;
    budgetBytes: number;
    bitsPerWeight: number;
    groups: FitGroup[];
    /** A mixture of about the same size, and the expected loss beside its own: 0.8 is a fifth less. */
    beside?: { type: string; fileBytes: number; lossRatio: number } | undefined;
}

export interface FitEvent {
    /** Errors of the tensors, then runs of the model with some of them made worse. */
    stage: "measure" | "probe";
    done: number;
    total: number;
    /** The tensor, or the first of those that are made worse. */
    detail: string;
}
