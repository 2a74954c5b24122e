/**
 * A LoRA adapter becomes a GGUF file that llama.cpp applies to its base model: the pairs under the base model's GGUF names, their rows
 * moved as the base's rows are. Adapters are small, so blocks go one after the other. Of the base only config.json is read.
 */

import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { AppError } from "../../base/errors";
import { throwIfAborted } from "../../base/cancel";
import { rowBytes, type GgmlTypeName } from "../../gguf/types";
import { layoutGguf } from "../../gguf/write";
import type { NativeAddon } from "../../node/native";
import { refuseOwnSource } from "../../node/outPlace";
import type { LoraResult } from "../../protocol/worker";
import { readConfig } from "../checkpoint/config";
import type { CheckpointSource } from "../checkpoint/source";
import { diskError } from "../diskErrors";
import { float32Bytes, isFloatType, toFloat32 } from "../floats";
import { KeyValues } from "../keyValues";
import { readGeneralSources, writeGeneralKeys } from "../metadata";
import { PartFile } from "../partFile";
import { partSize, type Part } from "../parts";
import { ReaderPool, readRows } from "../readRows";
import type { PlannedTensor } from "../tensors";
import { writeAt } from "../writeTensors";
import { findFamily } from "../family/registry";
import { readAdapter, type LoraAdapter } from "./adapter";
import { planAdapter } from "./plan";

export interface LoraOptions {
    adapter: CheckpointSource;
    base: CheckpointSource;
    /** `F32`, `F16`, `BF16`, `Q8_0` or `auto`: the type of the adapter's first matrix that has 16 bits. */
    type: string;
    out: string;
    overwrite?: boolean | undefined;
    native: NativeAddon;
    signal: AbortSignal;
}

const TYPES = ["F32", "F16", "BF16", "Q8_0"] as const;
type LoraType = (typeof TYPES)[number];

const QUANTIZATION_VERSION = 2;
const BLOCK_BYTES = 4 * 1024 * 1024;

interface Job {
    tensor: PlannedTensor;
    type: GgmlTypeName;
    offset: number;
}

/** On failure or abort no file is left. */
export async function convertLora(options: LoraOptions): Promise<LoraResult> {
    const { adapter: source, base, native, signal } = options;
    const config = await readConfig(base, signal);
    const family = findFamily(config.architecture);
    const adapter = await readAdapter(source, signal);
    const type = chooseType(options.type, adapter);
    const tensors = planAdapter(family, config, adapter);
    const keys = new KeyValues().string("general.architecture", family.arch);
    await writeKeys(keys, source, adapter, signal);
    const types = tensors.map(({ shape }) => typeOf(shape, type));
    const entries = tensors.map(({ name, shape }, i) => ({
        name,
        shape: [...shape].reverse(),
        type: types[i] ?? "F32",
    }));
    const file = layoutGguf(keys.entries(), entries);
    const jobs = tensors.map((tensor, i) => ({
        tensor,
        type: types[i] ?? "F32",
        offset: file.tensors[i]?.position ?? 0,
    }));
    const out = resolve(options.out);
    const { fileBytes } = file;
    const volumes = [{ path: out, sizeBytes: fileBytes }];
    for (const one of [source, base]) await refuseOwnSource(one.localPaths?.() ?? [], [out]);
    const part = await PartFile.create({ out, volumes, overwrite: options.overwrite ?? false });
    const readers = new ReaderPool(source);
    try {
        await writeAt(part, file.header, 0);
        for (const job of jobs)
            for await (const { bytes, offset } of blocksOf(job, readers, native, signal))
                await writeAt(part, bytes, offset);
        const sha256 = await hashOf(part, fileBytes);
        throwIfAborted(signal);
        await part.commit();
        return { file: out, type, bytes: fileBytes, sha256, nTensors: adapter.pairs.length };
    } catch (error) {
        throw diskError(error, out);
    } finally {
        part.discard();
        await readers.close();
    }
}

/** Of what the disk holds. */
async function hashOf(part: PartFile, fileBytes: number): Promise<string> {
    const hash = createHash("sha256");
    for (let at = 0; at < fileBytes; at += BLOCK_BYTES)
        hash.update(await part.read(at, Math.min(BLOCK_BYTES, fileBytes - at)));
    return hash.digest("hex");
}

/** In the reference's order; the kind of file replaces what a model would say there. */
async function writeKeys(
    keys: KeyValues,
    source: CheckpointSource,
    { pairs, alpha }: LoraAdapter,
    signal: AbortSignal,
): Promise<void> {
    const size = (shape: readonly number[], at: number) => shape[at] ?? 0;
    const changed = pairs.reduce((sum, { a, b }) => sum + size(b.shape, 0) * size(a.shape, 1), 0);
    // Negative: an adapter need not change all of its model.
    const counts = { total: -changed, shared: 0, perExpert: 0, nExperts: 0 };
    keys.string("general.type", "adapter").string("adapter.type", "lora");
    writeGeneralKeys(keys, await readGeneralSources(source, {}, signal), counts);
    keys.string("general.type", "adapter");
    keys.float32("adapter.lora.alpha", alpha);
    keys.uint32("general.quantization_version", QUANTIZATION_VERSION);
}

function chooseType(name: string, { pairs }: LoraAdapter): LoraType {
    if (name.toLowerCase() === "auto") {
        const types = pairs.flatMap(({ a, b }) => [a.dtype, b.dtype]);
        return types.find((dtype) => dtype === "BF16" || dtype === "F16") === "BF16"
            ? "BF16"
            : "F16";
    }
    const type = TYPES.find((known) => known === name.toUpperCase());
    if (type) return type;
    throw new AppError(
        "user/usage",
        `An adapter cannot be of the type ${name.slice(0, 40)}; choose one of ${TYPES.join(", ")}, auto`,
    );
}

/** Vectors stay F32; rows that do not fit Q8_0 become F16. */
function typeOf(shape: readonly number[], type: LoraType): GgmlTypeName {
    if (shape.length <= 1) return "F32";
    return rowBytes(type, shape.at(-1) ?? 1) === undefined ? "F16" : type;
}

async function* blocksOf(
    { tensor, type, offset }: Job,
    readers: ReaderPool,
    native: NativeAddon,
    signal: AbortSignal,
): AsyncGenerator<{ bytes: Uint8Array; offset: number }> {
    let at = offset;
    for (const part of tensor.parts) {
        const { nRows, rowLength } = partSize(part);
        const reader = await readers.get(part.source.file);
        const step = Math.max(1, Math.floor(BLOCK_BYTES / (rowLength * 4)));
        for (let row = 0; row < nRows; row += step) {
            throwIfAborted(signal);
            const raw = await readRows(reader, part, row, Math.min(step, nRows - row), signal);
            const bytes = await toType(raw, part, type, rowLength, native);
            yield { bytes, offset: at };
            at += bytes.length;
        }
    }
}

async function toType(
    raw: Uint8Array,
    { source: { dtype, name }, value }: Part,
    type: GgmlTypeName,
    rowLength: number,
    native: NativeAddon,
): Promise<Uint8Array> {
    const isPlain = isFloatType(dtype) && !value;
    const floats = isPlain ? undefined : toFloat32(raw, dtype);
    const bytes = floats ? float32Bytes(value ? floats.map(value) : floats) : raw;
    const sourceType = isPlain ? dtype : "F32";
    if (type === sourceType) return bytes;
    if (type === "F32") return float32Bytes(toFloat32(bytes, sourceType));
    try {
        return await native.quantizeRows({
            type,
            source: bytes,
            sourceType,
            rowLength,
            via: "F32",
        });
    } catch (cause) {
        throw new AppError(
            "data/checkpoint",
            `${name.slice(0, 120)} has values that ${type} cannot hold; use --type BF16, or download the adapter again`,
            { cause },
        );
    }
}
