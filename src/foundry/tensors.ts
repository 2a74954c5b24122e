/**
 * From the tensors of a checkpoint to the tensors of the file: names, shapes, which source rows go where. Everything follows from the
 * headers, so the whole file is known before one weight is read. In the reference converter's order; types come later.
 */

import { AppError } from "../base/errors";
import { needCount, type ModelConfig } from "./checkpoint/config";
import type { SourceTensor } from "./checkpoint/index";
import { BLOCK_COUNT_KEYS } from "./family/common";
import type { Family } from "./family/family";
import { isDropped, mapName, type MappedName } from "./family/names";
import type { RowGather, RowTransform } from "./family/rows";
import type { ParameterCounts } from "./modelId";

export interface Part {
    source: SourceTensor;
    /** Undefined: rows in their own order. */
    gather: RowGather | undefined;
}

export interface PlannedTensor {
    name: string;
    /** Outermost dimension first, as in the checkpoint. */
    shape: readonly number[];
    /** Stacked one after the other along the rows. Empty for a computed tensor. */
    parts: readonly Part[];
    computed?: Float32Array;
}

/** Throws with the names when tensors are unknown to the family or blocks are missing. */
export function planTensors(
    family: Family,
    config: ModelConfig,
    sources: readonly SourceTensor[],
    warn: (message: string) => void,
): PlannedTensor[] {
    const nBlocks = needCount(config.values, ...BLOCK_COUNT_KEYS);
    const transforms = family.transforms?.(config) ?? {};
    const planned: PlannedTensor[] = (family.computed?.(config) ?? []).map((tensor) => ({
        name: tensor.name,
        shape: [tensor.values.length],
        parts: [],
        computed: tensor.values,
    }));
    const stacks = new ExpertStacks(family, config);
    const unknown: string[] = [];
    for (const source of sources) {
        if (isDropped(source.name)) continue;
        const mapped = mapName(family, source.name, nBlocks);
        if (!mapped) unknown.push(source.name);
        else if (mapped.expert === undefined) planned.push(planOne(mapped, source, transforms));
        else planned.push(...stacks.add(mapped, source));
    }
    if (unknown.length > 0) throw unknownTensors(family, unknown);
    stacks.refuseIncomplete();
    const result = useTiedHead(planned, config, warn);
    refuseMissing(result, nBlocks);
    return result;
}

function planOne(
    mapped: MappedName,
    source: SourceTensor,
    transforms: Readonly<Record<string, RowTransform>>,
): PlannedTensor {
    const transform = Object.hasOwn(transforms, mapped.base) ? transforms[mapped.base] : undefined;
    const gather = transform?.(source.shape[0] ?? 0, source.name);
    const shape = gather ? [gather.nRows, ...source.shape.slice(1)] : source.shape;
    return { name: mapped.name, shape, parts: [{ source, gather }] };
}

/** Collects the experts of a layer; its stacked tensors stand where the last part was read, as in the reference. */
class ExpertStacks {
    private readonly layers = new Map<number, Map<string, SourceTensor>>();
    private readonly nExperts: number;

    constructor(
        private readonly family: Family,
        config: ModelConfig,
    ) {
        const key = family.experts?.count;
        this.nExperts = key !== undefined && config.values[key] ? needCount(config.values, key) : 0;
    }

    add(mapped: MappedName, source: SourceTensor): PlannedTensor[] {
        const block = mapped.block ?? 0;
        const layer = this.layers.get(block) ?? new Map<string, SourceTensor>();
        this.layers.set(block, layer);
        layer.set(`${mapped.base}.${mapped.expert}`, source);
        const order = this.family.experts?.order ?? [];
        if (layer.size < order.length * this.nExperts || this.nExperts === 0) return [];
        this.layers.delete(block);
        return order.map((base) => this.stack(block, base, layer));
    }

    private stack(block: number, base: string, layer: Map<string, SourceTensor>): PlannedTensor {
        const name = `blk.${block}.${base}.weight`;
        const sources = Array.from({ length: this.nExperts }, (_, expert) => {
            const source = layer.get(`${base}.${expert}`);
            if (source) return source;
            throw new AppError("data/checkpoint", `Expert ${expert} of ${name} is missing`);
        });
        const shape = sources[0]?.shape ?? [];
        if (sources.some((source) => source.shape.join() !== shape.join()))
            throw new AppError("data/checkpoint", `The experts of ${name} have different shapes`);
        return {
            name,
            shape: [this.nExperts, ...shape],
            parts: sources.map((source) => ({ source, gather: undefined })),
        };
    }

    refuseIncomplete(): void {
        const [block] = this.layers.keys();
        if (block === undefined) return;
        throw new AppError(
            "data/checkpoint",
            `Block ${block} does not have all its experts; the checkpoint is incomplete, download it again`,
        );
    }
}

/** A tied model that stores only lm_head: llama.cpp wants the shared matrix under the embedding's name. */
function useTiedHead(
    planned: PlannedTensor[],
    config: ModelConfig,
    warn: (message: string) => void,
): PlannedTensor[] {
    const has = (name: string) => planned.some((tensor) => tensor.name === name);
    if (has("token_embd.weight") || !has("output.weight")) return planned;
    if (config.values["tie_word_embeddings"] !== true) return planned;
    warn("The embedding is stored as lm_head only; it was written as token_embd.weight");
    return planned.map((tensor) =>
        tensor.name === "output.weight" ? { ...tensor, name: "token_embd.weight" } : tensor,
    );
}

/** More blocks than any model has; a config.json can claim 2^31. */
const MAX_LISTED = 10_000;

function refuseMissing(planned: readonly PlannedTensor[], nBlocks: number): void {
    const names = new Set<string>();
    for (const { name } of planned) {
        if (names.has(name))
            throw new AppError("data/checkpoint", `Two tensors would be called ${name}`);
        names.add(name);
        names.add(/^blk\.\d+\./.exec(name)?.[0] ?? name);
    }
    const missing = [
        ...(names.has("token_embd.weight") ? [] : ["the token embedding"]),
        ...Array.from({ length: Math.min(nBlocks, MAX_LISTED) }, (_, block) => block)
            .filter((block) => !names.has(`blk.${block}.`))
            .map((block) => `block ${block}`),
    ];
    if (missing.length === 0) return;
    throw new AppError(
        "data/checkpoint",
        `The checkpoint has no tensors for ${missing.slice(0, 5).join(", ")}; it is incomplete, download it again`,
        { detail: `missing: ${missing.join(", ")}` },
    );
}

function unknownTensors(family: Family, names: readonly string[]): AppError {
    const quantized = names.some((name) => /\.(qweight|qzeros|scales|absmax|SCB)$/.test(name));
    const shown = names.slice(0, 3).join(", ");
    const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
    return new AppError(
        "data/unsupported",
        quantized
            ? "The checkpoint is already quantized; convert the original model instead"
            : `The ${family.id} family has no place for ${shown}${more}; this model differs from the ones llama.cpp runs`,
        { detail: `unknown tensors: ${names.join(", ")}` },
    );
}

export function countParameters(planned: readonly PlannedTensor[]): ParameterCounts {
    const counts: ParameterCounts = { total: 0, shared: 0, perExpert: 0, nExperts: 0 };
    let nStacks = 0;
    let experts = 0;
    for (const { name, shape } of planned) {
        const size = shape.reduce((product, n) => product * n, 1);
        const nExperts = name.includes("_exps.") && shape.length >= 3 ? (shape[0] ?? 0) : 0;
        if (nExperts > 0) {
            counts.perExpert += Math.floor(size / nExperts);
            experts += nExperts;
            nStacks++;
        } else counts.shared += size;
        counts.total += size;
    }
    counts.nExperts = nStacks > 0 ? Math.floor(experts / nStacks) : 0;
    return counts;
}
