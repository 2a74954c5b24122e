/** Comparisons on this computer that have measured files of a publication: their figures can stand in its card. */

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { MAX_RECORD_BYTES, parseComparison } from "../../compare/record";
import { MEASURES, type Comparison, type CompareRow } from "../../protocol/compare";

export interface FoundComparison {
    /** Absolute path. */
    record: string;
    model: string;
    /** ISO 8601. */
    startedAt: string;
    /** Files of the publication that it has figures of. */
    nMeasured: number;
    /** What they were measured on, for people. */
    text?: string | undefined;
}

const ENDING = ".comparison.json";
/** Names begin with the model and end with the date. */
const MAX_READ = 100;
const MAX_SHOWN = 10;

/** Newest first. What cannot be read is passed over. */
export async function comparisonsOf(
    files: readonly string[],
    folder: string,
): Promise<FoundComparison[]> {
    const names = (await readdir(folder).catch((): string[] => [])).filter((name) =>
        name.endsWith(ENDING),
    );
    const read = names.slice(-MAX_READ).map((name) => readRecord(join(folder, name)));
    const wanted = new Set(files.map((file) => basename(file)));
    const found = (await Promise.all(read)).flatMap((one): FoundComparison[] => {
        if (!one) return [];
        const { comparison, record } = one;
        const { rows, model, startedAt, text } = comparison;
        const measured = rows.filter((row) => isMeasured(row) && wanted.has(basename(row.file)));
        const nMeasured = new Set(measured.map((row) => basename(row.file))).size;
        return nMeasured > 0 ? [{ record, model, startedAt, nMeasured, text: text?.label }] : [];
    });
    found.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
    return found.slice(0, MAX_SHOWN);
}

function isMeasured(row: CompareRow): boolean {
    return MEASURES.some((name) => row[name] !== undefined);
}

async function readRecord(
    record: string,
): Promise<{ record: string; comparison: Comparison } | undefined> {
    try {
        if ((await stat(record)).size > MAX_RECORD_BYTES) return undefined;
        const comparison = parseComparison(await readFile(record, "utf8"), basename(record));
        return { record, comparison };
    } catch {
        return undefined;
    }
}
