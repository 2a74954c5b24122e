/**
 * The reviews of a workspace on disk, a file for each document, so that a reload of the window, a crash or a closed tab ends none.
 * Written a moment after the last change as `.part` and renamed; readable by the owner only, since it holds the document's text. What
 * nobody has come back to for a month is removed.
 */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Queue } from "../../base/async";
import type { Log } from "../../base/log";
import type { Row } from "../../edit/review";
import { savedReview, savedReviewIn, type SavedReview } from "../../edit/savedReview";
import { writeWhole } from "../../node/wholeFile";

export interface SavedReviewsOptions {
    /** Made when the first review is written. */
    folder: string;
    log: Log;
    /** ms since 1970. */
    now: () => number;
}

/** Reviews change with every key that is typed beside them. */
const SETTLE_MS = 300;
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;
const MAX_FILE_BYTES = 32 * 1024 * 1024;

export class SavedReviews {
    private readonly queue = new Queue();
    /** Documents and their rows, to be written; undefined: to be forgotten. */
    private readonly waiting = new Map<string, readonly Row[] | undefined>();
    private timer: ReturnType<typeof setTimeout> | undefined;
    private names: Promise<Set<string>> | undefined;

    constructor(private readonly options: SavedReviewsOptions) {}

    put(uri: string, rows: readonly Row[]): void {
        this.later(uri, rows);
    }

    forget(uri: string): void {
        this.later(uri, undefined);
    }

    /** Never rejects: what cannot be read counts as absent. */
    async read(uri: string): Promise<SavedReview | undefined> {
        if (this.waiting.has(uri)) {
            const rows = this.waiting.get(uri);
            return rows && savedReview(rows);
        }
        return this.queue.add(async () => {
            const name = nameOf(uri);
            return (await this.list()).has(name) ? this.readFile(uri, name) : undefined;
        });
    }

    /** Writes what is not on the disk yet. Never rejects. */
    async flush(): Promise<void> {
        clearTimeout(this.timer);
        this.timer = undefined;
        await this.queue.add(async () => {
            for (const [uri, rows] of [...this.waiting]) {
                this.waiting.delete(uri);
                try {
                    await this.write(uri, rows);
                } catch (error) {
                    this.options.log.warn("review not kept", { error: String(error) });
                }
            }
        });
    }

    private later(uri: string, rows: readonly Row[] | undefined): void {
        this.waiting.set(uri, rows);
        this.timer ??= setTimeout(() => void this.flush(), SETTLE_MS);
    }

    private async write(uri: string, rows: readonly Row[] | undefined): Promise<void> {
        const name = nameOf(uri);
        const names = await this.list();
        const path = join(this.options.folder, name);
        if (!rows) {
            if (names.delete(name)) await rm(path, { force: true });
            return;
        }
        await mkdir(this.options.folder, { recursive: true });
        const part = `${path}.${process.pid}.part`;
        const text = JSON.stringify({ uri, ...savedReview(rows) });
        await writeWhole(path, text, { part, mode: 0o600 });
        names.add(name);
    }

    private async readFile(uri: string, name: string): Promise<SavedReview | undefined> {
        const path = join(this.options.folder, name);
        try {
            if ((await stat(path)).size > MAX_FILE_BYTES) return undefined;
            const value = JSON.parse(await readFile(path, "utf8")) as { uri?: unknown };
            return value.uri === uri ? savedReviewIn(value) : undefined;
        } catch {
            return undefined;
        }
    }

    /** The files that are there. */
    private list(): Promise<Set<string>> {
        return (this.names ??= this.look());
    }

    private async look(): Promise<Set<string>> {
        const { folder, now } = this.options;
        const names = await readdir(folder).catch((): string[] => []);
        const kept = new Set<string>();
        for (const name of names) {
            const path = join(folder, name);
            const ms = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
            if (now() - ms > MAX_AGE_MS) await rm(path, { force: true });
            else if (name.endsWith(".json")) kept.add(name);
        }
        return kept;
    }
}

function nameOf(uri: string): string {
    return `${createHash("sha256").update(uri).digest("hex").slice(0, 32)}.json`;
}
