/**
 * The tensors of a `pytorch_model*.bin` file with their places in it, as if it were a safetensors file: the members of the archive are
 * stored as they are, so rows can be read without unpacking anything. Nothing in the file is run.
 */

import { AppError } from "../../../base/errors";
import type { SourceTensor } from "../index";
import { DTYPE_BYTES } from "../safetensors";
import type { CheckpointSource, FileReader } from "../source";
import { unpickleTensors, type PickledTensor } from "./unpickle";
import { damagedTorchFile, dataOffset, isZip, readZipDirectory, type ZipEntry } from "./zip";

const PICKLE = /^([^/]+)\/data\.pkl$/;
/** A thousand times what a large model's dictionary takes. */
const MAX_PICKLE_BYTES = 128 * 1024 * 1024;
/** Local headers read at a time. */
const AT_A_TIME = 8;

/** In the order of the pickled dictionary, which is the reference converter's. */
export async function readTorchFile(
    source: CheckpointSource,
    file: string,
    signal?: AbortSignal,
): Promise<SourceTensor[]> {
    const reader = await source.open(file);
    try {
        if (!isZip(await reader.read(0, Math.min(4, reader.sizeBytes), signal))) throw tooOld(file);
        const members = await readZipDirectory(reader, file, signal);
        const pickle = [...members.values()].find(({ name }) => PICKLE.test(name));
        const folder = pickle && PICKLE.exec(pickle.name)?.[1];
        if (!pickle || folder === undefined) throw damagedTorchFile(file, "it has no data.pkl");
        await refuseBigEndian(reader, members.get(`${folder}/byteorder`), file, signal);
        const bytes = await readMember(reader, pickle, MAX_PICKLE_BYTES, file, signal);
        const tensors = unpickleTensors(bytes, file);
        const storages = await placeStorages(reader, members, folder, tensors, file, signal);
        return [...tensors].map(([name, tensor]) => place(name, tensor, storages, file));
    } finally {
        await reader.close();
    }
}

/** Before PyTorch 1.6 (2020) the file was a row of pickles. */
function tooOld(file: string): AppError {
    return new AppError(
        "data/unsupported",
        `${file} is in PyTorch's old format, or is no PyTorch file; convert it with huggingface.co/spaces/safetensors/convert and use the safetensors files`,
    );
}

async function readMember(
    reader: FileReader,
    member: ZipEntry,
    maxBytes: number,
    file: string,
    signal: AbortSignal | undefined,
): Promise<Uint8Array> {
    if (member.bytes > maxBytes)
        throw damagedTorchFile(
            file,
            `its member ${member.name.slice(0, 80)} has ${member.bytes} bytes`,
        );
    return reader.read(await dataOffset(reader, member, file, signal), member.bytes, signal);
}

async function refuseBigEndian(
    reader: FileReader,
    member: ZipEntry | undefined,
    file: string,
    signal: AbortSignal | undefined,
): Promise<void> {
    if (!member) return;
    const order = new TextDecoder().decode(await readMember(reader, member, 16, file, signal));
    if (order.trim() !== "little")
        throw damagedTorchFile(file, "its numbers are not in little-endian order");
}

/** Byte offset of every storage that a tensor uses. */
async function placeStorages(
    reader: FileReader,
    members: ReadonlyMap<string, ZipEntry>,
    folder: string,
    tensors: ReadonlyMap<string, PickledTensor>,
    file: string,
    signal: AbortSignal | undefined,
): Promise<Map<string, { offset: number; bytes: number }>> {
    const waiting = [...new Set([...tensors.values()].map(({ storage }) => storage.key))];
    const places = new Map<string, { offset: number; bytes: number }>();
    const work = async () => {
        for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
            const member = members.get(`${folder}/data/${key}`);
            if (!member)
                throw damagedTorchFile(file, `its member data/${key.slice(0, 80)} is missing`);
            const offset = await dataOffset(reader, member, file, signal);
            places.set(key, { offset, bytes: member.bytes });
        }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    return places;
}

function place(
    name: string,
    { storage, offset, shape, strides }: PickledTensor,
    places: ReadonlyMap<string, { offset: number; bytes: number }>,
    file: string,
): SourceTensor {
    const at = places.get(storage.key);
    const elementBytes = DTYPE_BYTES[storage.dtype] ?? 0;
    const bytes = shape.reduce((product, n) => product * n, 1) * elementBytes;
    const start = offset * elementBytes;
    if (!at || !Number.isSafeInteger(start + bytes) || start + bytes > at.bytes)
        throw damagedTorchFile(file, `tensor "${name.slice(0, 80)}" lies outside its storage`);
    if (!isContiguous(shape, strides))
        throw new AppError(
            "data/unsupported",
            `${name.slice(0, 120)} of ${file} is stored transposed; convert it with huggingface.co/spaces/safetensors/convert and use the safetensors files`,
        );
    return { name, dtype: storage.dtype, shape, file, offset: at.offset + start, bytes };
}

/** Row by row without gaps; the step of a dimension of one element does not matter. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
    let step = 1;
    for (let i = shape.length - 1; i >= 0; i--) {
        if ((shape[i] ?? 1) > 1 && strides[i] !== step) return false;
        step *= shape[i] ?? 1;
    }
    return true;
}
