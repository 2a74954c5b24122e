/** What the host (or the CLI) asks of a worker child: one long operation, then the child exits. Plain data only. */

import type { LogEntry } from "../base/log";
import type { TokenizerCheck } from "./tokenizerCheck";

/** Where a checkpoint comes from. */
export type Source =
    | { kind: "folder"; path: string }
    | {
          kind: "hub";
          repo: string;
          revision?: string | undefined;
          endpoint?: string | undefined;
          token?: string | undefined;
      };

/** How source values are rounded before quantizing: as if a file of that type had been written in between. */
export type Via = "auto" | "bf16" | "f16" | "f32";

export interface TypePlan {
    /** llama.cpp file type name, e.g. `Q4_K_M`. */
    type: string;
    /** Exact size of the file that would be written. */
    sizeBytes: number;
    bitsPerWeight: number;
    /** Tensors that get another type than the recipe's, because of their row length. */
    nFallback: number;
    needsImatrix: boolean;
    recommended: boolean;
}

export interface ConvertPlan {
    /** Folder or repository name: the stem of the result's file name. */
    name: string;
    architecture: string;
    family: string;
    nParameters: number;
    sourceBytes: number;
    license?: string | undefined;
    types: TypePlan[];
    warnings: string[];
}

export interface ConvertParams {
    source: Source;
    type: string;
    via: Via;
    /** Absolute path of the file to write. */
    out: string;
    threads?: number | undefined;
    overwrite?: boolean | undefined;
    /** llama.cpp's name of the BPE pre-tokenizer, when it is not recognised or the user knows better. */
    pre?: string | undefined;
    /** Scores of a SentencePiece vocabulary that only tokenizer.json has; default `merge-rank`, which tokenizes right. */
    spmScores?: "merge-rank" | "reference" | undefined;
}

export interface ConvertEvent {
    stage: "read" | "convert" | "verify";
    doneBytes: number;
    totalBytes: number;
    /** Source bytes per second, smoothed; undefined in the first second. */
    bytesPerSecond?: number | undefined;
    secondsLeft?: number | undefined;
    /** Tensor being written, for the log and tooltip. */
    tensor?: string | undefined;
}

export interface ConvertResult {
    file: string;
    type: string;
    bytes: number;
    sha256: string;
    seconds: number;
    warnings: string[];
    /** How the file's tokenizer compares with the checkpoint's own. */
    tokenizer?: TokenizerCheck | undefined;
}

export interface LoraParams {
    adapter: Source;
    /** The model it was made for; only its config.json is read. */
    base: Source;
    /** `F32`, `F16`, `BF16`, `Q8_0` or `auto`. */
    type: string;
    /** Absolute path of the file to write. */
    out: string;
    overwrite?: boolean | undefined;
}

export interface LoraResult {
    file: string;
    type: string;
    bytes: number;
    sha256: string;
    /** Weights of the base model that it changes. */
    nTensors: number;
}

export interface TensorSummary {
    name: string;
    shape: number[];
    type: string;
    bytes: number;
}
export interface InspectResult {
    path: string;
    sizeBytes: number;
    version: number;
    architecture: string;
    fileType: string;
    nParameters: number;
    bitsPerWeight: number;
    /** Long strings cut, long arrays summarised as `[n values]`. */
    metadata: { key: string; type: string; value: string }[];
    tensors: TensorSummary[];
    chatTemplate?: string | undefined;
    fim?: string | undefined;
}

export interface WorkerSide {
    requests: {
        "convert/plan": { params: { source: Source }; result: ConvertPlan };
        "convert/run": { params: ConvertParams; result: ConvertResult; progress: ConvertEvent };
        "lora/run": { params: LoraParams; result: LoraResult };
        inspect: { params: { path: string }; result: InspectResult };
    };
    events: Record<never, never>;
}

export interface WorkerClientSide {
    requests: Record<never, never>;
    events: { log: LogEntry };
}
