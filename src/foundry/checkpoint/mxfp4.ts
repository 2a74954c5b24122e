/**
 * gpt-oss stores its experts in MXFP4 already: `X_blocks` [..., blocks, 16] of two values per byte, `X_scales` [..., blocks]. ggml has the
 * same numbers in blocks of one scale and 16 bytes, nibbles in another order, so they are moved, not computed. The checkpoint then
 * looks as if it had a tensor `X` of type MXFP4. Format: `repack_mxfp4` of llama.cpp v0.5.0, conversion/gpt_oss.py.
 */

import { AppError } from "../../base/errors";
import type { SourceTensor } from "./index";
import { withOpen, type CheckpointSource, type FileReader } from "./source";

/** Values and bytes of a block in ggml. */
const BLOCK_VALUES = 32;
const BLOCK_BYTES = 17;
const PACKED_BYTES = 16;

const BLOCKS = "_blocks";
const SCALES = "_scales";

interface Packed {
    tensor: SourceTensor;
    blocks: SourceTensor;
    scales: SourceTensor;
}

export interface Repacked {
    source: CheckpointSource;
    /** Repacked ones first, as the reference writes them. */
    tensors: SourceTensor[];
}

/** Unchanged when there is nothing to repack. */
export function repackMxfp4(source: CheckpointSource, tensors: readonly SourceTensor[]): Repacked {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const packed = tensors
        .filter(({ name, dtype }) => name.endsWith(BLOCKS) && dtype === "U8")
        .map((blocks) => pair(blocks, byName));
    const used = new Set(packed.flatMap(({ blocks, scales }) => [blocks, scales]));
    const byFile = new Map(packed.map((entry) => [entry.tensor.file, entry]));
    return {
        tensors: [
            ...packed.map(({ tensor }) => tensor),
            ...tensors.filter((tensor) => !used.has(tensor)),
        ],
        source: withOpen(source, async (file) => {
            const entry = byFile.get(file);
            return entry ? openPacked(source, entry) : source.open(file);
        }),
    };
}

function pair(blocks: SourceTensor, byName: ReadonlyMap<string, SourceTensor>): Packed {
    const name = blocks.name.slice(0, -BLOCKS.length);
    const scales = byName.get(name + SCALES);
    const outer = blocks.shape.slice(0, -1);
    const fits =
        scales?.dtype === "U8" &&
        blocks.shape.length >= 3 &&
        blocks.shape.at(-1) === PACKED_BYTES &&
        scales.shape.join() === outer.join();
    if (!scales || !fits)
        throw new AppError(
            "data/checkpoint",
            `${blocks.name} has no scales that fit it; the checkpoint is incomplete, download it again`,
        );
    const nBlocks = scales.bytes;
    const shape = [...outer.slice(0, -1), (outer.at(-1) ?? 0) * BLOCK_VALUES];
    const at = String(blocks.offset).padStart(16, "0");
    const file = `${blocks.file}#${at} ${name}`;
    const bytes = nBlocks * BLOCK_BYTES;
    const madeOf = [blocks, scales];
    const tensor = { name, dtype: "MXFP4", shape, file, offset: 0, bytes, madeOf };
    return { tensor, blocks, scales };
}

async function openPacked(source: CheckpointSource, packed: Packed): Promise<FileReader> {
    const { blocks, scales, tensor } = packed;
    const blockReader = await source.open(blocks.file);
    const scaleReader = scales.file === blocks.file ? blockReader : await source.open(scales.file);
    return {
        sizeBytes: tensor.bytes,
        read: async (offset, length, signal) => {
            const first = Math.floor(offset / BLOCK_BYTES);
            const count = Math.ceil((offset + length) / BLOCK_BYTES) - first;
            const at = blocks.offset + first * PACKED_BYTES;
            const bytes = await blockReader.read(at, count * PACKED_BYTES, signal);
            const exponents = await scaleReader.read(scales.offset + first, count, signal);
            const start = offset - first * BLOCK_BYTES;
            return repack(bytes, exponents).subarray(start, start + length);
        },
        close: async () => {
            await blockReader.close();
            if (scaleReader !== blockReader) await scaleReader.close();
        },
    };
}

/** Values 2i and 2i + 1 of a block share byte i there; values i and i + 16 do in ggml. */
function repack(packed: Uint8Array, exponents: Uint8Array): Uint8Array {
    const out = new Uint8Array(exponents.length * BLOCK_BYTES);
    const half = PACKED_BYTES / 2;
    for (let block = 0; block < exponents.length; block++) {
        const from = block * PACKED_BYTES;
        const to = block * BLOCK_BYTES;
        out[to] = exponents[block] ?? 0;
        for (let i = 0; i < half; i++) {
            const low = packed[from + i] ?? 0;
            const high = packed[from + half + i] ?? 0;
            out[to + 1 + 2 * i] = (low & 0x0f) | ((high & 0x0f) << 4);
            out[to + 2 + 2 * i] = (low >> 4) | (high & 0xf0);
        }
    }
    return out;
}
