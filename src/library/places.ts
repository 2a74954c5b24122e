/**
 * Where other tools keep their models on this computer. Each tool's own rules, from its documentation or source: LM Studio (settings.json,
 * home pointer), llama.cpp (LLAMA_CACHE, common/arg.cpp fs_get_cache_directory), Ollama (OLLAMA_MODELS, docs/faq). Reads small files only.
 */

import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { expandHome, hubCacheFolder } from "./hubCache";

export type FoundOrigin = "hub" | "lmstudio" | "llamacpp" | "ollama" | "folder";

export interface Place {
    origin: FoundOrigin;
    folder: string;
}

export interface PlaceOptions {
    /** Folders that the person has named. */
    searchFolders?: readonly string[] | undefined;
    env?: Readonly<Record<string, string | undefined>> | undefined;
    home?: string | undefined;
    platform?: NodeJS.Platform | undefined;
}

const MAX_SETTINGS_BYTES = 1024 * 1024;

/** Whether they exist or not; the person's own folders first. */
export async function knownPlaces(options: PlaceOptions = {}): Promise<Place[]> {
    const { env = process.env, home = homedir(), platform = process.platform } = options;
    const place = (origin: FoundOrigin) => (folder: string) => ({ origin, folder });
    const own = (options.searchFolders ?? []).map((folder) => expandHome(folder.trim(), home));
    return [
        ...own.filter(Boolean).map(place("folder")),
        { origin: "hub", folder: hubCacheFolder(env, home) },
        ...(await lmStudioFolders(home)).map(place("lmstudio")),
        { origin: "llamacpp", folder: llamaCppFolder(env, home, platform) },
        ...ollamaFolders(env, home, platform).map(place("ollama")),
    ];
}

async function lmStudioFolders(home: string): Promise<string[]> {
    const pointer = (await readSmall(join(home, ".lmstudio-home-pointer")))?.trim();
    const roots = [pointer, join(home, ".lmstudio"), join(home, ".cache", "lm-studio")];
    const folders: string[] = [];
    for (const root of roots) {
        if (!root) continue;
        const chosen = downloadsFolder(await readSmall(join(root, "settings.json")));
        if (chosen !== undefined) folders.push(expandHome(chosen, home));
        folders.push(join(root, "models"));
    }
    return [...new Set(folders)];
}

function downloadsFolder(settings: string | undefined): string | undefined {
    try {
        const value = JSON.parse(settings ?? "null") as { downloadsFolder?: unknown } | null;
        const folder = value?.downloadsFolder;
        return typeof folder === "string" && folder !== "" ? folder : undefined;
    } catch {
        return undefined;
    }
}

type Environment = NonNullable<PlaceOptions["env"]>;

function llamaCppFolder(env: Environment, home: string, platform: NodeJS.Platform): string {
    if (env["LLAMA_CACHE"]) return expandHome(env["LLAMA_CACHE"], home);
    if (platform === "darwin") return join(home, "Library", "Caches", "llama.cpp");
    if (platform === "win32")
        return join(env["LOCALAPPDATA"] || join(home, "AppData", "Local"), "llama.cpp");
    return join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "llama.cpp");
}

/** The second one is the service's, as its installer for Linux sets it up. */
function ollamaFolders(env: Environment, home: string, platform: NodeJS.Platform): string[] {
    if (env["OLLAMA_MODELS"]) return [expandHome(env["OLLAMA_MODELS"], home)];
    const own = join(home, ".ollama", "models");
    return platform === "linux" ? [own, "/usr/share/ollama/.ollama/models"] : [own];
}

async function readSmall(path: string): Promise<string | undefined> {
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile() || status.size > MAX_SETTINGS_BYTES) return undefined;
    return readFile(path, "utf8").catch(() => undefined);
}
