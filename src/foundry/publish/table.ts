/** The measured table that goes into a card: rows of a JSON file (a list, or an object with `rows`), every field checked, nothing made up. */

import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { AppError } from "../../base/errors";
import { measuresOf } from "../../compare/record";
import type { MeasuredRow } from "../../protocol/publish";

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ROWS = 500;
const MAX_METADATA_BYTES = 64 * 1024;
const MAX_SHARE = 0.002;

/** Throws AppError user/usage. */
export async function readMeasured(path: string): Promise<MeasuredRow[]> {
    const rows = await readRows(path).catch(() => undefined);
    if (!rows)
        throw new AppError(
            "user/usage",
            `${basename(path)} is no table of measurements; make one with ingot compare, or leave --table out`,
        );
    return rows;
}

async function readRows(path: string): Promise<MeasuredRow[] | undefined> {
    const { size } = await stat(path);
    if (size > MAX_BYTES) return undefined;
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    const list: unknown = Array.isArray(value) ? value : (value as { rows?: unknown }).rows;
    if (!Array.isArray(list) || list.length > MAX_ROWS) return undefined;
    return list.flatMap((row: unknown) => toRow(row) ?? []);
}

function toRow(value: unknown): MeasuredRow | undefined {
    const fields = (value ?? {}) as Record<string, unknown>;
    const { file, type, bytes } = fields;
    if (typeof file !== "string" || file === "") return undefined;
    return {
        ...measuresOf(fields),
        file: file.split(/[\\/]/).at(-1) ?? file,
        type: typeof type === "string" ? type : undefined,
        sizeBytes: typeof bytes === "number" && bytes > 0 ? bytes : undefined,
    };
}

/** By the file's name, else by its type where the table has that type once. A row of a file of another size is of another model. */
export function measuredOf(
    all: readonly MeasuredRow[],
    file: string,
    { type, sizeBytes }: { type: string | undefined; sizeBytes: number },
): MeasuredRow | undefined {
    const rows = all.filter((row) => isNear(row.sizeBytes ?? sizeBytes, sizeBytes));
    const byName = rows.find((row) => row.file === file);
    if (byName || type === undefined) return byName;
    const ofType = rows.filter((row) => row.type?.toUpperCase() === type.toUpperCase());
    return ofType.length === 1 ? ofType[0] : undefined;
}

/** The same model made twice has other metadata at most, such as where its importance matrix lay. */
function isNear(a: number, b: number): boolean {
    return Math.abs(a - b) <= Math.max(MAX_METADATA_BYTES, MAX_SHARE * b);
}
