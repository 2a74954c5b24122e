/**
 * The Hub cache that all tools of this computer share (huggingface_hub, "Manage your cache"): per repository `blobs/ETAG`,
 * `refs/REVISION` with a commit, `snapshots/COMMIT/PATH` as links to blobs. Says where things are; reads refs and folders, writes nothing.
 */

import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative, sep } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** Root of the cache: HF_HUB_CACHE, HF_HOME/hub, or `~/.cache/huggingface/hub`. */
export function hubCacheFolder(env: Environment = process.env, home: string = homedir()): string {
    const own = env["HF_HUB_CACHE"] || env["HUGGINGFACE_HUB_CACHE"];
    if (own) return expandHome(own, home);
    if (env["HF_HOME"]) return join(expandHome(env["HF_HOME"], home), "hub");
    const cache = env["XDG_CACHE_HOME"] || join(home, ".cache");
    return join(expandHome(cache, home), "huggingface", "hub");
}

export function expandHome(path: string, home: string = homedir()): string {
    return /^~([\\/]|$)/.test(path) ? join(home, path.slice(1)) : path;
}

/** `ROOT/models--owner--name`. */
export function cachedRepoFolder(root: string, repo: string): string {
    return join(root, `models--${repo.replaceAll("/", "--")}`);
}

/** The id behind such a folder's name; undefined for data sets, spaces and other files. */
export function repoOfFolder(name: string): string | undefined {
    const parts = /^models--(.+)$/.exec(name)?.[1]?.split("--") ?? [];
    const isId = parts.length === 1 || parts.length === 2;
    return isId && parts.every((part) => /^[\w.-]+$/.test(part)) ? parts.join("/") : undefined;
}

const COMMIT = /^[0-9a-f]{40}$/;
const MAX_FILES = 20_000;
const MAX_DEPTH = 8;

/** The commit that the cache remembers for a revision; a full commit stands for itself. */
export async function cachedCommit(
    root: string,
    repo: string,
    revision: string,
): Promise<string | undefined> {
    if (COMMIT.test(revision)) return revision;
    const path = join(cachedRepoFolder(root, repo), "refs", ...revision.split("/"));
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile() || status.size > 200) return undefined;
    const commit = (await readFile(path, "utf8").catch(() => "")).trim();
    return COMMIT.test(commit) ? commit : undefined;
}

/** `ROOT/models--x--y/snapshots/COMMIT`. */
export function snapshotFolder(root: string, repo: string, commit: string): string {
    return join(cachedRepoFolder(root, repo), "snapshots", commit);
}

/** Path in the repository -> size, of the files of a snapshot that are there. Broken links are left out. */
export async function snapshotFiles(folder: string): Promise<Map<string, number>> {
    const files = new Map<string, number>();
    const walk = async (inner: string, depth: number): Promise<void> => {
        const entries = await readdir(join(folder, inner), { withFileTypes: true }).catch(() => []);
        for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
            if (files.size >= MAX_FILES) return;
            const path = inner ? join(inner, entry.name) : entry.name;
            if (entry.isDirectory()) {
                if (depth < MAX_DEPTH) await walk(path, depth + 1);
                continue;
            }
            const status = await stat(join(folder, path)).catch(() => undefined);
            if (status?.isFile()) files.set(path.split(sep).join("/"), status.size);
        }
    };
    await walk("", 0);
    return files;
}

/** Absolute path of a file of the snapshot, when it is there whole. */
export async function cachedFile(
    root: string,
    repo: string,
    commit: string,
    path: string,
    sizeBytes: number | undefined,
): Promise<string | undefined> {
    const folder = snapshotFolder(root, repo, commit);
    const file = join(folder, ...path.split("/"));
    if (relative(folder, file).startsWith("..")) return undefined;
    const status = await stat(file).catch(() => undefined);
    if (!status?.isFile()) return undefined;
    return sizeBytes === undefined || status.size === sizeBytes ? file : undefined;
}
