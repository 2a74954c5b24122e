// gpt-oss's packed experts, repacked: the values that ggml reads are those that the checkpoint means.
import { describe, expect, it } from "vitest";
import { repackMxfp4 } from "../../../src/foundry/checkpoint/mxfp4";
import { readTensorIndex } from "../../../src/foundry/checkpoint/index";
import { memorySource, safetensors } from "./memorySource";

const N_BLOCKS = 6;
const packed = Uint8Array.from({ length: N_BLOCKS * 16 }, (_, i) => (i * 37 + 11) & 0xff);
const scales = Uint8Array.from({ length: N_BLOCKS }, (_, i) => 120 + i);

async function checkpoint(shape = [1, 3, 2]) {
    const source = memorySource({
        "model.safetensors": safetensors({
            "e.down_proj_blocks": { dtype: "U8", shape: [1, 3, 2, 16], data: packed },
            "e.down_proj_scales": { dtype: "U8", shape, data: scales },
            "a.weight": { dtype: "F32", shape: [1] },
        }),
    });
    return repackMxfp4(source, await readTensorIndex(source));
}

describe("repacking", () => {
    it("puts packed tensors first, with the shape of their values", async () => {
        const { tensors } = await checkpoint();
        expect(tensors.map(({ name, dtype, shape, bytes }) => [name, dtype, shape, bytes])).toEqual(
            [
                ["e.down_proj", "MXFP4", [1, 3, 64], N_BLOCKS * 17],
                ["a.weight", "F32", [1], 4],
            ],
        );
    });

    it("keeps every value and scale, also when read from the middle of a block", async () => {
        const { source, tensors } = await checkpoint();
        const reader = await source.open(tensors[0]!.file);
        const whole = await reader.read(0, N_BLOCKS * 17);
        for (let block = 0; block < N_BLOCKS; block++) {
            expect(whole[block * 17]).toBe(scales[block]);
            for (let value = 0; value < 32; value++) {
                const meant = (packed[block * 16 + (value >> 1)]! >> (4 * (value & 1))) & 15;
                const byte = whole[block * 17 + 1 + (value % 16)]!;
                expect(value < 16 ? byte & 15 : byte >> 4).toBe(meant);
            }
        }
        expect(await reader.read(20, 40)).toEqual(whole.subarray(20, 60));
        await reader.close();
    });

    it("refuses scales of another shape", async () => {
        await expect(checkpoint([1, 2, 3])).rejects.toThrow(/no scales that fit/);
    });
});
