/**
 * The directory of a zip archive whose members are stored as they are, which is how PyTorch writes its files: names, sizes and where
 * their bytes lie. Compressed, encrypted or split archives are refused; every number is checked against the file's size. Format: PKWARE
 * APPNOTE 6.3, with the 64-bit extensions.
 */

import { AppError } from "../../../base/errors";
import type { FileReader } from "../source";

export interface ZipEntry {
    name: string;
    bytes: number;
    /** Where the local header stands; the data comes after it. */
    headerOffset: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const LOCAL_BYTES = 30;
/** A comment of the end record may have so many bytes. */
const MAX_COMMENT = 0xffff;
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;
const MAX_ENTRIES = 500_000;

export function damagedTorchFile(file: string, why: string): AppError {
    return new AppError(
        "data/checkpoint",
        `${file} is not a usable PyTorch file: ${why}; download it again, or use a repository with safetensors files`,
    );
}

/** True when the file begins as a zip archive does. */
export function isZip(start: Uint8Array): boolean {
    return start.length >= 4 && viewOf(start).getUint32(0, true) === LOCAL;
}

export async function readZipDirectory(
    reader: FileReader,
    file: string,
    signal?: AbortSignal,
): Promise<Map<string, ZipEntry>> {
    const bad = (why: string) => damagedTorchFile(file, why);
    const tailBytes = Math.min(reader.sizeBytes, END_BYTES + MAX_COMMENT + LOCATOR_BYTES);
    const tailStart = reader.sizeBytes - tailBytes;
    const tail = await reader.read(tailStart, tailBytes, signal);
    const place = await findDirectory(reader, tail, tailStart, file, signal);
    const { offset, bytes, nEntries } = place;
    if (nEntries > MAX_ENTRIES || bytes > MAX_DIRECTORY_BYTES)
        throw bad(`its directory has ${nEntries} entries in ${bytes} bytes`);
    if (offset + bytes > reader.sizeBytes) throw bad("its directory lies outside the file");
    const view = viewOf(await reader.read(offset, bytes, signal));
    const entries = new Map<string, ZipEntry>();
    let at = 0;
    for (let i = 0; i < nEntries; i++) {
        if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL)
            throw bad("its directory ends too early");
        const { entry, next } = readEntry(view, at, bad);
        if (entry.headerOffset + LOCAL_BYTES + entry.bytes > reader.sizeBytes)
            throw bad(`its member ${entry.name.slice(0, 80)} lies outside the file`);
        if (entries.has(entry.name))
            throw bad(`it has two members called ${entry.name.slice(0, 80)}`);
        entries.set(entry.name, entry);
        at = next;
    }
    return entries;
}

/** Where the entry's bytes begin. */
export async function dataOffset(
    reader: FileReader,
    entry: ZipEntry,
    file: string,
    signal?: AbortSignal,
): Promise<number> {
    const view = viewOf(await reader.read(entry.headerOffset, LOCAL_BYTES, signal));
    const start = entry.headerOffset + LOCAL_BYTES;
    const offset = start + view.getUint16(26, true) + view.getUint16(28, true);
    if (view.getUint32(0, true) !== LOCAL || offset + entry.bytes > reader.sizeBytes)
        throw damagedTorchFile(
            file,
            `its member ${entry.name.slice(0, 80)} is not where it should be`,
        );
    return offset;
}

interface Directory {
    offset: number;
    bytes: number;
    nEntries: number;
}

async function findDirectory(
    reader: FileReader,
    tail: Uint8Array,
    tailStart: number,
    file: string,
    signal: AbortSignal | undefined,
): Promise<Directory> {
    const view = viewOf(tail);
    let at = tail.length - END_BYTES;
    while (at >= 0 && view.getUint32(at, true) !== END) at--;
    if (at < 0) throw damagedTorchFile(file, "it has no directory, so it is cut off");
    const locator = at - LOCATOR_BYTES;
    const is64 = locator >= 0 && view.getUint32(locator, true) === LOCATOR64;
    if (!is64)
        return {
            nEntries: view.getUint16(at + 10, true),
            bytes: view.getUint32(at + 12, true),
            offset: view.getUint32(at + 16, true),
        };
    const start = Number(view.getBigUint64(locator + 8, true));
    if (!(start + 56 <= tailStart + locator))
        throw damagedTorchFile(file, "its directory lies outside the file");
    const end = viewOf(await reader.read(start, 56, signal));
    if (end.getUint32(0, true) !== END64) throw damagedTorchFile(file, "its directory is damaged");
    return {
        nEntries: Number(end.getBigUint64(32, true)),
        bytes: Number(end.getBigUint64(40, true)),
        offset: Number(end.getBigUint64(48, true)),
    };
}

function readEntry(
    view: DataView,
    at: number,
    bad: (why: string) => AppError,
): { entry: ZipEntry; next: number } {
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const commentBytes = view.getUint16(at + 32, true);
    const extraStart = at + 46 + nameBytes;
    const next = extraStart + extraBytes + commentBytes;
    if (next > view.byteLength) throw bad("its directory ends too early");
    const nameView = new Uint8Array(view.buffer, view.byteOffset + at + 46, nameBytes);
    const name = new TextDecoder().decode(nameView);
    if (method !== 0 || (flags & 1) !== 0)
        throw bad(`its member ${name.slice(0, 80)} is compressed or encrypted`);
    const sizes = readSizes(view, at, extraStart, extraBytes);
    if (sizes.packed !== sizes.bytes || !Number.isSafeInteger(sizes.bytes + sizes.headerOffset))
        throw bad(`its member ${name.slice(0, 80)} has impossible sizes`);
    return { entry: { name, bytes: sizes.bytes, headerOffset: sizes.headerOffset }, next };
}

/** Numbers of 32 bits, or all ones and the true number in the extra field 1. */
function readSizes(view: DataView, at: number, extraStart: number, extraBytes: number) {
    const sizes = {
        bytes: view.getUint32(at + 24, true),
        packed: view.getUint32(at + 20, true),
        headerOffset: view.getUint32(at + 42, true),
    };
    const end = extraStart + extraBytes;
    for (let field = extraStart; field + 4 <= end;) {
        const length = view.getUint16(field + 2, true);
        let value = field + 4;
        const fieldEnd = Math.min(end, value + length);
        if (view.getUint16(field, true) === 1)
            for (const key of ["bytes", "packed", "headerOffset"] as const)
                if (sizes[key] === 0xffffffff && value + 8 <= fieldEnd) {
                    sizes[key] = Number(view.getBigUint64(value, true));
                    value += 8;
                }
        field += 4 + length;
    }
    return sizes;
}

function viewOf(bytes: Uint8Array): DataView {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
