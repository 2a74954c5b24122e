/** Whether two tensors of a checkpoint hold the same bytes; read in blocks, up to the first difference. */

import { throwIfAborted } from "../../base/cancel";
import type { SourceTensor } from "./index";
import type { CheckpointSource } from "./source";

const BLOCK_BYTES = 4 * 1024 * 1024;

export async function haveSameBytes(
    source: CheckpointSource,
    a: SourceTensor,
    b: SourceTensor,
    signal?: AbortSignal,
): Promise<boolean> {
    if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
    const first = await source.open(a.file);
    try {
        const second = await source.open(b.file);
        try {
            for (let at = 0; at < a.bytes; at += BLOCK_BYTES) {
                throwIfAborted(signal);
                const length = Math.min(BLOCK_BYTES, a.bytes - at);
                const left = await first.read(a.offset + at, length, signal);
                const right = await second.read(b.offset + at, length, signal);
                if (Buffer.compare(left, right) !== 0) return false;
            }
            return true;
        } finally {
            await second.close();
        }
    } finally {
        await first.close();
    }
}
