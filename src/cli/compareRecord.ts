/**
 * The record of `ingot compare --out FILE`: on the disk after every row, so that a run that was killed or stopped costs the row it was at; the same
 * command goes on with what the record has.
 */

import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { Queue } from "../base/async";
import { MAX_RECORD_BYTES, parseComparison } from "../compare/record";
import { jsonOf } from "../compare/tables";
import type { CompareParams, Comparison } from "../protocol/compare";

export class RecordFile {
    private readonly writing = new Queue();

    constructor(private readonly path: string) {}

    /** What an unfinished run of the same question has left here; undefined when there is no such thing. */
    async unfinished(question: CompareParams): Promise<Comparison | undefined> {
        const status = await stat(this.path).catch(() => undefined);
        if (!status?.isFile() || status.size > MAX_RECORD_BYTES) return undefined;
        const text = await readFile(this.path, "utf8");
        let earlier: Comparison;
        try {
            earlier = parseComparison(text, basename(this.path));
        } catch {
            // Something else lies there, and is written over as it always was.
            return undefined;
        }
        return earlier.state === "stopped" && isSameQuestion(earlier, question)
            ? earlier
            : undefined;
    }

    /** One after the other, each whole before it has its name. */
    write(comparison: Comparison): Promise<void> {
        return this.writing.add(async () => {
            const part = `${this.path}.part`;
            await writeFile(part, jsonOf(comparison));
            await rename(part, this.path);
        });
    }
}

/** Figures of another text, of other windows or with another matrix are no use beside new ones. */
function isSameQuestion(
    { text, imatrix, machine }: Comparison,
    { text: wanted, chunks, contextTokens, imatrixName, machine: here }: CompareParams,
): boolean {
    return (
        text !== undefined &&
        text.label === wanted.label &&
        text.bytes === wanted.bytes &&
        text.contextTokens === contextTokens &&
        text.nChunks === chunks &&
        imatrix === imatrixName &&
        machine.cpu === here.cpu
    );
}
