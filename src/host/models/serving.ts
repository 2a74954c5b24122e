/**
 * Which file serves which role: turns the model settings (empty, `starter`, a name, a path) into files, for the engine and the status. Looks
 * at no disk; what is there at all is `catalog.ts`'.
 */

import { totalmem } from "node:os";
import { isAbsolute, join } from "node:path";
import { defaultModelsFolder, STARTER_NAME } from "../../library/folder";
import type { MachineMemory } from "../../library/memory";
import type { EngineConfig, EngineStatus, Role } from "../../protocol/engine";
import type { Config } from "../config";

export interface ServingOptions {
    config: () => Config;
    /** Absolute path of the model that ships with the extension. */
    starterPath: string;
    engineStatus: () => EngineStatus | undefined;
}

export class Serving {
    /** Path -> name, of the last list: files of other tools have names that their paths do not tell. */
    private readonly names = new Map<string, string>();

    constructor(private readonly options: ServingOptions) {}

    get starterPath(): string {
        return this.options.starterPath;
    }

    get modelsFolder(): string {
        return this.options.config().libraryFolder || defaultModelsFolder();
    }

    /** Absolute path that serves each role. Does not look whether the file is there. */
    get paths(): Record<Role, string> {
        const { completionModel, chatModel } = this.options.config();
        const completion = this.resolve(completionModel || STARTER_NAME);
        return { completion, chat: chatModel ? this.resolve(chatModel) : completion };
    }

    /** Whether the role has a setting of its own. */
    isChosen(role: Role): boolean {
        const { completionModel, chatModel } = this.options.config();
        return (role === "completion" ? completionModel : chatModel) !== "";
    }

    isStarter(role: Role): boolean {
        return this.paths[role] === this.starterPath;
    }

    /** Display name of the model of a role: the file's name without its ending. */
    nameOf(role: Role): string {
        const path = this.paths[role];
        const file = path.split(/[\\/]/).at(-1) ?? path;
        if (this.isStarter(role)) return "Starter model";
        return this.names.get(path) ?? file.replace(/\.gguf$/i, "");
    }

    /** Names that were found, for `nameOf`. */
    learn(models: readonly { path: string; name: string }[]): void {
        for (const { path, name } of models) this.names.set(path, name);
    }

    engineConfig(): EngineConfig {
        const config = this.options.config();
        const { completion, chat } = this.paths;
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

    private resolve(setting: string): string {
        if (setting === STARTER_NAME) return this.starterPath;
        if (isAbsolute(setting)) return setting;
        return join(this.modelsFolder, setting.endsWith(".gguf") ? setting : `${setting}.gguf`);
    }
}
