/**
 * Texts as vectors, for the search in a workspace: one model at a time, loaded by the first request that names it and freed when nobody has
 * asked for a while. A question goes before pieces, and pieces stand back for everything that a person waits for.
 */

import { cancelled } from "../../base/errors";
import type { Log } from "../../base/log";
import { encodeFloats } from "../../node/floats";
import type { EmbedRequest, EmbedResult } from "../../protocol/embeddings";
import type { Backend } from "../loadedModel";
import { loadEmbedModel, type EmbedModel } from "./embedModel";
import { Foreground } from "./foreground";

export interface EmbeddingsOptions {
    backend: () => Promise<Backend>;
    log: Log;
    /** Everything that a person waits for. */
    foreground: Foreground;
    load?: typeof loadEmbedModel;
}

interface Entry {
    path: string;
    loading: Promise<EmbedModel>;
    nUses: number;
    isRetired: boolean;
}

/** It is small and quickly there again. */
const IDLE_MS = 60_000;

export class Embeddings {
    private entry: Entry | undefined;
    private timer: NodeJS.Timeout | undefined;
    /** Questions about code, which pieces stand back for too. */
    private readonly questions = new Foreground();

    constructor(private readonly options: EmbeddingsOptions) {}

    /** Throws AppError: `cancelled`, or as loadEmbedModel. */
    async embed(request: EmbedRequest, signal: AbortSignal): Promise<EmbedResult> {
        const work = () => this.use(request, signal);
        return request.kind === "question" ? this.questions.during(work) : work();
    }

    private async use(
        { model: path, kind, texts }: EmbedRequest,
        signal: AbortSignal,
    ): Promise<EmbedResult> {
        const entry = this.take(path);
        entry.nUses++;
        clearTimeout(this.timer);
        try {
            const model = await entry.loading;
            if (signal.aborted) throw cancelled();
            const { foreground } = this.options;
            const standsBack = kind === "piece" ? [foreground, this.questions] : [];
            const vectors = await model.embed(texts, kind, {
                signal,
                turn: async () => {
                    for (const one of standsBack) await one.idle(signal);
                },
                onInterrupt: (listener) => {
                    const listening = standsBack.map((one) => one.onBegin(listener));
                    return { dispose: () => listening.forEach((one) => one.dispose()) };
                },
            });
            const { key, dimensions } = model;
            return { key, dimensions, vectors: encodeFloats(vectors) };
        } finally {
            entry.nUses--;
            this.released(entry);
        }
    }

    private take(path: string): Entry {
        if (this.entry?.path === path) return this.entry;
        this.retire();
        const { backend, log, load = loadEmbedModel } = this.options;
        const loading = backend().then((open) => load(path, open));
        const entry: Entry = { path, loading, nUses: 0, isRetired: false };
        this.entry = entry;
        loading.then(
            ({ name, dimensions }) => log.info("embedding model loaded", { name, dimensions }),
            (error: unknown) => {
                log.error("embedding model not loaded", { path, error: String(error) });
                if (this.entry === entry) this.entry = undefined;
            },
        );
        return entry;
    }

    private released(entry: Entry): void {
        if (entry.nUses > 0) return;
        if (entry.isRetired) void close(entry);
        else if (entry === this.entry) this.timer = setTimeout(() => this.retire(), IDLE_MS);
    }

    private retire(): void {
        clearTimeout(this.timer);
        const { entry } = this;
        if (!entry) return;
        this.entry = undefined;
        entry.isRetired = true;
        if (entry.nUses === 0) void close(entry);
    }
}

async function close({ loading }: Entry): Promise<void> {
    await loading.then(
        (model) => model.close(),
        () => undefined,
    );
}
