/**
 * The files of a model on this computer: one, or all parts of a split one, which lie in one folder under llama.cpp's names. Headers decide what is
 * split, names only where the other parts are.
 */

import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../base/errors";
import { partPlace } from "../gguf/parts";
import type { GgufFile } from "../gguf/read";
import { readGgufFile } from "./ggufFile";
import { partPath, splitName } from "./ggufNames";

export interface GgufParts {
    /** Absolute, in order; the first is what the model is opened by. */
    paths: string[];
    /** Header of the first, which holds the metadata. */
    first: GgufFile;
    /** All headers, in order. Whether they belong together is src/gguf's to say. */
    files: GgufFile[];
    /** Of all files. */
    sizeBytes: number;
}

/** Throws AppError as readGgufFile; `user/no-model` for a later part, a part under a strange name, and when another is missing. */
export async function readGgufParts(path: string): Promise<GgufParts> {
    const first = await readGgufFile(path);
    const paths = await pathsOf(resolve(path), first);
    const files = [first];
    for (const other of paths.slice(1)) files.push(await readGgufFile(other));
    return { paths, first, files, sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0) };
}

async function pathsOf(path: string, file: GgufFile): Promise<string[]> {
    const place = partPlace(file);
    if (!place) return [path];
    const { index, nParts } = place;
    const name = basename(path);
    const what = `${name} is part ${index + 1} of a model in ${nParts} files`;
    const split = splitName(path);
    if (split?.part !== index + 1 || split.nParts !== nParts)
        throw new AppError(
            "user/no-model",
            `${what}, and its name does not end as llama.cpp wants it, like ${partPath("NAME", index + 1, nParts)}; give it the name back that it was published under`,
        );
    if (index > 0)
        throw new AppError(
            "user/no-model",
            `${what}; choose the first, ${basename(partPath(split.stem, 1, nParts))}`,
        );
    const there = new Set(await filesOfModel(path));
    const paths: string[] = [];
    for (let part = 1; part <= nParts; part++) {
        const one = partPath(split.stem, part, nParts);
        if (!there.has(one))
            throw new AppError(
                "user/no-model",
                `${what}, and ${basename(one)} is missing beside it; put all ${nParts} files into one folder`,
            );
        paths.push(one);
    }
    return paths;
}

/** By their names, the files of the model that `path` stands for, in order: itself, and of a split one what else there is of it. */
export async function filesOfModel(path: string): Promise<string[]> {
    const split = splitName(path);
    if (!split) return [path];
    const folder = dirname(path);
    const names = await readdir(folder).catch(() => []);
    const own = names
        .map((name) => join(folder, name))
        .filter((one) => {
            const other = splitName(one);
            return other?.stem === split.stem && other.nParts === split.nParts;
        });
    return own.sort();
}
