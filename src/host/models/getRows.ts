/**
 * What `Ingot: Get a Model...` shows, as plain rows: recommended models, search results, and the ways to get one model (published GGUF files, or
 * made here). Pure; getModel.ts shows them.
 */

import { formatBytes, formatParameters } from "../../base/format";
import {
    fitsMemory,
    offeredModels,
    recommendModel,
    type MachineMemory,
} from "../../library/recommend";
import type { HubModel, HubPage } from "../../protocol/hub";
import type { ConvertPlan } from "../../protocol/worker";
import type { PickRow } from "./pick";

/** A way to get a model. */
export type GetChoice =
    | { kind: "fetch"; repo: string; commit: string; files: string[] }
    | { kind: "convert"; repo: string; type: string };

interface Offer {
    name: string;
    how: string;
    sizeBytes: number;
    isQuantized: boolean;
    value: GetChoice;
}

/** Bits per weight of a Q4_K_M file, over the published code models (4.8 to 5.0 with its larger tensors). */
const USUAL_BITS = 4.9;
const USUAL_TYPE = "Q4_K_M";

/** Before anything is typed: the recommended one first. */
export function recommendedRows(memory: MachineMemory): PickRow<string>[] {
    const best = recommendModel(memory);
    return [best, ...offeredModels().filter((model) => model !== best)].map((model) => ({
        label: `${fitsMemory(model.sizeBytes, memory) ? "$(check)" : "$(warning)"} ${model.repo}`,
        description: `${formatBytes(model.sizeBytes)} as ${USUAL_TYPE}, ${model.license}`,
        detail: notes([
            model === best && "recommended for this computer",
            !fitsMemory(model.sizeBytes, memory) && "does not fit this computer's memory",
        ]),
        value: model.repo,
    }));
}

/** A row per repository: lock when gated, tick when it fits. */
export function searchRows(models: readonly HubModel[], memory: MachineMemory): PickRow<string>[] {
    return models.map((model) => {
        const { nParameters: n, formats } = model;
        const sizeBytes = n === undefined ? undefined : (n * USUAL_BITS) / 8;
        const fits = sizeBytes === undefined ? undefined : fitsMemory(sizeBytes, memory);
        const icon = model.gated ? "$(lock)" : fits === false ? "$(warning)" : fits ? "$(check)" : "$(circle-outline)";
        return {
            label: `${icon} ${model.id}`,
            description: notes([
                n !== undefined && formatParameters(n),
                `${formatCount(model.downloads)} downloads`,
                model.license,
            ]),
            detail: notes([
                model.gated && "its terms must be accepted",
                formats.includes("gguf") ? "ready to use" : formats.length > 0 && "made here",
                fits === false && "does not fit this computer's memory",
                fits === true && sizeBytes !== undefined && `about ${formatBytes(sizeBytes)} as ${USUAL_TYPE}`,
            ]),
            value: model.id,
        };
    });
}

/** `1.2M`, `34k`, `12`. */
export function formatCount(count: number): string {
    if (count >= 1e6) return `${(count / 1e6).toFixed(1)}M`;
    return count >= 1e3 ? `${Math.round(count / 1e3)}k` : `${count}`;
}

/**
 * Published files and types made here in one list, each with its exact size; the recommended one first. `plan` is absent for repositories
 * without safetensors, and where the foundry has no family for them.
 */
export function choiceRows(
    page: HubPage,
    plan: ConvertPlan | undefined,
    memory: MachineMemory,
): PickRow<GetChoice>[] {
    const { id: repo, commit } = page;
    const published = page.ggufs.map(({ file, files, type, sizeBytes }): Offer => ({
        name: type ?? file,
        how: files.length > 1 ? `published in ${files.length} files` : "published",
        sizeBytes,
        isQuantized: isQuantized(type ?? ""),
        value: { kind: "fetch", repo, commit, files },
    }));
    const made = (plan?.types ?? [])
        .filter((type) => !type.needsImatrix)
        .map(({ type, sizeBytes }): Offer => ({
            name: type,
            how: "will be made here",
            sizeBytes,
            isQuantized: isQuantized(type),
            value: { kind: "convert", repo, type },
        }));
    const all = [...published, ...made];
    const usable = all.filter(({ sizeBytes }) => fitsMemory(sizeBytes, memory));
    const smaller = usable.filter((choice) => choice.isQuantized);
    const best =
        usable.find(({ name }) => name === (plan?.types.find((t) => t.recommended)?.type ?? USUAL_TYPE)) ??
        usable.find(({ name }) => name === USUAL_TYPE) ??
        smaller.sort((a, b) => b.sizeBytes - a.sizeBytes)[0];
    const rank = (choice: Offer) =>
        choice === best ? 0 : choice.isQuantized ? 1 : 2;
    return [...all]
        .sort((a, b) => rank(a) - rank(b) || b.sizeBytes - a.sizeBytes)
        .map((choice) => ({
            label: choice.name,
            description: `${formatBytes(choice.sizeBytes)} (${choice.sizeBytes.toLocaleString("en-US")} bytes), ${choice.how}`,
            detail: notes([
                choice === best && "recommended",
                !fitsMemory(choice.sizeBytes, memory) && "does not fit this computer's memory",
            ]),
            value: choice.value,
        }));
}

function isQuantized(type: string): boolean {
    return !/^B?F(16|32)$/.test(type);
}

function notes(parts: readonly (string | false | undefined)[]): string {
    return parts.filter(Boolean).join(", ");
}
