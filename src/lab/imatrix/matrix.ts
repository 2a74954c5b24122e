/** Importance matrices as sums and counts: adding them up, and the facts that their files state. Pure. */

import { AppError } from "../../base/errors";
import type { ImatrixEntry, ImatrixFile } from "../../foundry/quant/imatrix";
import type { GgufTensor } from "../../gguf/read";

export interface Imatrix {
    /** By weight. */
    entries: Map<string, ImatrixEntry>;
    /** Names of the texts, the oldest first. */
    datasets: string[];
    /** Tokens of a chunk. */
    chunkTokens: number;
}

/** Throws AppError `user/usage` when a file that is to be added was not measured of the model with these weights. */
export function refuseForeign(
    { name, entries }: ImatrixFile,
    model: string,
    tensors: readonly Pick<GgufTensor, "name" | "shape">[],
): void {
    const shapes = new Map(tensors.map((tensor) => [tensor.name, tensor.shape]));
    for (const [weight, { sums }] of entries) {
        const shape = shapes.get(weight);
        const nColumns = shape && (shape[0] ?? 1) * (shape[2] ?? 1);
        if (nColumns === sums.length || isEmbedding(weight)) continue;
        const why =
            nColumns === undefined
                ? `which ${model} does not have`
                : `and ${model} has ${nColumns} columns there`;
        throw new AppError(
            "user/usage",
            `${name} is of another model: it has ${sums.length} values for ${weight}, ${why}; merge importance matrices of this very model`,
        );
    }
}

/** Its lookups say nothing about columns, so that old files hold nonsense there. */
function isEmbedding(weight: string): boolean {
    return /^(per_layer_)?token_embd\.weight$/.test(weight);
}

/** Adds a file to `to`. Throws AppError `user/usage` when it is of another model. */
export function addFile(to: Imatrix, file: ImatrixFile): void {
    // A .dat file knows no rows: chunks of the size that is in use now, as llama-imatrix reads it.
    const scale = file.isLegacy ? to.chunkTokens : 1;
    for (const [weight, { sums, counts }] of file.entries) {
        const scaled: ImatrixEntry = {
            sums: sums.map((sum) => sum * scale),
            counts: counts.map((count) => count * scale),
        };
        addEntry(to.entries, weight, scaled, file.name);
    }
    to.datasets.push(...file.datasets);
}

/** Adds to what there is of a weight. `name`: where the entry comes from, for the error. */
export function addEntry(
    entries: Map<string, ImatrixEntry>,
    weight: string,
    added: ImatrixEntry,
    name: string,
): void {
    const there = entries.get(weight);
    if (!there) {
        entries.set(weight, { sums: added.sums.slice(), counts: added.counts.slice() });
        return;
    }
    const nCounts = Math.max(there.counts.length, added.counts.length);
    if (there.sums.length !== added.sums.length || !fits(there, nCounts) || !fits(added, nCounts))
        throw new AppError(
            "user/usage",
            `${name} has other columns for ${weight}; only importance matrices of the same model can be added up`,
        );
    const count = ({ counts }: ImatrixEntry, i: number) => counts[counts.length === 1 ? 0 : i] ?? 0;
    entries.set(weight, {
        sums: there.sums.map((sum, i) => sum + (added.sums[i] ?? 0)),
        counts: Float64Array.from({ length: nCounts }, (_, i) => count(there, i) + count(added, i)),
    });
}

function fits({ counts }: ImatrixEntry, nCounts: number): boolean {
    return counts.length === 1 || counts.length === nCounts;
}

/** Of the weight that saw most. */
export function chunkCount({ entries, chunkTokens }: Imatrix): number {
    let most = 0;
    for (const { counts } of entries.values())
        for (const count of counts) most = Math.max(most, count);
    return Math.floor(most / chunkTokens);
}

/** Experts that the text never reached keep plain rounding: worth a sentence. */
export function describeUnseen({ entries }: Imatrix): string[] {
    let nUnseen = 0;
    let nExperts = 0;
    for (const { counts } of entries.values()) {
        if (counts.length < 2) continue;
        nExperts += counts.length;
        nUnseen += counts.filter((count) => count === 0).length;
    }
    return nUnseen === 0
        ? []
        : [
              `${nUnseen} of ${nExperts} expert matrices were never used by the text and count as even; more text reaches more of them`,
          ];
}
