/**
 * For an architecture without rules: which families have a place for its tensors, by their names alone. That a model computes what a
 * family's models compute cannot be seen in a checkpoint; a person says so (`--as FAMILY`). Pure.
 */

import { AppError } from "../../base/errors";
import type { ModelConfig } from "../checkpoint/config";
import { countBlocks } from "./common";
import type { Family } from "./family";
import { isDropped, mapNames } from "./names";
import { FAMILIES } from "./registry";

export interface FamilyMatch {
    family: Family;
    /** Names of the tensors that it has no place for. */
    unplaced: string[];
    /** Of those that count at all: buffers and vision parts are left out by every family. */
    nTensors: number;
}

/** A message names so many families. */
const MAX_NAMED = 3;

/** All families, the nearest first: fewest tensors without a place, then alike in name, then fewest rules that nothing uses. */
export function matchFamilies(config: ModelConfig, names: readonly string[]): FamilyMatch[] {
    const counted = names.filter((name) => !isDropped(name));
    const ranked = FAMILIES.map((family) => {
        const unplaced = findUnplaced(family, config, counted);
        const nRules = Object.keys(family.names).length;
        return { family, unplaced, nTensors: counted.length, nRules };
    });
    const alike = (family: Family) => likeness(family, config.architecture);
    ranked.sort(
        (a, b) =>
            a.unplaced.length - b.unplaced.length ||
            alike(b.family) - alike(a.family) ||
            a.nRules - b.nRules,
    );
    return ranked.map(({ family, unplaced, nTensors }) => ({ family, unplaced, nTensors }));
}

/** All of them when the family cannot even read the configuration. */
function findUnplaced(family: Family, given: ModelConfig, names: readonly string[]): string[] {
    try {
        const config = family.prepare?.(given, names) ?? given;
        const nBlocks = countBlocks(family, config.values);
        return names.filter((name) => {
            if (family.drops?.(name, config)) return false;
            return !mapNames(family, family.rename?.(name, config) ?? name, nBlocks);
        });
    } catch (error) {
        if (error instanceof AppError) return [...names];
        throw error;
    }
}

/** Letters that both names begin with, twice as many for a whole name (`Qwen3` of `Qwen3Novel`); fewer than four are chance. */
function likeness({ architectures }: Family, wanted: string): number {
    const lengths = architectures.map((name) => {
        const stem = name.replace(/(For[A-Z]\w+|LMHeadModel|Model)$/, "");
        if (wanted.startsWith(stem)) return stem.length * 2;
        return [...stem].findIndex((letter, at) => letter !== wanted[at]);
    });
    const longest = Math.max(0, ...lengths);
    return longest < 4 ? 0 : longest;
}

/** The refusal: what is missing, and which families to try. */
export function unknownArchitecture(
    architecture: string,
    matches: readonly FamilyMatch[],
): AppError {
    const nTensors = matches[0]?.nTensors ?? 0;
    const near = matches.filter(({ unplaced }) => unplaced.length * 2 < nTensors);
    const fitting = near.filter(({ unplaced }) => unplaced.length === 0).slice(0, MAX_NAMED);
    return new AppError(
        "data/architecture",
        `Ingot cannot convert ${architecture.slice(0, 80)} models yet: it has no rules for them, ${describeNear(fitting, near.slice(0, MAX_NAMED), nTensors)}`,
        { detail: matches.map(describeMatch).join("; ") },
    );
}

function describeNear(
    fitting: readonly FamilyMatch[],
    near: readonly FamilyMatch[],
    nTensors: number,
): string {
    const ids = (matches: readonly FamilyMatch[]) => joinOr(matches.map(({ family }) => family.id));
    if (fitting.length > 0)
        return `but the tensors are called as in ${ids(fitting)}; if it computes as one of these do, add --as ${fitting[0]?.family.id}`;
    if (near.length > 0)
        return `and the nearest families miss tensors: ${near.map(describeMatch).join(", ")}; --as FAMILY takes the rules of one that does fit`;
    const none =
        nTensors > 0 ? "and no family has places for its tensors" : "and no weights to compare";
    return `${none}; --as FAMILY takes the rules of ${joinOr(FAMILIES.map(({ id }) => id))}`;
}

function describeMatch({ family, unplaced, nTensors }: FamilyMatch): string {
    const example = unplaced[0] === undefined ? "" : ` (such as ${unplaced[0].slice(0, 80)})`;
    return `${family.id} has no place for ${unplaced.length} of ${nTensors}${example}`;
}

function joinOr(names: readonly string[]): string {
    const last = names.at(-1) ?? "";
    return names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${last}` : last;
}
