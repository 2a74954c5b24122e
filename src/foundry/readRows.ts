/**
 * Reads the rows of a part in the order of the result: gathered, or transposed in strips so that memory stays bounded. Gives the
 * bytes in the source's data type; what they become is the writer's business.
 */

import type { CheckpointSource, FileReader } from "./checkpoint/source";
import type { RowGather } from "./family/rows";
import { countElements, sourceRowLength, type Part } from "./parts";

/** Source bytes that are in memory at a time while a strip is transposed. */
const STEP_BYTES = 4 * 1024 * 1024;

/** Rows `row` to `row + nRows - 1` of the part's result, in the memory of `into` where that is possible. */
export async function readRows(
    reader: FileReader,
    part: Part,
    row: number,
    nRows: number,
    signal: AbortSignal,
    into?: Uint8Array,
): Promise<Uint8Array> {
    const { source, gather, transpose } = part;
    const elementBytes = source.bytes / Math.max(1, countElements(source.shape));
    const rows: SourceRows = {
        reader,
        offset: source.offset,
        rowBytes: sourceRowLength(part) * elementBytes,
        gather,
        signal,
    };
    if (!transpose && !gather)
        return reader.read(rows.offset + row * rows.rowBytes, nRows * rows.rowBytes, signal, into);
    if (!transpose) return gatherRows(rows, row, nRows);
    const { after, nRows: height } = transpose;
    const columns = Array.from({ length: nRows }, (_, i) => after?.sourceRow(row + i) ?? row + i);
    return transposeRows(rows, columns, height, elementBytes);
}

interface SourceRows {
    reader: FileReader;
    offset: number;
    rowBytes: number;
    gather: RowGather | undefined;
    signal: AbortSignal;
}

/** One read where the source rows lie close together, else one per run of rows. */
async function gatherRows(from: SourceRows, row: number, nRows: number): Promise<Uint8Array> {
    const { reader, offset, rowBytes, gather, signal } = from;
    if (!gather) return reader.read(offset + row * rowBytes, nRows * rowBytes, signal);
    const rows = Array.from({ length: nRows }, (_, i) => gather.sourceRow(row + i));
    const bounds = { low: Infinity, high: -1 };
    for (const index of rows) {
        bounds.low = Math.min(bounds.low, index);
        bounds.high = Math.max(bounds.high, index);
    }
    const out = new Uint8Array(nRows * rowBytes);
    const span = bounds.high - bounds.low + 1;
    if (span <= 4 * nRows) {
        const bytes = await reader.read(offset + bounds.low * rowBytes, span * rowBytes, signal);
        rows.forEach((index, i) => {
            const at = (index - bounds.low) * rowBytes;
            out.set(bytes.subarray(at, at + rowBytes), i * rowBytes);
        });
        return out;
    }
    for (let i = 0; i < nRows;) {
        const first = rows[i] ?? 0;
        let n = 1;
        while (i + n < nRows && rows[i + n] === first + n) n++;
        out.set(await reader.read(offset + first * rowBytes, n * rowBytes, signal), i * rowBytes);
        i += n;
    }
    return out;
}

/**
 * Column `c` of matrix `m` (both out of `columns`: m * width + c), `height` elements from top to bottom, becomes a row. Each matrix
 * that the columns touch is read through once.
 */
async function transposeRows(
    from: SourceRows,
    columns: readonly number[],
    height: number,
    elementBytes: number,
): Promise<Uint8Array> {
    const width = from.rowBytes / elementBytes;
    const out = new Uint8Array(columns.length * height * elementBytes);
    const step = Math.max(1, Math.floor(STEP_BYTES / from.rowBytes));
    for (let start = 0; start < columns.length;) {
        const matrix = Math.floor((columns[start] ?? 0) / width);
        let end = start;
        while (end < columns.length && Math.floor((columns[end] ?? 0) / width) === matrix) end++;
        for (let top = 0; top < height; top += step) {
            const nRows = Math.min(step, height - top);
            const bytes = await gatherRows(from, matrix * height + top, nRows);
            for (let i = start; i < end; i++) {
                const column = ((columns[i] ?? 0) - matrix * width) * elementBytes;
                for (let y = 0; y < nRows; y++) {
                    const at = y * from.rowBytes + column;
                    const to = (i * height + top + y) * elementBytes;
                    for (let k = 0; k < elementBytes; k++) out[to + k] = bytes[at + k] ?? 0;
                }
            }
        }
        start = end;
    }
    return out;
}

/** Opens each shard once. */
export class ReaderPool {
    private readonly open = new Map<string, Promise<FileReader>>();
    constructor(private readonly source: CheckpointSource) {}

    get(file: string): Promise<FileReader> {
        const present = this.open.get(file);
        if (present) return present;
        const reader = this.source.open(file);
        this.open.set(file, reader);
        return reader;
    }

    async close(): Promise<void> {
        const readers = await Promise.allSettled(this.open.values());
        for (const result of readers) if (result.status === "fulfilled") await result.value.close();
    }
}
