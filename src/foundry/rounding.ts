/** How rows become blocks where it is not each row by itself: what src/lab/feedback does, as the foundry sees it. */

import type { GgufWriteValue } from "../gguf/write";
import type { NativeAddon } from "../node/native";
import type { ConvertEvent } from "../protocol/worker";
import type { FilePlan } from "./fileLayout";

export interface TensorRounding extends Pick<NativeAddon, "quantizeRows"> {
    /** Once for each `take`. */
    release(): void;
}

export interface Rounding {
    /**
     * For a block of rows that is going to be quantized; called in the order of the file, before the rows are read. Undefined: by
     * itself.
     */
    take(tensor: string): TensorRounding | undefined;
    /** What the result's reader should know, in sentences. */
    notes(): string[];
}

/** A rounding that first has to learn from texts. */
export interface Calibration {
    /** What decides about the bytes beside model and plan. */
    identity: readonly unknown[];
    /** Said in the file's metadata. */
    keys: readonly (readonly [string, GgufWriteValue])[];
    /** Before anything is learnt. Throws AppError `user/usage` when no tensor of the plan would be rounded by it. */
    check(plan: FilePlan): void;
    /** Once, when types are known. */
    start(plan: FilePlan, signal: AbortSignal): AsyncGenerator<ConvertEvent, Rounding, void>;
}
