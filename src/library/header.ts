/**
 * What a GGUF file is, by its header: type and architecture, or why it is no model to run. Headers are read once per file and change of it:
 * the library is listed often, and a vocabulary has megabytes.
 */

import { stat } from "node:fs/promises";
import { AppError } from "../base/errors";
import { Lru } from "../base/lru";
import { fileTypeOf, numberOf, stringOf } from "../gguf/metadata";
import { validateModel } from "../gguf/validate";
import { readGgufFile } from "./ggufFile";

export interface HeaderFacts {
    sizeBytes: number;
    fileType?: string | undefined;
    architecture?: string | undefined;
    /** `general.name`. */
    title?: string | undefined;
    contextTokens?: number | undefined;
    /** Why it cannot be used, as a sentence. */
    problem?: string | undefined;
}

const MAX_REMEMBERED = 2000;
const remembered = new Lru<string, HeaderFacts>(MAX_REMEMBERED);

/** `strict`: everything that the engine would refuse is a problem. Undefined when there is no such file. */
export async function readHeader(path: string, strict: boolean): Promise<HeaderFacts | undefined> {
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile()) return undefined;
    const key = `${strict}:${status.size}:${status.mtimeMs}:${path}`;
    const known = remembered.get(key);
    if (known) return known;
    const facts = await examine(path, status.size, strict);
    remembered.set(key, facts);
    return facts;
}

async function examine(path: string, sizeBytes: number, strict: boolean): Promise<HeaderFacts> {
    try {
        const file = await readGgufFile(path);
        const architecture = stringOf(file, "general.architecture");
        if (strict) validateModel(file, { fileSizeBytes: sizeBytes });
        return {
            sizeBytes,
            fileType: fileTypeOf(file),
            architecture,
            title: stringOf(file, "general.name"),
            contextTokens: numberOf(file, `${architecture ?? ""}.context_length`),
        };
    } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { sizeBytes, problem: error.message };
    }
}
