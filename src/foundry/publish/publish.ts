/**
 * Publishes GGUF files and their card: the account checked, hashes taken, the repository made if it is not there, large files sent, then one commit
 * or one pull request. What was sent is kept for the next run; what is on the Hub already is not sent again.
 */

import { join } from "node:path";
import { AppError } from "../../base/errors";
import { throwIfAborted } from "../../base/cancel";
import { dataFolder } from "../../node/dataFolder";
import { nodeHash, nodeSha256 } from "../../node/hash";
import type { PublishEvent, PublishParams, PublishResult } from "../../protocol/publish";
import { parseModelCard } from "../frontMatter";
import { isMendable, keptError } from "../kept";
import { connectHub, refuseOffline, type HubContext } from "../hub/connect";
import type { HubHttp } from "../hub/http";
import { TransferMeter } from "../hub/transferMeter";
import { readAccount, refuseForeign } from "./account";
import { commitFiles, MAX_INLINE_BYTES, readModes, type Item } from "./commit";
import { uploadLfs } from "./lfs";
import { checkCardLicense } from "./license";
import { bytesPiece, PieceReader, type Piece } from "./pieces";
import { CARD_PATH, namedFacts, openModels, type PublishTuning } from "./plan";
import { createRepo, readState, refuseOtherKind, repoId, type RepoState } from "./repo";
import { removeStaleJournals } from "./uploadJournal";

export interface RunTuning extends PublishTuning {
    connections?: number | undefined;
    /** Where uploads that were not finished are remembered; default: in the data folder. */
    folder?: string | undefined;
}

type OnEvent = (event: PublishEvent) => void;

const MAX_CARD_BYTES = 1024 * 1024;

/** Throws AppError user/usage, user/license, user/no-model, data/gguf, data/hash, net/*, env/*, cancelled. */
export async function publish(
    params: PublishParams,
    context: HubContext,
    onEvent: OnEvent,
    tuning: RunTuning = {},
): Promise<PublishResult> {
    const startMs = performance.now();
    refuseOffline(context.env);
    onEvent({ stage: "list", doneBytes: 0, totalBytes: 0 });
    const pieces = await readPieces(params, tuning);
    const http = connectHub(params, context);
    const account = await readAccount(http, context.signal);
    const id = repoId(params.repo, account.name);
    refuseForeign(http, account, id);
    const before = await readState(http, id, context.signal);
    if (before) refuseOtherKind(before, params.private);
    const run = new PublishRun(http, params, context, onEvent, tuning);
    try {
        const hashed = await run.hash(pieces);
        const { state, isCreated } = before
            ? { state: before, isCreated: false }
            : { state: await run.create(id), isCreated: true };
        const result = await run.send(state, hashed);
        return { ...result, isCreated, seconds: (performance.now() - startMs) / 1000 };
    } catch (error) {
        throw isMendable(error) && run.hasSent ? keptError(error) : error;
    }
}

/** The card counts as the person has left it; without a clear licence in it nothing goes. */
async function readPieces(params: PublishParams, tuning: PublishTuning): Promise<Piece[]> {
    const models = await openModels(params.files, tuning);
    const pieces = models.flatMap((model) => model.pieces);
    if (params.card === undefined) return pieces;
    checkCardLicense(parseModelCard(params.card), namedFacts(models));
    const card = Buffer.from(params.card);
    if (card.length > MAX_CARD_BYTES)
        throw new AppError("user/usage", "The model card is longer than 1 MB; shorten it");
    return [...pieces, bytesPiece(CARD_PATH, card)];
}

class PublishRun {
    sentBytes = 0;
    /** Something is on the Hub that the next run need not send. */
    hasSent = false;

    constructor(
        private readonly http: HubHttp,
        private readonly params: PublishParams,
        private readonly context: HubContext,
        private readonly onEvent: OnEvent,
        private readonly tuning: RunTuning,
    ) {}

    /** Before anything is sent: the Hub knows large files by their hash. */
    async hash(pieces: readonly Piece[]): Promise<Item[]> {
        const { startSha256 = nodeSha256, signal } = this.context;
        const meter = this.meter("hash", pieces);
        const items: Item[] = [];
        for (const piece of pieces) {
            const reader = await PieceReader.open(piece);
            try {
                const onProgress = meter.begin(piece.path);
                const sha256 = await reader.sha256(startSha256, signal, onProgress);
                const sample = await reader.bytes(0, Math.min(512, piece.sizeBytes));
                meter.finish(piece.sizeBytes);
                items.push({ piece, sha256, sample, gitSha1: await gitSha1(reader) });
            } finally {
                await reader.close();
            }
        }
        return items;
    }

    async create(id: string): Promise<RepoState> {
        const { signal, log } = this.context;
        await createRepo(this.http, id, this.params.private, signal);
        log.info("repository made", { repo: id, private: this.params.private });
        const state = await readState(this.http, id, signal);
        // Somebody else's of that name, which this token may not see.
        if (!state)
            throw new AppError(
                "net/auth",
                `${id} is on ${this.http.host} already, and the token may not read it; choose another name`,
            );
        refuseOtherKind(state, this.params.private);
        return state;
    }

    async send(
        state: RepoState,
        items: readonly Item[],
    ): Promise<Omit<PublishResult, "seconds" | "isCreated">> {
        const { signal, log } = this.context;
        const { pullRequest } = this.params;
        const repo = state.id;
        const news = items.filter((item) => !isThere(state, item));
        const known = new Set(items.filter((item) => !news.includes(item)));
        const modes = await readModes(this.http, repo, news, pullRequest, signal);
        const meter = this.meter(
            "upload",
            items.map(({ piece }) => piece),
        );
        const folder = this.tuning.folder ?? join(dataFolder(), "uploads");
        await removeStaleJournals(folder);
        for (const item of items) {
            const { path, sizeBytes } = item.piece;
            throwIfAborted(signal);
            if (known.has(item) || modes.get(path) !== "lfs") meter.skip(path, sizeBytes);
            else {
                await this.sendLarge(repo, folder, item, meter);
                log.info("file is on the Hub", { repo, file: path, bytes: sizeBytes });
            }
        }
        this.onEvent({ stage: "commit", doneBytes: 0, totalBytes: 0 });
        const message = this.params.message?.trim() || messageFor(items);
        const committed =
            news.length === 0
                ? undefined
                : await commitFiles({
                      http: this.http,
                      state,
                      items: news,
                      modes,
                      message,
                      pullRequest,
                      signal,
                  });
        return {
            repo,
            url: `${this.http.address.endpoint}/${repo}`,
            commit: committed?.commit ?? state.commit,
            pullRequestUrl: committed?.pullRequestUrl,
            isUnchanged: committed === undefined,
            files: items.map((item) => ({
                path: item.piece.path,
                sizeBytes: item.piece.sizeBytes,
                sha256: item.sha256,
                isNew: !known.has(item),
            })),
            bytes: this.sentBytes,
        };
    }

    private async sendLarge(
        repo: string,
        folder: string,
        { piece, sha256 }: Item,
        meter: TransferMeter,
    ): Promise<void> {
        const reader = await PieceReader.open(piece);
        try {
            const onProgress = meter.begin(piece.path);
            this.sentBytes += await uploadLfs({
                http: this.http,
                repo,
                folder,
                reader,
                oid: sha256,
                signal: this.context.signal,
                pullRequest: this.params.pullRequest,
                onProgress: (done) => {
                    this.hasSent ||= done > 0;
                    onProgress(done);
                },
                connections: this.tuning.connections,
            });
            meter.finish(piece.sizeBytes);
        } finally {
            await reader.close();
        }
    }

    private meter(stage: "hash" | "upload", pieces: readonly Piece[]): TransferMeter {
        const total = pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        return new TransferMeter(total, (event) => this.onEvent({ ...event, stage }));
    }
}

/** Undefined for files that are never small ones for the Hub. */
async function gitSha1(reader: PieceReader): Promise<string | undefined> {
    const { sizeBytes } = reader.piece;
    if (sizeBytes > MAX_INLINE_BYTES) return undefined;
    const hash = nodeHash("sha1", `blob ${sizeBytes}\0`);
    await hash.update(await reader.bytes(0, sizeBytes));
    return hash.digest();
}

/** Large files by their SHA-256; of small ones the Hub tells git's hash. */
function isThere({ files }: RepoState, { piece, sha256, gitSha1 }: Item): boolean {
    const there = files.get(piece.path);
    if (there?.sizeBytes !== piece.sizeBytes) return false;
    return there.sha256 === undefined ? there.gitSha1 === gitSha1 : there.sha256 === sha256;
}

function messageFor(items: readonly Item[]): string {
    const models = items.filter(({ piece }) => piece.path !== CARD_PATH);
    const [first] = models;
    const more = models.length > 1 ? ` and ${models.length - 1} more` : "";
    return `Add ${first?.piece.path ?? CARD_PATH}${more}`;
}
