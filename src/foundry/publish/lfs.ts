/**
 * One large file to the Hub's store: the LFS batch call says whether it is there already and where it goes, whole or in parts; parts go over several
 * connections and are not sent twice, also not by the next process. Only `basic` and `multipart` are asked for (the Hub takes both beside Xet).
 * As @huggingface/hub (lib/commit.ts) and huggingface_hub (lfs.py) do it.
 */

import { AppError } from "../../base/errors";
import { notAHub } from "../hub/api";
import { discard, type HubHttp } from "../hub/http";
import { askJson, postJson, refusedWrite, toTarget, type Json } from "./ask";
import type { PieceReader } from "./pieces";
import { plainText } from "./plainText";
import { counted, damaged, LFS_TYPE, multipartOf, sendParts } from "./parts";
import { checkAddress, type Action } from "./action";
import { UploadJournal } from "./uploadJournal";

export interface LfsOptions {
    http: HubHttp;
    repo: string;
    /** Where journals are. */
    folder: string;
    reader: PieceReader;
    oid: string;
    signal: AbortSignal;
    /** A pull request is not tied to the branch. */
    pullRequest: boolean;
    /** Bytes of the file that the store has. */
    onProgress: (doneBytes: number) => void;
    /** Default 4. */
    connections?: number | undefined;
}

/** New addresses for the rest of a file, when the old ones have run out. */
const MAX_RENEWALS = 10;

interface Batch {
    upload: Action | undefined;
    verify: Action | undefined;
}

/** Bytes that were sent; 0 when the Hub had the file. Throws AppError net/*, data/hash, env/*, cancelled. */
export async function uploadLfs(options: LfsOptions): Promise<number> {
    const { http, repo, folder, reader, oid, onProgress } = options;
    const { sizeBytes } = reader.piece;
    const journal = await UploadJournal.open(folder, {
        endpoint: http.address.endpoint,
        repo,
        oid,
        sizeBytes,
    });
    let isDone = false;
    try {
        const batch = await askBatch(options);
        const sent = batch.upload ? await send(options, journal, batch.upload) : 0;
        if (batch.upload) {
            await reader.checkUnchanged();
            if (batch.verify) await verify(options, batch.verify);
        }
        onProgress(sizeBytes);
        isDone = true;
        return sent;
    } catch (error) {
        // Damaged parts are no beginning of anything.
        isDone = error instanceof AppError && error.code === "data/hash";
        throw error;
    } finally {
        if (isDone) await journal.remove();
        else await journal.close();
    }
}

/** New addresses when the old ones have run out; what has arrived is kept where the upload is the same one. */
async function send(options: LfsOptions, journal: UploadJournal, first: Action): Promise<number> {
    let sent = 0;
    let action: Action | undefined = first;
    for (let renewals = 0; action && renewals <= MAX_RENEWALS; renewals++) {
        const parts = multipartOf(action, options);
        if (!parts) return sent + (await sendWhole(options, action));
        const run = await sendParts(options, journal, parts);
        sent += run.sentBytes;
        if (run.isDone) return sent;
        ({ upload: action } = await askBatch(options));
    }
    // Somebody else has sent the same meanwhile.
    if (!action) return sent;
    throw expired(options);
}

function expired({ http, reader }: LfsOptions): AppError {
    return new AppError(
        "net/http",
        `The store of ${http.host} does not take ${reader.piece.path}; try again later`,
        { retry: true },
    );
}

async function askBatch({
    http,
    repo,
    oid,
    reader,
    pullRequest,
    signal,
}: LfsOptions): Promise<Batch> {
    const request = postJson(
        `${http.address.endpoint}/${repo}.git/info/lfs/objects/batch`,
        {
            operation: "upload",
            transfers: ["basic", "multipart"],
            hash_algo: "sha_256",
            ...(pullRequest ? {} : { ref: { name: "main" } }),
            objects: [{ oid, size: reader.piece.sizeBytes }],
        },
        LFS_TYPE,
    );
    const { objects } = await askJson(http, request, repo, signal);
    const [object] = Array.isArray(objects) ? (objects as Json[]) : [];
    if (object?.["oid"] !== oid) throw notAHub(http.host, "another object was answered for");
    const error = object["error"] as { code?: unknown; message?: unknown } | undefined;
    if (error)
        throw new AppError(
            "net/http",
            `${http.host} does not take ${reader.piece.path}; it says: ${plainText(error.message) ?? "nothing"}`,
            { detail: `code ${String(error.code)}` },
        );
    const actions = (object["actions"] ?? {}) as Json;
    return {
        upload: toAction(http, actions["upload"]),
        verify: toAction(http, actions["verify"]),
    };
}

function toAction(http: HubHttp, value: unknown): Action | undefined {
    if (value === undefined || value === null) return undefined;
    const { href, header } = value as { href?: unknown; header?: unknown };
    const given = Object.entries((header ?? {}) as Json);
    const texts = given.filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return { href: checkAddress(http, href), header: Object.fromEntries(texts) };
}

async function sendWhole(options: LfsOptions, { href, header }: Action): Promise<number> {
    const { http, repo, reader, signal, onProgress } = options;
    const { sizeBytes } = reader.piece;
    const headers = Object.fromEntries(
        Object.entries(header).filter(
            ([name]) => !/^(authorization|host|content-length)$/i.test(name),
        ),
    );
    const body = counted(reader.body(0, sizeBytes), onProgress);
    const answer = await http.request(
        { url: href, method: "PUT", headers, body },
        toTarget(repo),
        signal,
    );
    if (answer.response.status === 403) throw expired(options);
    if (!answer.response.ok) throw await refusedWrite(http, answer, repo);
    await discard(answer.response);
    return sizeBytes;
}

async function verify(
    { http, repo, oid, reader, signal }: LfsOptions,
    action: Action,
): Promise<void> {
    const request = postJson(action.href, { oid, size: reader.piece.sizeBytes }, LFS_TYPE);
    const answer = await http.request(request, toTarget(repo), signal);
    const { status, ok } = answer.response;
    if (ok) return discard(answer.response);
    if (status === 400 || status === 404 || status === 422)
        throw await damaged(reader, answer.host);
    throw await refusedWrite(http, answer, repo);
}
