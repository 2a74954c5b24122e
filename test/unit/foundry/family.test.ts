// Names, row gathers, configuration defaults and the plan of tensors.
import { describe, expect, it } from "vitest";
import { completeConfig } from "../../../src/foundry/checkpoint/config";
import type { SourceTensor } from "../../../src/foundry/checkpoint/index";
import { isDropped, mapName, mapNames } from "../../../src/foundry/family/names";
import { findFamily } from "../../../src/foundry/family/registry";
import {
    everyRow,
    firstRows,
    permuteHeads,
    stackRows,
    takeShares,
    thenRows,
    type RowTransform,
} from "../../../src/foundry/family/rows";
import { readModel } from "../../../src/foundry/model";
import { countParameters, planTensors } from "../../../src/foundry/tensors";
import { memorySource, safetensors } from "./memorySource";

const llama = findFamily("LlamaForCausalLM");
const qwen2 = findFamily("Qwen2ForCausalLM");

describe("names", () => {
    it.each([
        ["model.embed_tokens.weight", "token_embd.weight"],
        ["embed_tokens.weight", "token_embd.weight"],
        ["lm_head.weight", "output.weight"],
        ["model.layers.10.self_attn.q_proj.bias", "blk.10.attn_q.bias"],
        ["layers.3.mlp.down_proj.weight", "blk.3.ffn_down.weight"],
        ["language_model.model.norm.weight", "output_norm.weight"],
    ])("%s -> %s", (name, expected) => {
        expect(mapName(qwen2, name, 12)?.name).toBe(expected);
    });

    it("does not know tensors of other models, beyond the last block, or of object members", () => {
        for (const name of [
            "v_head.summary.weight",
            "model.layers.12.self_attn.q_proj.weight",
            "model.layers.0.self_attn.q_proj.qweight",
            "constructor.weight",
            "model.layers.99999999.mlp.up_proj.weight",
        ])
            expect(mapName(qwen2, name, 12)).toBeUndefined();
    });

    it("finds block and expert", () => {
        expect(
            mapName(llama, "model.layers.2.block_sparse_moe.experts.7.w3.weight", 4),
        ).toMatchObject({ base: "ffn_up_exps", block: 2, expert: 7 });
    });

    it("splits, drops, and knows whole names", () => {
        const family = {
            ...llama,
            prefixes: ["backbone."],
            names: {
                "layers.#.qkv": ["blk.#.attn_q", "blk.#.attn_k"],
                "layers.#.A_log": "blk.#.ssm_a",
                "layers.#.experts.up": ["blk.#.ffn_gate_exps.weight", "blk.#.ffn_up_exps.weight"],
                lm_head: null,
            },
        };
        const names = (name: string) => mapNames(family, name, 2)?.map((mapped) => mapped.name);
        expect(names("backbone.layers.1.qkv.bias")).toEqual([
            "blk.1.attn_q.bias",
            "blk.1.attn_k.bias",
        ]);
        expect(names("layers.0.A_log")).toEqual(["blk.0.ssm_a"]);
        expect(names("layers.0.experts.up")).toHaveLength(2);
        expect(names("lm_head.weight")).toEqual([]);
        expect(names("model.layers.0.A_log")).toBeUndefined();
        expect(mapName(family, "layers.0.experts.up", 2)).toMatchObject({
            base: "ffn_gate_exps",
            suffix: ".weight",
            expert: undefined,
        });
    });

    it("drops recomputed buffers and other modalities", () => {
        expect(isDropped("model.layers.0.self_attn.rotary_emb.inv_freq")).toBe(true);
        expect(isDropped("vision_tower.x.weight")).toBe(true);
        expect(isDropped("model.layers.0.mlp.up_proj.weight")).toBe(false);
    });
});

describe("rows", () => {
    it("interleaves the halves of each head", () => {
        const { nRows, sourceRow } = permuteHeads(2)(8, "q");
        expect(Array.from({ length: nRows }, (_, row) => sourceRow(row))).toEqual([
            0, 2, 1, 3, 4, 6, 5, 7,
        ]);
    });

    const listRows = (transform: RowTransform, nSource: number) => {
        const { nRows, sourceRow } = transform(nSource, "w");
        return Array.from({ length: nRows }, (_, row) => sourceRow(row));
    };

    it("takes shares of groups, every so many, the first ones", () => {
        expect(listRows(takeShares(1, 3, 1), 6)).toEqual([2, 3]);
        expect(listRows(takeShares(2, 4, 0, 2), 8)).toEqual([0, 1, 4, 5]);
        expect(listRows(takeShares(2, 4, 3), 16)).toEqual([6, 7, 14, 15]);
        expect(listRows(everyRow(1, 2), 5)).toEqual([1, 3]);
        expect(listRows(firstRows(3), 5)).toEqual([0, 1, 2]);
        expect(listRows(firstRows(9), 2)).toEqual([0, 1]);
    });

    it("composes and stacks", () => {
        expect(listRows(thenRows(takeShares(1, 2, 1), permuteHeads(1)), 8)).toEqual([4, 6, 5, 7]);
        const regroup = [0, 1, 2].map((part) => takeShares(2, 3, part));
        expect(listRows(stackRows(...regroup), 6)).toEqual([0, 3, 1, 4, 2, 5]);
    });

    it("refuses heads that do not fit", () => {
        expect(() => permuteHeads(3)(8, "q")).toThrow(/do not divide into 3/);
        expect(() => permuteHeads(8)(8, "q")).toThrow(/do not divide/);
    });
});

describe("configuration", () => {
    const complete = (config: object) => completeConfig({ architectures: ["X"], ...config }, "x");

    it("fills in what transformers would", () => {
        const { values } = complete({
            model_type: "llama",
            hidden_size: 64,
            num_attention_heads: 4,
        });
        expect(values).toMatchObject({
            num_key_value_heads: 4,
            head_dim: 16,
            rope_theta: 10000,
            rms_norm_eps: 1e-6,
            max_position_embeddings: 2048,
        });
        expect(complete({ model_type: "mistral" }).values["head_dim"]).toBeNull();
        expect(complete({ model_type: "qwen2" }).values["head_dim"]).toBeUndefined();
        expect(complete({ model_type: "constructor" }).values["rope_theta"]).toBeUndefined();
    });

    it("knows classes whose defaults depend on other keys or have other names", () => {
        const value = (config: object, key: string) => complete(config).values[key];
        expect(value({ model_type: "deepseek_v2" }, "head_dim")).toBe(64);
        expect(value({ model_type: "seed_oss" }, "head_dim")).toBe(128);
        const heads = { hidden_size: 64, num_attention_heads: 4, head_dim: null };
        expect(value({ model_type: "seed_oss", ...heads }, "head_dim")).toBe(16);
        expect(value({ model_type: "qwen3", ...heads }, "head_dim")).toBeNull();
        expect(complete({ model_type: "gpt2", hidden_size: 96 }).values).toMatchObject({
            n_embd: 96,
            n_layer: 12,
        });
        expect(value({ model_type: "gpt2", hidden_size: 96 }, "hidden_size")).toBeUndefined();
        const nested = { model_type: "gemma3", text_config: { head_dim: 16 } };
        expect(complete(nested).values).toMatchObject({ head_dim: 16, sliding_window: 4096 });
        expect(complete(nested).rope).toMatchObject({ sliding_attention: { rope_theta: 10000 } });
    });

    it("keeps null where the class does not replace it", () => {
        expect(complete({ model_type: "qwen2", rope_theta: null }).rope).toEqual({});
        expect(complete({ model_type: "llama", head_dim: null }).values["head_dim"]).toBe(128);
    });

    it("merges text_config and takes its architecture", () => {
        const config = completeConfig(
            {
                architectures: ["Outer"],
                vocab_size: 1,
                text_config: { architectures: ["Inner"], model_type: "qwen2", vocab_size: 2 },
            },
            "x",
        );
        expect(config.architecture).toBe("Inner");
        expect(config.values).toMatchObject({ vocab_size: 2, rope_theta: 10000 });
    });

    it("reads both forms of rope settings", () => {
        const old = complete({ rope_theta: 5, rope_scaling: { type: "linear", factor: 4 } });
        const modern = complete({
            rope_parameters: { rope_type: "linear", factor: 4, rope_theta: 5 },
        });
        expect(old.rope).toMatchObject({ rope_type: "linear", factor: 4, rope_theta: 5 });
        expect(modern.rope).toMatchObject({ rope_type: "linear", factor: 4, rope_theta: 5 });
        expect(complete({ rope_scaling: null }).rope).toEqual({});
    });

    it("says when no architecture is named", () => {
        expect(() => completeConfig({}, "folder")).toThrow(/names no architecture/);
        expect(() => completeConfig({ architectures: [5] }, "folder")).toThrow(/no architecture/);
    });
});

describe("plan of tensors", () => {
    const config = (over: object = {}) =>
        completeConfig(
            {
                architectures: ["MixtralForCausalLM"],
                num_hidden_layers: 1,
                num_attention_heads: 2,
                num_key_value_heads: 1,
                num_local_experts: 2,
                hidden_size: 8,
                ...over,
            },
            "x",
        );
    const tensor = (name: string, ...shape: number[]): SourceTensor => ({
        name,
        dtype: "F32",
        shape,
        file: "model.safetensors",
        offset: 0,
        bytes: shape.reduce((a, b) => a * b, 4),
    });
    const expert = (n: number, part: string) =>
        tensor(`model.layers.0.block_sparse_moe.experts.${n}.${part}.weight`, 4, 8);
    const embedding = tensor("model.embed_tokens.weight", 10, 8);
    const plan = (sources: SourceTensor[], over: object = {}) =>
        planTensors(llama, config(over), sources, () => undefined);
    const experts = [0, 1].flatMap((n) => ["w1", "w2", "w3"].map((part) => expert(n, part)));

    it("stacks experts where the last of them stands, in the reference's order", () => {
        const planned = plan([embedding, ...experts, tensor("model.norm.weight", 8)]);
        expect(planned.map(({ name, shape }) => [name, shape])).toEqual([
            ["token_embd.weight", [10, 8]],
            ["blk.0.ffn_gate_exps.weight", [2, 4, 8]],
            ["blk.0.ffn_down_exps.weight", [2, 4, 8]],
            ["blk.0.ffn_up_exps.weight", [2, 4, 8]],
            ["output_norm.weight", [8]],
        ]);
        expect(planned[3]?.parts.map(({ source }) => source.name)).toEqual([
            experts[2]?.name,
            experts[5]?.name,
        ]);
        expect(countParameters(planned)).toEqual({
            total: 80 + 3 * 64 + 8,
            shared: 88,
            perExpert: 96,
            nExperts: 2,
        });
    });

    it.each([
        ["an expert is missing", [embedding, ...experts.slice(1)], {}, /all its experts/],
        [
            "a block is missing",
            [embedding, ...experts],
            { num_hidden_layers: 3 },
            /block 1, block 2/,
        ],
        ["the embedding is missing", experts, {}, /the token embedding/],
        [
            "experts differ in shape",
            [embedding, ...experts.slice(1), { ...expert(0, "w1"), shape: [5, 8] }],
            {},
            /different shapes/,
        ],
        [
            "two tensors have one name",
            [embedding, tensor("embed_tokens.weight", 1, 8), ...experts],
            {},
            /Two tensors/,
        ],
        [
            "layers are absurd",
            [embedding],
            { num_hidden_layers: 1e12 },
            /num_hidden_layers|n_layers/,
        ],
        [
            "the checkpoint is quantized",
            [tensor("model.layers.0.mlp.up_proj.qweight", 1, 8)],
            {},
            /already quantized/,
        ],
    ])("refuses when %s", (_, sources, over, message) => {
        expect(() => plan(sources, over)).toThrow(message);
    });

    it("computes Llama 3's rope factors: one, smoothed, full", () => {
        const rope = {
            rope_type: "llama3",
            rope_theta: 500000,
            factor: 8,
            low_freq_factor: 1,
            high_freq_factor: 4,
            original_max_position_embeddings: 8192,
        };
        const [first] = plan([embedding, ...experts], { head_dim: 64, rope_parameters: rope });
        expect(first?.name).toBe("rope_freqs.weight");
        expect(first?.computed?.length).toBe(32);
        expect(first?.computed?.[0]).toBe(1);
        expect(first?.computed?.[31]).toBe(8);
        const smoothed = [...(first?.computed ?? [])].filter((value) => value > 1 && value < 8);
        expect(smoothed.length).toBeGreaterThan(0);
    });

    it.each([
        ["factor", 0],
        ["low_freq_factor", 0],
        ["high_freq_factor", 1],
    ])("refuses Llama 3's rope factors with a %s of %d", (key, value) => {
        const rope = {
            rope_type: "llama3",
            rope_theta: 500000,
            factor: 8,
            low_freq_factor: 1,
            high_freq_factor: 4,
            original_max_position_embeddings: 8192,
            [key]: value,
        };
        const over = { head_dim: 64, rope_parameters: rope };
        expect(() => plan([embedding, ...experts], over)).toThrow(/RoPE scaling that no model has/);
    });

    it("puts a lone lm_head of a tied model under the embedding's name", async () => {
        const model = await readModel(
            memorySource({
                "config.json": {
                    architectures: ["Qwen2ForCausalLM"],
                    model_type: "qwen2",
                    num_hidden_layers: 1,
                    vocab_size: 2,
                    tie_word_embeddings: true,
                },
                "tokenizer.json": { model: { type: "BPE", vocab: { a: 0, b: 1 }, merges: [] } },
                "model.safetensors": safetensors({
                    "lm_head.weight": { dtype: "BF16", shape: [2, 4] },
                    "model.layers.0.mlp.up_proj.weight": { dtype: "BF16", shape: [2, 4] },
                }),
            }),
            { pre: "qwen2" },
        );
        expect(model.tensors.map(({ name }) => name)).toContain("token_embd.weight");
        expect(model.warnings.join()).toMatch(/lm_head/);
        expect(model.autoType).toBe("BF16");
    });
});

it("refuses unknown architectures with the list of known families", () => {
    expect(() => findFamily("CodeGenForCausalLM")).toThrow(/CodeGenForCausalLM.*Qwen2/);
    expect(() => findFamily("constructor")).toThrow(/cannot convert/);
});
