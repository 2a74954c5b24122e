/**
 * compressed-tensors "pack-quantized": `weight_packed` words along the inputs, unsigned numbers with an offset of half the range or with
 * zero points packed along the outputs, `weight_scale` per group or output, the true shape in `weight_shape`. Format: the
 * converter of llama.cpp v0.5.0 (`dequant_packed`); groups in another order (`weight_g_idx`) and scales per output are beyond it.
 */

import type { SourceTensor } from "../index";
import { toFloat32 } from "../../floats";
import type { ReadSmall } from "./bitsandbytes";
import {
    broken,
    floatsOf,
    matrixShape,
    need,
    needDtype,
    wordRows,
    wordsOf,
    type DecodedMatrix,
    type Decoding,
    type DecoderIo,
    type TensorTable,
} from "./matrix";

const SUFFIX = "_packed";

interface Layer {
    name: string;
    bits: number;
    nIn: number;
    nOut: number;
    nGroups: number;
    packed: SourceTensor;
    scale: SourceTensor;
    zeroPoint: SourceTensor | undefined;
    order: SourceTensor | undefined;
}

/** `bits`: the numbers of bits that the configuration names; the shapes say which of them a layer has. */
export async function decodePacked(
    tensors: TensorTable,
    bits: readonly number[],
    isReadByReference: boolean,
    read: ReadSmall,
): Promise<Decoding> {
    const names = [...tensors.keys()].filter((name) => name.endsWith(`.weight${SUFFIX}`));
    const layers = await Promise.all(
        names.map((name) => readLayer(name.slice(0, -SUFFIX.length), tensors, bits, read)),
    );
    const unused = [...tensors.values()].filter(({ name }) => UNUSED.test(name));
    return {
        matrices: layers.map((layer) => toMatrix(layer, tensors)),
        unused,
        reference: isReadByReference && layers.every(({ order }) => !order) ? "end" : "none",
    };
}

const UNUSED = /\.(input_scale|input_zero_point|output_scale|k_scale|v_scale|q_scale)$/;

async function readLayer(
    name: string,
    tensors: TensorTable,
    bitsGiven: readonly number[],
    read: ReadSmall,
): Promise<Layer> {
    const packed = need(tensors, name + SUFFIX, name);
    const scale = need(tensors, `${name}_scale`, name);
    needDtype(packed, "I32");
    const [nOut, words] = matrixShape(packed);
    const [scaleRows, nGroups] = matrixShape(scale);
    const [rows, nIn] = await trueShape(name, need(tensors, `${name}_shape`, name), read);
    const bits = bitsGiven.find((n) => Math.ceil(nIn / Math.floor(32 / n)) === words);
    if (bits === undefined || rows !== nOut || scaleRows !== nOut || nIn % nGroups !== 0)
        throw broken(name, "its parts have shapes that do not fit together");
    const zeroPoint = tensors.get(`${name}_zero_point`);
    const order = tensors.get(`${name}_g_idx`);
    if (zeroPoint) {
        const [zeroRows, zeroColumns] = matrixShape(zeroPoint);
        needDtype(zeroPoint, "I32");
        if (zeroColumns !== nGroups || zeroRows !== Math.ceil(nOut / Math.floor(32 / bits)))
            throw broken(name, "its zero points have the wrong shape");
    }
    if (order && (order.dtype !== "I32" || order.shape.join() !== String(nIn)))
        throw broken(name, "its weight_g_idx does not have one number for each input");
    return { name, bits, nIn, nOut, nGroups, packed, scale, zeroPoint, order };
}

async function trueShape(
    name: string,
    tensor: SourceTensor,
    read: ReadSmall,
): Promise<[rows: number, columns: number]> {
    if (tensor.bytes > 64) throw broken(name, "its weight_shape is not a shape");
    const [rows, columns, ...more] = toFloat32(await read(tensor), tensor.dtype);
    const isCount = (n: number | undefined): n is number =>
        n !== undefined && Number.isSafeInteger(n) && n > 0;
    if (isCount(rows) && isCount(columns) && more.length === 0) return [rows, columns];
    throw broken(name, "its weight_shape is not the shape of a matrix");
}

function toMatrix(layer: Layer, tensors: TensorTable): DecodedMatrix {
    const { name, nOut, nIn, packed, scale, zeroPoint, order } = layer;
    const shape = tensors.get(`${name}_shape`);
    const parts = [packed, scale, shape, zeroPoint, order];
    return {
        name,
        shape: [nOut, nIn],
        anchor: packed,
        parts: parts.filter((part) => part !== undefined),
        decode: (firstRow, nRows, io) => decodeRows(layer, firstRow, nRows, io),
    };
}

async function decodeRows(
    layer: Layer,
    firstRow: number,
    nRows: number,
    io: DecoderIo,
): Promise<Float32Array> {
    const { bits, nIn, nGroups } = layer;
    const perWord = Math.floor(32 / bits);
    const mask = 2 ** bits - 1;
    const [words, scales, zeros, groups] = await Promise.all([
        wordRows(layer.packed, firstRow, nRows, io),
        floatsOf(layer.scale, io),
        layer.zeroPoint ? wordsOf(layer.zeroPoint, io) : undefined,
        groupsOf(layer, io),
    ]);
    const wordsPerRow = words.length / nRows;
    const out = new Float32Array(nRows * nIn);
    const zeroOf = new Int32Array(nGroups).fill(2 ** (bits - 1));
    for (let row = 0; row < nRows; row++) {
        const outRow = firstRow + row;
        if (zeros)
            for (let group = 0; group < nGroups; group++) {
                const word = zeros[Math.floor(outRow / perWord) * nGroups + group] ?? 0;
                zeroOf[group] = (word >>> ((outRow % perWord) * bits)) & mask;
            }
        for (let i = 0; i < nIn; i++) {
            const word = words[row * wordsPerRow + Math.floor(i / perWord)] ?? 0;
            const value = (word >>> ((i % perWord) * bits)) & mask;
            const group = groups[i] ?? 0;
            const scale = scales[outRow * nGroups + group] ?? 0;
            out[row * nIn + i] = (value - (zeroOf[group] ?? 0)) * scale;
        }
    }
    return out;
}

/** The group of every input. */
async function groupsOf(layer: Layer, io: DecoderIo): Promise<Int32Array> {
    const { nIn, nGroups, order, name } = layer;
    const groupSize = nIn / nGroups;
    if (!order) return Int32Array.from({ length: nIn }, (_, i) => Math.floor(i / groupSize));
    const groups = await wordsOf(order, io);
    if (groups.every((group) => group >= 0 && group < nGroups)) return groups;
    throw broken(name, "its weight_g_idx names a group that does not exist");
}
