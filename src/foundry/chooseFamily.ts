/**
 * Which family's rules convert a checkpoint: its architecture's, or those that a person names for it (`--as`). An architecture without
 * rules is refused with the families whose tensors are called alike.
 */

import { AppError } from "../base/errors";
import type { FamilyChoice } from "../protocol/worker";
import { readConfig, type ModelConfig } from "./checkpoint/config";
import { readTensorIndex } from "./checkpoint/index";
import type { CheckpointSource } from "./checkpoint/source";
import type { Family } from "./family/family";
import { matchFamilies, unknownArchitecture } from "./family/nearest";
import { familyNamed, familyOf } from "./family/registry";

export interface ChosenFamily {
    family: Family;
    config: ModelConfig;
    warnings: string[];
}

/** Reads config.json. Throws AppError `data/architecture` without rules, `user/usage` when there is no family of that name. */
export async function chooseFamily(
    source: CheckpointSource,
    named: string | undefined,
    signal?: AbortSignal,
): Promise<ChosenFamily> {
    const chosen = named === undefined ? undefined : familyNamed(named);
    const config = await readConfig(source, signal, chosen?.architectures[0]);
    const own = familyOf(config.architecture);
    const family = chosen ?? own;
    if (!family) throw await refusal(source, config, signal);
    const warnings = family === own ? [] : [chosenByHand(family, config.architecture, own)];
    return { family, config, warnings };
}

function chosenByHand({ id }: Family, architecture: string, own: Family | undefined): string {
    const name = architecture.slice(0, 80);
    const known = own ? `, which has rules of its own (${own.id})` : "";
    return `The family ${id} was chosen by hand for ${name}${known}; whether the model computes as that family's models do cannot be seen in its files, so try the result`;
}

async function refusal(
    source: CheckpointSource,
    config: ModelConfig,
    signal: AbortSignal | undefined,
): Promise<AppError> {
    const names = await tensorNames(source, signal).catch((error: unknown) => {
        // Without weights nothing is known of its tensors, but the architecture is what is said first.
        if (error instanceof AppError && error.code.startsWith("data/")) return [];
        throw error;
    });
    return unknownArchitecture(config.architecture, matchFamilies(config, names));
}

/** All families for a person to choose from, the nearest first. */
export async function listFamilies(
    source: CheckpointSource,
    signal?: AbortSignal,
): Promise<FamilyChoice[]> {
    const config = await readConfig(source, signal);
    const matches = matchFamilies(config, await tensorNames(source, signal));
    return matches.map(({ family, unplaced, nTensors }) => ({
        id: family.id,
        title: family.title,
        nUnplaced: unplaced.length,
        nTensors,
    }));
}

async function tensorNames(
    source: CheckpointSource,
    signal: AbortSignal | undefined,
): Promise<string[]> {
    return (await readTensorIndex(source, signal)).map(({ name }) => name);
}
