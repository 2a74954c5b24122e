/**
 * The models of this computer as the window sees them: which file serves which role, what is in the library. Turns the model
 * settings (empty, `starter`, a name, a path) into files; listing and reading files is `src/library`'s.
 */

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { totalmem } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import { filesOfModel } from "../../library/ggufParts";
import {
    defaultModelsFolder,
    listAllModels,
    removeModel,
    STARTER_NAME,
} from "../../library/library";
import type { MachineMemory } from "../../library/memory";
import type { EngineConfig, EngineStatus, Role } from "../../protocol/engine";
import type { Config } from "../config";
import type { ModelFile } from "./rows";

export interface CatalogOptions {
    config: () => Config;
    /** Absolute path of the model that ships with the extension. */
    starterPath: string;
    engineStatus: () => EngineStatus | undefined;
}

/** Looking through other tools' folders is not free, and the view asks often. */
const KEPT_MS = 30_000;

export class Catalog {
    private kept: { models: Promise<ModelFile[]>; at: number; key: string } | undefined;
    /** Path -> name, of the last list: files of other tools have names that their paths do not tell. */
    private readonly names = new Map<string, string>();

    constructor(private readonly options: CatalogOptions) {}

    get starterPath(): string {
        return this.options.starterPath;
    }

    get modelsFolder(): string {
        return this.options.config().libraryFolder || defaultModelsFolder();
    }

    /** The library, what other tools keep on this computer, and what is in use from elsewhere. */
    async list(): Promise<ModelFile[]> {
        const library = await this.readAll();
        for (const { path, name } of library) this.names.set(path, name);
        const inUse = new Set(Object.values(this.serving()));
        for (const model of library) inUse.delete(model.path);
        const found = await Promise.all([...inUse].map((path) => describeFound(path)));
        return [...library, ...found.filter((model) => model !== undefined)];
    }

    /** Files may have come or gone: the next list looks again. */
    forget(): void {
        this.kept = undefined;
    }

    private readAll(): Promise<ModelFile[]> {
        const searchFolders = this.options.config().librarySearchFolders;
        const key = [this.modelsFolder, ...searchFolders].join("\n");
        if (this.kept?.key === key && Date.now() - this.kept.at < KEPT_MS) return this.kept.models;
        const all = listAllModels(this.starterPath, this.modelsFolder, { searchFolders });
        const kept = { models: all.then(({ models }) => models), at: Date.now(), key };
        kept.models.catch(() => this.forget());
        this.kept = kept;
        return kept.models;
    }

    /** Deletes the file of a model in the library's folder or the Hub cache; the starter and other files are refused. */
    async remove(name: string): Promise<void> {
        const searchFolders = this.options.config().librarySearchFolders;
        await removeModel(name, this.starterPath, this.modelsFolder, { searchFolders });
        this.forget();
    }

    /** Absolute path that serves each role. Does not look whether the file is there. */
    serving(): Record<Role, string> {
        const { completionModel, chatModel } = this.options.config();
        const completion = this.resolve(completionModel || STARTER_NAME);
        return { completion, chat: chatModel ? this.resolve(chatModel) : completion };
    }

    /** Whether the role has a setting of its own. */
    isChosen(role: Role): boolean {
        const { completionModel, chatModel } = this.options.config();
        return (role === "completion" ? completionModel : chatModel) !== "";
    }

    servesStarter(role: Role): boolean {
        return this.serving()[role] === this.starterPath;
    }

    /** Display name of the model of a role: the file's name without its ending. */
    nameOf(role: Role): string {
        const path = this.serving()[role];
        const file = path.split(/[\\/]/).at(-1) ?? path;
        if (this.servesStarter(role)) return "Starter model";
        return this.names.get(path) ?? file.replace(/\.gguf$/i, "");
    }

    engineConfig(): EngineConfig {
        const config = this.options.config();
        const { completion, chat } = this.serving();
        const spec = (path: string) => ({
            path,
            gpuLayers: config.engineGpuLayers,
            contextTokens: config.engineContextTokens,
        });
        return {
            completion: spec(completion),
            chat: spec(chat),
            idleUnloadMs: config.engineIdleUnloadMinutes * 60_000,
            idleWork: true,
            vetsSaved: true,
            threads: config.engineThreads > 0 ? config.engineThreads : undefined,
        };
    }

    memory(): MachineMemory {
        const gpus = (this.options.engineStatus()?.devices ?? []).filter((d) => d.type === "gpu");
        const gpuBytes = Math.max(0, ...gpus.map((device) => device.memoryBytes));
        return {
            ramBytes: totalmem(),
            gpuBytes: gpuBytes > 0 ? gpuBytes : undefined,
            contextTokens: this.options.config().engineContextTokens,
        };
    }

    async exists(path: string): Promise<boolean> {
        try {
            await access(path, constants.R_OK);
            return true;
        } catch {
            return false;
        }
    }

    private resolve(setting: string): string {
        if (setting === STARTER_NAME) return this.starterPath;
        if (isAbsolute(setting)) return setting;
        return join(this.modelsFolder, setting.endsWith(".gguf") ? setting : `${setting}.gguf`);
    }
}

async function describeFound(path: string): Promise<ModelFile | undefined> {
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile()) return undefined;
    const parts = await Promise.all((await filesOfModel(path)).map((part) => stat(part)));
    const sizeBytes = parts.reduce((sum, part) => sum + part.size, 0);
    return { name: basename(path, ".gguf"), path, sizeBytes, origin: "found" };
}
