/**
 * Weights of 8 bits with scales beside them: fp8 per block, per output or per tensor (DeepSeek, Qwen, Mistral), fbgemm, ModelOpt, and
 * the unpacked formats of compressed-tensors, integers included. W = value * scale in 32-bit floats, scales repeated over their
 * blocks. Format: the converter of llama.cpp v0.5.0 (`dequant_simple`).
 */

import { toFloat32 } from "../../floats";
import type { SourceTensor } from "../index";
import { broken, floatsOf, type DecodedMatrix, type Decoding, type TensorTable } from "./matrix";

/** Scale tensors by the end of their name, and what stands there in the weight's name. */
const SCALES = [
    [/\.qscale_weight$/, ".weight"],
    [/_scale_inv$/, ""],
    [/\.weight_scale$/, ".weight"],
] as const;

/** For activations and the KV cache of engines that compute with 8 bits. */
const ACTIVATIONS =
    /(\.|_)activation_scale$|\.qscale_act$|\.(input_scale|input_scale_ub|output_scale|k_scale|v_scale|q_scale|kv_scale|input_zero_point)$/;

/** Of the values of a weight that one scale covers, rows first; undefined: broadcast as the shapes say. */
export type BlockSize = readonly [rows: number, columns: number] | undefined;

export function decodeScaled(tensors: TensorTable, block: BlockSize): Decoding {
    const matrices: DecodedMatrix[] = [];
    const unused: SourceTensor[] = [];
    for (const [name, scale] of tensors) {
        if (ACTIVATIONS.test(name)) {
            unused.push(scale);
            continue;
        }
        for (const [pattern, end] of SCALES) {
            if (!pattern.test(name)) continue;
            const weight = tensors.get(name.replace(pattern, end));
            if (weight) matrices.push(toMatrix(weight, scale, zeroPointOf(weight, tensors), block));
            else unused.push(scale);
            break;
        }
    }
    return { matrices, unused, reference: "in place" };
}

function zeroPointOf(weight: SourceTensor, tensors: TensorTable): SourceTensor | undefined {
    return tensors.get(`${weight.name}_zero_point`);
}

function toMatrix(
    weight: SourceTensor,
    scale: SourceTensor,
    zeroPoint: SourceTensor | undefined,
    block: BlockSize,
): DecodedMatrix {
    const columns = weight.shape.at(-1) ?? 1;
    const index = scaleIndex(weight, scale, block);
    if (zeroPoint && zeroPoint.shape.join() !== scale.shape.join())
        throw broken(weight.name, "its zero points and scales have different shapes");
    const elementBytes = weight.bytes / weight.shape.reduce((product, n) => product * n, 1);
    return {
        name: weight.name,
        shape: weight.shape,
        anchor: weight,
        parts: zeroPoint ? [weight, scale, zeroPoint] : [weight, scale],
        decode: async (firstRow, nRows, io) => {
            const rowBytes = columns * elementBytes;
            const [bytes, scales, zeros] = await Promise.all([
                io.read(weight, firstRow * rowBytes, nRows * rowBytes),
                floatsOf(scale, io),
                zeroPoint ? floatsOf(zeroPoint, io) : undefined,
            ]);
            const out = toFloat32(bytes, weight.dtype);
            for (let row = 0; row < nRows; row++) {
                const start = index.rowStart(firstRow + row);
                for (let column = 0; column < columns; column++) {
                    const at = row * columns + column;
                    const place = start + Math.floor(column / index.columnBlock);
                    out[at] = ((out[at] ?? 0) - (zeros?.[place] ?? 0)) * (scales[place] ?? 0);
                }
            }
            return out;
        },
    };
}

interface ScaleIndex {
    /** Place of the scale of a row's first value. Rows of all matrices of a stack are counted on. */
    rowStart(row: number): number;
    /** Values that share a scale inside a row. */
    columnBlock: number;
}

function scaleIndex(weight: SourceTensor, scale: SourceTensor, block: BlockSize): ScaleIndex {
    const [columns = 1, rows = 1] = [...weight.shape].reverse();
    const nStack = weight.shape.slice(0, -2).reduce((product, n) => product * n, 1);
    const nScales = scale.shape.reduce((product, n) => product * n, 1);
    if (nScales === 1) return { rowStart: () => 0, columnBlock: columns };
    const unfit = () =>
        broken(
            weight.name,
            `its scales have the shape [${scale.shape.join(", ")}] for [${weight.shape.join(", ")}]`,
        );
    if (!block) {
        const perStack = nScales / nStack;
        if (perStack === 1)
            return { rowStart: (row) => Math.floor(row / rows), columnBlock: columns };
        if (perStack === rows) return { rowStart: (row) => row, columnBlock: columns };
        // A scale for every group of a row.
        const groups = perStack / rows;
        if (!Number.isInteger(groups) || groups > columns) throw unfit();
        return { rowStart: (row) => row * groups, columnBlock: Math.ceil(columns / groups) };
    }
    const [blockRows, blockColumns] = block;
    const scaleRows = Math.ceil(rows / blockRows);
    const scaleColumns = Math.ceil(columns / blockColumns);
    if (nScales !== nStack * scaleRows * scaleColumns) throw unfit();
    return {
        rowStart: (row) => {
            const matrix = Math.floor(row / rows);
            return (matrix * scaleRows + Math.floor((row % rows) / blockRows)) * scaleColumns;
        },
        columnBlock: blockColumns,
    };
}
