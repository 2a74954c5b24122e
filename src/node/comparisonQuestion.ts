/** What a comparison was asked, as a hash: rows that were measured for another question are no use beside new ones. */

import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { CompareParams } from "../protocol/compare";

/** Equal only while every figure would be: the same files as they were, types, text and ways to measure, on a computer of that kind. */
export async function questionOf(params: CompareParams): Promise<string> {
    const { files, types, imatrix, text, infill, keepIn, machine } = params;
    const { chunks, contextTokens, bench, threads } = params;
    const question = [
        await statesOf([...new Set(files)].sort()),
        [...new Set(types.map((type) => type.toUpperCase()))].sort(),
        imatrix === undefined ? [] : await statesOf([imatrix]),
        await statesOf(text.files),
        infill && [infill.holes, await statesOf(infill.files)],
        { chunks, contextTokens, bench, threads, keepIn, cpu: machine.cpu },
    ];
    return createHash("sha256").update(JSON.stringify(question)).digest("hex");
}

function statesOf(paths: readonly string[]): Promise<unknown[]> {
    return Promise.all(
        paths.map(async (path) => {
            const info = await stat(path).catch(() => undefined);
            return [path, info?.size, info?.mtimeMs];
        }),
    );
}
