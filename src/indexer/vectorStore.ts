/**
 * The vectors on the disk, beside the index: a line that says what they are (format, key of the model, dimensions, number, SHA-256 of what
 * follows), then a record each: hash, scale, values. Written under another name and renamed. A file that is damaged counts as none.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { HASH_BYTES, MAX_DIMENSIONS, Vectors } from "./vectors";
import { writeWhole } from "../node/wholeFile";

export const VECTORS_FILE = "vectors.bin";
const FORMAT = "ingot-vectors 1";
const MAX_FILE_BYTES = 400e6;
const MAX_HEAD_BYTES = 300;
const SCALE_BYTES = 4;

/** Undefined: there is none that can be used; `problem` is told why, except when there is no file. */
export async function readVectors(
    folder: string,
    problem: (why: string) => void,
): Promise<Vectors | undefined> {
    try {
        const path = join(folder, VECTORS_FILE);
        if ((await stat(path)).size > MAX_FILE_BYTES) throw new Error("too large");
        const bytes = await readFile(path);
        const end = bytes.subarray(0, MAX_HEAD_BYTES).indexOf(10);
        const [format, version, key = "", dims, count, sum] = bytes
            .toString("latin1", 0, Math.max(0, end))
            .split(" ");
        const dimensions = Number(dims);
        const body = bytes.subarray(end + 1);
        const isWhole =
            `${format} ${version}` === FORMAT &&
            Number.isInteger(dimensions) &&
            dimensions > 0 &&
            dimensions <= MAX_DIMENSIONS &&
            body.length === Number(count) * recordBytes(dimensions) &&
            sum === sumOf(body);
        if (!isWhole) throw new Error("damaged, or of another version");
        return fromRecords(body, key, dimensions);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") problem(String(error));
        return undefined;
    }
}

/** Errors of the file system are thrown; what was there before stays then. */
export async function writeVectors(folder: string, vectors: Vectors): Promise<void> {
    const { key, dimensions } = vectors.space;
    const { size } = vectors;
    const body = Buffer.alloc(size * recordBytes(dimensions));
    let at = 0;
    for (const [hash, scale, values] of vectors.entries()) {
        at += body.write(hash, at, HASH_BYTES, "base64");
        at = body.writeFloatLE(scale, at);
        body.set(new Uint8Array(values.buffer, values.byteOffset, dimensions), at);
        at += dimensions;
    }
    const head = `${FORMAT} ${key} ${dimensions} ${size} ${sumOf(body)}\n`;
    await mkdir(folder, { recursive: true });
    const path = join(folder, VECTORS_FILE);
    const part = `${path}.${process.pid}.part`;
    await writeWhole(path, Buffer.concat([Buffer.from(head), body]), { part });
}

function fromRecords(body: Buffer, key: string, dimensions: number): Vectors {
    const vectors = new Vectors({ key, dimensions });
    for (let at = 0; at < body.length; at += recordBytes(dimensions)) {
        const hash = body.toString("base64", at, at + HASH_BYTES);
        const scale = body.readFloatLE(at + HASH_BYTES);
        const begin = body.byteOffset + at + HASH_BYTES + SCALE_BYTES;
        const values = new Int8Array(body.buffer, begin, dimensions);
        if (Number.isFinite(scale)) vectors.putKept(hash, scale, values);
    }
    return vectors;
}

function recordBytes(dimensions: number): number {
    return HASH_BYTES + SCALE_BYTES + dimensions;
}

function sumOf(body: Uint8Array): string {
    return createHash("sha256").update(body).digest("hex");
}
