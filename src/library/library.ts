/**
 * The models on this computer: the starter that ships with Ingot and the GGUF files of the library folder. Reads headers only; a broken
 * file is listed with what is wrong with it. Downloads and conversions put files here, src/foundry writes them.
 */

import { readdir, rm, stat } from "node:fs/promises";
import { basename, isAbsolute, join, resolve } from "node:path";
import { AppError } from "../base/errors";
import { fileTypeOf, stringOf } from "../gguf/metadata";
import { dataFolder } from "../node/dataFolder";
import { readGgufFile } from "./ggufFile";

export interface LibraryModel {
    /** File name without its ending; `starter` for the built-in one. */
    name: string;
    /** Absolute path. */
    path: string;
    sizeBytes: number;
    origin: "starter" | "own";
    /** `Q4_K_M`; undefined when the header could not be read. */
    fileType?: string | undefined;
    architecture?: string | undefined;
    /** Why the file cannot be used. */
    problem?: string | undefined;
}

export const STARTER_NAME = "starter";

/** Where models are kept unless a setting says otherwise. */
export function defaultModelsFolder(): string {
    return join(dataFolder(), "models");
}

/** The starter first, then the folder's files by name. A folder that does not exist yet is empty. */
export async function listModels(starterPath: string, folder: string): Promise<LibraryModel[]> {
    const names = await readdir(folder).catch(() => []);
    const files = names.filter((name) => name.endsWith(".gguf")).sort();
    const own = files.map((name) =>
        describe(join(folder, name), name.slice(0, -".gguf".length), "own"),
    );
    const starter = describe(starterPath, STARTER_NAME, "starter");
    return (await Promise.all([starter, ...own])).filter((model) => model !== undefined);
}

async function describe(
    path: string,
    name: string,
    origin: LibraryModel["origin"],
): Promise<LibraryModel | undefined> {
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile()) return undefined;
    const model: LibraryModel = { name, path, sizeBytes: status.size, origin };
    try {
        const file = await readGgufFile(path);
        return {
            ...model,
            fileType: fileTypeOf(file),
            architecture: stringOf(file, "general.architecture"),
        };
    } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { ...model, problem: error.message };
    }
}

/** A path of a file, a name of the library, or `starter`. Throws AppError `user/no-model` that lists the names. */
export async function resolveModel(
    nameOrPath: string,
    starterPath: string,
    folder: string,
): Promise<string> {
    if (nameOrPath === STARTER_NAME) return starterPath;
    const asPath = resolve(nameOrPath);
    const looksLikePath =
        isAbsolute(nameOrPath) || /[/\\]/.test(nameOrPath) || nameOrPath.endsWith(".gguf");
    if (looksLikePath && (await stat(asPath).catch(() => undefined))?.isFile()) return asPath;
    const models = await listModels(starterPath, folder);
    const found = models.find(
        (model) => model.name === nameOrPath || basename(model.path) === nameOrPath,
    );
    if (found) return found.path;
    const known = models.map((model) => model.name).join(", ");
    throw new AppError(
        "user/no-model",
        `There is no model ${nameOrPath}; known are ${known}, or give the path of a GGUF file`,
    );
}

/** Deletes a model of the library. Throws AppError for the starter and unknown names. */
export async function removeModel(
    name: string,
    starterPath: string,
    folder: string,
): Promise<LibraryModel> {
    const model = (await listModels(starterPath, folder)).find((one) => one.name === name);
    if (!model) throw new AppError("user/no-model", `There is no model ${name} in ${folder}`);
    if (model.origin === "starter")
        throw new AppError(
            "env/permission",
            "The starter model is part of Ingot and cannot be removed; choose another model to remove",
        );
    await rm(model.path).catch((cause: NodeJS.ErrnoException) => {
        throw new AppError(
            "env/permission",
            `The file ${model.path} cannot be deleted (${cause.code ?? "unknown"}); close what uses it and try again`,
            { cause },
        );
    });
    return model;
}
