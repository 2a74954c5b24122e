/**
 * What a GGUF model is, by its header: type and architecture, or why it is no model to run. Headers are read once per file and change of it:
 * the library is listed often, and a vocabulary has megabytes.
 */

import { stat } from "node:fs/promises";
import { AppError } from "../base/errors";
import { Lru } from "../base/lru";
import { fileTypeOf, numberOf, stringOf } from "../gguf/metadata";
import { checkParts } from "../gguf/parts";
import { namedPooling, purposeOf, type OtherPurpose } from "../gguf/purpose";
import type { GgufFile } from "../gguf/read";
import { validateModel } from "../gguf/validate";
import type { CacheShape } from "../protocol/hub";
import { readCacheShape } from "./memory";
import { filesOfModel, readGgufParts } from "./ggufParts";

export interface HeaderFacts {
    /** Of all parts that are there. */
    sizeBytes: number;
    fileType?: string | undefined;
    architecture?: string | undefined;
    /** `general.name`. */
    title?: string | undefined;
    contextTokens?: number | undefined;
    /** Whether it was made for conversations. */
    hasChatTemplate?: boolean | undefined;
    /** What its KV cache takes; undefined when the header does not say. */
    cache?: CacheShape | undefined;
    /** What else than writing text it is for. */
    purpose?: OtherPurpose | undefined;
    /** Of an embedding model: whether it was made to compare texts. */
    comparesTexts?: boolean | undefined;
    /** It is an importance matrix: something for quantizing, and no model. */
    isImatrix?: boolean | undefined;
    /** Why it cannot be used, as a sentence. */
    problem?: string | undefined;
}

const MAX_REMEMBERED = 2000;
const remembered = new Lru<string, HeaderFacts>(MAX_REMEMBERED);

/** `strict`: everything that the engine would refuse is a problem. Undefined when there is no such file. */
export async function readHeader(path: string, strict: boolean): Promise<HeaderFacts | undefined> {
    const own = await stat(path).catch(() => undefined);
    if (!own?.isFile()) return undefined;
    const files = await filesOfModel(path);
    const stats = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
    const sizeBytes = stats.reduce((sum, one) => sum + (one?.size ?? 0), 0);
    const changes = stats.map((one) => `${one?.size}:${one?.mtimeMs}`).join(" ");
    const key = `${strict} ${changes} ${path}`;
    const known = remembered.get(key);
    if (known) return known;
    const facts = await examine(path, sizeBytes, strict);
    remembered.set(key, facts);
    return facts;
}

function purposeFacts(file: GgufFile): Pick<HeaderFacts, "purpose" | "comparesTexts"> {
    const purpose = purposeOf(file);
    if (purpose === "text") return {};
    return { purpose, comparesTexts: namedPooling(file) !== undefined };
}

async function examine(path: string, sizeBytes: number, strict: boolean): Promise<HeaderFacts> {
    try {
        const { first, files } = await readGgufParts(path);
        if (strict) validateModel(files);
        else checkParts(files);
        const architecture = stringOf(first, "general.architecture");
        return {
            sizeBytes,
            fileType: fileTypeOf(first),
            architecture,
            title: stringOf(first, "general.name"),
            contextTokens: numberOf(first, `${architecture ?? ""}.context_length`),
            hasChatTemplate: Boolean(stringOf(first, "tokenizer.chat_template")?.trim()),
            ...purposeFacts(first),
            isImatrix: stringOf(first, "general.type") === "imatrix",
            cache: readCacheShape((key) => numberOf(first, `${architecture ?? ""}.${key}`)),
        };
    } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { sizeBytes, problem: error.message };
    }
}
