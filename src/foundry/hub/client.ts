/**
 * What the Hub says about a repository: the commit behind a revision, and its files with their sizes. Uses @huggingface/hub for the
 * API and our own requests below it, for cancelling, retries and the token. Does not read the files.
 */

import { listFiles, modelInfo } from "@huggingface/hub";
import { AppError } from "../../base/errors";
import { throwIfAborted } from "../../base/cancel";
import { INNER_FOLDERS } from "../checkpoint/source";
import { getBody, notAHub } from "./api";
import type { Target } from "./errors";
import type { HubHttp } from "./http";

export interface HubRepo {
    /** As the Hub spells it. */
    id: string;
    /** The revision at the time of asking; everything is read from this commit. */
    commit: string;
    files: ReadonlyMap<string, HubFile>;
}

export interface HubFile {
    path: string;
    sizeBytes: number;
    /** Of large files only. */
    sha256: string | undefined;
    /** Of all others: the hash that git gives the file as a blob. */
    gitSha1: string | undefined;
}

const MAX_ENTRIES = 20_000;
const MAX_PAGES = 100;

/** Both parts as the Hub allows them (huggingface_hub, utils/_validators.py). */
const REPO_ID = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9_][\w.-]{0,95}$/;

/** Throws user/usage when the text cannot name a repository. */
export function checkRepoId(text: string): string {
    const isId = REPO_ID.test(text) && !/--|\.\.|[.-](\/|$)|\.git$/.test(text);
    if (isId) return text;
    throw new AppError(
        "user/usage",
        `${printable(text)} is not a Hub repository; type it as owner/name, like Qwen/Qwen2.5-Coder-0.5B`,
    );
}

export function checkRevision(text: string): string {
    if (/^[\w.][\w./+@-]{0,199}$/.test(text) && !text.includes("..")) return text;
    throw new AppError(
        "user/usage",
        `${printable(text)} is not a revision; type a branch, a tag or a commit`,
    );
}

/** Top-level files and additional chat templates of `repo` (or all files) at the commit that `revision` names now. */
export async function readRepo(
    http: HubHttp,
    repo: string,
    revision: string,
    signal?: AbortSignal,
    depth: "checkpoint" | "all" = "checkpoint",
): Promise<HubRepo> {
    const target: Target = { repo, revision };
    const library = { hubUrl: http.address.endpoint, fetch: apiFetch(http, target, signal) };
    try {
        const info = await modelInfo({
            ...library,
            name: repo,
            revision,
            additionalFields: ["sha"],
        });
        const commit: unknown = info.sha;
        if (typeof commit !== "string" || !/^[0-9a-f]{40}$/.test(commit))
            throw new TypeError("the answer has no commit");
        const id = typeof info.name === "string" && REPO_ID.test(info.name) ? info.name : repo;
        const files = new Map<string, HubFile>();
        const root = { ...library, repo: id, revision: commit };
        if (depth === "all") {
            await addFiles(files, listFiles({ ...root, recursive: true }));
            return { id, commit, files };
        }
        const folders = await addFiles(files, listFiles(root));
        for (const folder of INNER_FOLDERS)
            if (folders.has(folder)) await addFiles(files, listFiles({ ...root, path: folder }));
        return { id, commit, files };
    } catch (error) {
        throwIfAborted(signal);
        if (error instanceof AppError) throw error;
        throw notAHub(http.host, error);
    }
}

async function addFiles(
    files: Map<string, HubFile>,
    entries: AsyncIterable<unknown>,
): Promise<Set<string>> {
    const folders = new Set<string>();
    let nEntries = 0;
    for await (const entry of entries) {
        if (++nEntries > MAX_ENTRIES)
            throw new AppError(
                "data/checkpoint",
                `The repository has more than ${MAX_ENTRIES} files, which no checkpoint has`,
            );
        const { type, path, size, lfs } = entry as Record<string, unknown>;
        if (typeof path !== "string" || !isPlainPath(path)) continue;
        if (type === "directory") folders.add(path);
        if (type !== "file") continue;
        if (!Number.isSafeInteger(size) || (size as number) < 0)
            throw new TypeError(`the size of ${path} is not a number`);
        const oid = (lfs as { oid?: unknown } | null | undefined)?.oid;
        const sha256 = typeof oid === "string" && /^[0-9a-f]{64}$/.test(oid) ? oid : undefined;
        const sha1 = (entry as { oid?: unknown }).oid;
        const isPlain = !lfs && typeof sha1 === "string" && /^[0-9a-f]{40}$/.test(sha1);
        const gitSha1 = isPlain ? sha1 : undefined;
        files.set(path, { path, sizeBytes: size as number, sha256, gitSha1 });
    }
    return folders;
}

/** No name that would mean another place in a URL or a folder. */
function isPlainPath(path: string): boolean {
    // eslint-disable-next-line no-control-regex -- control characters are what is refused
    if (path.length > 500 || /[\\\x00-\x1f]/.test(path)) return false;
    return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** fetch as the library expects it, over our requests. Answers are bounded and complete before the library sees them. */
function apiFetch(http: HubHttp, target: Target, signal: AbortSignal | undefined): typeof fetch {
    let nPages = 0;
    return async (input) => {
        if (++nPages > MAX_PAGES) throw new TypeError("the list of files has no end");
        const url = input instanceof Request ? input.url : String(input);
        const { body, headers } = await getBody(http, url, target, signal);
        return new Response(body, { headers });
    };
}

function printable(text: string): string {
    return JSON.stringify(text.slice(0, 100));
}
