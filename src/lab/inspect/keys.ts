/** The metadata of a model: rows with a short value each, and one whole value, of a list a page. */

import { AppError } from "../../base/errors";
import { quote } from "../../gguf/broken";
import { isArray } from "../../gguf/metadata";
import type { GgufArray, GgufEntry } from "../../gguf/read";
import type { KeyRow, KeyValue, Page, PageParams } from "../../protocol/inspector";
import type { InspectedModel } from "./model";
import { bounds, pageOf } from "./page";

const PREVIEW_CHARACTERS = 200;
const PREVIEW_VALUES = 4;
/** Texts of this length are prose that nobody reads here. */
const MAX_CHARACTERS = 2_000_000;

/** The filter looks in names and in values, of lists in the first ones. */
export function keyPage(model: InspectedModel, params: PageParams): Page<KeyRow> {
    const entries = [...model.first.metadata];
    const wanted = params.filter.toLowerCase();
    const fits = (i: number) => {
        const [key, entry] = entries[i] ?? ["", undefined];
        return (
            key.toLowerCase().includes(wanted) ||
            (entry !== undefined && searched(entry).includes(wanted))
        );
    };
    return pageOf(entries.length, wanted === "" ? undefined : fits, params, (i) => {
        const [key, entry] = entries[i] as [string, GgufEntry];
        return { key, type: typeLabel(entry), preview: preview(entry) };
    });
}

/** Throws AppError `user/usage` when there is no such key. */
export function keyValue(
    model: InspectedModel,
    params: { key: string; from: number; count: number },
): KeyValue {
    const { key } = params;
    const entry = model.first.metadata.get(key);
    if (!entry) throw new AppError("user/usage", `The model has no key ${quote(key)}`);
    const type = typeLabel(entry);
    if (!isArray(entry.value))
        return { key, type, text: String(entry.value).slice(0, MAX_CHARACTERS) };
    const { from, to } = bounds(params);
    const values = entry.value.values.slice(from, to).map(oneValue);
    return { key, type, list: { length: entry.value.length, from, values } };
}

export function typeLabel({ type, value }: Pick<GgufEntry, "type" | "value">): string {
    return isArray(value) ? `array[${value.elementType}]` : type;
}

function searched({ value }: GgufEntry): string {
    if (!isArray(value)) return String(value).slice(0, MAX_CHARACTERS).toLowerCase();
    return firstValues(value).join(" ").toLowerCase();
}

function firstValues(list: GgufArray): string[] {
    return list.values.slice(0, PREVIEW_VALUES).map(oneValue);
}

function preview({ value }: GgufEntry): string {
    if (!isArray(value)) return cut(String(value));
    const more = value.length > PREVIEW_VALUES ? ", \u2026" : "";
    return cut(
        `${value.length.toLocaleString("en-US")} values: ${firstValues(value).join(", ")}${more}`,
    );
}

function oneValue(value: GgufArray["values"][number]): string {
    if (isArray(value)) return `[${value.length} values]`;
    return typeof value === "string"
        ? JSON.stringify(value).slice(0, MAX_CHARACTERS)
        : String(value);
}

function cut(text: string): string {
    const line = text.slice(0, 2 * PREVIEW_CHARACTERS).replace(/\s+/g, " ");
    return line.length > PREVIEW_CHARACTERS ? `${line.slice(0, PREVIEW_CHARACTERS)}\u2026` : line;
}
