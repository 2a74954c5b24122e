/** Whether the disk has room for the types that are made, asked before anything is. */

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
