/**
 * Row gathers: which source row becomes which row of the result. Nearly every change a converter makes to a weight is one
 * (permute, split, stack, truncate), and rows are independent when quantizing, so no transform ever holds a whole tensor.
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
