/** GGUF headers of files on this computer. */

import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { AppError } from "../base/errors";
import { namingFile } from "../gguf/broken";
import { readGguf, type GgufFile } from "../gguf/read";

/** Reads the header of a local file. Throws AppError `user/no-model` when it is not there, `data/gguf` when it is broken. */
export async function readGgufFile(path: string): Promise<GgufFile> {
    // Looked at before it is opened: opening a pipe would wait for its writer, and not be interruptible.
    const status = await stat(path).catch((error: unknown) => refuseFile(path, error));
    if (!status.isFile())
        throw new AppError("user/no-model", `${path} is not a file; choose a GGUF file`);
    const handle = await open(path, "r").catch((error: unknown) => refuseFile(path, error));
    try {
        const read = async (offset: number, length: number) => {
            const buffer = new Uint8Array(length);
            const { bytesRead } = await handle.read(buffer, 0, length, offset);
            return buffer.subarray(0, bytesRead);
        };
        return await namingFile(basename(path), () => readGguf({ size: status.size, read }));
    } finally {
        await handle.close();
    }
}

/** What is wrong with a path that cannot be opened, as an AppError `user/no-model` or `env/permission`. */
export function refuseFile(path: string, cause: unknown): never {
    const { code = "unknown" } = cause as NodeJS.ErrnoException;
    throw code === "ENOENT" || code === "ENOTDIR"
        ? new AppError("user/no-model", `There is no file ${path}; choose another model`, { cause })
        : new AppError(
              "env/permission",
              `The file ${path} cannot be opened (${code}); check its permissions or choose another file`,
              { cause },
          );
}
