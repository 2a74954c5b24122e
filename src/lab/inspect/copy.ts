/**
 * A copy of a GGUF file with other metadata. Keys that were not touched, the table of tensors and their data stay byte for byte what they are; the
 * original is only read. The copy is checked before its data is written and once more when it is whole, and gets its name then.
 */

import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../base/errors";
import { throwIfAborted } from "../../base/cancel";
import { formatBytes } from "../../base/format";
import { diskError, freeBytesAt } from "../../foundry/diskErrors";
import { quote } from "../../gguf/broken";
import { partPlace } from "../../gguf/parts";
import { readGguf } from "../../gguf/read";
import { VALUE_TYPES } from "../../gguf/types";
import { validateModel } from "../../gguf/validate";
import type { KeyEdit, WorkDone } from "../../protocol/inspector";
import { encodeValue, ownKey } from "./editedValue";
import { localFiles, type ModelBytes } from "./files";
import type { InspectedModel } from "./model";

const CHUNK_BYTES = 8 << 20;
/** Magic, version, number of tensors, number of keys. */
const FRONT_BYTES = 24;
const MAX_HEADER_BYTES = 64 << 20;

/** Bytes of the copy. Throws AppError: `user/usage`, `env/disk`, `data/gguf`, cancelled; then there is no copy. */
export async function copyWithEdits(
    model: InspectedModel,
    edits: readonly KeyEdit[],
    out: string,
    { signal, onProgress }: { signal: AbortSignal; onProgress: (value: WorkDone) => void },
): Promise<{ bytes: number }> {
    if (partPlace(model.first))
        throw new AppError(
            "user/usage",
            "The model lies in several files that must agree; join them first with ingot quantize FILE --type COPY",
        );
    await refuseSame(model.where, out);
    const { bytes: source } = model.part(0);
    const header = await editedHeader(model, source, edits);
    const nData = source.size - model.first.dataOffset;
    const total = header.length + nData;
    await check({ name: basename(out), size: total, read: memory(header) }, model.problem);
    const free = await freeBytesAt(dirname(out));
    if (free !== undefined && free < total)
        throw new AppError(
            "env/disk",
            `The copy needs ${formatBytes(total)} and ${dirname(out)} has ${formatBytes(free)}; make room or choose another folder`,
        );
    const part = join(dirname(out), `${basename(out)}.${process.pid}.part`);
    try {
        await write(part, header, source, model.first.dataOffset, signal, (done) =>
            onProgress({ done, total }),
        );
        const written = await localFiles(part).open(basename(part));
        await check(written, model.problem);
        throwIfAborted(signal);
        await rename(part, out);
    } catch (error) {
        await rm(part, { force: true });
        throw diskError(error, out);
    }
    return { bytes: total };
}

/** Also by another name of the same file. */
async function refuseSame(from: string, out: string): Promise<void> {
    const [own, other] = await Promise.all(
        [from, out].map((path) => stat(path).catch(() => undefined)),
    );
    if (own && other && own.dev === other.dev && own.ino === other.ino)
        throw new AppError(
            "user/usage",
            "A copy cannot have the name of its original, which stays as it is; choose another name",
        );
}

async function editedHeader(
    model: InspectedModel,
    source: ModelBytes,
    edits: readonly KeyEdit[],
): Promise<Uint8Array> {
    const { places, dataOffset, alignment, tensors } = model.first;
    if (dataOffset > MAX_HEADER_BYTES)
        throw new AppError("data/unsupported", "The header of this file is too large to be edited");
    const old = await source.read(0, Math.min(dataOffset, source.size));
    const changed = new Map(edits.map((edit) => [ownKey(edit.key), edit]));
    const records: Uint8Array[] = [];
    let at = FRONT_BYTES;
    for (const [key, { offset, length }] of places) {
        const edit = changed.get(key);
        if (!edit) records.push(old.subarray(at, offset + length));
        else if (edit.kind === "set") records.push(recordOf(edit));
        changed.delete(key);
        at = offset + length;
    }
    for (const edit of changed.values()) {
        if (edit.kind === "remove")
            throw new AppError("user/usage", `The model has no key ${quote(edit.key)} to remove`);
        records.push(recordOf(edit));
    }
    const front = old.slice(0, FRONT_BYTES);
    new DataView(front.buffer).setBigUint64(16, BigInt(records.length), true);
    const table = old.subarray(at, at + tableBytes(old.subarray(at), tensors.length));
    const body = [front, ...records, table];
    const length = body.reduce((sum, part) => sum + part.length, 0);
    const header = new Uint8Array(Math.ceil(length / alignment) * alignment);
    let to = 0;
    for (const bytes of body) {
        header.set(bytes, to);
        to += bytes.length;
    }
    return header;
}

function recordOf({ key, type, value }: Extract<KeyEdit, { kind: "set" }>): Uint8Array {
    const name = new TextEncoder().encode(key);
    const bytes = encodeValue(type, value);
    const record = new Uint8Array(8 + name.length + 4 + bytes.length);
    const view = new DataView(record.buffer);
    view.setBigUint64(0, BigInt(name.length), true);
    record.set(name, 8);
    view.setUint32(8 + name.length, VALUE_TYPES.indexOf(type), true);
    record.set(bytes, 12 + name.length);
    return record;
}

/** Of the table of tensors, without the padding behind it. It was read before, so its numbers are sound. */
function tableBytes(bytes: Uint8Array, nTensors: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (let i = 0; i < nTensors; i++) {
        at += 8 + view.getUint32(at, true);
        at += 4 + 8 * view.getUint32(at, true) + 12;
    }
    return at;
}

function memory(header: Uint8Array): ModelBytes["read"] {
    return (offset, length) => Promise.resolve(header.subarray(offset, offset + length));
}

/** What the engine ran before, it must run after; a file that it did not run only has to be readable. */
async function check(
    file: Pick<ModelBytes, "name" | "size" | "read">,
    before: string | undefined,
): Promise<void> {
    const header = await readGguf(file, MAX_HEADER_BYTES);
    if (before === undefined) validateModel([header]);
}

async function write(
    path: string,
    header: Uint8Array,
    source: ModelBytes,
    dataOffset: number,
    signal: AbortSignal,
    onProgress: (done: number) => void,
): Promise<void> {
    const file = await open(path, "w");
    try {
        await file.write(header);
        for (let from = dataOffset; from < source.size; from += CHUNK_BYTES) {
            throwIfAborted(signal);
            const length = Math.min(CHUNK_BYTES, source.size - from);
            const bytes = await source.read(from, length);
            if (bytes.length < length)
                throw new AppError("data/gguf", "The original became shorter while it was read");
            await file.write(bytes);
            onProgress(header.length + from + length - dataOffset);
        }
        await file.sync();
    } finally {
        await file.close();
    }
}
