/** What the host (or the CLI) asks of a worker child: one long operation, then the child exits. Plain data only. */

import type { LogEntry } from "../base/log";
import type { HubRequests } from "./hub";

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
        inspect: { params: { path: string }; result: InspectResult };
    } & HubRequests;
    events: Record<never, never>;
}

export interface WorkerClientSide {
    requests: Record<never, never>;
    events: { log: LogEntry };
}
