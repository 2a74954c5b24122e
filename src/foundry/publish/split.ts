/**
 * The files of a model as the Hub takes them: as they are, or, where one is over the Hub's limit, split as llama-gguf-split does. A split model is
 * put together while it is sent; only its headers are made here.
 */

import { basename } from "node:path";
import { AppError } from "../../base/errors";
import { formatBytes } from "../../base/format";
import type { GgufFile, GgufTensor } from "../../gguf/read";
import { checkData } from "../../gguf/validate";
import { layoutGguf } from "../../gguf/write";
import { readGgufParts } from "../../library/ggufParts";
import { openGgufModel } from "../ggufSource";
import { KeyValues } from "../keyValues";
import { splitKeys, splitPath, splitTensors } from "../split";
import { filePiece, type Piece, type Segment } from "./pieces";

/** The most that the Hub takes in one file (its documentation, "Storage limits"), and what parts are made of. */
export const HUB_FILE_BYTES = 50e9;
const PART_BYTES = 45e9;

export interface HubModelFiles {
    /** As given. */
    source: string;
    /** Header of the first file, which holds the metadata. */
    first: GgufFile;
    files: readonly GgufFile[];
    pieces: Piece[];
    /** It is one file here and will be several there. */
    isSplitHere: boolean;
}

/** Throws AppError as readGgufParts, data/gguf for data that is not whole; data/unsupported for a part or a tensor over the limit. */
export async function hubFiles(
    source: string,
    limitBytes = HUB_FILE_BYTES,
    partBytes = Math.min(PART_BYTES, limitBytes),
): Promise<HubModelFiles> {
    const { paths, first, files } = await readGgufParts(source);
    refuseCut(source, files);
    const pieces: Piece[] = [];
    for (const path of paths) pieces.push(await filePiece(basename(path), path));
    const largest = pieces.find(({ sizeBytes }) => sizeBytes > limitBytes);
    if (!largest) return { source, first, files, pieces, isSplitHere: false };
    if (pieces.length > 1)
        throw new AppError(
            "data/unsupported",
            `${largest.path} has ${formatBytes(largest.sizeBytes)}, and the Hub takes ${formatBytes(limitBytes)} in a file; split the model anew: ingot quantize ${basename(source)} --type COPY --split-max-size 45G`,
        );
    const split = await splitFile(source, first, partBytes);
    return { source, first, files, pieces: split, isSplitHere: true };
}

/** Several are published at once: the one that is not whole is named. */
function refuseCut(source: string, files: readonly GgufFile[]): void {
    try {
        checkData(files);
    } catch (error) {
        if (!(error instanceof AppError)) throw error;
        throw new AppError(error.code, `${basename(source)}: ${error.message}`, { cause: error });
    }
}

async function splitFile(source: string, file: GgufFile, partBytes: number): Promise<Piece[]> {
    const { keys } = await openGgufModel(source);
    const inOrder = [...file.tensors].sort((a, b) => a.offset - b.offset);
    const groups = splitTensors(inOrder, ({ sizeBytes }) => sizeBytes, { maxBytes: partBytes });
    return groups.map((group, index) => {
        const own = index === 0 ? keys : new KeyValues();
        splitKeys(own, index, groups.length, file.tensors.length);
        const { header, fileBytes } = layoutGguf(own.entries(), group);
        const segments = [{ bytes: header }, ...group.flatMap((one) => dataOf(source, file, one))];
        return {
            path: splitPath(basename(source), index, groups.length),
            sizeBytes: fileBytes,
            segments,
        };
    });
}

const ALIGNMENT = 32;

function dataOf(path: string, file: GgufFile, { offset, sizeBytes }: GgufTensor): Segment[] {
    const padding = -sizeBytes & (ALIGNMENT - 1);
    return [
        { file: path, start: file.dataOffset + offset, length: sizeBytes },
        ...(padding > 0 ? [{ bytes: new Uint8Array(padding) }] : []),
    ];
}
