/**
 * What `Ingot: Get a Model...` shows, as plain rows: recommended models, search results, and the ways to get one model (published GGUF files, or
 * made here). Pure; getModel.ts shows them.
 */

import { AppError } from "../../base/errors";
import { formatBytes, formatParameters } from "../../base/format";
import { fitsMemory, type MachineMemory } from "../../library/memory";
import { offeredModels, recommendModel } from "../../library/recommend";
import type { HubModel, HubPage } from "../../protocol/hub";
import type { ConvertPlan } from "../../protocol/worker";
import { cutMiddle, downloadNote, exactSize, memoryNote, notes } from "./needs";
import type { PickRow } from "./pick";
import { imatrixNote } from "./typeRows";

/** A way to get a model. */
export type GetChoice =
    | { kind: "fetch"; repo: string; commit: string; files: string[] }
    | { kind: "convert"; repo: string; type: string }
    | { kind: "convert-as"; repo: string };

interface Offer {
    name: string;
    how: string;
    sizeBytes: number;
    /** What has to come over the network first; 0 = it is here. */
    downloadBytes: number;
    isQuantized: boolean;
    needsImatrix?: boolean | undefined;
    value: GetChoice;
}

/** Bits per weight of a Q4_K_M file, over the published code models (4.8 to 5.0 with its larger tensors). */
const USUAL_BITS = 4.9;
const USUAL_TYPE = "Q4_K_M";

/** Before anything is typed: the recommended one first. */
export function recommendedRows(memory: MachineMemory): PickRow<string>[] {
    const best = recommendModel(memory);
    return [best, ...offeredModels().filter((model) => model !== best)].map((model) => ({
        label: `${fitsMemory(model, memory) ? "$(check)" : "$(warning)"} ${model.name}`,
        description: `${formatBytes(model.sizeBytes)} as ${USUAL_TYPE}, ${model.license}`,
        detail: notes([
            model === best && "recommended for this computer",
            !fitsMemory(model, memory) && "does not fit this computer's memory",
        ]),
        value: model.repo,
    }));
}

/** A row per repository: lock when gated, tick when it fits. */
export function searchRows(models: readonly HubModel[], memory: MachineMemory): PickRow<string>[] {
    return models.map((model) => {
        const { nParameters: n, formats } = model;
        const sizeBytes = n === undefined ? undefined : (n * USUAL_BITS) / 8;
        const fits = sizeBytes === undefined ? undefined : fitsMemory({ sizeBytes }, memory);
        const icon = model.gated
            ? "$(lock)"
            : fits === false
              ? "$(warning)"
              : fits
                ? "$(check)"
                : "$(circle-outline)";
        return {
            label: `${icon} ${cutMiddle(model.id, MAX_ID_CHARACTERS)}`,
            description: notes([
                n !== undefined && formatParameters(n),
                `${formatCount(model.downloads)} downloads`,
                model.license,
            ]),
            detail: notes([
                model.gated && "its terms must be accepted",
                formats.includes("gguf") ? "ready to use" : formats.length > 0 && "made here",
                fits === false && "does not fit this computer's memory",
                fits === true &&
                    sizeBytes !== undefined &&
                    `about ${formatBytes(sizeBytes)} as ${USUAL_TYPE}`,
            ]),
            value: model.id,
        };
    });
}

/** More would push the facts beside it out of the list. */
const MAX_ID_CHARACTERS = 44;

/** `1.2M`, `34k`, `12`. */
export function formatCount(count: number): string {
    if (count >= 1e6) return `${(count / 1e6).toFixed(1)}M`;
    return count >= 1e3 ? `${Math.round(count / 1e3)}k` : `${count}`;
}

/**
 * Published files and types made here in one list, each with its exact size, the memory it needs and, once a rate is known, the time of its
 * download; the recommended one first, those that need an importance matrix last. `plan` is absent for repositories without safetensors, and
 * where the foundry has no family for them.
 */
export function choiceRows(
    page: HubPage,
    plan: ConvertPlan | undefined,
    memory: MachineMemory,
    bytesPerSecond?: number,
): PickRow<GetChoice>[] {
    const cache = plan?.cache ?? page.cache;
    const all = [...published(page), ...madeHere(page, plan)];
    const usable = all.filter(
        ({ sizeBytes, needsImatrix }) => !needsImatrix && fitsMemory({ sizeBytes, cache }, memory),
    );
    const wanted = plan?.types.find((type) => type.recommended)?.type ?? USUAL_TYPE;
    const best =
        usable.find(({ name }) => name === wanted) ??
        usable.find(({ name }) => name === USUAL_TYPE) ??
        largest(usable.filter((choice) => choice.isQuantized));
    const rank = (choice: Offer) =>
        choice === best ? 0 : choice.needsImatrix ? 3 : choice.isQuantized ? 1 : 2;
    return [...all]
        .sort((a, b) => rank(a) - rank(b) || b.sizeBytes - a.sizeBytes)
        .map((choice) => ({
            label: choice.name,
            description: notes([
                exactSize(choice.sizeBytes),
                choice.how,
                choice.needsImatrix && imatrixNote(),
                downloadNote(choice.downloadBytes, bytesPerSecond),
            ]),
            detail: notes([
                choice === best && "recommended",
                memoryNote({ sizeBytes: choice.sizeBytes, cache }, memory),
            ]),
            value: choice.value,
        }));
}

/** For a repository with weights of an architecture that the foundry has no family for. */
export function convertAsRow({ id: repo }: HubPage): PickRow<GetChoice> {
    return {
        label: "Convert as...",
        description: "by the rules of a family that you choose",
        detail: "Ingot has no rules for this model's architecture",
        value: { kind: "convert-as", repo },
    };
}

/** Published before made here, when both have the type. */
export function findWay(
    page: HubPage,
    rows: readonly PickRow<GetChoice>[],
    wanted: string,
): GetChoice {
    const isWanted = ({ label, value }: PickRow<GetChoice>) =>
        label === wanted.toUpperCase() || (value.kind === "fetch" && value.files.includes(wanted));
    const found = rows.filter(isWanted);
    const row =
        found.find(({ value }) => value.kind === "fetch") ??
        found[0] ??
        // Whether it can be had as that type is known when the family is.
        rows.find(({ value }) => value.kind === "convert-as");
    if (row) return row.value;
    throw rows.length === 0
        ? noModel(page)
        : new AppError("user/usage", `${page.id} cannot be had as ${wanted}; choose another type`);
}

export function noModel(page: HubPage): AppError {
    return new AppError(
        "data/unsupported",
        `${page.id} has neither GGUF nor safetensors files; choose another repository`,
    );
}

function published(page: HubPage): Offer[] {
    const { id: repo, commit, ggufs } = page;
    const isHere = cachedIn(page);
    return ggufs.map(({ file, files, type, sizeBytes }) => ({
        name: type ?? file,
        how: files.length > 1 ? `published in ${files.length} files` : "published",
        sizeBytes,
        downloadBytes: files.every(isHere) ? 0 : sizeBytes,
        isQuantized: isQuantized(type ?? ""),
        value: { kind: "fetch", repo, commit, files },
    }));
}

function madeHere(page: HubPage, plan: ConvertPlan | undefined): Offer[] {
    const { id: repo, files } = page;
    const weights = files.map(({ path }) => path).filter((path) => path.endsWith(".safetensors"));
    const isHere = weights.length > 0 && weights.every(cachedIn(page));
    return (plan?.types ?? []).map(({ type, sizeBytes, needsImatrix }) => ({
        name: type,
        how: "will be made here",
        sizeBytes,
        downloadBytes: isHere ? 0 : (plan?.sourceBytes ?? 0),
        isQuantized: isQuantized(type),
        needsImatrix,
        value: { kind: "convert", repo, type },
    }));
}

function cachedIn({ files }: HubPage): (path: string) => boolean {
    const cached = new Set(files.filter((file) => file.cached).map(({ path }) => path));
    return (path) => cached.has(path);
}

function largest(offers: readonly Offer[]): Offer | undefined {
    return [...offers].sort((a, b) => b.sizeBytes - a.sizeBytes)[0];
}

function isQuantized(type: string): boolean {
    return !/^B?F(16|32)$/.test(type);
}
