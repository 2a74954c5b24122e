/** From what a person typed to where a checkpoint or a model file is. Pure: looks at the text only, never at the disk. */

import type { Source } from "../../protocol/worker";

export interface HubOptions {
    endpoint: string;
    token?: string | undefined;
    /** For a leading `~`. */
    homeFolder: string;
}

/** Parts of a Hub id: letters, digits, `-`, `_`, `.`, as the Hub allows them. */
const HUB_ID = /^[\w.-]{1,96}\/[\w.-]{1,96}$/;
const HUB_ADDRESS =
    /^(?:https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\/|hf:\/\/)([^/\s]+\/[^/\s?#]+)/;

/** A folder (absolute path or `~/...`), a Hub id (`owner/name`) or a Hub page's address; undefined when it is none of them. */
export function parseSource(text: string, options: HubOptions): Source | undefined {
    const folder = parsePath(text, options.homeFolder);
    if (folder !== undefined) return { kind: "folder", path: folder };
    const value = text.trim();
    const id = HUB_ADDRESS.exec(value)?.[1] ?? value;
    if (!HUB_ID.test(id) || id.split("/").some((part) => /^\.+$/.test(part))) return undefined;
    return {
        kind: "hub",
        repo: id,
        endpoint: options.endpoint,
        ...(options.token === undefined ? {} : { token: options.token }),
    };
}

/** An absolute path, with `~` and quotes resolved and no separator at the end; undefined when it is not one. */
export function parsePath(text: string, homeFolder: string): string | undefined {
    const value = text.trim().replace(/^(["'])(.*)\1$/, "$2");
    const full = /^~[\\/]/.test(value) ? homeFolder + value.slice(1) : value;
    if (!/^(\/|[A-Za-z]:[\\/]|\\\\)/.test(full)) return undefined;
    return full.length > 1 ? full.replace(/[\\/]+$/, "") || full.charAt(0) : full;
}

/** Name of a source as people call it: the folder's name, or the Hub id. */
export function sourceName(source: Source): string {
    if (source.kind === "hub") return source.repo;
    return source.path.split(/[\\/]/).at(-1) || source.path;
}

/** File name of a result: `name-Q4_K_M.gguf`. */
export function resultFileName(name: string, type: string): string {
    return `${resultStem(name)}-${type}.gguf`;
}

/** What names of results begin with, with nothing in it that a file system refuses. */
export function resultStem(name: string): string {
    const stem = (name.split("/").at(-1) ?? name).replace(/[^\w.-]+/g, "-").replace(/^[-.]+/, "");
    return stem || "model";
}

/** The last part of a path. */
export function fileName(path: string): string {
    return path.split(/[\\/]/).at(-1) ?? path;
}
