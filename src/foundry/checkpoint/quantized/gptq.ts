/**
 * GPTQ (AutoGPTQ, GPTQModel): `qweight` words packed along the inputs, `qzeros` along the outputs, `scales` per group of inputs and
 * `g_idx` with the group of every input. W[o, i] = scale * (q - zero). Bits follow from the shapes. Format: the converter of
 * llama.cpp v0.5.0 (`dequant_gptq`); 3 bits and absent `g_idx`, which it cannot read, as AutoGPTQ packs them.
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
    wordsOf,
    type DecodedMatrix,
    type Decoding,
    type DecoderIo,
    type TensorTable,
} from "./matrix";
import { nameSetting, numberSetting, type Quantization } from "./settings";

const SUFFIX = ".qweight";

interface Layer {
    base: string;
    bits: number;
    nIn: number;
    nOut: number;
    nGroups: number;
    /** Inputs per group, for checkpoints without `g_idx`. */
    groupSize: number;
    /** Format 1 stores zeros less one. */
    zeroOffset: number;
    qweight: SourceTensor;
    qzeros: SourceTensor;
    scales: SourceTensor;
    groups: SourceTensor | undefined;
}

export function decodeGptq(tensors: TensorTable, quantization: Quantization): Decoding {
    refuseRepacked(quantization);
    const layers = [...tensors.keys()]
        .filter((name) => name.endsWith(SUFFIX))
        .map((name) => readLayer(name.slice(0, -SUFFIX.length), tensors, quantization));
    return {
        matrices: layers.map(toMatrix),
        unused: [],
        reference:
            quantization.inConfig && layers.every(({ groups, bits }) => groups && bits !== 3)
                ? "end"
                : "none",
    };
}

function refuseRepacked(quantization: Quantization): void {
    const isMarlin = quantization.settings["is_marlin_format"] === true;
    const format = isMarlin ? "marlin" : (nameSetting(quantization, "checkpoint_format") ?? "gptq");
    if (format === "gptq" || format === "gptq_v2") return;
    throw new AppError(
        "data/unsupported",
        `The checkpoint is packed for one kind of GPU (GPTQ in the format ${format}); use the plain GPTQ checkpoint or the original model`,
    );
}

function readLayer(base: string, tensors: TensorTable, quantization: Quantization): Layer {
    const qweight = need(tensors, base + SUFFIX, base);
    const qzeros = need(tensors, `${base}.qzeros`, base);
    const scales = need(tensors, `${base}.scales`, base);
    const groups = tensors.get(`${base}.g_idx`);
    for (const tensor of [qweight, qzeros, ...(groups ? [groups] : [])]) needDtype(tensor, "I32");
    const [packedIn, nOut] = matrixShape(qweight);
    const [nGroups, scaleColumns] = matrixShape(scales);
    const [zeroRows, packedOut] = matrixShape(qzeros);
    const bits = (packedOut * 32) / nOut;
    if (![2, 3, 4, 8].includes(bits)) throw broken(base, `its numbers have ${bits} bits`);
    const nIn = (packedIn * 32) / bits;
    if (scaleColumns !== nOut || zeroRows !== nGroups || !Number.isInteger(nIn))
        throw broken(base, "its parts have shapes that do not fit together");
    if (groups && (groups.shape.length !== 1 || groups.shape[0] !== nIn))
        throw broken(base, `its g_idx does not have one entry for each of ${nIn} inputs`);
    const groupSize = groupSizeOf(base, quantization, nIn);
    if (!groups) {
        if (quantization.settings["desc_act"] === true)
            throw broken(
                base,
                "its g_idx is missing, and with desc_act nothing else says its groups",
            );
        if (Math.ceil(nIn / groupSize) !== nGroups)
            throw broken(base, `it has ${nGroups} groups of ${groupSize} for ${nIn} inputs`);
    }
    const zeroOffset = nameSetting(quantization, "checkpoint_format") === "gptq_v2" ? 0 : 1;
    return {
        base,
        bits,
        nIn,
        nOut,
        nGroups,
        groupSize,
        zeroOffset,
        qweight,
        qzeros,
        scales,
        groups,
    };
}

function groupSizeOf(base: string, quantization: Quantization, nIn: number): number {
    const size = numberSetting(quantization, "group_size") ?? -1;
    if (size === -1) return nIn;
    if (Number.isInteger(size) && size > 0) return size;
    throw broken(base, `its group size is given as ${size}`);
}

function toMatrix(layer: Layer): DecodedMatrix {
    const { base, nIn, nOut, qweight, qzeros, scales, groups } = layer;
    return {
        name: `${base}.weight`,
        shape: [nOut, nIn],
        anchor: qweight,
        parts: [qweight, qzeros, scales, ...(groups ? [groups] : [])],
        decode: (firstRow, nRows, io) => decodeRows(layer, firstRow, nRows, io),
    };
}

async function decodeRows(
    layer: Layer,
    firstRow: number,
    nRows: number,
    io: DecoderIo,
): Promise<Float32Array> {
    const { bits, nIn, nOut, nGroups } = layer;
    const [scales, zeros, groups] = await Promise.all([
        floatsOf(layer.scales, io),
        zerosOf(layer, io),
        groupsOf(layer, io),
    ]);
    const out = new Float32Array(nRows * nIn);
    const scaleOf = new Float32Array(nGroups);
    const zeroOf = new Float32Array(nGroups);
    for (let row = 0; row < nRows; row++) {
        const column = firstRow + row;
        const panel = await panelAt(layer.qweight, column, io);
        const at = row * nIn;
        const start = (column - panel.firstColumn) * panel.height;
        unpackBits(panel.words, start, bits, nIn, out, at);
        for (let group = 0; group < nGroups; group++) {
            scaleOf[group] = scales[group * nOut + column] ?? 0;
            zeroOf[group] = zeros[group * nOut + column] ?? 0;
        }
        scaleRow(out, at, groups, scaleOf, zeroOf);
    }
    return out;
}

function scaleRow(
    out: Float32Array,
    at: number,
    groups: Int32Array,
    scaleOf: Float32Array,
    zeroOf: Float32Array,
): void {
    for (let i = 0; i < groups.length; i++) {
        const group = groups[i] ?? 0;
        out[at + i] = (scaleOf[group] ?? 0) * ((out[at + i] ?? 0) - (zeroOf[group] ?? 0));
    }
}

/** [groups, outputs]. The one that format 1 left out is added without wrapping around, as the reference does. */
function zerosOf(layer: Layer, io: DecoderIo): Promise<Float32Array> {
    const { qzeros, nGroups, nOut, bits, zeroOffset } = layer;
    return io.cached(`zeros ${qzeros.name}`, nGroups * nOut * 4, async () => {
        const words = await wordsOf(qzeros, io);
        const zeros = new Float32Array(nGroups * nOut);
        const perGroup = words.length / nGroups;
        for (let group = 0; group < nGroups; group++)
            unpackBits(words, group * perGroup, bits, nOut, zeros, group * nOut);
        for (let i = 0; i < zeros.length; i++) zeros[i] = (zeros[i] ?? 0) + zeroOffset;
        return zeros;
    });
}

/** The group of every input. */
async function groupsOf(layer: Layer, io: DecoderIo): Promise<Int32Array> {
    const { groups: stored, nIn, nGroups, groupSize, base } = layer;
    if (!stored) return Int32Array.from({ length: nIn }, (_, i) => Math.floor(i / groupSize));
    return io.cached(`groups ${stored.name}`, nIn * 4, async () => {
        const groups = toGroups(await wordsOf(stored, io), nGroups);
        if (groups) return groups;
        throw broken(base, "its g_idx names a group that does not exist");
    });
}

/** Negative numbers count from the end, as in the reference. */
function toGroups(words: Int32Array, nGroups: number): Int32Array | undefined {
    const groups = words.map((group) => (group < 0 ? group + nGroups : group));
    return groups.every((group) => group >= 0 && group < nGroups) ? groups : undefined;
}
