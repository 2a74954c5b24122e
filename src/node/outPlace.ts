/**
 * The place that a result goes to, looked at before there is any: what lies there already, whether it is one of the files that the result is made
 * from, and whether its folder is there and can be written to.
 */

import { constants, type BigIntStats } from "node:fs";
import { access, lstat, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { AppError } from "../base/errors";

/** All of it, for a result in a folder that is there. Throws AppError `env/permission`, and `user/usage` for a file of `inputs`. */
export async function refuseOut(
    out: string,
    overwrite: boolean | undefined,
    inputs: readonly string[],
): Promise<void> {
    await refuseExisting(out, overwrite === true);
    await refuseOwnSource(inputs, [out]);
    await refuseNoFolder(out);
}

/** Throws AppError `env/permission` when a file may not be written there. */
export async function refuseExisting(out: string, overwrite: boolean): Promise<void> {
    const info = await stat(out).catch(() => undefined);
    if (info?.isDirectory())
        throw new AppError("env/permission", `${out} is a folder; name a file to write`);
    // A device or a pipe would be replaced by the file, not written to.
    if (info && !info.isFile())
        throw new AppError("env/permission", `${out} is not a file; choose another name`);
    if (info && !overwrite)
        throw new AppError(
            "env/permission",
            `${out} exists already; choose another name or allow overwriting (--overwrite)`,
        );
}

/**
 * A result of its name would be the end of a source, and it is read until the result is whole. Throws AppError `user/usage`. Compared
 * by what the names lead to: folders have several, and some disks take large letters for small ones.
 */
export async function refuseOwnSource(
    sources: readonly string[],
    results: readonly string[],
): Promise<void> {
    const own = new Set<string>();
    for (const path of sources)
        for (const look of [stat, lstat])
            own.add(placeOf(await look(path, { bigint: true }).catch(() => undefined)));
    for (const path of results) {
        const place = placeOf(await lstat(path, { bigint: true }).catch(() => undefined));
        if (place !== "" && own.has(place))
            throw new AppError(
                "user/usage",
                `${path} would replace the file that it is made from; choose another name`,
            );
    }
}

function placeOf(info: BigIntStats | undefined): string {
    return info ? `${info.dev} ${info.ino}` : "";
}

/** A folder that nobody made is a slip of the pen more often than a wish. Throws AppError `env/permission`. */
async function refuseNoFolder(out: string): Promise<void> {
    const folder = dirname(out);
    const refuse = (why: string) => {
        throw new AppError("env/permission", `${basename(out)} cannot be written: ${why}`);
    };
    const info = await stat(folder).catch(() => undefined);
    if (!info) refuse(`there is no folder ${folder}; make it or choose another one`);
    if (!info?.isDirectory()) refuse(`${folder} is no folder; choose another one`);
    const isWritable = await access(folder, constants.W_OK).then(
        () => true,
        () => false,
    );
    if (!isWritable) refuse(`the folder ${folder} cannot be written to; choose another one`);
}
