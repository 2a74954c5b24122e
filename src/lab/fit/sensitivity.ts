/**
 * How much a tensor's relative error matters for what the model predicts, in nats of divergence per unit of error: small errors add up,
 * each in proportion to its square. By rule, or corrected by probes in which only some tensors are made worse. Pure.
 */

import { categoryOf, type Category } from "../../foundry/quant/mixture";

/**
 * Of the tensors of all blocks of a category together. Sums over the starter's blocks, each tensor probed by itself (docs/measuring.md); what it
 * has not (an embedding that is not the output, fused and other matrices) stands where its likes do and was not measured.
 */
const BY_CATEGORY: Readonly<Record<Category, number>> = {
    output: 1.7,
    "token-embedding": 0.4,
    "attention-qkv": 0.9,
    "attention-kv-b": 0.9,
    "attention-v": 0.87,
    "attention-k": 0.34,
    "attention-q": 0.22,
    "attention-output": 0.74,
    "ffn-up": 0.24,
    "ffn-gate": 0.3,
    "ffn-down": 0.41,
    other: 0.5,
};

/** A tied embedding is the output too. */
const TIED = 1.7;

/** Without a text: from what a tensor does. */
export function sensitivitiesByRule(names: readonly string[]): number[] {
    const isTied = !names.some((name) => categoryOf(name) === "output");
    const nBlocks = Math.max(1, new Set(names.map(blockOf).filter((n) => n !== undefined)).size);
    return names.map((name) => {
        const category = categoryOf(name);
        if (category === "token-embedding" && isTied) return TIED;
        const all = BY_CATEGORY[category];
        return blockOf(name) === undefined ? all : all / nBlocks;
    });
}

/** Tensors that are made worse together. */
export interface ProbeGroup {
    name: string;
    /** Indices of tensors. */
    members: number[];
}

/** One for each tensor where that is few enough, else neighbouring blocks of a category together. */
export function probeGroups(names: readonly string[], maxGroups: number): ProbeGroup[] {
    const last = Math.max(0, ...names.map((name) => blockOf(name) ?? 0));
    const kinds = new Set(names.map(kindOf));
    const nBands = Math.max(1, Math.min(last + 1, Math.floor(maxGroups / Math.max(1, kinds.size))));
    const groups = new Map<string, ProbeGroup>();
    names.forEach((name, i) => {
        const block = blockOf(name);
        const band = block === undefined ? undefined : Math.floor((block * nBands) / (last + 1));
        const key = `${kindOf(name)}${band === undefined ? "" : ` ${band}`}`;
        const group = groups.get(key) ?? { name, members: [] };
        groups.set(key, group);
        group.members.push(i);
    });
    return [...groups.values()];
}

/** What a probe found: the divergence when exactly these tensors have these relative errors. */
export interface Probe extends ProbeGroup {
    errors: number[];
    divergence: number;
}

/** Least and most that a probe changes the rule by: what is beyond is chance. */
const MOST_CHANGE = 100;

/** By the rule within a group, by the probes between groups. */
export function correctByProbes(byRule: readonly number[], probes: readonly Probe[]): number[] {
    const result = [...byRule];
    for (const { members, errors, divergence } of probes) {
        const expected = members.reduce(
            (sum, i, at) => sum + (byRule[i] ?? 0) * (errors[at] ?? 0),
            0,
        );
        if (!(expected > 0)) continue;
        const factor = Math.max(divergence, 0) / expected;
        const bounded = Math.min(MOST_CHANGE, Math.max(1 / MOST_CHANGE, factor));
        for (const i of members) result[i] = (byRule[i] ?? 0) * bounded;
    }
    return result;
}

/** The name without its block: tensors of the same one work alike. */
function kindOf(name: string): string {
    return name.replace(/^blk\.\d+\./, "");
}

function blockOf(name: string): number | undefined {
    const block = /^blk\.(\d+)\./.exec(name)?.[1];
    return block === undefined ? undefined : Number(block);
}
