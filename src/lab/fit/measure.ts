/**
 * What each tensor loses as each type: rows from all over it are quantized and read back on native threads. Relative to the tensor's own
 * weighted energy, so that 0.01 means one per cent of what it gives to its output. Memory: one small block per thread.
 */

import { AppError } from "../../base/errors";
import { throwIfAborted } from "../../base/cancel";
import { listBlocks, lengthOf, type Block, type TensorJob } from "../../foundry/blocks";
import type { CheckpointSource } from "../../foundry/checkpoint/source";
import { ReaderPool, readRows } from "../../foundry/readRows";
import { importanceOf, notFinite, readableRows } from "../../foundry/writeTensors";
import type { GgmlTypeName } from "../../gguf/types";
import type { NativeAddon } from "../../node/native";

export interface Question {
    job: TensorJob;
    types: readonly GgmlTypeName[];
}

/** By type: weighted squared error of all rows over their weighted sum of squares; 0 for a tensor of zeros. */
export type Errors = ReadonlyMap<GgmlTypeName, number>;

export interface MeasureOptions {
    source: CheckpointSource;
    native: NativeAddon;
    threads: number;
    signal: AbortSignal;
    onProgress(doneTensors: number, tensor: string): void;
    /** About how many values of a tensor are looked at; all of a smaller one. */
    sampleElements?: number | undefined;
}

/** A thousandth of the values of a large tensor: errors of blocks hardly differ within one, and reading is most of the work. */
export const SAMPLE_ELEMENTS = 262_144;
const BLOCK_BYTES = 64 * 1024;

/** Along the questions. Throws AppError `data/checkpoint` for values that are not finite. */
export async function measureErrors(
    questions: readonly Question[],
    options: MeasureOptions,
): Promise<Errors[]> {
    const readers = new ReaderPool(options.source);
    const tasks = questions.flatMap(({ job }, index) =>
        sampleBlocks(job, options.sampleElements ?? SAMPLE_ELEMENTS).map((block) => ({
            index,
            block,
        })),
    );
    const left = questions.map((_, index) => tasks.filter((task) => task.index === index).length);
    const found: Float64Array[] = [];
    let next = 0;
    let done = 0;
    const work = async (): Promise<void> => {
        for (;;) {
            throwIfAborted(options.signal);
            const at = next++;
            const task = tasks[at];
            if (!task) return;
            const { index, block } = task;
            found[at] = await errorsOf(block, questions[index]?.types ?? [], readers, options);
            left[index] = (left[index] ?? 0) - 1;
            if (left[index] === 0) options.onProgress(++done, block.job.tensor.name);
        }
    };
    try {
        await Promise.all(Array.from({ length: Math.max(1, options.threads) }, work));
    } finally {
        await readers.close();
    }
    // In the order of the tasks, whichever was ready first: the same plan every time, also when a killed conversion is gone on with.
    const sums = questions.map(({ types }) => new Float64Array(types.length + 1));
    tasks.forEach(({ index }, at) =>
        sums[index]?.forEach((_, i, own) => (own[i] = (own[i] ?? 0) + (found[at]?.[i] ?? 0))),
    );
    return questions.map(({ types }, index) => {
        const [energy = 0, ...errors] = sums[index] ?? [];
        return new Map(types.map((type, i) => [type, energy > 0 ? (errors[i] ?? 0) / energy : 0]));
    });
}

/** Evenly from all over the tensor. */
function sampleBlocks(job: TensorJob, nElements: number): Block[] {
    const blocks = [...listBlocks([job], BLOCK_BYTES)];
    const all = blocks.reduce((sum, { nRows, rowLength }) => sum + nRows * rowLength, 0);
    const n = Math.max(1, Math.min(blocks.length, Math.ceil((blocks.length * nElements) / all)));
    return Array.from({ length: n }, (_, i) => {
        const block = blocks[Math.floor(((i + 0.5) * blocks.length) / n)];
        if (!block) throw new AppError("bug/internal", `${job.tensor.name} has no rows`);
        return block;
    });
}

async function errorsOf(
    block: Block,
    types: readonly GgmlTypeName[],
    readers: ReaderPool,
    { native, signal }: MeasureOptions,
): Promise<Float64Array> {
    const { job, part, row, nRows, element } = block;
    const reader = await readers.get(part.source.file);
    const raw = await readRows(reader, part, row, nRows, signal);
    const rows = readableRows(raw, part);
    try {
        return await native.rowErrors({
            types,
            source: rows.bytes,
            sourceType: rows.dtype,
            rowLength: lengthOf(job),
            via: job.via,
            imatrix: importanceOf(job, element),
        });
    } catch (cause) {
        throw notFinite(part.source, job, cause, raw);
    }
}
