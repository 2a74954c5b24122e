/**
 * Gives a result that is whole its name. A file that came to that place while the result was made is not replaced unasked, nor is the work lost:
 * the result stays beside it under another name.
 */

import { link, rename, rm, stat } from "node:fs/promises";
import { basename, format, parse } from "node:path";
import { AppError } from "../base/errors";

/** `part` is on the same disk. Throws AppError `env/permission` when the place is taken, and what the disk says. */
export async function nameResult(
    part: string,
    out: string,
    overwrite: boolean | undefined,
): Promise<void> {
    if (overwrite) return rename(part, out);
    try {
        // Alone fails for a file that is there.
        await link(part, out);
    } catch (error) {
        const isThere = await stat(out).then(
            () => true,
            () => false,
        );
        // Not every disk has links.
        if (!isThere) return rename(part, out);
        throw await keptAside(part, out, error);
    }
    await rm(part, { force: true });
}

async function keptAside(part: string, out: string, cause: unknown): Promise<AppError> {
    const { dir, name, ext } = parse(out);
    const aside = format({ dir, name: `${name}-${process.pid}`, ext });
    await rename(part, aside);
    return new AppError(
        "env/permission",
        `${out} exists already: it came there meanwhile, and stays; the result is ${basename(aside)} beside it`,
        { cause },
    );
}
