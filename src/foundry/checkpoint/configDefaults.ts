/**
 * What the configuration classes of transformers fill in when config.json does not say it, by model_type, as far as GGUF keys or
 * tensors depend on it. Source: transformers 4.57.6, the `configuration_*.py` of each model.
 */

import type { JsonObject } from "./source";

export type Default =
    number | boolean | string | null | JsonObject | ((config: JsonObject) => unknown);

const perHead = (config: JsonObject) =>
    Math.floor(Number(config["hidden_size"]) / Number(config["num_attention_heads"]));
const heads = (config: JsonObject) => config["num_attention_heads"];
const ropeDim = (config: JsonObject) => config["qk_rope_head_dim"];
/** A number when the key is absent, what the other sizes give when it holds null. */
const orPerHead = (size: number) => (config: JsonObject) =>
    "head_dim" in config ? perHead(config) : size;
/** A number when the key is absent, the number of heads when it holds null. */
const orHeads = (count: number) => (config: JsonObject) =>
    "num_key_value_heads" in config ? config["num_attention_heads"] : count;

/** vocab, hidden, feed-forward, layers, heads, key heads, context, theta, tied. */
type Row = readonly [
    number,
    number,
    number,
    number,
    number,
    Default | undefined,
    number,
    number,
    boolean,
];

/** The keys that nearly every decoder has, then its own. */
function row(
    [vocabulary, hidden, feedForward, layers, nHeads, nKeyHeads, context, theta, tied]: Row,
    own: Readonly<Record<string, Default>>,
): Readonly<Record<string, Default>> {
    return {
        vocab_size: vocabulary,
        hidden_size: hidden,
        intermediate_size: feedForward,
        num_hidden_layers: layers,
        num_attention_heads: nHeads,
        ...(nKeyHeads === undefined ? {} : { num_key_value_heads: nKeyHeads }),
        max_position_embeddings: context,
        rope_theta: theta,
        tie_word_embeddings: tied,
        ...own,
    };
}

const GPT_OSS_ROPE = {
    rope_type: "yarn",
    factor: 32,
    beta_fast: 32,
    beta_slow: 1,
    truncate: false,
    original_max_position_embeddings: 4096,
};

const BERT: Readonly<Record<string, Default>> = {
    vocab_size: 30522,
    hidden_size: 768,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    intermediate_size: 3072,
    max_position_embeddings: 512,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
    position_embedding_type: "absolute",
    tie_word_embeddings: true,
};

const GPT2: Readonly<Record<string, Default>> = {
    vocab_size: 50257,
    n_positions: 1024,
    n_embd: 768,
    n_layer: 12,
    n_head: 12,
    n_inner: null,
    layer_norm_epsilon: 1e-5,
    tie_word_embeddings: true,
};

/** Filled in this order, so a function may use what stands before it. `null` in a file counts as absent for functions only. */
export const DEFAULTS: Readonly<Record<string, Readonly<Record<string, Default>>>> = {
    llama: row([32000, 4096, 11008, 32, 32, heads, 2048, 1e4, false], {
        head_dim: perHead,
        rms_norm_eps: 1e-6,
    }),
    mistral: row([32000, 4096, 14336, 32, 32, orHeads(8), 131072, 1e4, false], {
        head_dim: null,
        rms_norm_eps: 1e-6,
        sliding_window: 4096,
    }),
    ministral: row([32000, 4096, 14336, 32, 32, orHeads(8), 131072, 1e4, false], {
        head_dim: null,
        rms_norm_eps: 1e-6,
        sliding_window: 4096,
    }),
    mixtral: row([32000, 4096, 14336, 32, 32, orHeads(8), 131072, 1e6, false], {
        head_dim: null,
        rms_norm_eps: 1e-5,
        sliding_window: null,
        num_local_experts: 8,
        num_experts_per_tok: 2,
    }),
    qwen2: row([151936, 4096, 22016, 32, 32, orHeads(32), 32768, 1e4, false], {
        rms_norm_eps: 1e-6,
        sliding_window: null,
    }),
    qwen2_moe: row([151936, 2048, 5632, 24, 16, 16, 32768, 1e4, false], {
        rms_norm_eps: 1e-6,
        sliding_window: null,
        num_experts: 60,
        num_experts_per_tok: 4,
        moe_intermediate_size: 1408,
        shared_expert_intermediate_size: 5632,
        norm_topk_prob: false,
        decoder_sparse_step: 1,
    }),
    qwen3: row([151936, 4096, 22016, 32, 32, orHeads(32), 32768, 1e4, false], {
        head_dim: 128,
        rms_norm_eps: 1e-6,
        sliding_window: null,
    }),
    qwen3_moe: row([151936, 2048, 6144, 24, 32, 4, 32768, 1e4, false], {
        rms_norm_eps: 1e-6,
        sliding_window: null,
        num_experts: 128,
        num_experts_per_tok: 8,
        moe_intermediate_size: 768,
        norm_topk_prob: false,
        decoder_sparse_step: 1,
    }),
    qwen3_next: row([151936, 2048, 5632, 48, 16, 2, 32768, 1e4, false], {
        head_dim: 256,
        rms_norm_eps: 1e-6,
        num_experts: 512,
        num_experts_per_tok: 10,
        moe_intermediate_size: 512,
        shared_expert_intermediate_size: 512,
        norm_topk_prob: true,
        decoder_sparse_step: 1,
        linear_conv_kernel_dim: 4,
        linear_key_head_dim: 128,
        linear_value_head_dim: 128,
        linear_num_key_heads: 16,
        linear_num_value_heads: 32,
        partial_rotary_factor: 0.25,
    }),
    gemma: row([256000, 3072, 24576, 28, 16, 16, 8192, 1e4, true], {
        head_dim: 256,
        rms_norm_eps: 1e-6,
    }),
    gemma2: row([256000, 2304, 9216, 26, 8, 4, 8192, 1e4, true], {
        head_dim: 256,
        rms_norm_eps: 1e-6,
        sliding_window: 4096,
        query_pre_attn_scalar: 256,
        final_logit_softcapping: 30,
        attn_logit_softcapping: 50,
    }),
    gemma3_text: row([262208, 2304, 9216, 26, 8, 4, 131072, 1e6, true], {
        head_dim: 256,
        rms_norm_eps: 1e-6,
        sliding_window: 4096,
        rope_local_base_freq: 1e4,
        query_pre_attn_scalar: 256,
        final_logit_softcapping: null,
        attn_logit_softcapping: null,
        _sliding_window_pattern: 6,
    }),
    granite: row([32000, 4096, 11008, 32, 32, heads, 2048, 1e4, false], {
        rms_norm_eps: 1e-6,
        embedding_multiplier: 1,
        logits_scaling: 1,
        residual_multiplier: 1,
        attention_multiplier: 1,
    }),
    granitemoe: row([32000, 4096, 11008, 32, 32, heads, 2048, 1e4, false], {
        rms_norm_eps: 1e-6,
        num_local_experts: 8,
        num_experts_per_tok: 2,
        embedding_multiplier: 1,
        logits_scaling: 1,
        residual_multiplier: 1,
        attention_multiplier: 1,
    }),
    granitemoeshared: row([32000, 4096, 11008, 32, 32, heads, 2048, 1e4, false], {
        rms_norm_eps: 1e-6,
        num_local_experts: 8,
        num_experts_per_tok: 2,
        shared_intermediate_size: 0,
        embedding_multiplier: 1,
        logits_scaling: 1,
        residual_multiplier: 1,
        attention_multiplier: 1,
    }),
    olmo: row([50304, 4096, 11008, 32, 32, heads, 2048, 1e4, false], { clip_qkv: null }),
    olmo2: row([50304, 4096, 11008, 32, 32, heads, 2048, 1e4, false], { rms_norm_eps: 1e-5 }),
    olmo3: row([50304, 4096, 11008, 32, 32, heads, 2048, 1e4, false], {
        rms_norm_eps: 1e-5,
        sliding_window: 4096,
    }),
    olmoe: row([50304, 2048, 2048, 16, 16, heads, 4096, 1e4, false], {
        rms_norm_eps: 1e-5,
        num_experts: 64,
        num_experts_per_tok: 8,
        norm_topk_prob: false,
        clip_qkv: null,
    }),
    smollm3: row([128256, 2048, 11008, 36, 16, orHeads(4), 32768, 2e6, true], {
        rms_norm_eps: 1e-6,
        sliding_window: null,
    }),
    seed_oss: row([155136, 4096, 27648, 64, 80, orHeads(8), 524288, 1e4, false], {
        head_dim: orPerHead(128),
        rms_norm_eps: 1e-6,
    }),
    ernie4_5: row([103424, 1024, 3072, 18, 16, orHeads(2), 131072, 500000, true], {
        head_dim: 128,
        rms_norm_eps: 1e-5,
    }),
    ernie4_5_moe: row([103424, 2560, 12288, 28, 20, 4, 131072, 500000, true], {
        rms_norm_eps: 1e-5,
        moe_intermediate_size: 1536,
        moe_k: 6,
        moe_num_experts: 64,
        moe_num_shared_experts: 2,
        moe_layer_start_index: 1,
        moe_layer_interval: 1,
    }),
    cohere: row([256000, 8192, 22528, 40, 64, heads, 8192, 1e4, true], {
        layer_norm_eps: 1e-5,
        logit_scale: 0.0625,
        use_qk_norm: false,
    }),
    cohere2: row([256000, 8192, 22528, 40, 64, heads, 8192, 1e4, true], {
        head_dim: perHead,
        layer_norm_eps: 1e-5,
        sliding_window: 4096,
        _sliding_window_pattern: 4,
        logit_scale: 0.0625,
    }),
    glm: row([151552, 4096, 13696, 40, 32, 2, 131072, 1e4, false], {
        head_dim: 128,
        rms_norm_eps: 1.5625e-7,
        partial_rotary_factor: 0.5,
    }),
    glm4: row([151552, 4096, 13696, 40, 32, 2, 131072, 1e4, false], {
        head_dim: 128,
        rms_norm_eps: 1.5625e-7,
        partial_rotary_factor: 0.5,
    }),
    glm4_moe: row([151552, 4096, 10944, 46, 96, 8, 131072, 1e4, false], {
        rms_norm_eps: 1e-5,
        n_routed_experts: 128,
        num_experts_per_tok: 8,
        moe_intermediate_size: 1408,
        norm_topk_prob: true,
        partial_rotary_factor: 0.5,
        use_qk_norm: false,
        n_group: 1,
        topk_group: 1,
        n_shared_experts: 1,
        routed_scaling_factor: 1,
        first_k_dense_replace: 1,
    }),
    nemotron: row([256000, 6144, 24576, 32, 48, null, 4096, 1e4, false], {
        head_dim: perHead,
        norm_eps: 1e-5,
        partial_rotary_factor: 0.5,
    }),
    exaone4: row([102400, 4096, 16384, 32, 32, 32, 2048, 1e4, false], {
        rms_norm_eps: 1e-5,
        sliding_window: 4096,
        sliding_window_pattern: 4,
    }),
    apertus: row([131072, 4096, 14336, 32, 32, heads, 65536, 1.2e7, false], { rms_norm_eps: 1e-5 }),
    arcee: row([32000, 2560, 18432, 32, 32, heads, 4096, 1e4, false], {
        head_dim: perHead,
        rms_norm_eps: 1e-5,
    }),
    helium: row([48000, 2560, 7040, 24, 20, 20, 4096, 100000, false], {
        head_dim: 128,
        rms_norm_eps: 1e-8,
    }),
    hunyuan_v1_dense: row([290943, 4096, 11008, 32, 32, heads, 2048, 1e4, false], {
        head_dim: null,
        rms_norm_eps: 1e-5,
    }),
    hunyuan_v1_moe: row([290943, 4096, 11008, 32, 32, heads, 2048, 1e4, false], {
        head_dim: null,
        rms_norm_eps: 1e-5,
        num_experts: 1,
        moe_topk: 1,
    }),
    dots1: row([152064, 4608, 10944, 62, 32, orHeads(32), 2048, 1e4, false], {
        rms_norm_eps: 1e-6,
        sliding_window: 4096,
        n_routed_experts: null,
        num_experts_per_tok: null,
        moe_intermediate_size: 1408,
        norm_topk_prob: false,
        n_group: 1,
        topk_group: 1,
        n_shared_experts: null,
        routed_scaling_factor: 1,
        first_k_dense_replace: 0,
    }),
    lfm2: row([65536, 2560, 12288, 32, 32, 8, 128000, 1e6, true], {
        norm_eps: 1e-5,
        conv_L_cache: 3,
    }),
    phi: row([51200, 2048, 8192, 24, 32, heads, 2048, 1e4, false], {
        layer_norm_eps: 1e-5,
        partial_rotary_factor: 0.5,
    }),
    phi3: row([32064, 3072, 8192, 32, 32, heads, 4096, 1e4, false], {
        rms_norm_eps: 1e-5,
        sliding_window: null,
        partial_rotary_factor: 1,
        original_max_position_embeddings: 4096,
    }),
    phimoe: row([32064, 4096, 6400, 32, 32, orHeads(8), 131072, 1e6, false], {
        rms_norm_eps: 1e-5,
        sliding_window: null,
        num_local_experts: 16,
        num_experts_per_tok: 2,
    }),
    stablelm: row([50304, 2560, 6912, 32, 32, 32, 4096, 1e4, false], {
        layer_norm_eps: 1e-5,
        partial_rotary_factor: 0.25,
        use_parallel_residual: false,
    }),
    starcoder2: row([49152, 3072, 12288, 30, 24, 2, 4096, 1e4, true], {
        norm_epsilon: 1e-5,
        sliding_window: null,
    }),
    gpt_neox: row([50432, 6144, 24576, 44, 64, undefined, 2048, 1e4, false], {
        layer_norm_eps: 1e-5,
        partial_rotary_factor: 0.25,
        use_parallel_residual: true,
        rotary_pct: 0.25,
        rotary_emb_base: 10000,
    }),
    deepseek_v2: row([32000, 4096, 11008, 32, 32, heads, 2048, 1e4, false], {
        rms_norm_eps: 1e-6,
        n_routed_experts: 64,
        num_experts_per_tok: null,
        moe_intermediate_size: 1407,
        norm_topk_prob: false,
        n_group: null,
        topk_group: null,
        n_shared_experts: 2,
        routed_scaling_factor: 1,
        first_k_dense_replace: 0,
        kv_lora_rank: 512,
        q_lora_rank: 1536,
        qk_nope_head_dim: 128,
        qk_rope_head_dim: 64,
        head_dim: ropeDim,
        v_head_dim: 128,
        topk_method: "greedy",
    }),
    deepseek_v3: row([129280, 7168, 18432, 61, 128, orHeads(128), 4096, 1e4, false], {
        rms_norm_eps: 1e-6,
        n_routed_experts: 256,
        num_experts_per_tok: 8,
        moe_intermediate_size: 2048,
        norm_topk_prob: true,
        n_group: 8,
        topk_group: 4,
        n_shared_experts: 1,
        routed_scaling_factor: 2.5,
        first_k_dense_replace: 3,
        kv_lora_rank: 512,
        q_lora_rank: 1536,
        qk_nope_head_dim: 128,
        qk_rope_head_dim: 64,
        head_dim: ropeDim,
        v_head_dim: 128,
    }),
    gpt_oss: row([201088, 2880, 2880, 36, 64, orHeads(8), 131072, 150000, false], {
        head_dim: orPerHead(64),
        rms_norm_eps: 1e-5,
        sliding_window: 128,
        num_local_experts: 128,
        num_experts_per_tok: 4,
        rope_scaling: GPT_OSS_ROPE,
    }),
    gpt2: GPT2,
    gpt_bigcode: {
        ...GPT2,
        multi_query: true,
        num_key_value_heads: (config) => (config["multi_query"] === true ? 1 : config["n_head"]),
    },
    falcon: {
        vocab_size: 65024,
        hidden_size: (config) => config["n_embed"] ?? 4544,
        num_hidden_layers: 32,
        num_attention_heads: 71,
        layer_norm_epsilon: 1e-5,
        num_kv_heads: heads,
        alibi: false,
        new_decoder_architecture: false,
        multi_query: true,
        parallel_attn: true,
        max_position_embeddings: 2048,
        rope_theta: 1e4,
        tie_word_embeddings: true,
    },
    mpt: {
        d_model: 2048,
        n_heads: 16,
        n_layers: 24,
        expansion_ratio: 4,
        max_seq_len: 2048,
        vocab_size: 50368,
        layer_norm_epsilon: 1e-5,
        attn_config: { clip_qkv: null, alibi: true, alibi_bias_max: 8 },
        tie_word_embeddings: true,
    },
    bloom: {
        vocab_size: 250880,
        hidden_size: (config) => config["n_embed"] ?? 64,
        n_layer: 2,
        n_head: 8,
        layer_norm_epsilon: 1e-5,
        tie_word_embeddings: true,
    },
    bert: BERT,
    "xlm-roberta": BERT,
    roberta: { ...BERT, vocab_size: 50265 },
};

const GPT2_NAMES = {
    hidden_size: "n_embd",
    max_position_embeddings: "n_positions",
    num_attention_heads: "n_head",
    num_hidden_layers: "n_layer",
};

/** Keys that a class stores under another name (`attribute_map`). */
export const ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    gpt2: GPT2_NAMES,
    gpt_bigcode: GPT2_NAMES,
    mpt: { num_attention_heads: "n_heads", hidden_size: "d_model", num_hidden_layers: "n_layers" },
    bloom: { num_hidden_layers: "n_layer", num_attention_heads: "n_head" },
    ernie4_5_moe: { num_experts: "moe_num_experts", num_experts_per_tok: "moe_k" },
};

/** model_type of a nested text_config that does not name its own, by the outer model_type. */
export const NESTED_TYPES: Readonly<Record<string, string>> = {
    gemma3: "gemma3_text",
    mistral3: "mistral",
    llava: "llama",
    llava_next: "llama",
};
