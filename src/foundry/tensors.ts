/**
 * From the tensors of a checkpoint to the tensors of the file: names, shapes, which source rows go where. Everything follows from the
 * headers, so the whole file is known before one weight is read. In the reference converter's order; types come later.
 */

import { AppError } from "../base/errors";
import { needCount, type ModelConfig } from "./checkpoint/config";
import type { SourceTensor } from "./checkpoint/index";
import type { JsonObject } from "./checkpoint/source";
import { countBlocks } from "./family/common";
import type { Experts, Family } from "./family/family";
import { isDropped, mapNames, type MappedName } from "./family/names";
import type { RowTransform, TensorChange } from "./family/rows";
import type { ParameterCounts } from "./modelId";
import { applyChange, countElements, type Part } from "./parts";
import type { TokenizerFiles } from "./tokenizer/files";

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
    tokenizer: TokenizerFiles = NO_TOKENIZER,
): PlannedTensor[] {
    const nBlocks = countBlocks(family, config.values);
    const transforms = family.transforms?.(config, tokenizer) ?? {};
    const planned: PlannedTensor[] = (family.computed?.(config) ?? []).map((tensor) => ({
        name: tensor.name,
        shape: [tensor.values.length],
        parts: [],
        computed: tensor.values,
    }));
    const stacks = expertsOf(family).map((experts) => new Stacks(experts, config.values));
    const place = (mapped: MappedName, source: SourceTensor): PlannedTensor[] | undefined => {
        if (mapped.expert === undefined) return [planOne(mapped, source, transforms)];
        return stacks.find((stack) => stack.has(mapped.base))?.add(mapped, source);
    };
    const rename = (name: string) => family.rename?.(name, config) ?? name;
    const unknown: string[] = [];
    for (const source of sources) {
        if (isDropped(source.name) || family.drops?.(source.name, config)) continue;
        const names = mapNames(family, rename(source.name), nBlocks);
        const placed = names?.map((mapped) => place(mapped, source));
        if (!placed || placed.includes(undefined)) unknown.push(source.name);
        else planned.push(...placed.flatMap((tensors) => tensors ?? []));
    }
    if (unknown.length > 0) throw unknownTensors(family, unknown);
    for (const stack of stacks) stack.refuseIncomplete();
    const result = useTiedHead(planned, config, warn);
    refuseMissing(result, nBlocks);
    return result;
}

/** For families that need no tokenizer to plan their tensors. */
export const NO_TOKENIZER: TokenizerFiles = {
    tokenizer: undefined,
    config: undefined,
    modelConfig: {},
    addedTokens: undefined,
    vocabulary: undefined,
    merges: undefined,
    vocabularyText: undefined,
    sentencePiece: undefined,
    chatTemplate: undefined,
};

function expertsOf({ experts }: Family): readonly Experts[] {
    if (!experts) return [];
    return "order" in experts ? [experts] : experts;
}

type Transforms = Readonly<Record<string, RowTransform | TensorChange>>;

/** What a family does to a tensor on its way into the file; undefined: nothing. */
export function changeOf(
    { base, suffix, isShare }: MappedName,
    transforms: Transforms,
): TensorChange | undefined {
    const keys = [...(isShare ? [`share:${base}`] : []), base + suffix, base];
    const key = keys.find((candidate) => Object.hasOwn(transforms, candidate)) ?? "";
    const transform = transforms[key];
    return typeof transform === "function" ? { rows: transform } : transform;
}

function planOne(mapped: MappedName, source: SourceTensor, transforms: Transforms): PlannedTensor {
    const { name } = mapped;
    const change = changeOf(mapped, transforms);
    if (!change) return { name, shape: source.shape, parts: [{ source, gather: undefined }] };
    const { part, shape } = applyChange(source, change);
    return { name, shape, parts: [part] };
}

/** Collects the experts of a layer; its stacked tensors stand where the last part was read, as in the reference. */
class Stacks {
    private readonly layers = new Map<number, Map<string, SourceTensor>>();
    private readonly nExperts: number;

    constructor(
        private readonly experts: Experts,
        values: JsonObject,
    ) {
        const { count } = experts;
        if (typeof count === "string") this.nExperts = values[count] ? needCount(values, count) : 0;
        else this.nExperts = count(values);
    }

    has(base: string): boolean {
        return this.experts.order.includes(base);
    }

    add(mapped: MappedName, source: SourceTensor): PlannedTensor[] {
        const block = mapped.block ?? 0;
        const layer = this.layers.get(block) ?? new Map<string, SourceTensor>();
        this.layers.set(block, layer);
        layer.set(`${mapped.base}.${mapped.expert}`, source);
        const { order } = this.experts;
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
        const size = countElements(shape);
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
