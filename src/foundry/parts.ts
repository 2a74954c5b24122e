/**
 * How one tensor of the checkpoint becomes (a part of) one tensor of the file: which rows, in which order, transposed or not, and how
 * many bytes that needs. Only shapes; the rows are read by readRows.ts.
 */

import { AppError } from "../base/errors";
import type { SourceTensor } from "./checkpoint/index";
import type { RowGather, TensorChange } from "./family/rows";

export interface Part {
    source: SourceTensor;
    /** Undefined: rows in their own order. */
    gather: RowGather | undefined;
    /** Elements in a row of the source; its innermost dimension when not given (1 for a vector whose elements are moved). */
    rowLength?: number;
    /** Matrices of so many gathered rows are transposed; then `after` chooses among the resulting rows. */
    transpose?: { nRows: number; after: RowGather | undefined };
    value?: (value: number) => number;
}

/** Elements in a row of the source, as the part reads it. */
export function sourceRowLength({ source, gather, rowLength }: Part): number {
    if (rowLength !== undefined) return rowLength;
    return source.shape.length <= 1 && gather ? 1 : (source.shape.at(-1) ?? 1);
}

/** Rows of the part's result and elements in each. */
export function partSize(part: Part): { nRows: number; rowLength: number } {
    const length = sourceRowLength(part);
    const nRows = part.gather?.nRows ?? countElements(part.source.shape) / Math.max(1, length);
    const { transpose } = part;
    if (!transpose) return { nRows, rowLength: length };
    const nColumns = (nRows / transpose.nRows) * length;
    return { nRows: transpose.after?.nRows ?? nColumns, rowLength: transpose.nRows };
}

/** Bytes of the source that the part needs. */
export function partBytes(part: Part): number {
    const { nRows, rowLength } = partSize(part);
    const { bytes, shape } = part.source;
    return nRows * rowLength * (bytes / Math.max(1, countElements(shape)));
}

export function countElements(shape: readonly number[]): number {
    return shape.reduce((product, n) => product * n, 1);
}

/** What a family's change makes of a source: the part and the shape of the result. */
export function applyChange(
    source: SourceTensor,
    change: TensorChange,
): { part: Part; shape: readonly number[] } {
    const part = changedPart(source, change);
    return { part, shape: changedShape(source.name, part, change) };
}

function changedPart(source: SourceTensor, change: TensorChange): Part {
    const { shape, name } = source;
    const single = change.elements === true || (shape.length === 1 && change.rows !== undefined);
    const rowLength = single ? 1 : (shape.at(-1) ?? 1);
    const nSourceRows = countElements(shape) / Math.max(1, rowLength);
    const gather = change.rows?.(nSourceRows, name);
    const part: Part = { source, gather, rowLength };
    if (change.value) part.value = change.value;
    if (change.transpose === undefined) return part;
    const nRows = change.transpose === true ? (shape.at(-2) ?? 1) : change.transpose;
    const matrices = (gather?.nRows ?? nSourceRows) / nRows;
    if (!Number.isInteger(matrices)) throw doesNotFit(name, shape);
    const after = change.afterTranspose?.(matrices * rowLength, name);
    return { ...part, transpose: { nRows, after } };
}

function changedShape(name: string, part: Part, change: TensorChange): readonly number[] {
    const { shape } = part.source;
    const { nRows, rowLength } = partSize(part);
    const result = change.shape?.(shape) ?? usualShape(part, change);
    if (countElements(result) !== nRows * rowLength || result.some((n) => !Number.isInteger(n)))
        throw doesNotFit(name, shape);
    return result;
}

/** A gather changes the number of rows; matrices that lie in a third dimension stay apart. */
function usualShape(part: Part, change: TensorChange): readonly number[] {
    const { shape } = part.source;
    const { nRows, rowLength } = partSize(part);
    if (part.transpose) {
        const matrices = countElements(shape) / (part.transpose.nRows * sourceRowLength(part));
        const outer = part.gather ? part.gather.nRows / part.transpose.nRows : matrices;
        return outer === 1 ? [nRows, rowLength] : [outer, nRows / outer, rowLength];
    }
    if (!part.gather || change.elements) return shape;
    if (shape.length <= 2) return [nRows, ...shape.slice(1)];
    const outer = shape.slice(0, -2);
    return [...outer, nRows / countElements(outer), rowLength];
}

function doesNotFit(name: string, shape: readonly number[]): AppError {
    return new AppError(
        "data/checkpoint",
        `${name} has the shape ${shape.join(" x ")}, which does not fit config.json; the weights do not belong to it`,
    );
}
