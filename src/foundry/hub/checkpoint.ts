/** A Hub repository as a checkpoint: pinned to one commit when it is opened, its files read by ranges. Nothing is stored on disk. */

import { AppError } from "../../base/errors";
import type { Log } from "../../base/log";
import type { Source } from "../../protocol/worker";
import type { CheckpointSource, FileReader } from "../checkpoint/source";
import { checkRepoId, checkRevision, chooseAddress, readRepo } from "./client";
import { HubHttp, realIo, type HubIo } from "./http";
import { RangeReader, SpanPool } from "./rangeReader";
import { RemoteFile } from "./remoteFile";

const DEFAULT_REVISION = "main";

/**
 * Asks the Hub for the repository's commit and files. `signal` also ends every later read.
 * Throws AppError: user/usage, user/setting, net/*, data/checkpoint, cancelled.
 */
export async function openHubCheckpoint(
    source: Extract<Source, { kind: "hub" }>,
    log: Log,
    signal: AbortSignal,
    io: HubIo = realIo,
): Promise<CheckpointSource> {
    const given = checkRepoId(source.repo.trim());
    const revision = checkRevision(source.revision?.trim() || DEFAULT_REVISION);
    const topic = log.child("hub");
    const http = new HubHttp(chooseAddress(source, process.env), topic, io);
    const { id, commit, files } = await readRepo(http, given, revision, signal);
    topic.info("repository opened", { repo: id, revision, commit, nFiles: files.size });
    const pool = new SpanPool();
    const remotes = new Map<string, RemoteFile>();
    const open = async (file: string): Promise<FileReader> => {
        const entry = files.get(file);
        if (!entry) throw new AppError("data/checkpoint", `${id} has no file ${file}`);
        const path = file.split("/").map(encodeURIComponent).join("/");
        const remote =
            remotes.get(file) ??
            new RemoteFile(http, {
                url: `${http.address.endpoint}/${id}/resolve/${commit}/${path}`,
                target: { repo: id, revision, file },
                sizeBytes: entry.sizeBytes,
                sha256: entry.sha256,
                log: topic,
            });
        remotes.set(file, remote);
        return new RangeReader(remote, file, pool, signal);
    };
    return {
        name: id.slice(id.indexOf("/") + 1),
        label: id,
        identity: `${http.address.endpoint}/${id}@${commit}`,
        files: new Map([...files.values()].map(({ path, sizeBytes }) => [path, sizeBytes])),
        open,
    };
}
