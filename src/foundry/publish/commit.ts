/**
 * The one commit of a publication: the Hub says which files are large ones, small ones go inside the commit, large ones by their hash. It stands on the
 * commit that was looked at, so that it cannot be made twice and nothing of somebody else is covered up.
 */

import { AppError } from "../../base/errors";
import { notAHub } from "../hub/api";
import type { HubHttp } from "../hub/http";
import { askJson, postJson, textBody, type Json } from "./ask";
import { PieceReader, type Piece } from "./pieces";
import { readState, type RepoState } from "./repo";

export interface Item {
    piece: Piece;
    sha256: string;
    /** Of small files: the hash that git gives the file as a blob. */
    gitSha1: string | undefined;
    /** Its first bytes. */
    sample: Uint8Array;
}

export type Mode = "lfs" | "regular";

export interface Committed {
    commit: string;
    pullRequestUrl: string | undefined;
}

export interface CommitOptions {
    http: HubHttp;
    state: RepoState;
    items: readonly Item[];
    modes: ReadonlyMap<string, Mode>;
    message: string;
    pullRequest: boolean;
    signal: AbortSignal;
}

/** What the Hub takes inside a commit (huggingface_hub: files over 10 MB are large ones). */
export const MAX_INLINE_BYTES = 10 * 1024 * 1024;
const MAX_TRIES = 3;

/** By path. Throws AppError net/*, user/usage for a file that the repository's own rules leave out. */
export async function readModes(
    http: HubHttp,
    repo: string,
    items: readonly Item[],
    pullRequest: boolean,
    signal: AbortSignal,
): Promise<Map<string, Mode>> {
    const modes = new Map<string, Mode>();
    if (items.length === 0) return modes;
    const request = postJson(address(http, repo, "preupload", pullRequest), {
        files: items.map(({ piece, sample }) => ({
            path: piece.path,
            size: piece.sizeBytes,
            sample: Buffer.from(sample).toString("base64"),
        })),
    });
    const { files } = await askJson(http, request, repo, signal);
    for (const file of Array.isArray(files) ? (files as Json[]) : []) {
        const { path, uploadMode, shouldIgnore } = file;
        if (typeof path !== "string") continue;
        if (shouldIgnore === true)
            throw new AppError(
                "user/usage",
                `The .gitignore of ${repo} leaves ${path} out; change it there, or rename the file`,
            );
        if (uploadMode === "lfs" || uploadMode === "regular") modes.set(path, uploadMode);
    }
    for (const { piece } of items)
        if (!isPossible(piece, modes.get(piece.path)))
            throw notAHub(http.host, `no way to send ${piece.path}`);
    return modes;
}

function isPossible({ sizeBytes }: Piece, mode: Mode | undefined): boolean {
    return mode === "lfs" || (mode === "regular" && sizeBytes <= MAX_INLINE_BYTES);
}

/** Throws AppError net/*, user/usage. */
export async function commitFiles(options: CommitOptions): Promise<Committed> {
    const { http, state, message, pullRequest, signal } = options;
    const { id: repo, commit: parentCommit } = state;
    const lines: unknown[] = [
        { key: "header", value: { summary: message, description: "", parentCommit } },
    ];
    for (const item of options.items) lines.push(await toLine(item, options.modes));
    const request = {
        url: address(http, repo, "commit", pullRequest),
        method: "POST" as const,
        headers: { Accept: "application/json", "Content-Type": "application/x-ndjson" },
        body: textBody(lines.map((line) => JSON.stringify(line)).join("\n")),
        isOnce: true,
    };
    for (let tries = 1; ; tries++) {
        try {
            return toCommitted(http, await askJson(http, request, repo, signal));
        } catch (error) {
            if (signal.aborted || !isLost(error)) throw error;
            const made = await madeNevertheless(options);
            if (made) return made;
            // Nobody can tell whether a pull request was opened.
            if (pullRequest || tries >= MAX_TRIES) throw unclear(error, repo, pullRequest);
        }
    }
}

async function toLine({ piece, sha256 }: Item, modes: ReadonlyMap<string, Mode>): Promise<unknown> {
    const { path, sizeBytes } = piece;
    if (modes.get(path) === "lfs")
        return { key: "lfsFile", value: { path, algo: "sha256", oid: sha256, size: sizeBytes } };
    const reader = await PieceReader.open(piece);
    try {
        const content = Buffer.from(await reader.bytes(0, sizeBytes)).toString("base64");
        return { key: "file", value: { path, content, encoding: "base64" } };
    } finally {
        await reader.close();
    }
}

function toCommitted(http: HubHttp, { commitOid, pullRequestUrl }: Json): Committed {
    if (typeof commitOid !== "string" || !/^[0-9a-f]{40}$/.test(commitOid))
        throw notAHub(http.host, "the answer has no commit");
    const url = typeof pullRequestUrl === "string" && URL.canParse(pullRequestUrl);
    return { commit: commitOid, pullRequestUrl: url ? pullRequestUrl : undefined };
}

/** The answer did not come, and the commit may be there. */
function isLost(error: unknown): boolean {
    return error instanceof AppError && (error.code === "net/offline" || error.retry);
}

async function madeNevertheless({
    http,
    state,
    items,
    pullRequest,
    signal,
}: CommitOptions): Promise<Committed | undefined> {
    if (pullRequest) return undefined;
    const now = await readState(http, state.id, signal);
    const isThere = ({ piece, sha256, gitSha1 }: Item) => {
        const file = now?.files.get(piece.path);
        return file?.sha256 === undefined ? file?.gitSha1 === gitSha1 : file.sha256 === sha256;
    };
    if (!now || now.commit === state.commit || !items.every(isThere)) return undefined;
    return { commit: now.commit, pullRequestUrl: undefined };
}

function unclear(cause: unknown, repo: string, pullRequest: boolean): AppError {
    const what = pullRequest ? "pull request" : "commit";
    return new AppError(
        "net/http",
        `The connection broke while the ${what} in ${repo} was made; look there whether it was, then publish again`,
        { cause, retry: true },
    );
}

function address(http: HubHttp, repo: string, verb: string, pullRequest: boolean): string {
    const query = pullRequest ? "?create_pr=1" : "";
    return `${http.address.endpoint}/api/models/${repo}/${verb}/main${query}`;
}
