/**
 * Writes into the shared Hub cache as huggingface_hub does: a blob by its hash, a relative link in the snapshot of the commit, the commit in
 * `refs`. Where links are not allowed (Windows without the right) the file itself stands in the snapshot. Folders that stay empty go again.
 */

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import {
    access,
    mkdir,
    readdir,
    rename,
    rm,
    rmdir,
    stat,
    symlink,
    writeFile,
} from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { AppError } from "../../base/errors";
import { cachedRepoFolder, snapshotFolder } from "../../library/hubCache";
import { diskError, errorCode } from "../diskErrors";

const STALE_MS = 14 * 24 * 60 * 60 * 1000;

export class RepoStore {
    readonly folder: string;
    readonly snapshot: string;

    constructor(
        private readonly root: string,
        repo: string,
        readonly commit: string,
    ) {
        this.folder = cachedRepoFolder(root, repo);
        this.snapshot = snapshotFolder(root, repo, commit);
    }

    /** Absolute path of a blob; its folder is made. Throws AppError env/*. */
    async blobPath(hash: string): Promise<string> {
        const folder = join(this.folder, "blobs");
        const path = join(folder, hash);
        try {
            await mkdir(folder, { recursive: true });
            await access(folder, constants.W_OK);
        } catch (cause) {
            throw new AppError(
                "env/permission",
                `The Hub cache ${this.root} cannot be written to; set HF_HUB_CACHE to another folder`,
                { cause, detail: errorCode(cause) ?? "" },
            );
        }
        return path;
    }

    /** Bytes of a blob that are on the disk: whole, or the part of a download that was not finished. */
    async presentBytes(hash: string, sizeBytes: number): Promise<number> {
        if (await this.hasBlob(hash, sizeBytes)) return sizeBytes;
        const part = join(this.folder, "blobs", `${hash}.ingot.part`);
        const status = await stat(part).catch(() => undefined);
        // It has its full length from the start; what was not written takes no room.
        return Math.min((status?.blocks ?? 0) * 512, sizeBytes);
    }

    /** A blob of that size, from another revision or another tool. */
    async hasBlob(hash: string, sizeBytes: number): Promise<boolean> {
        const status = await stat(join(this.folder, "blobs", hash)).catch(() => undefined);
        return status?.isFile() === true && status.size === sizeBytes;
    }

    /** Absolute path of the file in the snapshot, which names the blob from now on. */
    async link(path: string, hash: string): Promise<string> {
        const blob = join(this.folder, "blobs", hash);
        const file = join(this.snapshot, ...path.split("/"));
        const temporary = `${file}.${randomBytes(4).toString("hex")}`;
        try {
            await mkdir(dirname(file), { recursive: true });
            const target = relative(dirname(file), blob);
            const isLink = await symlink(target, temporary).then(
                () => true,
                (error: NodeJS.ErrnoException) => refusedLink(error),
            );
            if (!isLink) await rename(blob, temporary);
            await rename(temporary, file);
            return file;
        } catch (cause) {
            await rm(temporary, { force: true });
            throw diskError(cause, file);
        }
    }

    /** Parts of downloads that nobody went on with: the branch has moved, or the person has lost interest. */
    async removeStaleParts(): Promise<void> {
        const folder = join(this.folder, "blobs");
        for (const name of await readdir(folder).catch(() => [])) {
            if (!/\.ingot\.(part|part\.journal|part\.journal\.new|lock)$/.test(name)) continue;
            const path = join(folder, name);
            const status = await stat(path).catch(() => undefined);
            if (status && Date.now() - status.mtimeMs > STALE_MS) await rm(path, { force: true });
        }
    }

    /** What `revision` means now, for later calls without a network. */
    async writeRef(revision: string): Promise<void> {
        if (revision === this.commit) return;
        const path = join(this.folder, "refs", ...revision.split("/"));
        try {
            await mkdir(dirname(path), { recursive: true });
            const temporary = `${path}.${randomBytes(4).toString("hex")}`;
            await writeFile(temporary, this.commit);
            await rename(temporary, path);
        } catch (cause) {
            throw diskError(cause, path);
        }
    }

    /** Removes what this repository's folders would leave behind without a file in them. */
    async removeEmpty(): Promise<void> {
        const inner = [this.snapshot, "snapshots", "refs", "blobs"].map((name) =>
            name === this.snapshot ? name : join(this.folder, name),
        );
        for (const folder of [...inner, this.folder, this.root])
            await rmdir(folder).catch(() => undefined);
    }
}

/** False: no links on this system or for this person, the file itself must move. Other errors are thrown. */
function refusedLink(error: NodeJS.ErrnoException): false {
    if (["EPERM", "EACCES", "ENOSYS", "ENOTSUP", "EINVAL"].includes(error.code ?? "")) return false;
    throw error;
}
