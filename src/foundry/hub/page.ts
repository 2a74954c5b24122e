/**
 * The page of one repository: what it is, its files with sizes, its GGUF models, its card, whether its files can be read now. Without a network,
 * what the cache holds of it.
 */

import { readFile } from "node:fs/promises";
import {
    cachedCommit,
    cachedFile,
    hubCacheFolder,
    snapshotFiles,
    snapshotFolder,
} from "../../library/hubCache";
import type { HubPage, HubPageFile, HubPageParams } from "../../protocol/hub";
import { AppError } from "../../base/errors";
import { isObject } from "../checkpoint/source";
import { getBody, getJson, notAHub } from "./api";
import { ggufChoices } from "./choice";
import { checkRepoId, checkRevision, readRepo } from "./client";
import { connectHub, isOfflineError, openRemote, refuseOffline, type HubContext } from "./connect";
import type { Target } from "./errors";
import type { HubHttp } from "./http";
import { toModel } from "./models";
import { readRemoteCache } from "./remoteKeys";

const MAX_CARD_BYTES = 512 * 1024;
const MAX_CARD_CHARACTERS = 60_000;
const CARD = "README.md";

/** Throws AppError user/*, net/*, cancelled. */
export async function readPage(params: HubPageParams, context: HubContext): Promise<HubPage> {
    const repo = checkRepoId(params.repo.trim());
    const revision = checkRevision(params.revision?.trim() || "main");
    const root = context.cacheFolder ?? hubCacheFolder(context.env);
    const http = connectHub(params, context);
    try {
        refuseOffline(context.env);
        return await askPage(http, repo, revision, root, params, context);
    } catch (error) {
        if (!isOfflineError(error)) throw error;
        const page = await cachedPage(root, repo, revision, http.address.endpoint, params);
        if (page) return page;
        throw error;
    }
}

async function askPage(
    http: HubHttp,
    repo: string,
    revision: string,
    root: string,
    params: HubPageParams,
    context: HubContext,
): Promise<HubPage> {
    const { signal } = context;
    const { endpoint } = http.address;
    const { id, commit, files } = await readRepo(http, repo, revision, signal, "all");
    const target: Target = { repo: id, revision };
    const api = `${endpoint}/api/models/${id}`;
    const { value } = await getJson(http, `${api}/revision/${commit}`, target, signal);
    const model = toModel(value);
    if (!model || !isObject(value)) throw notAHub(http.host, new TypeError("no model"));
    const hasAccess = !model.gated || (await mayRead(http, id, target, signal));
    const sizes = new Map([...files.values()].map((file) => [file.path, file.sizeBytes]));
    const ggufs = ggufChoices(sizes);
    const first = files.get(ggufs[0]?.file ?? "");
    const readCache = async () =>
        first &&
        readRemoteCache(openRemote(http, { id, commit, revision }, first, context), signal);
    const card = files.get(CARD);
    const readsCard =
        params.withCard && hasAccess && (card?.sizeBytes ?? Infinity) < MAX_CARD_BYTES;
    return {
        ...model,
        id,
        endpoint,
        url: `${endpoint}/${id}`,
        revision,
        commit,
        files: await Promise.all(
            [...files.values()].map(async ({ path, sizeBytes, sha256 }): Promise<HubPageFile> => ({
                path,
                sizeBytes,
                sha256,
                cached: await cachedFile(root, id, commit, path, sizeBytes),
            })),
        ),
        ggufs,
        cache: params.withCache && hasAccess ? await readCache() : undefined,
        card: readsCard ? await readCard(http, id, commit, target, signal) : undefined,
        hasAccess,
        offline: false,
    };
}

/** The Hub's own question for it. A mirror that does not know the question will say so when files are read. */
async function mayRead(
    http: HubHttp,
    id: string,
    target: Target,
    signal: AbortSignal,
): Promise<boolean> {
    try {
        await getBody(http, `${http.address.endpoint}/api/models/${id}/auth-check`, target, signal);
        return true;
    } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (error.code === "net/auth") return false;
        if (error.code === "net/not-found") return true;
        throw error;
    }
}

async function readCard(
    http: HubHttp,
    id: string,
    commit: string,
    target: Target,
    signal: AbortSignal,
): Promise<string | undefined> {
    const url = `${http.address.endpoint}/${id}/resolve/${commit}/${CARD}`;
    const { body } = await getBody(http, url, { ...target, file: CARD }, signal);
    return cardText(await body.text());
}

/** Without the front matter, whose facts are fields of the page. */
function cardText(text: string): string {
    const body = text.replace(/^\uFEFF?---\r?\n[^]*?\r?\n---[ \t]*(\r?\n|$)/, "");
    return body.trim().slice(0, MAX_CARD_CHARACTERS);
}

async function cachedPage(
    root: string,
    repo: string,
    revision: string,
    endpoint: string,
    params: HubPageParams,
): Promise<HubPage | undefined> {
    const commit = await cachedCommit(root, repo, revision);
    if (commit === undefined) return undefined;
    const sizes = await snapshotFiles(snapshotFolder(root, repo, commit));
    if (sizes.size === 0) return undefined;
    const files: HubPageFile[] = [];
    for (const [path, sizeBytes] of sizes)
        files.push({
            path,
            sizeBytes,
            cached: await cachedFile(root, repo, commit, path, sizeBytes),
        });
    const card = files.find(({ path }) => path === CARD);
    const readsCard = params.withCard && card?.cached && card.sizeBytes < MAX_CARD_BYTES;
    const has = (ending: string) => files.some(({ path }) => path.endsWith(ending));
    return {
        id: repo,
        downloads: 0,
        likes: 0,
        modified: "",
        gated: false,
        private: false,
        formats: (["gguf", "safetensors"] as const).filter((format) => has(`.${format}`)),
        endpoint,
        url: `${endpoint}/${repo}`,
        revision,
        commit,
        files,
        ggufs: ggufChoices(sizes),
        card: readsCard ? cardText(await readFile(card.cached ?? "", "utf8")) : undefined,
        hasAccess: true,
        offline: true,
    };
}
