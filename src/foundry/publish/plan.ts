/** What would be published where, and as what: read from the files, the Hub asked, nothing changed. A licence that is not clear ends it here. */

import { basename } from "node:path";
import { AppError } from "../../base/errors";
import { formatBytes } from "../../base/format";
import { fileTypeOf, stringOf } from "../../gguf/metadata";
import { typeOfName } from "../../library/ggufNames";
import type {
    MeasuredRow,
    PublishFile,
    PublishPlan,
    PublishPlanParams,
} from "../../protocol/publish";
import { checkRepoId } from "../hub/client";
import { connectHub, refuseOffline, type HubContext } from "../hub/connect";
import type { HubHttp } from "../hub/http";
import { readAccount, refuseForeign, type Account } from "./account";
import { writeCard, type CardFile } from "./card";
import { factsOf, hubIdOf, type ModelFacts } from "./facts";
import { chooseLicense, type NamedFacts } from "./license";
import { proposedName, readState, refuseOtherKind, repoId } from "./repo";
import { HUB_FILE_BYTES, hubFiles, type HubModelFiles } from "./split";
import { measuredOf, readMeasured } from "./table";

export const CARD_PATH = "README.md";
/** More is no set of types of one model. */
const MAX_FILES = 100;

/** What only tests change. */
export interface PublishTuning {
    /** Most bytes of a file; larger ones are split. */
    fileBytes?: number | undefined;
}

/** Throws AppError user/usage, user/license, user/no-model, data/gguf, net/*, cancelled. */
export async function planPublish(
    params: PublishPlanParams,
    context: HubContext,
    tuning: PublishTuning = {},
): Promise<PublishPlan> {
    refuseOffline(context.env);
    const models = await openModels(params.files, tuning);
    const named = namedFacts(models);
    const license = chooseLicense(named, params);
    const facts = named[0]?.facts as ModelFacts;
    const base = baseModels(params, facts);
    const rows = params.table === undefined ? [] : await readMeasured(params.table);
    const http = connectHub(params, context);
    const account = await readAccount(http, context.signal);
    const stem = named[0]?.name.replace(/(-00001-of-\d{5})?\.gguf$/i, "") ?? "";
    const name = params.repo ?? proposedName(base.ids[0]?.split("/")[1] ?? facts.name ?? stem);
    const place = await readPlace(http, account, name, params, context.signal);
    const cardFiles = models.map((model) => toCardFile(model, rows));
    const { repo, endpoint } = place;
    const { there, ...shown } = place;
    const files = models.flatMap((model) => toFiles(model, there));
    return {
        ...shown,
        files,
        totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        card: writeCard({ repo, endpoint, license, facts, baseModels: base.ids, files: cardFiles }),
        license: license.id,
        baseModels: base.ids,
        isBaseOpen: base.notes.length > 0,
        notes: [...base.notes, ...noteSplits(models), ...noteMeasured(rows, cardFiles)],
    };
}

/** The repository as it is, and as the token may write to it. */
async function readPlace(
    http: HubHttp,
    account: Account,
    name: string,
    params: PublishPlanParams,
    signal: AbortSignal,
) {
    const asked = repoId(name, account.name);
    refuseForeign(http, account, asked);
    const state = await readState(http, asked, signal);
    if (state && params.private !== undefined) refuseOtherKind(state, params.private);
    const { pullRequest = false } = params;
    if (pullRequest && !state) throw noRepository(asked, http.host);
    const { endpoint } = http.address;
    const repo = state?.id ?? asked;
    return {
        endpoint,
        host: http.host,
        account: account.name,
        repo,
        url: `${endpoint}/${repo}`,
        exists: state !== undefined,
        private: state?.private ?? params.private ?? false,
        pullRequest,
        hasCard: state?.files.has(CARD_PATH) ?? false,
        there: new Set(state?.files.keys()),
    };
}

function noRepository(repo: string, host: string): AppError {
    return new AppError(
        "user/usage",
        `There is no repository ${repo} on ${host} to open a pull request in; publish without one first`,
    );
}

/** The models of a publication, in the order given. Throws AppError user/usage when two would have one name. */
export async function openModels(
    files: readonly string[],
    { fileBytes = HUB_FILE_BYTES }: PublishTuning,
): Promise<HubModelFiles[]> {
    if (files.length === 0) throw new AppError("user/usage", "No file is given to be published");
    if (files.length > MAX_FILES)
        throw new AppError("user/usage", `At most ${MAX_FILES} models can be published at once`);
    const models: HubModelFiles[] = [];
    const names = new Set<string>();
    for (const file of files) {
        const model = await hubFiles(file, fileBytes);
        if (stringOf(model.first, "general.type") === "imatrix")
            throw new AppError(
                "user/usage",
                `${basename(file)} is an importance matrix and no model; leave it out, and publish the models that were made with it`,
            );
        for (const { path } of model.pieces) {
            if (names.has(path))
                throw new AppError(
                    "user/usage",
                    `Two files are called ${path}; rename one, as both would be the same file on the Hub`,
                );
            names.add(path);
        }
        models.push(model);
    }
    return models;
}

/** What the files say. */
export function namedFacts(models: readonly HubModelFiles[]): NamedFacts[] {
    return models.map(({ source, first }) => ({ name: basename(source), facts: factsOf(first) }));
}

function baseModels(
    { baseModel }: PublishPlanParams,
    facts: ModelFacts,
): { ids: string[]; notes: string[] } {
    if (baseModel !== undefined) return { ids: [checkRepoId(baseModel.trim())], notes: [] };
    const source = hubIdOf(facts.sourceUrl);
    if (source !== undefined) return { ids: [source], notes: [] };
    const ids = facts.bases.flatMap(({ url }) => hubIdOf(url) ?? []);
    if (ids.length === 0)
        return {
            ids: [],
            notes: [
                "The file does not say which model it was made from; name it in the card as base_model",
            ],
        };
    return {
        ids,
        notes: [
            `The file names ${ids.join(", ")} as its base; if it was made from a fine-tune of that, name the fine-tune in the card as base_model`,
        ],
    };
}

function toCardFile(model: HubModelFiles, rows: readonly MeasuredRow[]): CardFile {
    const name = basename(model.source);
    const type = fileTypeOf(model.first) ?? typeOfName(name);
    const tensors = model.files.flatMap((file) => file.tensors);
    const nWeights = tensors.reduce((sum, { nElements }) => sum + nElements, 0);
    const bytes = tensors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const sizeBytes = model.pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0);
    return {
        path: model.pieces[0]?.path ?? name,
        nFiles: model.pieces.length,
        type,
        sizeBytes,
        bitsPerWeight: nWeights > 0 ? (bytes * 8) / nWeights : undefined,
        measured: measuredOf(rows, name, { type, sizeBytes }),
        facts: factsOf(model.first),
    };
}

function toFiles(model: HubModelFiles, there: ReadonlySet<string>): PublishFile[] {
    const { type, bitsPerWeight } = toCardFile(model, []);
    return model.pieces.map(({ path, sizeBytes }) => ({
        path,
        sizeBytes,
        source: model.source,
        type,
        bitsPerWeight,
        isThere: there.has(path),
    }));
}

function noteSplits(models: readonly HubModelFiles[]): string[] {
    return models
        .filter(({ isSplitHere }) => isSplitHere)
        .map(
            ({ source, pieces }) =>
                `${basename(source)} goes in ${pieces.length} files, because the Hub takes ${formatBytes(HUB_FILE_BYTES)} in one; no copy is made here`,
        );
}

function noteMeasured(rows: readonly MeasuredRow[], files: readonly CardFile[]): string[] {
    const without = files.filter(({ measured }) => measured === undefined);
    return rows.length > 0 && without.length > 0
        ? [
              `Not in the table of measurements, or measured with another size: ${without.map(({ path }) => path).join(", ")}`,
          ]
        : [];
}
