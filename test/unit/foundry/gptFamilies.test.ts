// Regrouped projections, key/value heads, rope factors and labels of the families that are not Llama-like.
import { describe, expect, it } from "vitest";
import { completeConfig } from "../../../src/foundry/checkpoint/config";
import { forgottenRopeBase } from "../../../src/foundry/family/common";
import { findFamily } from "../../../src/foundry/family/registry";
import { regroupQkv } from "../../../src/foundry/family/gptNames";
import { KeyValues } from "../../../src/foundry/keyValues";

/** A family's own keys for a config.json. */
function keysOf(config: Record<string, unknown>): Record<string, unknown> {
    const complete = completeConfig(config, "test");
    const family = findFamily(complete.architecture);
    const keys = new KeyValues();
    family.firstKeys?.(keys, complete);
    family.metadata?.(keys, complete.values, complete);
    return Object.fromEntries(keys.entries().map(([key, entry]) => [key, entry.value]));
}

describe("fused projections", () => {
    it("become queries, keys, values when they lie head by head", () => {
        // Two heads of two rows: q0 q0 k0 k0 v0 v0 q1 q1 k1 k1 v1 v1.
        const { nRows, sourceRow } = regroupQkv(2, 2)(12, "qkv");
        expect(Array.from({ length: nRows }, (_, row) => sourceRow(row))).toEqual([
            0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11,
        ]);
    });

    it("become so when they lie in groups of several queries", () => {
        // Four heads of one row in two groups: q0 q1 k v q2 q3 k v.
        const { nRows, sourceRow } = regroupQkv(4, 2)(8, "qkv");
        expect(Array.from({ length: nRows }, (_, row) => sourceRow(row))).toEqual([
            0, 1, 4, 5, 2, 6, 3, 7,
        ]);
    });

    it("are refused when the heads do not fit", () => {
        expect(() => regroupQkv(3, 3)(8, "qkv")).toThrow(/do not divide/);
    });
});

describe("falcon", () => {
    const falcon = { architectures: ["FalconForCausalLM"], model_type: "falcon", hidden_size: 64 };
    it.each([
        ["7B, as it is", { num_attention_heads: 4, multi_query: true }, 1],
        [
            "7B with the number that transformers writes",
            { num_attention_heads: 4, num_kv_heads: 4, multi_query: true },
            1,
        ],
        [
            "40B",
            {
                num_attention_heads: 8,
                num_kv_heads: 2,
                new_decoder_architecture: true,
                multi_query: true,
            },
            2,
        ],
        ["without groups", { num_attention_heads: 4, multi_query: false }, 4],
    ])("%s", (_, config, expected) => {
        expect(keysOf({ ...falcon, ...config })["falcon.attention.head_count_kv"]).toBe(expected);
    });
});

describe("rotation base", () => {
    const stablelm = { architectures: ["StableLmForCausalLM"], model_type: "stablelm" };
    const written = (config: Record<string, unknown>) =>
        forgottenRopeBase(completeConfig({ ...stablelm, ...config }, "test"));
    it("is written where the reference forgets one that matters", () => {
        expect(findFamily("StableLmForCausalLM").addsRopeBase).toBe(true);
        expect(written({ rope_theta: 1e6 })).toBe(1e6);
        expect(written({})).toBeUndefined();
    });

    it("of GPT-NeoX has another name", () => {
        const config = { architectures: ["GPTNeoXForCausalLM"], model_type: "gpt_neox" };
        const { rope } = completeConfig({ ...config, rotary_emb_base: 5000 }, "test");
        expect(rope["rope_theta"]).toBe(5000);
    });
});

describe("phi3", () => {
    const phi3 = {
        architectures: ["Phi3ForCausalLM"],
        model_type: "phi3",
        hidden_size: 16,
        num_attention_heads: 2,
        max_position_embeddings: 131072,
        original_max_position_embeddings: 4096,
    };
    const scaling = { long_factor: [1, 2, 3, 4], short_factor: [1, 1, 1, 1] };

    it("writes the attention factor of long contexts first", () => {
        const keys = keysOf({ ...phi3, rope_scaling: { ...scaling, type: "longrope" } });
        expect(Object.keys(keys)[0]).toBe("phi3.rope.scaling.attn_factor");
        expect(keys["phi3.rope.scaling.attn_factor"]).toBeCloseTo(1.1902381, 6);
    });

    it("refuses factors that do not fit the heads", () => {
        const long_factor = [1, 2, 3];
        const config = { ...phi3, rope_scaling: { ...scaling, long_factor, type: "longrope" } };
        const family = findFamily("Phi3ForCausalLM");
        expect(() => family.computed?.(completeConfig(config, "test"))).toThrow(
            /long_factor of 4 numbers/,
        );
    });

    it("tells Phi-4 by a sliding window of zero", () => {
        expect(keysOf({ ...phi3, sliding_window: null })["phi3.attention.sliding_window"]).toBe(0);
    });
});

describe("mpt", () => {
    const mpt = { architectures: ["MPTForCausalLM"], model_type: "mpt", d_model: 64, n_heads: 4 };
    it("counts key heads as its kind of attention does", () => {
        const of = (attn_config: unknown) =>
            keysOf({ ...mpt, attn_config })["mpt.attention.head_count_kv"];
        expect(of({ attn_type: "multihead_attention" })).toBeUndefined();
        expect(of({ attn_type: "multiquery_attention" })).toBe(1);
        expect(of({ attn_type: "grouped_query_attention", kv_n_heads: 2 })).toBe(2);
    });
});

describe("encoders", () => {
    const bert = { architectures: ["BertModel"], model_type: "bert" };
    it("name their classes unless they are dummies", () => {
        const of = (id2label: unknown) =>
            keysOf({ ...bert, id2label })["bert.classifier.output_labels"];
        expect(of({ 0: "LABEL_0", 1: "LABEL_1" })).toBeUndefined();
        expect(of({ 0: "LABEL_0" })).toEqual(["LABEL_0"]);
        expect(of({ 1: "yes", 0: "no" })).toEqual(["no", "yes"]);
    });
});
