/**
 * A Hub repository as a checkpoint: pinned to one commit when it is opened. Files that the Hub cache holds are read from disk, others by ranges
 * without being stored; without a network the cache alone must do. What was read is checked against the Hub's hashes.
 */

import { join } from "node:path";
import { AppError } from "../../base/errors";
import type { Log } from "../../base/log";
import {
    cachedCommit,
    cachedFile,
    hubCacheFolder,
    snapshotFiles,
    snapshotFolder,
} from "../../library/hubCache";
import { nodeSha256 } from "../../node/hash";
import type { Source } from "../../protocol/worker";
import { openFile, type CheckpointSource, type FileReader } from "../checkpoint/source";
import type { HashMark, SourceHashes } from "../sourceHashes";
import { checkRepoId, checkRevision, readRepo, type HubFile, type HubRepo } from "./client";
import { connectHub, isOfflineError, openRemote, refuseOffline, type HubContext } from "./connect";
import { realIo, type HubHttp, type HubIo } from "./http";
import { RangeReader, SpanPool, type RangeSource } from "./rangeReader";
import { StreamHash } from "./streamHash";

const DEFAULT_REVISION = "main";

/** What the worker gives (`startSha256`) and tests replace. */
export type CheckpointOptions = Pick<HubContext, "env" | "cacheFolder" | "startSha256"> & {
    pool?: SpanPool;
    /** Source bytes between two states of a hash that are kept. */
    markBytes?: number;
};

/**
 * Asks the Hub for the repository's commit and files. `signal` also ends every later read.
 * Throws AppError: user/usage, user/setting, net/*, data/checkpoint, cancelled.
 */
export async function openHubCheckpoint(
    source: Extract<Source, { kind: "hub" }>,
    log: Log,
    signal: AbortSignal,
    io: HubIo = realIo,
    options: CheckpointOptions = {},
): Promise<CheckpointSource> {
    const given = checkRepoId(source.repo.trim());
    const revision = checkRevision(source.revision?.trim() || DEFAULT_REVISION);
    const context: HubContext = { log: log.child("hub"), signal, io, ...options };
    const root = context.cacheFolder ?? hubCacheFolder(context.env);
    const http = connectHub(source, context);
    let repo: HubRepo;
    try {
        refuseOffline(context.env);
        repo = await readRepo(http, given, revision, signal);
    } catch (error) {
        const cached = isOfflineError(error) ? await openCached(root, given, revision) : undefined;
        if (!cached) throw error;
        context.log.info("repository opened from the cache", { repo: given, revision });
        return cached;
    }
    const { id, commit, files } = repo;
    context.log.info("repository opened", { repo: id, revision, commit, nFiles: files.size });
    return new HubCheckpoint(http, repo, revision, root, context, options);
}

class HubCheckpoint implements CheckpointSource {
    readonly name: string;
    readonly label: string;
    readonly identity: string;
    readonly commit: string;
    readonly files: ReadonlyMap<string, number>;
    readonly hashes: SourceHashes = {
        canResume: (mark) => this.hashOf(mark.file)?.canResume(mark) ?? false,
        resume: (mark) => this.hashOf(mark.file)?.resume(mark),
        follow: (cuts, onMark) => {
            for (const [file, places] of cuts) {
                const tell = (mark: Omit<HashMark, "file">) => onMark({ ...mark, file });
                const hash = this.hashOf(file);
                if (hash) hash.follow(places, tell);
                // Of this computer, or the Hub lists no hash.
                else if (this.files.has(file)) tell({ bytes: 0, state: undefined });
            }
        },
    };
    private readonly pool: SpanPool;
    private readonly remotes = new Map<
        string,
        { source: RangeSource; hash: StreamHash | undefined }
    >();

    constructor(
        private readonly http: HubHttp,
        private readonly repo: HubRepo,
        private readonly revision: string,
        private readonly root: string,
        private readonly context: HubContext,
        private readonly options: CheckpointOptions,
    ) {
        this.pool = options.pool ?? new SpanPool();
        this.name = nameOf(repo.id);
        this.label = repo.id;
        // The commit names the content, whichever mirror or cache it comes from.
        this.identity = `${repo.id}@${repo.commit}`;
        this.commit = repo.commit;
        const all = [...repo.files.values()];
        this.files = new Map(all.map(({ path, sizeBytes }) => [path, sizeBytes]));
    }

    async open(file: string): Promise<FileReader> {
        const { id, commit, files } = this.repo;
        const entry = files.get(file);
        if (!entry) throw new AppError("data/checkpoint", `${id} has no file ${file}`);
        const here = await cachedFile(this.root, id, commit, file, entry.sizeBytes);
        if (here !== undefined) return openFile(here, file);
        const { source } = this.remote(entry);
        return new RangeReader(source, file, this.pool, this.context.signal);
    }

    /** The hashes of what came over the network. Returns what could not be checked, in a sentence; throws data/hash. */
    async verify(signal: AbortSignal): Promise<string[]> {
        const unknown: string[] = [];
        for (const [file, { hash }] of this.remotes) {
            const verdict = await hash?.verdict(signal);
            if (verdict === "wrong")
                throw new AppError(
                    "data/hash",
                    `${file} of ${this.repo.id} arrived damaged: its hash is not the one that the Hub lists; start again`,
                );
            if (verdict !== "right") unknown.push(file);
        }
        const { commit } = this.repo;
        this.context.log.info("hashes checked", {
            nFiles: this.remotes.size,
            unknown: unknown.length,
        });
        if (unknown.length === 0) return [];
        const names = unknown.slice(0, 3).join(", ") + (unknown.length > 3 ? " and more" : "");
        return [
            `The hash of ${names} was not checked, as not all of it was read in order; that it is the file of commit ${commit.slice(0, 8)} rests on its size, its ETag and the protected connection`,
        ];
    }

    private hashOf(file: string): StreamHash | undefined {
        return this.remotes.get(file)?.hash;
    }

    private remote(entry: HubFile): { source: RangeSource; hash: StreamHash | undefined } {
        const known = this.remotes.get(entry.path);
        if (known) return known;
        const { id, commit } = this.repo;
        const where = { id, commit, revision: this.revision };
        const file = openRemote(this.http, where, entry, this.context);
        const check =
            entry.sha256 !== undefined
                ? ({ kind: "sha256", hex: entry.sha256 } as const)
                : entry.gitSha1 !== undefined
                  ? ({ kind: "git-sha1", hex: entry.gitSha1 } as const)
                  : undefined;
        const { startSha256 = nodeSha256, markBytes } = this.options;
        const hash = check && new StreamHash(file, check, startSha256, markBytes);
        const remote = { source: hash ?? file, hash };
        this.remotes.set(entry.path, remote);
        return remote;
    }
}

/** What the cache holds of the repository, when that is a checkpoint. */
async function openCached(
    root: string,
    repo: string,
    revision: string,
): Promise<CheckpointSource | undefined> {
    const commit = await cachedCommit(root, repo, revision);
    if (commit === undefined) return undefined;
    const folder = snapshotFolder(root, repo, commit);
    const files = await snapshotFiles(folder);
    if (!files.has("config.json")) return undefined;
    return {
        name: nameOf(repo),
        label: repo,
        identity: `${repo}@${commit}`,
        commit,
        files,
        isRandomAccess: true,
        open: (file) => openFile(join(folder, ...file.split("/")), file),
    };
}

function nameOf(id: string): string {
    return id.slice(id.indexOf("/") + 1);
}
