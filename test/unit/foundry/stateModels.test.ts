// Shapes and names of models whose tensors are reshaped, split or renamed: Mamba2, Qwen3-Next, MLA, StableLM's norms, gpt-oss in bf16.
import { describe, expect, it } from "vitest";
import { completeConfig } from "../../../src/foundry/checkpoint/config";
import type { SourceTensor } from "../../../src/foundry/checkpoint/index";
import { findFamily } from "../../../src/foundry/family/registry";
import { planTensors } from "../../../src/foundry/tensors";

/** Names and shapes (outermost first) of the file for these tensors of a checkpoint. */
function planOf(
    config: Record<string, unknown>,
    tensors: Record<string, readonly number[]>,
): Record<string, readonly number[]> {
    const given = completeConfig(config, "test");
    const family = findFamily(given.architecture);
    const complete = family.prepare?.(given, Object.keys(tensors)) ?? given;
    const sources = Object.entries(tensors).map(([name, shape]): SourceTensor => ({
        name,
        shape,
        dtype: "F32",
        file: "model.safetensors",
        offset: 0,
        bytes: shape.reduce((product, n) => product * n, 4),
    }));
    const planned = planTensors(family, complete, sources, () => undefined);
    return Object.fromEntries(planned.map(({ name, shape }) => [name, shape]));
}

describe("mamba2", () => {
    it("takes Codestral's names and gives A, D and the norm two dimensions", () => {
        const config = {
            architectures: ["Mamba2ForCausalLM"],
            model_type: "mamba2",
            hidden_size: 16,
            expand: 2,
            head_dim: 8,
            n_groups: 2,
            num_hidden_layers: 1,
            vocab_size: 32,
        };
        const layer = "model.backbone.layers.0.";
        expect(
            planOf(config, {
                "model.backbone.embedding.weight": [32, 16],
                [`${layer}mixer.A_log`]: [4],
                [`${layer}mixer.D`]: [4],
                [`${layer}mixer.conv1d.bias`]: [40],
                [`${layer}mixer.conv1d.weight`]: [40, 1, 4],
                [`${layer}mixer.dt_bias`]: [4],
                [`${layer}mixer.in_proj.weight`]: [76, 16],
                [`${layer}mixer.norm.weight`]: [32],
                [`${layer}mixer.out_proj.weight`]: [16, 32],
                [`${layer}norm.weight`]: [16],
                "model.backbone.norm_f.weight": [16],
                "model.lm_head.weight": [32, 16],
            }),
        ).toEqual({
            "token_embd.weight": [32, 16],
            "blk.0.ssm_a": [4, 1],
            "blk.0.ssm_d": [4, 1],
            "blk.0.ssm_conv1d.bias": [40],
            "blk.0.ssm_conv1d.weight": [40, 4],
            "blk.0.ssm_dt.bias": [4],
            "blk.0.ssm_in.weight": [76, 16],
            "blk.0.ssm_norm.weight": [2, 16],
            "blk.0.ssm_out.weight": [16, 32],
            "blk.0.attn_norm.weight": [16],
            "output_norm.weight": [16],
            "output.weight": [32, 16],
        });
    });
});

describe("qwen3next", () => {
    const config = {
        architectures: ["Qwen3NextForCausalLM"],
        model_type: "qwen3_next",
        num_hidden_layers: 1,
        hidden_size: 8,
        linear_num_key_heads: 2,
        linear_num_value_heads: 4,
        linear_key_head_dim: 3,
        linear_value_head_dim: 5,
        num_experts: 2,
    };
    const linear = "model.layers.0.linear_attn.";

    it("divides the projection of linear attention", () => {
        // Per key head: 3 query, 3 key, 10 value, 10 gate rows.
        const plan = planOf(config, {
            "model.embed_tokens.weight": [16, 8],
            [`${linear}in_proj_qkvz.weight`]: [52, 8],
            [`${linear}conv1d.weight`]: [32, 1, 4],
            [`${linear}dt_bias`]: [4],
        });
        expect(plan).toMatchObject({
            "blk.0.attn_qkv.weight": [32, 8],
            "blk.0.attn_gate.weight": [20, 8],
            "blk.0.ssm_conv1d.weight": [32, 4],
            "blk.0.ssm_dt.bias": [4],
        });
    });

    it("puts prediction layers behind the others", () => {
        const plan = planOf(config, {
            "model.embed_tokens.weight": [16, 8],
            [`${linear}dt_bias`]: [4],
            "mtp.fc.weight": [8, 16],
            "mtp.layers.0.input_layernorm.weight": [8],
            "mtp.norm.weight": [8],
            "mtp.pre_fc_norm_embedding.weight": [8],
        });
        expect(Object.keys(plan)).toEqual([
            "token_embd.weight",
            "blk.0.ssm_dt.bias",
            "blk.1.nextn.eh_proj.weight",
            "blk.1.attn_norm.weight",
            "blk.1.nextn.shared_head_norm.weight",
            "blk.1.nextn.enorm.weight",
        ]);
    });
});

describe("deepseek2", () => {
    it("keeps keys transposed head by head, values as they are, and drops prediction layers", () => {
        const config = {
            architectures: ["DeepseekV2ForCausalLM"],
            model_type: "deepseek_v2",
            num_hidden_layers: 1,
            num_attention_heads: 2,
            qk_nope_head_dim: 3,
            v_head_dim: 5,
            kv_lora_rank: 7,
            tie_word_embeddings: true,
        };
        expect(
            planOf(config, {
                "model.embed_tokens.weight": [16, 8],
                "model.layers.0.self_attn.kv_b_proj.weight": [16, 7],
                "model.layers.1.enorm.weight": [8],
                "lm_head.weight": [16, 8],
            }),
        ).toEqual({
            "token_embd.weight": [16, 8],
            "blk.0.attn_k_b.weight": [2, 7, 3],
            "blk.0.attn_v_b.weight": [2, 5, 7],
        });
    });
});

describe("stablelm", () => {
    it("stacks the norms of the heads", () => {
        const config = {
            architectures: ["StableLmForCausalLM"],
            model_type: "stablelm",
            num_hidden_layers: 1,
            num_attention_heads: 2,
            num_key_value_heads: 1,
        };
        const attention = "model.layers.0.self_attn.";
        expect(
            planOf(config, {
                "model.embed_tokens.weight": [16, 8],
                [`${attention}k_layernorm.norms.0.weight`]: [4],
                [`${attention}q_layernorm.norms.0.weight`]: [4],
                [`${attention}q_layernorm.norms.1.weight`]: [4],
            }),
        ).toMatchObject({
            "blk.0.attn_k_norm.weight": [1, 4],
            "blk.0.attn_q_norm.weight": [2, 4],
        });
    });
});

describe("gpt-oss in bf16", () => {
    it("turns the experts and takes gate and up apart", () => {
        const config = {
            architectures: ["GptOssForCausalLM"],
            model_type: "gpt_oss",
            num_hidden_layers: 1,
        };
        const experts = "model.layers.0.mlp.experts.";
        expect(
            planOf(config, {
                "model.embed_tokens.weight": [16, 8],
                [`${experts}down_proj`]: [2, 6, 8],
                [`${experts}gate_up_proj`]: [2, 8, 12],
                [`${experts}gate_up_proj_bias`]: [2, 12],
            }),
        ).toEqual({
            "token_embd.weight": [16, 8],
            "blk.0.ffn_down_exps.weight": [2, 8, 6],
            "blk.0.ffn_gate_exps.weight": [2, 6, 8],
            "blk.0.ffn_up_exps.weight": [2, 6, 8],
            "blk.0.ffn_gate_exps.bias": [2, 6],
            "blk.0.ffn_up_exps.bias": [2, 6],
        });
    });
});
