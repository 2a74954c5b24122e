/** A connection to the Hub that a request names, and its remote files. Nothing is asked of the network here. */

import { AppError } from "../../base/errors";
import type { Log } from "../../base/log";
import type { StartSha256 } from "../../node/hash";
import type { HubAccess } from "../../protocol/hub";
import { chooseAddress, isOfflineMode } from "./address";
import type { HubFile } from "./client";
import { HubHttp, realIo, type HubIo } from "./http";
import { RemoteFile } from "./remoteFile";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the Hub code takes from outside; replaceable in tests. */
export interface HubContext {
    log: Log;
    signal: AbortSignal;
    io?: HubIo | undefined;
    /** Default: process.env. */
    env?: Environment | undefined;
    /** Root of the Hub cache; default: where the environment says. */
    cacheFolder?: string | undefined;
    /** Default: node's, which holds up the thread and cannot be gone on with after a kill. */
    startSha256?: StartSha256 | undefined;
}

/** Throws AppError user/setting. */
export function connectHub(access: HubAccess, context: HubContext): HubHttp {
    const address = chooseAddress(access, context.env ?? process.env);
    return new HubHttp(address, context.log, context.io ?? realIo);
}

/** Throws net/offline when the person has said that the network is not to be used. */
export function refuseOffline(env: Environment = process.env): void {
    if (!isOfflineMode(env)) return;
    throw new AppError(
        "net/offline",
        "The Hub is not asked, because HF_HUB_OFFLINE is set; unset it to use the network",
    );
}

export interface RemoteRepo {
    id: string;
    commit: string;
    revision: string;
}

export function openRemote(
    http: HubHttp,
    { id, commit, revision }: RemoteRepo,
    { path, sizeBytes, sha256 }: HubFile,
    context: Pick<HubContext, "log">,
): RemoteFile {
    const escaped = path.split("/").map(encodeURIComponent).join("/");
    return new RemoteFile(http, {
        url: `${http.address.endpoint}/${id}/resolve/${commit}/${escaped}`,
        target: { repo: id, revision, file: path },
        sizeBytes,
        sha256,
        log: context.log,
    });
}

export function isOfflineError(error: unknown): boolean {
    return error instanceof AppError && error.code === "net/offline";
}
