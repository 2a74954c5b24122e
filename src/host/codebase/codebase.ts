/**
 * Finds what a question is about in the workspace. Nothing is done before somebody asks: the first question has the index made, with
 * progress; later ones bring it up to date first, unsaved text included. INVARIANT: what is given away was asked for at `SourceFiles` at
 * that moment, so no index, however old, shows what a rule keeps from the model.
 */

import { stat } from "node:fs/promises";
import { ProgressLocation, Uri, window, workspace } from "vscode";
import { onAbort } from "../../base/cancel";
import { AppError, cancelled, isCancelled } from "../../base/errors";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import { withoutSecrets } from "../../context/secretLines";
import type { CodebaseHit, IndexedFile, IndexProgress } from "../../protocol/codebase";
import type { SourceFiles } from "../context/sourceFiles";
import { Changes } from "./changes";
import { indexedFile, listFiles } from "./fileList";
import type { IndexerClient } from "./indexerClient";
import type { Meaning } from "./meaning";

export interface CodebaseOptions {
    client: IndexerClient;
    /** Undefined: what is found is found by its words. */
    meaning?: Pick<Meaning, "question" | "follow"> | undefined;
    files: Pick<SourceFiles, "read" | "mayShow" | "mayEnter" | "rulesChanged">;
    log: Log;
}

/** A place that a question may be about. Lines are zero-based, and both ends included. */
export interface FoundPlace {
    uri: Uri;
    /** `src/cart/basket.ts`. */
    name: string;
    first: number;
    last: number;
    symbol: string | undefined;
    /** Of the whole file as it stands now, keys and passwords left out. */
    lines: readonly string[];
}

export interface SearchOptions {
    limit: number;
    signal: AbortSignal;
    /** What is waited for, as a person reads it. */
    onActivity?: ((text: string) => void) | undefined;
}

/** The index being brought up to date. */
interface Run {
    end: Promise<void>;
    stop: AbortController;
    nWaiting: number;
}

/** Changes settle for so long before the index follows them by itself. */
const SETTLE_MS = 3000;

export class Codebase implements Disposable {
    private readonly store = new DisposableStore();
    private changes: Changes | undefined;
    private current: Run | undefined;
    private activity = "";
    private readonly listeners = new Set<(text: string) => void>();
    /** Files whose text came from an editor. */
    private unsaved = new Set<string>();
    private timer: NodeJS.Timeout | undefined;
    private mustFollow = false;

    constructor(private readonly options: CodebaseOptions) {}

    /** Throws AppError when there is nothing to search. */
    check(): void {
        if (!workspace.workspaceFolders?.some(({ uri }) => uri.scheme === "file"))
            throw new AppError(
                "user/usage",
                "No folder is open, so there is no codebase to search; open one",
            );
    }

    /** The best first. Throws AppError: nothing to search, cancelled, the indexer's end. */
    async search(question: string, options: SearchOptions): Promise<FoundPlace[]> {
        this.check();
        const { limit, signal } = options;
        const understood = this.options.meaning?.question(question, signal);
        await this.fresh(options);
        const hits = await this.options.client.request(
            "index/search",
            { question, limit: limit + 5, meaning: await understood },
            { signal },
        );
        void this.options.meaning?.follow();
        const places = await Promise.all(hits.map((hit) => this.place(hit)));
        const found = places.filter((place) => place !== undefined).slice(0, limit);
        this.options.log.info("searched", { found: found.length, ofHits: hits.length });
        return found;
    }

    dispose(): void {
        clearTimeout(this.timer);
        this.current?.stop.abort();
        this.changes?.dispose();
        this.store.dispose();
    }

    /** The index as the files are now. Who waits for the same work shares it; it goes on until nobody waits. */
    private async fresh({
        signal,
        onActivity,
    }: Pick<SearchOptions, "signal" | "onActivity">): Promise<void> {
        const { current } = this;
        // It began before now: it may have missed what was written since, or is being stopped by who began it.
        if (current)
            await this.wait(current, signal, onActivity).catch((error: unknown) => {
                if (signal.aborted) throw error;
            });
        await this.wait((this.current ??= this.begin()), signal, onActivity);
    }

    private async wait(
        current: Run,
        signal: AbortSignal,
        onActivity: ((text: string) => void) | undefined,
    ): Promise<void> {
        current.nWaiting++;
        if (onActivity) {
            this.listeners.add(onActivity);
            if (this.activity !== "") onActivity(this.activity);
        }
        let stopListening = () => undefined as void;
        try {
            const aborted = new Promise<never>((_, reject) => {
                stopListening = onAbort(signal, () => reject(cancelled()));
            });
            await Promise.race([current.end, aborted]);
        } finally {
            stopListening();
            if (onActivity) this.listeners.delete(onActivity);
            if (--current.nWaiting === 0) current.stop.abort();
        }
    }

    private begin(): Run {
        const stop = new AbortController();
        const end = this.update(stop.signal).finally(() => {
            this.current = undefined;
            this.activity = "";
        });
        end.catch(() => undefined);
        return { end, stop, nWaiting: 0 };
    }

    private async update(signal: AbortSignal): Promise<void> {
        const changes = (this.changes ??= this.follow());
        const { client, log } = this.options;
        // A child that starts now knows only what was kept, and says so.
        if (!client.isRunning) changes.all();
        const open = await this.unsavedFiles();
        const changed = changes.take();
        try {
            if (changed === undefined) await this.updateAll(open, signal);
            else await this.updateSome(changed, open, signal);
            this.unsaved = new Set(open.map(({ path }) => path));
            void this.options.meaning?.follow();
        } catch (error) {
            changes.all();
            if (!isCancelled(error)) log.warn("index not up to date", { error: String(error) });
            throw error;
        }
    }

    private async updateAll(open: readonly IndexedFile[], signal: AbortSignal): Promise<void> {
        this.tell("Looking through the workspace");
        const beginMs = performance.now();
        const { files, isCut } = await listFiles(this.options.files, signal);
        const texts = new Map(open.map((file) => [file.path, file]));
        const all = files.map((file) => texts.get(file.path) ?? file);
        const run = (report: (text: string) => void) =>
            this.options.client.request(
                "index/sync",
                { files: all },
                {
                    signal,
                    onProgress: (progress) => {
                        const text = describeIndexing(progress);
                        this.tell(text);
                        report(text);
                    },
                },
            );
        const state = await window.withProgress(
            { location: ProgressLocation.Window, title: "Ingot" },
            (progress) => run((message) => progress.report({ message })),
        );

        const ms = Math.round(performance.now() - beginMs);
        this.options.log.info("indexed", { ms, ...state, isCut: isCut || state.isCut });
    }

    private async updateSome(
        changed: readonly Uri[],
        open: readonly IndexedFile[],
        signal: AbortSignal,
    ): Promise<void> {
        const files = new Map(open.map((file) => [file.path, file]));
        const removed: string[] = [];
        const saved = [...this.unsaved]
            .filter((path) => !files.has(path))
            .map((path) => Uri.file(path));
        for (const uri of [...changed, ...saved]) {
            if (files.has(uri.fsPath)) continue;
            if (await isFolder(uri)) return this.updateAll(open, signal);
            const file = await indexedFile(uri, this.options.files);
            if (file) files.set(file.path, file);
            else removed.push(uri.fsPath);
        }
        if (files.size + removed.length === 0) return;
        const params = { files: [...files.values()], removed };
        await this.options.client.request("index/update", params, { signal });
    }

    /** Text that is not on the disk yet counts as it stands in the editor. */
    private async unsavedFiles(): Promise<IndexedFile[]> {
        const dirty = workspace.textDocuments.filter(
            ({ isDirty, isClosed }) => isDirty && !isClosed,
        );
        const files = await Promise.all(
            dirty.map(async (document): Promise<IndexedFile[]> => {
                const file = await indexedFile(document.uri, this.options.files);
                return file ? [{ ...file, text: document.getText() }] : [];
            }),
        );
        return files.flat();
    }

    private follow(): Changes {
        const changes = new Changes();
        this.store.add(changes.onDidChange(() => this.followSoon()));
        this.store.add(
            changes.onDidChangeRules(() => {
                this.options.files.rulesChanged();
                this.mustFollow = true;
                this.followSoon();
            }),
        );
        return changes;
    }

    /** An index that is in memory follows by itself; one that is not, at the next question, or when something in it must go. */
    private followSoon(): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => {
            const mayRest = !this.options.client.isRunning && !this.mustFollow;
            if (mayRest || this.current) return;
            this.mustFollow = false;
            const { signal } = new AbortController();
            this.fresh({ signal }).catch(() => undefined);
        }, SETTLE_MS);
    }

    private async place({
        path,
        first,
        last,
        symbol,
    }: CodebaseHit): Promise<FoundPlace | undefined> {
        const uri = Uri.file(path);
        const file = await indexedFile(uri, this.options.files);
        const text = file && (await this.options.files.read(uri));
        if (!file || !text || first >= text.lines.length) return undefined;
        const end = Math.min(last, text.lines.length - 1);
        return {
            uri,
            name: file.name,
            first,
            last: end,
            symbol,
            lines: withoutSecrets(text.lines),
        };
    }

    private tell(text: string): void {
        this.activity = text;
        for (const listener of this.listeners) listener(text);
    }
}

export function describeIndexing({ done, total }: IndexProgress): string {
    const of = total.toLocaleString("en-US");
    return `Indexing the workspace, ${done.toLocaleString("en-US")} of ${of} files`;
}

async function isFolder(uri: Uri): Promise<boolean> {
    return stat(uri.fsPath).then(
        (found) => found.isDirectory(),
        () => false,
    );
}
