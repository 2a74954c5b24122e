/**
 * What `ingot compare` writes: the record of `--out FILE`, on the disk after every row, so that a run that was killed or stopped costs the row it was
 * at and the same command goes on with what the record has; and the other files, whose places are looked at before anything is measured.
 */

import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { Queue } from "../base/async";
import { AppError } from "../base/errors";
import { MAX_RECORD_BYTES, parseComparison } from "../compare/record";
import { jsonOf } from "../compare/tables";
import { refuseOut } from "../node/outPlace";
import { writeWhole } from "../node/wholeFile";
import type { Comparison } from "../protocol/compare";

/** Of all that is written. */
export interface PlaceOptions {
    overwrite: boolean;
    /** What the comparison reads, which nothing may take the place of. */
    inputs: readonly string[];
}

export class RecordFile {
    private readonly writing = new Queue();

    constructor(private readonly path: string) {}

    /**
     * What an unfinished run of the same question has left here; undefined when the run begins anew. Throws AppError when it would take the place
     * of something else.
     */
    async unfinished(question: string, options: PlaceOptions): Promise<Comparison | undefined> {
        const there = await this.read();
        const isSame = there?.question === question;
        if (isSame && there.state === "stopped") return there;
        if (there && !options.overwrite)
            throw new AppError(
                "env/permission",
                `${this.path} is ${isSame ? "this very comparison, and finished" : "a comparison of other files, of another text or by other options"}; choose another name or allow overwriting`,
            );
        await refuseOut(this.path, options.overwrite, options.inputs);
        return undefined;
    }

    /** Undefined when no comparison lies there. */
    private async read(): Promise<Comparison | undefined> {
        const status = await stat(this.path).catch(() => undefined);
        if (!status?.isFile() || status.size > MAX_RECORD_BYTES) return undefined;
        try {
            return parseComparison(await readFile(this.path, "utf8"), basename(this.path));
        } catch {
            return undefined;
        }
    }

    /** One after the other. */
    write(comparison: Comparison): Promise<void> {
        return this.writing.add(() => writeResult(this.path, jsonOf(comparison)));
    }
}

/** Throws AppError `user/usage` for two results in one file. */
export function refuseTwice(paths: readonly string[]): void {
    const twice = paths.find((path, index) => paths.indexOf(path) !== index);
    if (twice !== undefined)
        throw new AppError("user/usage", `${twice} is named twice; give each result its own file`);
}

/** Throws AppError `env/disk`. */
export async function writeResult(path: string, text: string): Promise<void> {
    await writeWhole(path, text).catch((cause: unknown) => {
        throw new AppError(
            "env/disk",
            `${path} cannot be written; check the folder and the space on the disk`,
            { cause },
        );
    });
}
