/**
 * Gives a result that is whole its name, or the files of one their names. A file that came to that place while the result was made is not replaced
 * unasked, nor is the work lost: all files of the result stay beside it under another name, which they have in common.
 */

import { link, rename, rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { AppError } from "../base/errors";
import { refuseExisting } from "./outPlace";

export interface WholePart {
    /** Where the file lies, on the same disk as its place. */
    part: string;
    path: string;
}

/** Throws AppError `env/permission`, saying what the result is called instead; what the disk says when it cannot have another name either. */
export async function nameResult(
    part: string,
    out: string,
    overwrite: boolean | undefined,
): Promise<void> {
    return nameResults([{ part, path: out }], overwrite);
}

/** The same for several files: all get their names or none. The first one last: it is what a split model is opened by. */
export async function nameResults(
    files: readonly WholePart[],
    overwrite: boolean | undefined,
): Promise<void> {
    const named: WholePart[] = [];
    for (const file of files.toReversed()) {
        try {
            // What is no file is never replaced, and no other one before that is known.
            const replaced = overwrite && named.length === 0 ? files : [];
            for (const { path } of replaced) await refuseExisting(path, true);
            await nameOne(file, overwrite);
        } catch (error) {
            const came = !overwrite && (await isThere(file.path));
            const asides = await setAside(files, named).catch(() => undefined);
            throw asides ? keptAside(file.path, came, asides, error) : error;
        }
        named.push(file);
    }
    for (const { part } of files) await rm(part, { force: true });
}

async function nameOne({ part, path }: WholePart, overwrite: boolean | undefined): Promise<void> {
    if (overwrite) return rename(part, path);
    await refuseExisting(path, false);
    try {
        // Alone fails for a file that is there.
        await link(part, path);
    } catch (error) {
        if (await isThere(path)) throw error;
        // Not every disk has links.
        await rename(part, path);
    }
}

/** Gives the files of a result another name; `named` have theirs already. */
async function setAside(
    files: readonly WholePart[],
    named: readonly WholePart[],
): Promise<string[]> {
    const asides = await freeNames(files.map(({ path }) => path));
    for (const [index, file] of files.entries()) {
        const aside = asides[index] ?? "";
        if (named.includes(file)) {
            await rename(file.path, aside);
            await rm(file.part, { force: true });
        } else await rename(file.part, aside);
    }
    return asides;
}

/** Process ids come again: what an earlier one has set aside stays. */
async function freeNames(paths: readonly string[]): Promise<string[]> {
    for (let n = 1; ; n++) {
        const mark = n === 1 ? `-${process.pid}` : `-${process.pid}-${n}`;
        const names = paths.map((path) => marked(path, mark));
        const taken = await Promise.all(names.map(isThere));
        if (!taken.includes(true)) return names;
    }
}

/** The numbers of a split model stay at the end, where others are looked for by them. */
function marked(path: string, mark: string): string {
    return path.replace(/((?:-\d{5}-of-\d{5})?\.[^./\\]*)?$/, `${mark}$1`);
}

async function isThere(path: string): Promise<boolean> {
    return stat(path).then(
        () => true,
        () => false,
    );
}

function keptAside(
    path: string,
    came: boolean,
    asides: readonly string[],
    cause: unknown,
): AppError {
    const [first, ...others] = asides.map((path) => basename(path));
    const last = others.at(-1);
    const result = last === undefined ? first : `${first} to ${last}`;
    const why = came
        ? "exists already: it came there meanwhile, and stays"
        : "cannot be written to any more";
    return new AppError("env/permission", `${path} ${why}; the result is ${result} beside it`, {
        cause,
        detail: cause instanceof Error ? cause.message : "",
    });
}
