/**
 * Row gathers: which source row becomes which row of the result. Nearly every change a converter makes to a weight is one
 * (permute, split, regroup, truncate), and rows are independent when quantizing, so no transform ever holds a whole tensor. What is
 * no gather of rows (transposed matrices, other values, other shapes) is said by a `TensorChange`.
 */

import { AppError } from "../../base/errors";

export interface RowGather {
    readonly nRows: number;
    /** Row of the source tensor that becomes `row` of the result. */
    sourceRow(row: number): number;
}

/** What a family does to a tensor: from its number of rows to a gather. */
export type RowTransform = (nRows: number, name: string) => RowGather;

/**
 * Everything that may happen to one tensor on its way, in this order. Rows are runs along the innermost dimension; those of a vector
 * are its elements.
 */
export interface TensorChange {
    /** Rows are single elements, also in a matrix. Only for small tensors that stay F32 (biases, `ssm_*`). */
    elements?: boolean;
    rows?: RowTransform;
    /**
     * After `rows`, matrices of that many rows are transposed; `true`: the two innermost dimensions of the source. The rows of the
     * result are the matrices' columns.
     */
    transpose?: number | true;
    /** Rows of the transposed result that are kept. */
    afterTranspose?: RowTransform;
    /** Shape of the result, outermost dimension first; otherwise it follows from the steps above. Same number of elements. */
    shape?: (shape: readonly number[]) => readonly number[];
    /** Of each element, in 32-bit floats and before it is rounded to the type of the file. */
    value?: (value: number) => number;
}

/**
 * Undoes the half-split rotary layout of transformers: inside a head, rows (j, i) become (i, j), j in {0, 1}. llama.cpp's
 * "norm" rope wants neighbouring pairs. Works on weights (rows) and biases (elements) alike. Source: `LlamaModel.permute`.
 */
export function permuteHeads(nHeads: number): RowTransform {
    return (nRows, name) => {
        const headRows = nRows / nHeads;
        if (!Number.isInteger(headRows) || headRows % 2 !== 0)
            throw new AppError(
                "data/checkpoint",
                `${name} has ${nRows} rows, which do not divide into ${nHeads} attention heads; config.json and the weights do not belong together`,
            );
        const half = headRows / 2;
        return {
            nRows,
            sourceRow(row) {
                const inHead = row % headRows;
                return row - inHead + (inHead % 2) * half + (inHead >> 1);
            },
        };
    };
}

/**
 * Splits a fused tensor: its rows are `nGroups` equal groups of `nShares` equal shares each; the result has shares `first` to
 * `first + count - 1` of every group. Examples: fused q/k/v `takeShares(1, 3, 0)`; per key head `(nKv, qPerKv + 2, 0, qPerKv)`; fused
 * gate and up of every expert `(nExperts, 2, 0)`; given numbers of rows `(1, nRows, 0, nKept)`.
 */
export function takeShares(
    nGroups: number,
    nShares: number,
    first: number,
    count = 1,
): RowTransform {
    return (nRows, name) => {
        const share = nRows / nGroups / nShares;
        if (!Number.isInteger(share) || share === 0 || first + count > nShares)
            throw new AppError(
                "data/checkpoint",
                `${name} has ${nRows} rows, which do not divide into ${nGroups} times ${nShares} parts; config.json and the weights do not belong together`,
            );
        const taken = share * count;
        return {
            nRows: taken * nGroups,
            sourceRow(row) {
                const group = Math.floor(row / taken);
                return group * share * nShares + first * share + (row - group * taken);
            },
        };
    };
}

/** Every `step`th row, beginning with `first`. */
export function everyRow(first: number, step: number): RowTransform {
    return (nRows) => ({
        nRows: Math.floor((nRows - first + step - 1) / step),
        sourceRow: (row) => first + row * step,
    });
}

/** The first rows, or all when there are fewer. */
export function firstRows(count: number): RowTransform {
    return (nRows) => ({ nRows: Math.min(nRows, count), sourceRow: (row) => row });
}

/** One after the other: `second` works on the rows that `first` gives. */
export function thenRows(first: RowTransform, second: RowTransform): RowTransform {
    return (nRows, name) => {
        const inner = first(nRows, name);
        const outer = second(inner.nRows, name);
        return { nRows: outer.nRows, sourceRow: (row) => inner.sourceRow(outer.sourceRow(row)) };
    };
}

/** Several gathers of the same source, one below the other. */
export function stackRows(...transforms: RowTransform[]): RowTransform {
    return (nRows, name) => {
        const parts = transforms.map((transform) => transform(nRows, name));
        return {
            nRows: parts.reduce((sum, part) => sum + part.nRows, 0),
            sourceRow(row) {
                let inPart = row;
                for (const part of parts) {
                    if (inPart < part.nRows) return part.sourceRow(inPart);
                    inPart -= part.nRows;
                }
                throw new RangeError(`row ${row} of ${name}`);
            },
        };
    };
}
