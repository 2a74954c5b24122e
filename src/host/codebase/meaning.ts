/**
 * The search by meaning beside the one by words: has questions and pieces made vectors by the engine, when a model for that is on this
 * computer, and gives them to the indexer. A question never waits for pieces: what has a vector by then takes part. Pieces follow when the
 * index is up to date and the engine has nothing else to do.
 */

import { ProgressLocation, window } from "vscode";
import { isCancelled } from "../../base/errors";
import type { Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import type { QuestionVector } from "../../protocol/codebase";
import type { EmbedKind, EmbedResult } from "../../protocol/embeddings";
import type { IndexerClient } from "./indexerClient";

export interface MeaningOptions {
    /** Path of the embedding model to use; undefined: there is none. */
    findModel: () => Promise<string | undefined>;
    embed: (
        request: { model: string; kind: EmbedKind; texts: readonly string[] },
        signal?: AbortSignal,
    ) => Promise<EmbedResult>;
    client: Pick<IndexerClient, "request">;
    log: Log;
}

interface Space {
    model: string;
    key: string;
    dimensions: number;
}

/** A question goes by its words alone when its vector is not there by then: the model may have to be loaded. */
const QUESTION_MS = 2500;
/** Pieces that the engine gets at a time: so much is lost when it stops. */
const AT_ONCE = 8;
/** Pieces that are read from the disk at a time, at least. */
const READ_AT_ONCE = 64;
/** Fewer are not worth telling of. */
const MIN_TOLD = 100;

export class Meaning implements Disposable {
    private space: Space | undefined;
    private isBuilding = false;
    /** The index changed while pieces were embedded, or before it was known by which model. */
    private isAgain = false;
    private readonly stop = new AbortController();

    constructor(private readonly options: MeaningOptions) {}

    /** Undefined: no model, it failed, or it took too long. Never rejects. */
    async question(text: string, signal: AbortSignal): Promise<QuestionVector | undefined> {
        if (signal.aborted) return undefined;
        const found = this.embedQuestion(text).catch((error: unknown) => {
            this.options.log.warn("question has no vector", { error: String(error) });
            return undefined;
        });
        let giveUp = () => undefined as void;
        const late = new Promise<undefined>((resolve) => {
            const timer = setTimeout(() => resolve(undefined), QUESTION_MS);
            const end = () => resolve(undefined);
            signal.addEventListener("abort", end);
            giveUp = () => {
                clearTimeout(timer);
                signal.removeEventListener("abort", end);
            };
        });
        try {
            return await Promise.race([found, late]);
        } finally {
            giveUp();
        }
    }

    /** The index is as the files are: pieces without a vector get one. Does nothing before the first question. Never rejects. */
    async follow(): Promise<void> {
        this.isAgain = true;
        if (this.isBuilding) return;
        this.isBuilding = true;
        try {
            while (this.isAgain && this.space && !this.stop.signal.aborted) {
                this.isAgain = false;
                await this.build(this.space);
            }
        } catch (error) {
            if (!isCancelled(error))
                this.options.log.warn("pieces not embedded", { error: String(error) });
        } finally {
            this.isBuilding = false;
        }
    }

    dispose(): void {
        this.stop.abort();
    }

    private async embedQuestion(text: string): Promise<QuestionVector | undefined> {
        const model = await this.options.findModel();
        if (model === undefined) {
            this.space = undefined;
            return undefined;
        }
        const { signal } = this.stop;
        const request = { model, kind: "question", texts: [text] } as const;
        const { key, dimensions, vectors } = await this.options.embed(request, signal);
        this.space = { model, key, dimensions };
        // The search may have gone on without this vector, and there was no model to follow with.
        if (this.isAgain) void this.follow();
        return { key, vector: vectors };
    }

    private async build(space: Space): Promise<void> {
        const first = await this.missing(space);
        if (first.texts.length === 0) return;
        const work = (report: (text: string) => void) => this.embedAll(space, first, report);
        if (first.nMissing < MIN_TOLD) return work(() => undefined);
        await window.withProgress(
            { location: ProgressLocation.Window, title: "Ingot" },
            (progress) => work((message) => progress.report({ message })),
        );
    }

    private async embedAll(
        space: Space,
        first: Awaited<ReturnType<Meaning["missing"]>>,
        report: (text: string) => void,
    ): Promise<void> {
        let nDone = 0;
        for (let next = first; next.texts.length > 0; next = await this.missing(space)) {
            const total = Math.max(first.nMissing, nDone + next.nMissing);
            for (let at = 0; at < next.texts.length; at += AT_ONCE) {
                report(describeEmbedding(nDone, total));
                const some = next.texts.slice(at, at + AT_ONCE);
                if (!(await this.embedSome(space, some))) return;
                nDone += some.length;
            }
        }
        this.options.log.info("pieces embedded", { pieces: nDone });
    }

    /** False: the model is another one by now. */
    private async embedSome(
        { model, key }: Space,
        pieces: readonly { hash: string; text: string }[],
    ): Promise<boolean> {
        const { signal } = this.stop;
        const texts = pieces.map(({ text }) => text);
        const made = await this.options.embed({ model, kind: "piece", texts }, signal);
        if (made.key !== key || this.space?.key !== key) return false;
        const hashes = pieces.map(({ hash }) => hash);
        const { vectors } = made;
        await this.options.client.request("vectors/put", { key, hashes, vectors }, { signal });
        return true;
    }

    private missing({ key, dimensions }: Space) {
        const { signal } = this.stop;
        const params = { key, dimensions, limit: READ_AT_ONCE };
        return this.options.client.request("vectors/missing", params, { signal });
    }
}

export function describeEmbedding(done: number, total: number): string {
    const of = total.toLocaleString("en-US");
    return `Embedding the workspace, ${done.toLocaleString("en-US")} of ${of} pieces`;
}
