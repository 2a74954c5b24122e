/**
 * The typed surface of native/feedback: what rounding errors in a weight's columns cost together, measured on a text, and rows
 * quantized so that later columns make up for the errors of earlier ones.
 */

import type { ChunkOptions, NativeJob } from "./nativeLab";

export interface HessianOptions extends ChunkOptions {
    /** Names of tensors; those that the text is never multiplied with are left out of the result, and stacked ones. */
    weights: readonly string[];
}

export interface FeedOptions {
    weight: string;
    /** ggml type of the result: Q2_K to Q6_K, Q4_0, Q4_1, Q5_0, Q5_1 or Q8_0. */
    type: string;
    /** Little-endian values, whole rows; must not change until the promise settles. */
    source: Uint8Array;
    sourceType: string;
    rowLength: number;
}

export interface NativeFeedback {
    /** Weights that are known, sorted. */
    readonly weights: readonly string[];
    /** Sums of products of the inputs of a weight, column by column, as a share of the average square; a copy. */
    matrix(weight: string): Float32Array;
    /** On a thread of its own. Rejects with code `cancelled` after `close`, `data/checkpoint` when a row is not finite. */
    quantize(options: FeedOptions): Promise<Uint8Array>;
    /** Ends what runs and frees the memory. */
    close(): void;
}

export interface NativeHessians {
    /** Memory: for each different input of a weight the square of its length, in floats. */
    collectHessians(
        options: HessianOptions,
        onProgress?: (doneChunks: number) => void,
    ): NativeJob<NativeFeedback>;
}
