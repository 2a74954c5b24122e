/**
 * Importance matrices: how much each column of a weight matters, measured by llama-imatrix. Reads its GGUF files and the older .dat
 * files, with every declared number bounded by the file's size. Formats: common/imatrix-loader.cpp and tools/quantize of llama.cpp v0.5.0.
 */

import { createHash } from "node:crypto";
import { open, stat, type FileHandle } from "node:fs/promises";
import { AppError } from "../../base/errors";
import { arrayOf, numberOf } from "../../gguf/metadata";
import { readGguf, type GgufFile, type GgufTensor } from "../../gguf/read";

export interface ImportanceMatrix {
    /** As the person named the file: this is what the result's metadata says. */
    name: string;
    /** Of the whole file. */
    sha256: string;
    /** Weight name to one value a column; stacked experts one after the other. All finite and at least 0. */
    entries: ReadonlyMap<string, Float32Array>;
    /** The first text that it was measured on. */
    dataset: string | undefined;
    /** 0 when the file does not say. */
    nChunks: number;
}

/** What an entry is made of; a mean is sum by count. */
export interface ImatrixEntry {
    /** Of each column of each matrix of the weight, the squares of what it was multiplied with. */
    sums: Float32Array;
    /** Rows that the sums are over: one number for all matrices, or one for each. */
    counts: Float64Array;
}

export interface ImatrixFile {
    name: string;
    /** Of the whole file. */
    sha256: string;
    entries: ReadonlyMap<string, ImatrixEntry>;
    /** The texts that it was measured on; a .dat file names one at most. */
    datasets: readonly string[];
    /** 0 when the file does not say. */
    nChunks: number;
    /** Of a .dat file counts are chunks, not rows. */
    isLegacy: boolean;
}

/** One value per column of each weight: a model of 100 GB has 100 MB of them. */
const MAX_BYTES = 2 ** 31;
const MAX_NAME_BYTES = 1024;

/** Throws AppError `user/usage` when it cannot be read, `data/unsupported` when it is no importance matrix. */
export async function readImatrix(path: string, name: string = path): Promise<ImportanceMatrix> {
    const { entries, datasets, nChunks, sha256 } = await readImatrixFile(path, name);
    const means = [...entries].map(([weight, entry]) => [weight, meanOf(entry)] as const);
    return { name, sha256, entries: new Map(means), dataset: datasets[0], nChunks };
}

/** Sums and counts as they are in the file. Throws as `readImatrix`. */
export async function readImatrixFile(path: string, name: string = path): Promise<ImatrixFile> {
    const handle = await openFile(path, name);
    try {
        const { size } = await handle.stat();
        if (size > MAX_BYTES) throw unusable(name, `it has ${size} bytes`);
        const bytes = new Uint8Array(size);
        for (let done = 0; done < size;) {
            const { bytesRead } = await handle.read(bytes, done, size - done, done);
            if (bytesRead === 0) throw unusable(name, "it became shorter while it was read");
            done += bytesRead;
        }
        const isGguf = size >= 4 && Buffer.from(bytes.subarray(0, 4)).toString() === "GGUF";
        const parsed = isGguf ? await parseGguf(bytes, name) : parseLegacy(bytes, name);
        for (const [weight, entry] of parsed.entries) refuseBadValues(name, weight, meanOf(entry));
        return { ...parsed, name, sha256: createHash("sha256").update(bytes).digest("hex") };
    } finally {
        await handle.close();
    }
}

async function openFile(path: string, name: string): Promise<FileHandle> {
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory())
        throw new AppError(
            "user/usage",
            `${name} is a folder; name the file of an importance matrix`,
        );
    if (!info?.isFile())
        throw new AppError(
            "user/usage",
            `There is no importance matrix ${name}; give a file that Ingot or llama-imatrix wrote`,
        );
    return open(path, "r").catch((cause: unknown) => {
        throw new AppError("env/permission", `${name} cannot be opened; check its permissions`, {
            cause,
        });
    });
}

type Parsed = Omit<ImatrixFile, "name" | "sha256">;

const SUMS = ".in_sum2";
const COUNTS = ".counts";

async function parseGguf(bytes: Uint8Array, name: string): Promise<Parsed> {
    const read = (offset: number, length: number) =>
        Promise.resolve(bytes.subarray(offset, offset + length));
    let file: GgufFile;
    try {
        file = await readGguf({ size: bytes.length, read });
    } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        throw unusable(name, detail.replace(/^[^:]*: /, "").replace(/;.*$/, ""), cause);
    }
    const keys = ["imatrix.datasets", "imatrix.chunk_count", "imatrix.chunk_size"];
    const missing = keys.find((key) => !file.metadata.has(key));
    if (missing) throw unusable(name, `its metadata has no ${missing}`);
    const sums = withSuffix(file, SUMS);
    const counts = withSuffix(file, COUNTS);
    const entries = new Map<string, ImatrixEntry>();
    for (const weight of [...new Set([...sums.keys(), ...counts.keys()])].sort()) {
        const sum = sums.get(weight);
        const count = counts.get(weight);
        if (!sum || !count) throw unusable(name, `sums and counts of ${weight} do not match`);
        const entry = {
            sums: valuesOf(file, bytes, sum, name),
            counts: Float64Array.from(valuesOf(file, bytes, count, name)),
        };
        if (entry.counts.length === 0 || entry.sums.length % entry.counts.length !== 0)
            throw unusable(
                name,
                `${weight} has ${entry.sums.length} sums and ${entry.counts.length} counts`,
            );
        entries.set(weight, entry);
    }
    if (entries.size === 0) throw unusable(name, "it has no entries");
    const datasets = arrayOf(file, "imatrix.datasets")?.values ?? [];
    return {
        entries,
        datasets: datasets.filter((dataset) => typeof dataset === "string"),
        nChunks: numberOf(file, "imatrix.chunk_count") ?? 0,
        isLegacy: false,
    };
}

function withSuffix(file: GgufFile, suffix: string): Map<string, GgufTensor> {
    return new Map(
        file.tensors
            .filter((tensor) => tensor.name.endsWith(suffix))
            .map((tensor) => [tensor.name.slice(0, -suffix.length), tensor]),
    );
}

function valuesOf(
    file: GgufFile,
    bytes: Uint8Array,
    tensor: GgufTensor,
    name: string,
): Float32Array {
    if (tensor.type !== "F32") throw unusable(name, `${tensor.name} is not F32`);
    const from = file.dataOffset + tensor.offset;
    if (from + tensor.sizeBytes > bytes.length) throw unusable(name, "it ends inside its values");
    return floats(bytes, from, tensor.nElements);
}

/** Sum by count for each matrix; an expert that was never used counts as 1 everywhere. */
function meanOf({ sums, counts }: ImatrixEntry): Float32Array {
    const width = sums.length / counts.length;
    return sums.map((sum, i) => {
        const count = Math.round(counts[Math.trunc(i / width)] ?? 0);
        return count > 0 ? sum / count : 1;
    });
}

/** `i32 n`, then per entry `i32 length, name, i32 calls, i32 n, f32[n]`; at the end, not always, `i32 chunks, i32 length, dataset`. */
function parseLegacy(bytes: Uint8Array, name: string): Parsed {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    const take = (length: number): number => {
        if (length < 0 || at + length > bytes.length)
            throw unusable(name, at < 8 ? "it is neither GGUF nor a .dat file" : "it was cut off");
        at += length;
        return at - length;
    };
    const int = () => view.getInt32(take(4), true);
    const text = (length: number) => {
        const from = take(length);
        const raw = Buffer.from(bytes.buffer, bytes.byteOffset + from, length).toString();
        return raw.split("\0")[0] ?? "";
    };
    const nEntries = int();
    // An entry takes at least 16 bytes.
    if (nEntries < 1 || nEntries > bytes.length / 16)
        throw unusable(name, "it is neither GGUF nor a .dat file");
    const entries = new Map<string, ImatrixEntry>();
    for (let i = 0; i < nEntries; i++) {
        const length = int();
        if (length < 0 || length > MAX_NAME_BYTES)
            throw unusable(name, `entry ${i + 1} declares a name of ${length} bytes`);
        const weight = text(length);
        const nCalls = int();
        const nValues = int();
        if (nValues < 1) throw unusable(name, `entry ${i + 1} declares ${nValues} values`);
        // Without a number of calls the values are means already.
        entries.set(weight, {
            sums: floats(bytes, take(nValues * 4), nValues),
            counts: Float64Array.of(Math.max(1, nCalls)),
        });
    }
    const datasets: string[] = [];
    const nChunks = at + 4 <= bytes.length ? int() : 0;
    if (at + 4 <= bytes.length) {
        const length = int();
        if (length > 0 && at + length <= bytes.length) datasets.push(text(length));
    }
    return { entries, datasets, nChunks, isLegacy: true };
}

function floats(bytes: Uint8Array, offset: number, n: number): Float32Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, n * 4);
    return Float32Array.from({ length: n }, (_, i) => view.getFloat32(i * 4, true));
}

function refuseBadValues(name: string, weight: string, values: Float32Array): void {
    const at = values.findIndex((value) => !Number.isFinite(value) || value < 0);
    if (at >= 0) throw unusable(name, `${weight} has the value ${values[at]} at column ${at}`);
}

function unusable(name: string, why: string, cause?: unknown): AppError {
    return new AppError(
        "data/unsupported",
        `${name} is not a usable importance matrix: ${why}; make it again`,
        { cause },
    );
}
