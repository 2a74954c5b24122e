/**
 * Keeps the index equal to the files that the host names: reads what is new or was written, forgets the rest, one file after the other
 * with a rest between them. What was done before it is cancelled stays done. Saves when there is something to save.
 */

import { sep } from "node:path";
import { Queue } from "../base/async";
import { throwIfAborted } from "../base/cancel";
import type { Log } from "../base/log";
import type {
    CodebaseHit,
    IndexedFile,
    IndexProgress,
    IndexState,
    QuestionVector,
} from "../protocol/codebase";
import { decodeFloats } from "../node/floats";
import { Embedding, type Missing } from "./embedding";
import { readSource, readText, type Outliner } from "./source";
import { readIndex, writeIndex } from "./store";
import { TextIndex } from "./textIndex";
import type { VectorSpace } from "./vectors";

export interface IndexerOptions {
    build: string;
    outliner: Outliner;
    log: Log;
}

interface Work {
    signal: AbortSignal;
    progress?: (progress: IndexProgress) => void;
}

/** Changes are written after so long without another; an index that was just made, when the question that asked for it was answered. */
const SAVE_AFTER_MS = 20_000;
const SAVE_MADE_AFTER_MS = 2000;
/** So many files read at once are not read again for want of a save. */
const MANY_READ = 50;
const PROGRESS_EVERY = 20;

export class Indexer {
    private readonly queue = new Queue();
    private index = new TextIndex();
    private folder: string | undefined;
    private timer: NodeJS.Timeout | undefined;
    private isSaved = true;

    private readonly embedding: Embedding;

    constructor(private readonly options: IndexerOptions) {
        this.embedding = new Embedding(options.outliner, options.log);
    }

    open(folder: string): Promise<IndexState> {
        return this.queue.add(async () => {
            this.folder = folder;
            const { build, log } = this.options;
            const found = await readIndex(folder, build, (why) =>
                log.warn("index not read", { why }),
            );
            this.index = found ?? new TextIndex();
            await this.embedding.open(folder);
            return this.state(0);
        });
    }

    sync(files: readonly IndexedFile[], work: Work): Promise<IndexState> {
        return this.queue.add(async () => {
            const wanted = new Set(files.map(({ path }) => path));
            const gone = this.index.paths().filter((path) => !wanted.has(path));
            const state = await this.take(files, gone, work);
            this.embedding.tidy(this.index);
            return state;
        });
    }

    update(
        files: readonly IndexedFile[],
        removed: readonly string[],
        work: Work,
    ): Promise<IndexState> {
        return this.queue.add(() => this.take(files, removed, work));
    }

    /** `meaning`: the question's vector; what has none of that model yet is found by its words alone. */
    search(question: string, limit: number, meaning?: QuestionVector): CodebaseHit[] {
        const vectors = meaning && this.embedding.of(meaning.key);
        const values = meaning && decodeFloats(meaning.vector);
        if (!vectors || values?.length !== vectors.space.dimensions)
            return this.index.search(question, limit);
        return this.index.search(question, limit, { vectors, question: values });
    }

    missing(space: VectorSpace, limit: number): Promise<Missing> {
        return this.queue.add(() => this.embedding.missing(this.index, space, limit));
    }

    put(key: string, hashes: readonly string[], vectors: string): Promise<void> {
        return this.queue.add(async () =>
            this.embedding.put({ key }, hashes, decodeFloats(vectors)),
        );
    }

    save(): Promise<void> {
        return this.queue.add(async () => {
            await this.write();
            await this.embedding.save();
        });
    }

    private async take(
        files: readonly IndexedFile[],
        removed: readonly string[],
        { signal, progress }: Work,
    ): Promise<IndexState> {
        throwIfAborted(signal);
        for (const path of removed) this.forget(path);
        let nRead = 0;
        try {
            for (const [done, file] of files.entries()) {
                throwIfAborted(signal);
                if (done % PROGRESS_EVERY === 0) progress?.({ done, total: files.length });
                if (await this.takeOne(file)) nRead++;
            }
        } finally {
            this.saveIn(nRead >= MANY_READ ? SAVE_MADE_AFTER_MS : SAVE_AFTER_MS);
        }
        return this.state(nRead);
    }

    /** A file, or a folder with all that is in it. */
    private forget(path: string): void {
        const isKnown = this.index.get(path) !== undefined;
        const below = isKnown
            ? [path]
            : this.index.paths().filter((one) => one.startsWith(path + sep));
        for (const one of below) this.changed(this.index.remove(one));
    }

    /** Whether it was taken apart anew. */
    private async takeOne({ path, name, text }: IndexedFile): Promise<boolean> {
        const { outliner } = this.options;
        const entry = this.index.get(path);
        // Another name when a folder was added to the workspace.
        const known = entry?.name === name ? entry : undefined;
        const read =
            text === undefined
                ? await readSource(path, known, outliner)
                : await readText(path, text, outliner);
        if (!read) {
            this.changed(this.index.remove(path));
            return false;
        }
        const { stamp, pieces } = read;
        if (pieces) this.index.set(path, name, stamp, pieces);
        else this.index.touch(path, stamp);
        this.changed(pieces !== undefined || stamp.mtimeMs !== known?.mtimeMs);
        return pieces !== undefined;
    }

    private changed(is: boolean): void {
        if (is) this.isSaved = false;
    }

    private state(nRead: number): IndexState {
        const { nFiles, nPieces, isCut } = this.index;
        return { nFiles, nPieces, nRead, isCut };
    }

    private saveIn(ms: number): void {
        if (this.isSaved) return;
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.save(), ms);
        this.timer.unref();
    }

    private async write(): Promise<void> {
        clearTimeout(this.timer);
        if (this.isSaved || this.folder === undefined) return;
        this.isSaved = true;
        try {
            await writeIndex(this.folder, this.options.build, this.index);
        } catch (error) {
            this.isSaved = false;
            this.options.log.warn("index not written", { error: String(error) });
        }
    }
}
