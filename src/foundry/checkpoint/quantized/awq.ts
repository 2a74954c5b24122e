/**
 * AWQ (AutoAWQ), 4 bits: W[o, i] = (q - zero) * scale. "gemm" packs `qweight` [inputs, outputs / 8] along the outputs in an interleaved
 * order; "gemv" packs [outputs, inputs / 8] along the inputs in plain order, its scales padded to whole words of zeros. Format:
 * github.com/casper-hansen/AutoAWQ, awq/modules/linear. Not read by the reference converter.
 */

import { AppError } from "../../../base/errors";
import type { SourceTensor } from "../index";
import { unpackBits } from "./bits";
import {
    broken,
    floatsOf,
    matrixShape,
    need,
    needDtype,
    panelAt,
    wordRows,
    wordsOf,
    type DecodedMatrix,
    type Decoding,
    type DecoderIo,
    type TensorTable,
} from "./matrix";
import { nameSetting, numberSetting, type Quantization } from "./settings";

const SUFFIX = ".qweight";
const BITS = 4;
const PER_WORD = 8;
/** Place of output 8w + k inside its word, for k = 0..7. */
const GEMM_PLACES = [0, 4, 1, 5, 2, 6, 3, 7];

interface Layer {
    base: string;
    nIn: number;
    nOut: number;
    groupSize: number;
    qweight: SourceTensor;
    qzeros: SourceTensor;
    scales: SourceTensor;
}

export function decodeAwq(tensors: TensorTable, quantization: Quantization): Decoding {
    const version = nameSetting(quantization, "version") ?? "gemm";
    const bits =
        numberSetting(quantization, "bits") ?? numberSetting(quantization, "w_bit") ?? BITS;
    if ((version !== "gemm" && version !== "gemv") || bits !== BITS)
        throw new AppError(
            "data/unsupported",
            `The checkpoint is quantized by AWQ in the version ${version} with ${bits} bits, which Ingot cannot read; it reads gemm and gemv with 4 bits; convert the original model`,
        );
    const read = version === "gemm" ? readGemm : readGemv;
    return {
        matrices: [...tensors.keys()]
            .filter((name) => name.endsWith(SUFFIX))
            .map((name) => read(name.slice(0, -SUFFIX.length), tensors, quantization)),
        unused: [],
        reference: "none",
    };
}

function partsOf(base: string, tensors: TensorTable) {
    const qweight = need(tensors, base + SUFFIX, base);
    const qzeros = need(tensors, `${base}.qzeros`, base);
    const scales = need(tensors, `${base}.scales`, base);
    needDtype(qweight, "I32");
    needDtype(qzeros, "I32");
    return { qweight, qzeros, scales };
}

function groupSizeOf(quantization: Quantization, nIn: number, base: string): number {
    const size =
        numberSetting(quantization, "group_size") ??
        numberSetting(quantization, "q_group_size") ??
        -1;
    if (size === -1) return nIn;
    if (Number.isInteger(size) && size > 0) return size;
    throw broken(base, `its group size is given as ${size}`);
}

function unfit(base: string): AppError {
    return broken(base, "its parts have shapes that do not fit together");
}

function toMatrix(
    layer: Layer,
    decode: (layer: Layer, firstRow: number, nRows: number, io: DecoderIo) => Promise<Float32Array>,
): DecodedMatrix {
    const { base, nIn, nOut, qweight, qzeros, scales } = layer;
    return {
        name: `${base}.weight`,
        shape: [nOut, nIn],
        anchor: qweight,
        parts: [qweight, qzeros, scales],
        decode: (firstRow, nRows, io) => decode(layer, firstRow, nRows, io),
    };
}

function readGemm(base: string, tensors: TensorTable, quantization: Quantization): DecodedMatrix {
    const { qweight, qzeros, scales } = partsOf(base, tensors);
    const [nIn, packed] = matrixShape(qweight);
    const [nGroups, nOut] = matrixShape(scales);
    const [zeroRows, zeroColumns] = matrixShape(qzeros);
    const groupSize = groupSizeOf(quantization, nIn, base);
    if (packed * PER_WORD !== nOut || zeroColumns !== packed || zeroRows !== nGroups)
        throw unfit(base);
    if (Math.ceil(nIn / groupSize) !== nGroups) throw unfit(base);
    return toMatrix({ base, nIn, nOut, groupSize, qweight, qzeros, scales }, decodeGemm);
}

async function decodeGemm(
    layer: Layer,
    firstRow: number,
    nRows: number,
    io: DecoderIo,
): Promise<Float32Array> {
    const { nIn, nOut, groupSize } = layer;
    const [scales, zeroWords] = await Promise.all([
        floatsOf(layer.scales, io),
        wordsOf(layer.qzeros, io),
    ]);
    const out = new Float32Array(nRows * nIn);
    const nWords = nOut / PER_WORD;
    for (let row = 0; row < nRows; row++) {
        const column = firstRow + row;
        const word = Math.floor(column / PER_WORD);
        const shift = (GEMM_PLACES[column % PER_WORD] ?? 0) * BITS;
        const panel = await panelAt(layer.qweight, word, io);
        const start = (word - panel.firstColumn) * panel.height;
        const at = row * nIn;
        for (let first = 0, group = 0; first < nIn; first += groupSize, group++) {
            const zero = ((zeroWords[group * nWords + word] ?? 0) >>> shift) & 15;
            const scale = scales[group * nOut + column] ?? 0;
            const end = Math.min(nIn, first + groupSize);
            for (let i = first; i < end; i++) {
                const packed = panel.words[start + i] ?? 0;
                out[at + i] = (((packed >>> shift) & 15) - zero) * scale;
            }
        }
    }
    return out;
}

function readGemv(base: string, tensors: TensorTable, quantization: Quantization): DecodedMatrix {
    const { qweight, qzeros, scales } = partsOf(base, tensors);
    const [nOut, packed] = matrixShape(qweight);
    const [scaleRows, scaleColumns] = matrixShape(scales);
    const [zeroRows, zeroColumns] = matrixShape(qzeros);
    const nIn = packed * PER_WORD;
    const groupSize = groupSizeOf(quantization, nIn, base);
    const nGroups = Math.ceil(nIn / groupSize);
    if (scaleRows !== nOut || zeroRows !== nOut) throw unfit(base);
    if (scaleColumns < nGroups || zeroColumns * PER_WORD < nGroups) throw unfit(base);
    return toMatrix({ base, nIn, nOut, groupSize, qweight, qzeros, scales }, decodeGemv);
}

async function decodeGemv(
    layer: Layer,
    firstRow: number,
    nRows: number,
    io: DecoderIo,
): Promise<Float32Array> {
    const { nIn, groupSize } = layer;
    const [, packed] = matrixShape(layer.qweight);
    const [, scaleColumns] = matrixShape(layer.scales);
    const [, zeroColumns] = matrixShape(layer.qzeros);
    const words = await wordRows(layer.qweight, firstRow, nRows, io);
    const [scales, zeroWords] = await Promise.all([
        floatsOf(layer.scales, io),
        wordsOf(layer.qzeros, io),
    ]);
    const out = new Float32Array(nRows * nIn);
    for (let row = 0; row < nRows; row++) {
        const at = row * nIn;
        unpackBits(words, row * packed, BITS, nIn, out, at);
        for (let i = 0; i < nIn; i++) {
            const group = Math.floor(i / groupSize);
            const word = zeroWords[(firstRow + row) * zeroColumns + (group >> 3)] ?? 0;
            const zero = (word >>> ((group & 7) * BITS)) & 15;
            const scale = scales[(firstRow + row) * scaleColumns + group] ?? 0;
            out[at + i] = ((out[at + i] ?? 0) - zero) * scale;
        }
    }
    return out;
}
