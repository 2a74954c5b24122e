/**
 * What every type would give for one model, before anything runs: exact size, which tensors fall back to another type, whether it
 * will fit into this computer's memory. For checkpoints and GGUF files alike.
 */

import { totalmem } from "node:os";
import { basename } from "node:path";
import { AppError } from "../base/errors";
import { fitsMemory, neededMemory, readCacheShape } from "../library/memory";
import type { CacheShape } from "../protocol/hub";
import type { RecipeOptions, TypePlan } from "../protocol/worker";
import type { FileTypeName } from "../gguf/types";
import { freeBytesAt } from "./diskErrors";
import { measureFiles, type FileRequest, type FileSize, type LayoutModel } from "./fileLayout";
import { readImatrix, type ImportanceMatrix } from "./quant/imatrix";
import { ForeignImatrix } from "./quant/importance";
import { readRecipe, type Recipe } from "./quant/recipe";
import { WRITABLE_FILE_TYPES } from "./quant/rules";

/** Below this many parameters nothing is gained by fewer bits, and small models suffer most from them. */
const TINY_PARAMETERS = 100e6;

export interface OpenRecipe {
    recipe: Recipe;
    imatrix: ImportanceMatrix | undefined;
}

/** Reads the options and the importance matrix that they name. */
export async function openRecipe(options: RecipeOptions | undefined): Promise<OpenRecipe> {
    const recipe = readRecipe(options);
    const path = options?.imatrix;
    const name = options?.imatrixName ?? (path === undefined ? "" : basename(path));
    return { recipe, imatrix: path === undefined ? undefined : await readImatrix(path, name) };
}

/** Without recipes that have no type for one of the model's row lengths, or that are Q8_0 under another name. Throws ForeignImatrix. */
export function planTypes(
    model: LayoutModel,
    nParameters: number,
    request: (type: FileTypeName) => FileRequest,
): TypePlan[] {
    const measure = measureFiles(model);
    const cache = cacheOf(model);
    const hasExperts = model.keys.get(`${model.arch}.expert_count`) !== undefined;
    const usual = nParameters < TINY_PARAMETERS ? "Q8_0" : "Q4_K_M";
    const recommended = model.isPacked ? "MXFP4_MOE" : usual;
    return WRITABLE_FILE_TYPES.flatMap((type): TypePlan[] => {
        if (type === "MXFP4_MOE" && !hasExperts) return [];
        let size: FileSize;
        try {
            size = measure(request(type));
        } catch (error) {
            const isForeign = error instanceof ForeignImatrix;
            if (!isForeign && error instanceof AppError && error.code === "data/unsupported")
                return [];
            throw error;
        }
        return [
            {
                type,
                sizeBytes: size.fileBytes,
                bitsPerWeight: (size.fileBytes * 8) / nParameters,
                nFallback: size.nFallback,
                fallbacks: size.fallbacks,
                needsImatrix: size.needImatrix.length > 0,
                recommended: type === recommended,
                memoryBytes: neededMemory({ sizeBytes: size.fileBytes, cache }),
                fitsMemory: fitsMemory(
                    { sizeBytes: size.fileBytes, cache },
                    { ramBytes: totalmem() },
                ),
            },
        ];
    });
}

/** What a context of the model takes. */
export function cacheOf({ arch, keys }: LayoutModel): CacheShape | undefined {
    return readCacheShape((key) => {
        const entry = keys.get(`${arch}.${key}`);
        if (
            entry?.type === "uint32" ||
            entry?.type === "array[uint32]" ||
            entry?.type === "array[int32]"
        )
            return entry.value;
        return undefined;
    });
}

/** Where a result would go: of the nearest folder that exists. */
export async function freeDisk(out: string | undefined): Promise<number | undefined> {
    return out === undefined ? undefined : freeBytesAt(out);
}
