/** Whether the disk has room for the types that are made, and the folder in which they stay a place for them: asked before anything is made. */

import { constants } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { AppError } from "../../base/errors";
import { formatBytes } from "../../base/format";
import { freeBytesAt } from "../../foundry/diskErrors";
import type { CompareParams, CompareRow } from "../../protocol/compare";

export interface DiskOptions {
    freeBytes?: typeof freeBytesAt;
    /** Where types are made that do not stay. */
    temporaryParent?: string;
}

/** Types that do not stay are there one at a time. Throws AppError `env/disk`. */
export async function checkDisk(
    rows: readonly CompareRow[],
    { keepIn, files }: Pick<CompareParams, "keepIn" | "files">,
    { freeBytes = freeBytesAt, temporaryParent = tmpdir() }: DiskOptions,
): Promise<void> {
    const sizes = rows
        .filter(({ file, state }) => !files.includes(file) && state === "waiting")
        .map(({ bytes }) => bytes);
    if (sizes.length === 0) return;
    const needed =
        keepIn === undefined ? Math.max(...sizes) : sizes.reduce((sum, one) => sum + one, 0);
    const folder = keepIn ?? temporaryParent;
    const free = await freeBytes(folder);
    if (free === undefined || free >= needed) return;
    throw new AppError(
        "env/disk",
        `The types need ${formatBytes(needed)} in ${folder}, and ${formatBytes(free)} are free; choose fewer types or a folder on another disk`,
    );
}

/** Makes the folder in which types stay. Throws AppError `env/permission` when it cannot take them, or has one already that is not of this comparison. */
export async function prepareKeeping(
    rows: readonly CompareRow[],
    { keepIn, files, earlier }: Pick<CompareParams, "keepIn" | "files" | "earlier">,
): Promise<void> {
    if (keepIn === undefined) return;
    const refuse = (what: string) => new AppError("env/permission", what);
    const there = await stat(keepIn).catch(() => undefined);
    if (there && !there.isDirectory())
        throw refuse(`${keepIn} is a file; choose a folder to keep the types in`);
    try {
        await mkdir(keepIn, { recursive: true });
        await access(keepIn, constants.W_OK);
    } catch {
        throw refuse(
            `${keepIn} cannot be made or written to; choose another folder to keep the types in`,
        );
    }
    // Those of a run that is gone on with are made anew.
    if (earlier) return;
    for (const { file, type, state } of rows) {
        if (files.includes(file) || state !== "waiting") continue;
        if (await stat(file).catch(() => undefined))
            throw refuse(
                `${file} exists already; compare that file instead of ${type}, or keep the types in another folder`,
            );
    }
}
