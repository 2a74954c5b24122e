/**
 * Files of a repository into the shared Hub cache: what is there already is not asked for again, what is missing is downloaded and
 * checked, and without a network what is there must do. One commit for all files.
 */

import { AppError } from "../../base/errors";
import { throwIfAborted } from "../../base/cancel";
import { formatBytes } from "../../base/format";
import { cachedCommit, cachedFile, hubCacheFolder, snapshotFiles } from "../../library/hubCache";
import type { HubFetchEvent, HubFetchParams, HubFetchResult } from "../../protocol/hub";
import { freeBytesAt } from "../diskErrors";
import { chooseFiles } from "./choice";
import { checkRepoId, checkRevision, readRepo, type HubFile, type HubRepo } from "./client";
import { connectHub, isOfflineError, openRemote, refuseOffline, type HubContext } from "./connect";
import { downloadFile, realDisk, type DownloadOptions } from "./download";
import type { HashCheck } from "./frontHash";
import type { HubHttp } from "./http";
import { RepoStore } from "./store";
import { TransferMeter } from "./transferMeter";

const DEFAULT_REVISION = "main";

/** What only tests change about a download. */
export type FetchTuning = Pick<
    DownloadOptions,
    "connections" | "pieceBytes" | "flushBytes" | "disk"
>;

/** Throws AppError user/usage, user/setting, net/*, env/*, data/hash, cancelled. */
export async function fetchFiles(
    params: HubFetchParams,
    context: HubContext,
    onEvent: (event: HubFetchEvent) => void,
    tuning: FetchTuning = {},
): Promise<HubFetchResult> {
    const startMs = performance.now();
    const repo = checkRepoId(params.repo.trim());
    const revision = checkRevision(params.revision?.trim() || DEFAULT_REVISION);
    const root = context.cacheFolder ?? hubCacheFolder(context.env);
    onEvent({ stage: "list", doneBytes: 0, totalBytes: 0 });
    const http = connectHub(params, context);
    let listed: HubRepo;
    try {
        refuseOffline(context.env);
        listed = await readRepo(http, repo, revision, context.signal, "all");
    } catch (error) {
        if (!isOfflineError(error)) throw error;
        const found = await fromCache(root, repo, revision, params.files);
        if (found) return found;
        throw error;
    }
    const sizes = new Map([...listed.files.values()].map((file) => [file.path, file.sizeBytes]));
    const chosen = chooseFiles(listed.id, sizes, params.files);
    const job = new FetchJob(http, listed, revision, root, context, tuning);
    await job.store.removeStaleParts();
    const meter = new TransferMeter(sum(chosen.map((path) => sizes.get(path) ?? 0)), onEvent);
    const files: HubFetchResult["files"] = [];
    const wanted = chosen.flatMap((path) => listed.files.get(path) ?? []);
    try {
        await job.refuseFullDisk(wanted);
        for (const file of wanted) files.push(await job.fetch(file, meter));
        await job.store.writeRef(revision);
    } finally {
        await job.store.removeEmpty();
    }
    meter.end();
    return {
        repo: listed.id,
        commit: listed.commit,
        snapshot: job.store.snapshot,
        files,
        bytes: job.transferred,
        seconds: (performance.now() - startMs) / 1000,
        offline: false,
    };
}

class FetchJob {
    readonly store: RepoStore;
    transferred = 0;

    constructor(
        private readonly http: HubHttp,
        private readonly repo: HubRepo,
        private readonly revision: string,
        private readonly root: string,
        private readonly context: HubContext,
        private readonly tuning: FetchTuning,
    ) {
        this.store = new RepoStore(root, repo.id, repo.commit);
    }

    /** All files together, before the first one: a model of which half is there is of no use. Throws AppError env/disk. */
    async refuseFullDisk(files: readonly HubFile[]): Promise<void> {
        const { id, commit } = this.repo;
        let needed = 0;
        for (const file of files) {
            const { path, sizeBytes } = file;
            if (await cachedFile(this.root, id, commit, path, sizeBytes)) continue;
            needed += sizeBytes - (await this.store.presentBytes(checkOf(file, id).hex, sizeBytes));
        }
        const disk = this.tuning.disk ?? realDisk;
        const free = await freeBytesAt(this.root, (folder) => disk.freeBytes(folder));
        if (free === undefined || free >= needed) return;
        throw new AppError(
            "env/disk",
            `The download needs ${formatBytes(needed)} and ${this.root} has ${formatBytes(free)} free; free some space or set HF_HUB_CACHE to another folder`,
        );
    }

    async fetch(file: HubFile, meter: TransferMeter): Promise<HubFetchResult["files"][number]> {
        const { path, sizeBytes } = file;
        throwIfAborted(this.context.signal);
        const { id, commit } = this.repo;
        const present = await cachedFile(this.root, id, commit, path, sizeBytes);
        if (present !== undefined) {
            meter.skip(path, sizeBytes);
            return { path, file: present, sizeBytes, isNew: false };
        }
        const check = checkOf(file, id);
        const isNew = !(await this.store.hasBlob(check.hex, sizeBytes));
        if (isNew) await this.download(file, check, meter);
        else meter.skip(path, sizeBytes);
        return { path, file: await this.store.link(path, check.hex), sizeBytes, isNew };
    }

    private async download(file: HubFile, check: HashCheck, meter: TransferMeter): Promise<void> {
        const { id, commit } = this.repo;
        const { context } = this;
        const where = { id, commit, revision: this.revision };
        this.transferred += await downloadFile({
            remote: openRemote(this.http, where, file, context),
            target: { repo: id, revision: this.revision, file: file.path },
            out: await this.store.blobPath(check.hex),
            check,
            log: context.log,
            signal: context.signal,
            startSha256: context.startSha256,
            onProgress: meter.begin(file.path),
            ...this.tuning,
        });
        meter.finish(file.sizeBytes);
        context.log.info("file downloaded", { repo: id, file: file.path, bytes: file.sizeBytes });
    }
}

function checkOf({ path, sha256, gitSha1 }: HubFile, repo: string): HashCheck {
    if (sha256 !== undefined) return { kind: "sha256", hex: sha256 };
    if (gitSha1 !== undefined) return { kind: "git-sha1", hex: gitSha1 };
    throw new AppError(
        "data/hash",
        `The Hub lists no hash for ${path} of ${repo}, so it cannot be checked; choose another repository`,
    );
}

/** Undefined when the cache does not hold all that is asked for. */
async function fromCache(
    root: string,
    repo: string,
    revision: string,
    wanted: readonly string[],
): Promise<HubFetchResult | undefined> {
    const commit = await cachedCommit(root, repo, revision);
    if (commit === undefined) return undefined;
    const store = new RepoStore(root, repo, commit);
    const sizes = await snapshotFiles(store.snapshot);
    let chosen: string[];
    try {
        chosen = chooseFiles(repo, sizes, wanted);
    } catch {
        return undefined;
    }
    const files: HubFetchResult["files"] = [];
    for (const path of chosen) {
        const file = await cachedFile(root, repo, commit, path, undefined);
        if (file === undefined) return undefined;
        files.push({ path, file, sizeBytes: sizes.get(path) ?? 0, isNew: false });
    }
    const { snapshot } = store;
    return { repo, commit, snapshot, files, bytes: 0, seconds: 0, offline: true };
}

function sum(numbers: readonly number[]): number {
    return numbers.reduce((total, n) => total + n, 0);
}
