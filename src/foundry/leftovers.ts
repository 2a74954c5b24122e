/**
 * What earlier conversions left beside a result: `NAME.<pid>.part` and `NAME.<pid>.journal`. Tells whether somebody still writes,
 * what can be gone on with, and removes what nobody will want again.
 */

import { readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AppError } from "../base/errors";
import { delay } from "../base/cancel";
import { isAlive } from "../node/isAlive";

/** Results that this process writes. */
const active = new Set<string>();

/** Throws AppError `env/permission` when this process writes the result already. */
export function claim(out: string): void {
    if (active.has(out))
        throw new AppError(
            "env/permission",
            `Another conversion is writing ${out}; wait for it or cancel it`,
        );
    active.add(out);
}

export function release(out: string): void {
    active.delete(out);
}

/** By a process of that id, which another program may have by now: only a person can tell. `items`: all of that process. */
function isBeingWritten(out: string, items: readonly Leftover[]): AppError {
    const names = items.map(({ path }) => basename(path)).sort();
    const shown = names.slice(0, 4).join(", ");
    const more = names.length > 4 ? ` and ${names.length - 4} more` : "";
    return new AppError(
        "env/permission",
        `Another conversion is writing ${out} (process ${items[0]?.pid}); wait for it or cancel it, or, when none is running, remove ${shown}${more} beside it`,
    );
}

export function partPath(file: string, pid: number = process.pid): string {
    return `${file}.${pid}.part`;
}

export function journalPath(out: string, pid: number = process.pid): string {
    return `${out}.${pid}.journal`;
}

/** What killed runs of other work than conversions left of a file; those have journals, and are gone on with. */
export async function removeDeadParts(file: string): Promise<void> {
    const items = await list(dirname(file)).catch(() => []);
    const resumable = new Set(items.flatMap(({ kind, pid }) => (kind === "journal" ? [pid] : [])));
    for (const item of items) {
        const isDead = item.kind === "part" && item.file === file && !resumable.has(item.pid);
        if (isDead && !(await isWriting(item, file)))
            await rm(item.path, { force: true }).catch(() => undefined);
    }
}

interface Leftover {
    path: string;
    /** The file that it was to become (a part), or whose work it records (a journal). */
    file: string;
    pid: number;
    kind: "part" | "journal";
}

async function list(folder: string): Promise<Leftover[]> {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.flatMap((entry): Leftover[] => {
        const { name } = entry;
        const [, file, pid, kind] = /^(.+)\.(\d+)\.(part|journal)$/.exec(name) ?? [];
        if (!entry.isFile() || file === undefined || (kind !== "part" && kind !== "journal"))
            return [];
        const path = join(folder, name);
        return [{ path, file: join(folder, file), pid: Number(pid), kind }];
    });
}

/** A conversion writes all the time; the longest pause is a server that does not answer. */
const SILENT_MS = 60 * 60 * 1000;
/** How long somebody may take to start a killed conversion again. */
const RESUMABLE_MS = 7 * 24 * 60 * 60 * 1000;

/** A worker whose window or terminal is gone needs a moment to end. */
const ENDING_MS = 2000;
const LOOK_AGAIN_MS = 100;

/** As `refuseOthers`, with patience for one that is just ending. */
export async function waitForOthers(out: string, files: readonly string[]): Promise<void> {
    const startMs = performance.now();
    for (;;) {
        try {
            return await refuseOthers(out, files);
        } catch (error) {
            if (performance.now() - startMs > ENDING_MS) throw error;
            await delay(LOOK_AGAIN_MS);
        }
    }
}

/** Throws AppError `env/permission` when another process is writing the result. */
export async function refuseOthers(out: string, files: readonly string[]): Promise<void> {
    const items = await list(dirname(out));
    for (const item of items)
        if (isOf(item, out, files) && (await isWriting(item, out)))
            throw isBeingWritten(out, ofSame(item, items, out, files));
}

function ofSame(
    { pid }: Leftover,
    items: readonly Leftover[],
    out: string,
    files: readonly string[],
): Leftover[] {
    return items.filter((item) => item.pid === pid && isOf(item, out, files));
}

export interface Resumable {
    journal: string;
    /** Along the files. */
    parts: string[];
}

/** Journals of dead processes with a part for each of the files. */
export async function findResumable(out: string, files: readonly string[]): Promise<Resumable[]> {
    const items = await list(dirname(out));
    const parts = files.map(
        (file) => items.find((item) => item.kind === "part" && item.file === file)?.path,
    );
    if (parts.some((path) => path === undefined)) return [];
    return items
        .filter((item) => item.kind === "journal" && item.file === out)
        .map(({ path }) => ({ journal: path, parts: parts as string[] }));
}

/** Removes what belongs to this result, and forgotten parts of others; all of it is of dead processes. */
export async function removeLeftovers(
    out: string,
    files: readonly string[],
    kept: readonly string[],
): Promise<void> {
    const items = await list(dirname(out));
    for (const item of items) {
        if (kept.includes(item.path)) continue;
        if (isOf(item, out, files)) {
            // It came just now.
            if (await isWriting(item, out))
                throw isBeingWritten(out, ofSame(item, items, out, files));
        } else {
            const hasJournal = items.some(
                ({ kind, pid }) => kind === "journal" && pid === item.pid,
            );
            const limit = hasJournal ? RESUMABLE_MS : SILENT_MS;
            const isModel = item.file.endsWith(".gguf");
            if (
                !isModel ||
                !(await isOlder(item.path, limit)) ||
                (await isWriting(item, item.file))
            )
                continue;
        }
        await rm(item.path, { force: true });
    }
}

function isOf({ kind, file }: Leftover, out: string, files: readonly string[]): boolean {
    return kind === "journal" ? file === out : files.includes(file);
}

/** Process ids come again, in containers the same ones at every start: a part that nobody has touched for long is nobody's. */
async function isWriting({ path, pid, kind }: Leftover, out: string): Promise<boolean> {
    // Ours would have been refused when it was claimed.
    if (pid === process.pid) return false;
    // Of several parts the later ones are untouched for long; the journal is written all the time.
    const witness = kind === "part" ? journalPath(out, pid) : path;
    const isSilent = (await isOlder(path, SILENT_MS)) && (await isOlder(witness, SILENT_MS));
    return !isSilent && isAlive(pid);
}

/** True for a file that is not there any more. */
async function isOlder(path: string, ms: number): Promise<boolean> {
    const touchedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
    return Date.now() - touchedMs > ms;
}
