/**
 * The models on this computer: the starter that ships with Ingot, the GGUF files of the library folder, and what other tools keep elsewhere
 * (found.ts). Reads headers only; a broken file of the library is listed with what is wrong with it. Conversions put files into the folder,
 * downloads into the Hub cache; src/foundry writes both.
 */

import { lstat, readdir, realpath, rm, stat } from "node:fs/promises";
import { basename, isAbsolute, join, resolve } from "node:path";
import { AppError } from "../base/errors";
import type { OtherPurpose } from "../gguf/purpose";
import { findModels, otherNames, type FoundModel, type SkippedFile } from "./found";
import { STARTER_NAME } from "./folder";
import { withoutLaterParts } from "./ggufNames";
import { filesOfModel } from "./ggufParts";
import { readHeader } from "./header";
import { cachedRepoFolder, hubCacheFolder } from "./hubCache";
import type { FoundOrigin, PlaceOptions } from "./places";

export interface LibraryModel {
    /** File name without its ending; `starter` for the built-in one. Of a split model that of its first part. */
    name: string;
    /** Absolute path; the first one of a split model. */
    path: string;
    /** Of all parts. */
    sizeBytes: number;
    origin: "starter" | "own" | FoundOrigin;
    /** Repository, of files in the Hub cache. */
    repo?: string | undefined;
    /** `Q4_K_M`; undefined when the header could not be read. */
    fileType?: string | undefined;
    architecture?: string | undefined;
    /** What else than writing text it is for. */
    purpose?: OtherPurpose | undefined;
    /** Of an embedding model: whether it was made to compare texts. */
    comparesTexts?: boolean | undefined;
    /** Why the file cannot be used. */
    problem?: string | undefined;
}

export { defaultModelsFolder } from "./folder";

/** The starter first, then the folder's models by name, without importance matrices. A folder that does not exist yet is empty. */
export async function listModels(starterPath: string, folder: string): Promise<LibraryModel[]> {
    const names = await readdir(folder).catch(() => []);
    const files = withoutLaterParts(names.filter((name) => name.endsWith(".gguf")).sort());
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
    const header = await readHeader(path, false);
    if (!header || header.isImatrix) return undefined;
    const { sizeBytes, fileType, architecture, purpose, comparesTexts, problem } = header;
    if (problem !== undefined) return { name, path, sizeBytes, origin, problem };
    return { name, path, sizeBytes, origin, fileType, architecture, purpose, comparesTexts };
}

/** The library and everything that was found elsewhere, with the files that were passed over. */
export async function listAllModels(
    starterPath: string,
    folder: string,
    places: PlaceOptions = {},
): Promise<{ models: (LibraryModel | FoundModel)[]; skipped: SkippedFile[] }> {
    const library = await listModels(starterPath, folder);
    const real = library.map(({ path }) => realpath(path).catch(() => path));
    const paths = new Set(await Promise.all(real));
    const names = new Set(library.map(({ name }) => name));
    const { models, skipped } = await findModels(places, { paths, names });
    return { models: [...library, ...models], skipped };
}

/** A path of a file, a name of the library or of a model elsewhere, or `starter`. Throws AppError `user/no-model` that lists the names. */
export async function resolveModel(
    nameOrPath: string,
    starterPath: string,
    folder: string,
    places: PlaceOptions = {},
): Promise<string> {
    if (nameOrPath === STARTER_NAME) return starterPath;
    const asPath = resolve(nameOrPath);
    const looksLikePath =
        isAbsolute(nameOrPath) || /[/\\]/.test(nameOrPath) || nameOrPath.endsWith(".gguf");
    if (looksLikePath && (await stat(asPath).catch(() => undefined))?.isFile()) return asPath;
    const isMeant = (model: { name: string; path: string }) =>
        model.name === nameOrPath || basename(model.path) === nameOrPath;
    const own = (await listModels(starterPath, folder)).find(isMeant);
    if (own) return own.path;
    const { models } = await listAllModels(starterPath, folder, places);
    const found = models.find(isMeant);
    if (found) return found.path;
    const known = models.map((model) => model.name).join(", ");
    throw new AppError(
        "user/no-model",
        `There is no model ${nameOrPath}; known are ${known}, or give the path of a GGUF file`,
    );
}

const OWNERS: Readonly<Record<Exclude<FoundOrigin, "hub">, string>> = {
    lmstudio: "LM Studio",
    llamacpp: "llama.cpp",
    ollama: "Ollama",
    folder: "a folder that is only searched",
};

/**
 * Deletes a model of the library, or of the Hub cache with its blob when no other snapshot names it; of a split one all parts. Throws AppError for the starter, unknown
 * names, and models that belong to other tools.
 */
export async function removeModel(
    name: string,
    starterPath: string,
    folder: string,
    places: PlaceOptions = {},
): Promise<LibraryModel> {
    const own = (await listModels(starterPath, folder)).find((one) => one.name === name);
    const model =
        own ??
        (await listAllModels(starterPath, folder, places)).models.find((one) => one.name === name);
    if (!model) throw new AppError("user/no-model", `There is no model ${name} in ${folder}`);
    if (model.origin === "starter")
        throw new AppError(
            "env/permission",
            "The starter model is part of Ingot and cannot be removed; choose another model to remove",
        );
    if (model.origin !== "own" && model.origin !== "hub")
        throw new AppError(
            "env/permission",
            `${name} belongs to ${OWNERS[model.origin]}; remove it there`,
        );
    for (const path of await filesOfModel(model.path)) {
        const remove =
            model.origin === "hub" ? removeCached(path, model.repo ?? "", places) : rm(path);
        await remove.catch((cause: NodeJS.ErrnoException) => {
            throw new AppError(
                "env/permission",
                cause.code === "EROFS"
                    ? `The file ${path} cannot be deleted, because its disk can only be read; make that writable first`
                    : `The file ${path} cannot be deleted (${cause.code ?? "unknown"}); close what uses it and try again`,
                { cause },
            );
        });
    }
    return model;
}

async function removeCached(path: string, repo: string, places: PlaceOptions): Promise<void> {
    const folder = cachedRepoFolder(hubCacheFolder(places.env, places.home), repo);
    const isLink = (await lstat(path)).isSymbolicLink();
    const blob = isLink ? await realpath(path) : undefined;
    const others = isLink ? await otherNames(folder, path) : [];
    await rm(path);
    if (blob?.startsWith(join(await realpath(folder), "blobs")) && others.length === 0)
        await rm(blob, { force: true });
}
