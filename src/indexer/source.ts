/** A file as the indexer takes it: its stamp, and its pieces when it is a text that a person wrote. Keys and tokens in it are left out. */

import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { piecesOf, type Piece } from "../codebase/pieces";
import { withoutSecrets } from "../context/secretLines";
import { decodeSource, isMadeByTools, MAX_SOURCE_BYTES, sourceLines } from "../context/sourceText";
import { languageOf } from "../syntax/languages";
import type { Syntax } from "../syntax/syntax";
import type { Stamp } from "./textIndex";

export type Outliner = Pick<Syntax, "outline">;

/** So that one file cannot fill the index. */
const MAX_PIECES_OF_FILE = 500;

export interface Read {
    stamp: Stamp;
    /** Undefined: the bytes are those of `known`. */
    pieces: Piece[] | undefined;
}

/**
 * Undefined: there is no such file. `known`: what was read last; a file of the same time and size is not read again, and one of the
 * same bytes not taken apart.
 */
export async function readSource(
    path: string,
    known: Stamp | undefined,
    outliner: Outliner,
): Promise<Read | undefined> {
    const found = await readFile(path, known);
    if (!found) return undefined;
    const { bytes, mtimeMs, size } = found;
    if (!bytes) return { stamp: { mtimeMs, size, hash: known?.hash ?? "" }, pieces: undefined };
    const hash = createHash("sha256").update(bytes).digest("hex");
    const stamp = { mtimeMs, size, hash };
    if (known?.hash === hash) return { stamp, pieces: undefined };
    const lines = isMadeByTools(path) ? undefined : decodeSource(bytes);
    return { stamp, pieces: lines ? await take(path, lines, outliner) : [] };
}

/** As it stands in an editor. */
export async function readText(path: string, text: string, outliner: Outliner): Promise<Read> {
    const hash = createHash("sha256").update(text).digest("hex");
    const lines = isMadeByTools(path) ? undefined : sourceLines(text);
    const pieces = lines ? await take(path, lines, outliner) : [];
    return { stamp: { mtimeMs: -1, size: text.length, hash }, pieces };
}

async function take(path: string, all: readonly string[], outliner: Outliner): Promise<Piece[]> {
    const lines = withoutSecrets(all);
    const languageId = languageOf(path.replaceAll("\\", "/"));
    const symbols = await outliner.outline({ languageId, text: lines.join("\n") });
    return piecesOf({ languageId, lines, symbols }, MAX_PIECES_OF_FILE);
}

interface FoundFile {
    mtimeMs: number;
    size: number;
    /** Undefined: it need not be read. */
    bytes: Uint8Array | undefined;
}

async function readFile(path: string, known: Stamp | undefined): Promise<FoundFile | undefined> {
    try {
        const handle = await open(path);
        try {
            const status = await handle.stat();
            if (!status.isFile()) return undefined;
            const { mtimeMs, size } = status;
            if (known?.mtimeMs === mtimeMs && known.size === size)
                return { mtimeMs, size, bytes: undefined };
            if (size > MAX_SOURCE_BYTES) return { mtimeMs, size, bytes: new Uint8Array() };
            const buffer = new Uint8Array(size);
            const { bytesRead } = await handle.read(buffer, 0, size, 0);
            return { mtimeMs, size, bytes: buffer.subarray(0, bytesRead) };
        } finally {
            await handle.close();
        }
    } catch {
        return undefined;
    }
}
