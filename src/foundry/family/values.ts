/**
 * Changes of values that some families need before rounding, in the reference's 32-bit arithmetic (torch): what a norm of Gemma adds,
 * what Mamba's A becomes. For tensors in f16 the reference computes in f16; the writer rounds for that.
 */

/** Norms that the model applies as `1 + weight`. */
export function plusOne(value: number): number {
    return Math.fround(value + 1);
}

/** `A_log` -> `A`. torch's vectorized exp may differ from Math.exp by one unit in the last place. */
export function negativeExp(value: number): number {
    return -Math.fround(Math.exp(value));
}
