/** From what a person typed to a GGUF file: a path, or a file of a Hub repository. Pure: looks at the text only. */

import { parsePath } from "../models/source";

export type TypedGguf =
    | { kind: "file"; path: string }
    /** `file`: undefined when only the repository was named. */
    | { kind: "hub"; repo: string; revision?: string | undefined; file?: string | undefined };

const PART = /^[\w.-]{1,96}$/;
const ADDRESS = /^(?:https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\/|hf:\/\/)([^\s?#]+)/;

/** `OWNER/NAME`, `OWNER/NAME/FILE.gguf`, the address of either, or a path that ends in `.gguf`; undefined when it is none of them. */
export function parseGguf(text: string, homeFolder: string): TypedGguf | undefined {
    const path = parsePath(text, homeFolder);
    if (path !== undefined) return /\.gguf$/i.test(path) ? { kind: "file", path } : undefined;
    const value = text.trim();
    const address = ADDRESS.exec(value)?.[1];
    const [owner = "", name = "", ...rest] = (address ?? value).split("/").filter(Boolean);
    if (![owner, name].every((part) => PART.test(part) && !/^\.+$/.test(part))) return undefined;
    const repo = `${owner}/${name}`;
    const isPage = address !== undefined && /^(blob|resolve|tree)$/.test(rest[0] ?? "");
    const revision = isPage ? rest[1] : undefined;
    const parts = isPage ? rest.slice(2) : rest;
    if (parts.length === 0) return { kind: "hub", repo, revision };
    const file = decode(parts.join("/"), address !== undefined);
    const isFile = /\.gguf$/i.test(file) && !parts.some((part) => /^\.+$/.test(part));
    return isFile ? { kind: "hub", repo, revision, file } : undefined;
}

/** Addresses have `%20` for a space. */
function decode(file: string, isAddress: boolean): string {
    try {
        return isAddress ? decodeURIComponent(file) : file;
    } catch {
        return file;
    }
}
