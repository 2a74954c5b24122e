/** The models of this computer as the window lists them: the library, other tools' folders, what is in use. Reading files is `src/library`'s. */

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { basename } from "node:path";
import { filesOfModel } from "../../library/ggufParts";
import { listAllModels, removeModel } from "../../library/library";
import type { Config } from "../config";
import type { ModelFile } from "./rows";
import type { Serving } from "./serving";

export interface CatalogOptions {
    config: () => Config;
    serving: Serving;
}

/** Looking through other tools' folders is not free, and the view asks often. */
const KEPT_MS = 30_000;

export class Catalog {
    private kept: { models: Promise<ModelFile[]>; at: number; key: string } | undefined;
    readonly serving: Serving;

    constructor(private readonly options: CatalogOptions) {
        this.serving = options.serving;
    }

    /** The library, what other tools keep on this computer, and what is in use from elsewhere. */
    async list(): Promise<ModelFile[]> {
        const library = await this.readAll();
        this.serving.learn(library);
        const inUse = new Set(Object.values(this.serving.paths));
        for (const model of library) inUse.delete(model.path);
        const found = await Promise.all([...inUse].map((path) => describeFound(path)));
        return [...library, ...found.filter((model) => model !== undefined)];
    }

    /** Files may have come or gone: the next list looks again. */
    forget(): void {
        this.kept = undefined;
    }

    /** Deletes the file of a model in the library's folder or the Hub cache; the starter and other files are refused. */
    async remove(name: string): Promise<void> {
        const { starterPath, modelsFolder } = this.serving;
        const searchFolders = this.options.config().librarySearchFolders;
        await removeModel(name, starterPath, modelsFolder, { searchFolders });
        this.forget();
    }

    async exists(path: string): Promise<boolean> {
        try {
            await access(path, constants.R_OK);
            return true;
        } catch {
            return false;
        }
    }

    private readAll(): Promise<ModelFile[]> {
        const { starterPath, modelsFolder } = this.serving;
        const searchFolders = this.options.config().librarySearchFolders;
        const key = [modelsFolder, ...searchFolders].join("\n");
        if (this.kept?.key === key && Date.now() - this.kept.at < KEPT_MS) return this.kept.models;
        const all = listAllModels(starterPath, modelsFolder, { searchFolders });
        const kept = { models: all.then(({ models }) => models), at: Date.now(), key };
        kept.models.catch(() => this.forget());
        this.kept = kept;
        return kept.models;
    }
}

async function describeFound(path: string): Promise<ModelFile | undefined> {
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile()) return undefined;
    const parts = await Promise.all((await filesOfModel(path)).map((part) => stat(part)));
    const sizeBytes = parts.reduce((sum, part) => sum + part.size, 0);
    return { name: basename(path, ".gguf"), path, sizeBytes, origin: "found" };
}
