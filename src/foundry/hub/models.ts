/**
 * What the Hub's API says about a model, as a row. Every field is checked: an answer is the server's, not ours. Field names as the Hub sends
 * them with `expand[]` (hub-docs, "Hub API Endpoints").
 */

import { isObject } from "../checkpoint/source";
import type { HubModel, WeightFormat } from "../../protocol/hub";

/** What a row needs, no more. */
export const EXPAND = [
    "cardData",
    "downloads",
    "gated",
    "gguf",
    "lastModified",
    "likes",
    "private",
    "safetensors",
    "tags",
] as const;

const MAX_TEXT = 200;

/** Undefined when the entry does not name a repository. */
export function toModel(value: unknown): HubModel | undefined {
    if (!isObject(value)) return undefined;
    const id = text(value["id"]) ?? text(value["modelId"]);
    if (id === undefined || !/^[\w.-]+(\/[\w.-]+)?$/.test(id)) return undefined;
    const tags = Array.isArray(value["tags"]) ? value["tags"].filter(isText) : [];
    const gguf = isObject(value["gguf"]) ? value["gguf"] : undefined;
    const safetensors = isObject(value["safetensors"]) ? value["safetensors"] : undefined;
    return {
        id,
        downloads: count(value["downloads"]) ?? 0,
        likes: count(value["likes"]) ?? 0,
        modified: text(value["lastModified"]) ?? "",
        license: licenseOf(value["cardData"], tags),
        gated: value["gated"] !== undefined && value["gated"] !== false,
        private: value["private"] === true,
        formats: (["gguf", "safetensors"] as const).filter((format) =>
            hasFormat(format, tags, gguf, safetensors),
        ),
        nParameters: count(safetensors?.["total"]) ?? count(gguf?.["total"]),
        architecture: text(gguf?.["architecture"]),
    };
}

function hasFormat(
    format: WeightFormat,
    tags: readonly string[],
    gguf: unknown,
    safetensors: unknown,
): boolean {
    return tags.includes(format) || (format === "gguf" ? gguf : safetensors) !== undefined;
}

/** `other` is a licence with a name and a link of its own. */
function licenseOf(card: unknown, tags: readonly string[]): string | undefined {
    const data = isObject(card) ? card : {};
    const tagged = tags.find((tag) => tag.startsWith("license:"))?.slice("license:".length);
    const given = Array.isArray(data["license"])
        ? (data["license"][0] as unknown)
        : data["license"];
    const license = text(given) ?? tagged;
    return license === "other" ? (text(data["license_name"]) ?? license) : license;
}

function isText(value: unknown): value is string {
    return typeof value === "string";
}

function text(value: unknown): string | undefined {
    return isText(value) && value !== "" ? value.slice(0, MAX_TEXT) : undefined;
}

function count(value: unknown): number | undefined {
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
