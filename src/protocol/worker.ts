/** What the host (or the CLI) asks of a worker child: one long operation, then the child exits. Plain data only. */

import type { LogEntry } from "../base/log";
import type { CompareRequests } from "./compare";
import type { TokenizerCheck } from "./tokenizerCheck";
import type { FitEvent, FitParams, FitPlan } from "./fit";
import type { CacheShape, HubRequests } from "./hub";
import type { CalibrationParams, LabRequests } from "./lab";
import type { PublishRequests } from "./publish";
import type { InspectorRequests } from "./inspector";

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

/** llama-quantize's options beside the file type. */
export interface RecipeOptions {
    /** Importance matrix (llama-imatrix's GGUF or .dat file): absolute path. */
    imatrix?: string | undefined;
    /** As the person named that file; this is what the result's metadata says. Default: the file's name. */
    imatrixName?: string | undefined;
    /** By name, before everything else: what fitting to a size chose. */
    types?: Readonly<Record<string, string>> | undefined;
    /** `PATTERN=TYPE` each, a regular expression searched in the tensor's name; the first match counts. */
    tensorTypes?: readonly string[] | undefined;
    outputType?: string | undefined;
    embeddingType?: string | undefined;
    /** The base type for every tensor instead of the mixture. */
    pure?: boolean | undefined;
    /** `output.weight` is not quantized. */
    leaveOutput?: boolean | undefined;
}

/** Several files instead of one, as llama-gguf-split cuts; one of the two limits. */
export interface SplitOptions {
    /** Of the tensors in a file; a larger tensor has a file of its own. */
    maxBytes?: number | undefined;
    maxTensors?: number | undefined;
}

/** Tensors of one row length that cannot have the type that the recipe wants. */
export interface Fallback {
    wanted: string;
    type: string;
    rowLength: number;
    nTensors: number;
    /** Name of the first. */
    example: string;
}

export interface TypePlan {
    /** llama.cpp file type name, e.g. `Q4_K_M`. */
    type: string;
    /** Exact size of the file that would be written. */
    sizeBytes: number;
    bitsPerWeight: number;
    /** Tensors that get another type than the recipe's, because of their row length. */
    nFallback: number;
    fallbacks: Fallback[];
    needsImatrix: boolean;
    recommended: boolean;
    /** What loading it takes with a context of the default length, and whether this computer has it. */
    memoryBytes: number;
    fitsMemory: boolean;
}

export interface ConvertPlan {
    /** Folder or repository name: the stem of the result's file name. */
    name: string;
    architecture: string;
    family: string;
    nParameters: number;
    sourceBytes: number;
    license?: string | undefined;
    cache?: CacheShape | undefined;
    types: TypePlan[];
    warnings: string[];
    /** Free bytes where the result would go; undefined when not asked or not known. The result needs its size there and nothing else. */
    freeDiskBytes?: number | undefined;
}

export interface PlanParams {
    source: Source;
    recipe?: RecipeOptions | undefined;
    /** Id of the family whose rules are used, whatever config.json says. */
    family?: string | undefined;
    /** As for `convert/run`. */
    reference?: boolean | undefined;
    /** Folder or file that the result would go to. */
    out?: string | undefined;
}

/** A family whose rules could convert a checkpoint of an unknown architecture. */
export interface FamilyChoice {
    id: string;
    /** For people: the models that it covers. */
    title: string;
    /** Tensors of the checkpoint that it has no place for, and how many count. */
    nUnplaced: number;
    nTensors: number;
}

export interface ConvertParams {
    source: Source;
    type: string;
    via: Via;
    /** Absolute path of the file to write. */
    out: string;
    threads?: number | undefined;
    overwrite?: boolean | undefined;
    /** Id of the family whose rules are used, whatever config.json says. */
    family?: string | undefined;
    /** llama.cpp's name of the BPE pre-tokenizer, when it is not recognised or the user knows better. */
    pre?: string | undefined;
    /** Where llama.cpp's converter writes something wrong that still loads, the same is written; to compare with its files. */
    reference?: boolean | undefined;
    recipe?: RecipeOptions | undefined;
    split?: SplitOptions | undefined;
    /** As for `quantize/run`; an unquantized file stands beside the result until that is there. */
    calibration?: CalibrationParams | undefined;
}

export interface QuantizeParams {
    /** Absolute path of a GGUF file; the first one of a split model. */
    file: string;
    /** `COPY` keeps every tensor as it is (to join or split files). */
    type: string;
    out: string;
    threads?: number | undefined;
    overwrite?: boolean | undefined;
    recipe?: RecipeOptions | undefined;
    split?: SplitOptions | undefined;
    /** Quantized tensors may be quantized again, which loses more than from the original. */
    allowRequantize?: boolean | undefined;
    /** Rounding errors are made up for as these texts show it, by what they need of the model (src/lab/feedback). */
    calibration?: CalibrationParams | undefined;
}

export interface QuantizePlanParams {
    file: string;
    recipe?: RecipeOptions | undefined;
    out?: string | undefined;
    allowRequantize?: boolean | undefined;
}

export interface ConvertEvent {
    stage: "read" | "calibrate" | "convert" | "verify";
    /** While calibrating: tokens. */
    doneBytes: number;
    totalBytes: number;
    /** Source bytes per second, smoothed; undefined in the first second. */
    bytesPerSecond?: number | undefined;
    secondsLeft?: number | undefined;
    /** Tensor being written, for the log and tooltip. */
    tensor?: string | undefined;
}

export interface WrittenFile {
    file: string;
    bytes: number;
    sha256: string;
}

export interface ConvertResult {
    /** The first one when split. */
    file: string;
    type: string;
    /** Of all files. */
    bytes: number;
    /** Of `file`. */
    sha256: string;
    seconds: number;
    warnings: string[];
    /** How the file's tokenizer compares with the checkpoint's own. */
    tokenizer?: TokenizerCheck | undefined;
    /** One, or several when split. */
    files: WrittenFile[];
    /** Source bytes that an earlier, killed run had done already. */
    resumedBytes: number;
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
    /** Of all files. */
    sizeBytes: number;
    /** One, or the parts of a split model. */
    nFiles: number;
    /** Why the engine would refuse it, as a sentence. */
    problem?: string | undefined;
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
        "convert/plan": { params: PlanParams; result: ConvertPlan };
        /** Nearest first; asked after `data/architecture`. */
        "convert/families": { params: { source: Source }; result: FamilyChoice[] };
        "convert/run": { params: ConvertParams; result: ConvertResult; progress: ConvertEvent };
        "lora/run": { params: LoraParams; result: LoraResult };
        "quantize/plan": { params: QuantizePlanParams; result: ConvertPlan };
        "fit/plan": { params: FitParams; result: FitPlan; progress: FitEvent };
        "quantize/run": { params: QuantizeParams; result: ConvertResult; progress: ConvertEvent };
        inspect: { params: { path: string }; result: InspectResult };
    } & CompareRequests &
        HubRequests &
        InspectorRequests &
        LabRequests &
        PublishRequests;
    events: Record<never, never>;
}

export interface WorkerClientSide {
    requests: Record<never, never>;
    events: { log: LogEntry };
}
