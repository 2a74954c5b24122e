/**
 * Names and rows of an adapter's matrices in the file. W + s * B * A: what moves the rows of W moves those of B, and A stays. Changes
 * that are more than that are refused by name.
 */

import { AppError } from "../../base/errors";
import type { ModelConfig } from "../checkpoint/config";
import { countBlocks } from "../family/common";
import type { Family } from "../family/family";
import { mapNames, type MappedName } from "../family/names";
import { applyChange } from "../parts";
import { changeOf, NO_TOKENIZER, type PlannedTensor } from "../tensors";
import type { LoraAdapter, LoraPair } from "./adapter";

type Changes = ReturnType<NonNullable<Family["transforms"]>>;

/** Norms first, then pairs, in the order of their names, as the reference writes them. */
export function planAdapter(
    family: Family,
    config: ModelConfig,
    { pairs, norms, alpha }: LoraAdapter,
): PlannedTensor[] {
    const nBlocks = countBlocks(family, config.values);
    const changes = family.transforms?.(config, NO_TOKENIZER) ?? {};
    const map = (name: string): MappedName[] => {
        const names = mapNames(family, name, nBlocks) ?? [];
        if (names.length > 0) return names;
        throw new AppError(
            "data/unsupported",
            `The adapter changes ${name.slice(0, 120)}, for which the base model has no place in llama.cpp; is --base the model it was made for?`,
        );
    };
    return [
        ...norms.flatMap((norm) =>
            map(norm.name).map((mapped): PlannedTensor => {
                const { part, shape } = applyChange(norm, changeOf(mapped, changes) ?? {});
                return { name: mapped.name, shape, parts: [part] };
            }),
        ),
        ...pairs.flatMap((pair) =>
            map(pair.name).flatMap((mapped) => planPair(pair, mapped, changes, alpha)),
        ),
    ];
}

function planPair(
    pair: LoraPair,
    mapped: MappedName,
    changes: Changes,
    alpha: number,
): PlannedTensor[] {
    const change = changeOf(mapped, changes) ?? {};
    // A Conv1D is stored transposed; PEFT's matrices for it are not.
    const isConv1d = change.transpose === true && !change.rows && !change.afterTranspose;
    const isRowsOnly = !change.transpose && !change.elements && !change.shape && !change.value;
    if (mapped.expert !== undefined || !(isConv1d || isRowsOnly))
        throw new AppError(
            "data/unsupported",
            `The adapter changes ${pair.name.slice(0, 120)}, which has another form in llama.cpp; merge it into its base model and convert that`,
        );
    // llama.cpp multiplies with alpha / rank; what the adapter wants beyond that goes into B.
    const factor = pair.scale / (alpha / pair.rank);
    const isOne = Math.abs(factor - 1) < 1e-6;
    const b = applyChange(pair.b, {
        ...(change.rows ? { rows: change.rows } : {}),
        ...(isOne ? {} : { value: (value: number) => value * factor }),
    });
    // llama.cpp looks rows of A up by token.
    const a = applyChange(pair.a, mapped.base === "token_embd" ? { transpose: true } : {});
    return [
        { name: `${mapped.name}.lora_a`, shape: a.shape, parts: [a.part] },
        { name: `${mapped.name}.lora_b`, shape: b.shape, parts: [b.part] },
    ];
}
