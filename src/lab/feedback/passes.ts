/**
 * Which weights take part in error feedback, and how often the model has to be evaluated: what is known of a weight's inputs is the
 * square of its row's length, so that a large model's layers are done some at a time. Pure.
 */

import { AppError } from "../../base/errors";
import type { TensorJob } from "../../foundry/blocks";

/** Types whose blocks are groups of values with a scale; for codebooks (IQ) and floats there is plain rounding. */
const FED_TYPES: readonly string[] = [
    "Q2_K",
    "Q3_K",
    "Q4_K",
    "Q5_K",
    "Q6_K",
    "Q4_0",
    "Q4_1",
    "Q5_0",
    "Q5_1",
    "Q8_0",
];

/** Names of weights: those of a pass are known at the same time. In the order of the file. */
export type Passes = readonly (readonly string[])[];

export function isFed({ tensor, type }: TensorJob): boolean {
    return (
        FED_TYPES.includes(type) &&
        /^blk\.\d+\..*\.weight$/.test(tensor.name) &&
        tensor.shape.length === 2 &&
        tensor.parts[0]?.source.dtype !== type
    );
}

/** Throws AppError `user/usage` when no tensor takes part: the text would change nothing, and the file would say that it did. */
export function refuseNothingFed(jobs: readonly TensorJob[], type: string): void {
    if (jobs.some(isFed)) return;
    throw new AppError(
        "user/usage",
        `Nothing of ${type.toUpperCase()} can be calibrated: error feedback is for weights of layers that become ${FED_TYPES.slice(0, -1).join(", ")} or ${FED_TYPES.at(-1)}; choose a type with such tensors, or leave the calibration text out`,
    );
}

/** As if no two weights saw the same input, so that memory is never more. A layer that does not fit is a pass of its own. */
export function planPasses(jobs: readonly TensorJob[], memoryBytes: number): Passes {
    const passes: string[][] = [];
    let room = 0;
    let layers = new Map<string, TensorJob[]>();
    for (const job of [...jobs].sort((a, b) => a.offset - b.offset)) {
        if (!isFed(job)) continue;
        const layer = job.tensor.name.split(".")[1] ?? "";
        layers = layers.set(layer, [...(layers.get(layer) ?? []), job]);
    }
    for (const layer of layers.values()) {
        const bytes = layer.reduce((sum, job) => sum + hessianBytes(job), 0);
        if (passes.length === 0 || bytes > room) {
            passes.push([]);
            room = memoryBytes;
        }
        room -= bytes;
        passes.at(-1)?.push(...layer.map(({ tensor }) => tensor.name));
    }
    return passes;
}

function hessianBytes({ tensor }: TensorJob): number {
    return 4 * (tensor.shape.at(-1) ?? 0) ** 2;
}
