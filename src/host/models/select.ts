/**
 * `Ingot: Select Model...`: what is on this computer, a file to browse for, and what could be made here; the recommended model
 * first. Choosing a file writes the setting of its role; choosing a Hub model starts a conversion.
 */

import { window } from "vscode";
import { formatBytes } from "../../base/format";
import { fitsMemory, type MachineMemory } from "../../library/memory";
import { offeredModels, recommendModel, type KnownModel } from "../../library/recommend";
import type { Role } from "../../protocol/engine";
import { formatMemory } from "./advice";
import { pickOne, type PickRow } from "./pick";
import type { ModelFile } from "./rows";
import { parsePath } from "./source";

export type ModelChoice = { kind: "file"; path: string } | { kind: "convert"; repo?: string };

export interface SelectOptions {
    role: Role;
    library: readonly ModelFile[];
    /** Path that serves the role now. */
    serving: string;
    memory: MachineMemory;
    homeFolder: string;
}

type Choice = ModelChoice | { kind: "browse" };

const TITLE: Readonly<Record<Role, string>> = {
    completion: "Model for Completions",
    chat: "Model for Chat",
};

/** Undefined when the person closed the list. */
export async function pickModel(options: SelectOptions): Promise<ModelChoice | undefined> {
    const best = recommendModel(options.memory);
    const picked = await pickOne<Choice>({
        title: TITLE[options.role],
        placeholder: "A model, or the path of a GGUF file",
        rows: [
            { separator: "On this computer" },
            ...options.library.map((model) => fileRow(model, options.serving)),
            { label: "$(folder-opened) Browse for a GGUF File...", value: { kind: "browse" } },
            { separator: "From the Hub" },
            ...[best, ...offeredModels().filter((model) => model !== best)].map((model) =>
                hubRow(model, model === best, options.memory),
            ),
            { label: "$(add) Convert Another Model...", value: { kind: "convert" } },
        ],
        fromText: (text) => {
            const path = parsePath(text, options.homeFolder);
            if (!path?.toLowerCase().endsWith(".gguf")) return undefined;
            return { label: `$(file-binary) Use ${path}`, value: { kind: "file", path } };
        },
    });
    if (picked?.kind !== "browse") return picked;
    const [file] =
        (await window.showOpenDialog({
            title: TITLE[options.role],
            filters: { "GGUF models": ["gguf"] },
            openLabel: "Use",
        })) ?? [];
    return file && { kind: "file", path: file.fsPath };
}

function fileRow(model: ModelFile, serving: string): PickRow<Choice> {
    const parts = [
        model.problem ?? model.fileType,
        formatBytes(model.sizeBytes),
        model.origin === "starter" ? "small built-in model" : undefined,
        model.path === serving ? "in use" : undefined,
    ];
    return {
        label: `${model.path === serving ? "$(check)" : "$(file-binary)"} ${model.name}`,
        description: parts.filter(Boolean).join(", "),
        value: { kind: "file", path: model.path },
    };
}

function hubRow(model: KnownModel, isBest: boolean, memory: MachineMemory): PickRow<Choice> {
    const fits = fitsMemory(model, memory);
    const notes = [
        isBest ? `recommended for ${formatMemory(memory.ramBytes)} of memory` : "",
        fits ? "" : "does not fit this computer's memory",
    ];
    return {
        label: `$(cloud-download) ${model.name}`,
        description: `${formatBytes(model.sizeBytes)} as Q4_K_M, ${model.license}`,
        detail: notes.filter(Boolean).join(", "),
        value: { kind: "convert", repo: model.repo },
    };
}
