/**
 * Search for models: text, format, licence and owner are the Hub's to filter, downloads and size are filtered here over as many pages as it
 * takes (bounded). Sorted by the Hub.
 */

import { AppError } from "../../base/errors";
import type { HubModel, HubSearchParams, HubSearchResult, HubSort } from "../../protocol/hub";
import { getJson, notAHub } from "./api";
import { connectHub, refuseOffline, type HubContext } from "./connect";
import { EXPAND, toModel } from "./models";

const SORT: Readonly<Record<HubSort, string>> = {
    downloads: "downloads",
    likes: "likes",
    modified: "lastModified",
    trending: "trendingScore",
};
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;
const MAX_PAGES = 10;

/** Throws AppError user/*, net/*, cancelled. */
export async function searchHub(
    params: HubSearchParams,
    context: HubContext,
): Promise<HubSearchResult> {
    const http = connectHub(params, context);
    refuseOffline(context.env);
    const limit = Math.min(MAX_LIMIT, Math.max(1, params.limit ?? DEFAULT_LIMIT));
    const target = { repo: "models", revision: "main" };
    const models: HubModel[] = [];
    let url: string | undefined = searchAddress(http.address.endpoint, params, limit);
    let hasMore = false;
    for (let nPages = 0; url !== undefined && nPages < MAX_PAGES && !hasMore; nPages++) {
        const { value, next } = await getJson(http, url, target, context.signal);
        if (!Array.isArray(value)) throw notAHub(http.host, new TypeError("no list of models"));
        for (const model of value.map(toModel)) {
            if (!model || !passes(model, params)) continue;
            if (models.length < limit) models.push(model);
            else hasMore = true;
        }
        url = next;
        hasMore ||= models.length >= limit && next !== undefined;
        if (isDone(value, params)) break;
    }
    return { models, hasMore, endpoint: http.address.endpoint };
}

function searchAddress(endpoint: string, params: HubSearchParams, limit: number): string {
    const url = new URL(`${endpoint}/api/models`);
    const set = (name: string, value: string | undefined) => {
        if (value) url.searchParams.append(name, value);
    };
    set("search", params.text.trim().slice(0, 200));
    set("author", checkWord(params.author, "author"));
    set("filter", params.format);
    const license = checkWord(params.license, "license");
    set("filter", license && `license:${license.toLowerCase()}`);
    const least = parametersLabel(params.minParameters);
    const most = parametersLabel(params.maxParameters);
    const bounds = [least && `min:${least}`, most && `max:${most}`].filter(Boolean);
    set("num_parameters", bounds.join(","));
    set("sort", SORT[params.sort ?? "downloads"]);
    set("direction", "-1");
    set("limit", String(Math.max(limit, DEFAULT_LIMIT)));
    for (const field of EXPAND) url.searchParams.append("expand[]", field);
    return url.href;
}

/** As the Hub writes it: `7B`, `500M`. */
function parametersLabel(count: number | undefined): string | undefined {
    if (count === undefined) return undefined;
    return count >= 1e9 ? `${count / 1e9}B` : `${Math.round(count / 1e6)}M`;
}

function checkWord(value: string | undefined, name: string): string | undefined {
    if (value === undefined || /^[\w.-]{1,96}$/.test(value)) return value;
    throw new AppError("user/usage", `${JSON.stringify(value.slice(0, 50))} is no ${name}`);
}

/** A model that does not say its size passes: the Hub may know it. */
function passes(model: HubModel, params: HubSearchParams): boolean {
    const { nParameters: n } = model;
    if (params.format && !model.formats.includes(params.format)) return false;
    if (params.minDownloads !== undefined && model.downloads < params.minDownloads) return false;
    if (n === undefined) return true;
    return n >= (params.minParameters ?? 0) && n <= (params.maxParameters ?? Infinity);
}

/** Sorted by downloads, everything behind the first that has too few has too few as well. */
function isDone(page: readonly unknown[], params: HubSearchParams): boolean {
    if ((params.sort ?? "downloads") !== "downloads" || params.minDownloads === undefined)
        return false;
    const last = toModel(page.at(-1));
    return last !== undefined && last.downloads < params.minDownloads;
}
