// LoRA adapters: scales, names and shapes, and what is refused. Bytes are compared with the reference's in test/goldens.
import { describe, expect, it } from "vitest";
import { completeConfig } from "../../../src/foundry/checkpoint/config";
import { readTensorIndex } from "../../../src/foundry/checkpoint/index";
import { findFamily } from "../../../src/foundry/family/registry";
import { readAdapter } from "../../../src/foundry/lora/adapter";
import { planAdapter } from "../../../src/foundry/lora/plan";
import { readModel } from "../../../src/foundry/model";
import { splitModelId } from "../../../src/foundry/modelId";
import { memorySource, safetensors, type FakeTensor } from "./memorySource";

const Q = "base_model.model.model.layers.0.self_attn.q_proj";
const pair = (module: string, [rank, nIn, nOut]: number[]): Record<string, FakeTensor> => ({
    [`${module}.lora_A.weight`]: { dtype: "F32", shape: [rank!, nIn!] },
    [`${module}.lora_B.weight`]: { dtype: "F32", shape: [nOut!, rank!] },
});
const adapter = (config: object, tensors: Record<string, FakeTensor>) =>
    memorySource({
        "adapter_config.json": { peft_type: "LORA", r: 4, lora_alpha: 8, ...config },
        "adapter_model.safetensors": safetensors(tensors),
    });
const plan = async (config: object, tensors: Record<string, FakeTensor>) => {
    const raw = {
        architectures: ["LlamaForCausalLM"],
        model_type: "llama",
        hidden_size: 16,
        num_attention_heads: 2,
        num_hidden_layers: 1,
    };
    const read = await readAdapter(adapter(config, tensors));
    const family = findFamily("LlamaForCausalLM");
    return { ...read, planned: planAdapter(family, completeConfig(raw, "base"), read) };
};

describe("adapter", () => {
    it("has two tensors for each weight; rows of B move as the weight's", async () => {
        const { planned, alpha } = await plan({}, pair(Q, [4, 16, 16]));
        expect(alpha).toBe(8);
        expect(planned.map(({ name, shape }) => [name, shape])).toEqual([
            ["blk.0.attn_q.weight.lora_a", [4, 16]],
            ["blk.0.attn_q.weight.lora_b", [16, 4]],
        ]);
        expect(planned[0]!.parts[0]!.gather).toBeUndefined();
        const gather = planned[1]!.parts[0]!.gather!;
        expect(Array.from({ length: 8 }, (_, row) => gather.sourceRow(row))).toEqual([
            0, 4, 1, 5, 2, 6, 3, 7,
        ]);
        expect(planned[1]!.parts[0]!.value).toBeUndefined();
    });

    it("writes the alpha that makes llama.cpp's alpha / rank right for rank-stabilised ones", async () => {
        const { planned, alpha } = await plan({ use_rslora: true }, pair(Q, [4, 16, 16]));
        expect(alpha).toBe(16);
        expect(planned[1]!.parts[0]!.value).toBeUndefined();
        const other = await plan({ use_rslora: true, r: 16 }, pair(Q, [4, 16, 16]));
        expect(other.alpha).toBe(32);
        // Wanted 8 / sqrt(4) = 4; alpha / rank gives 8.
        expect(other.planned[1]!.parts[0]!.value!(1)).toBeCloseTo(0.5);
    });

    it("puts alphas of single modules into B", async () => {
        const { planned } = await plan({ alpha_pattern: { q_proj: 24 } }, pair(Q, [4, 16, 16]));
        expect(planned[1]!.parts[0]!.value!(2)).toBeCloseTo(6);
    });

    it("turns the table of an embedding", async () => {
        const name = "base_model.model.model.embed_tokens";
        const { planned } = await plan(
            {},
            {
                [`${name}.lora_embedding_A`]: { dtype: "F32", shape: [4, 10] },
                [`${name}.lora_embedding_B`]: { dtype: "F32", shape: [16, 4] },
            },
        );
        expect(planned.map(({ name: entry, shape }) => [entry, shape])).toEqual([
            ["token_embd.weight.lora_a", [10, 4]],
            ["token_embd.weight.lora_b", [16, 4]],
        ]);
    });

    it("gives each share of a fused weight its own rows of B", async () => {
        const read = await readAdapter(
            adapter({}, pair("base_model.model.model.layers.0.self_attn.qkv_proj", [4, 16, 32])),
        );
        const raw = {
            architectures: ["Ernie4_5ForCausalLM"],
            model_type: "ernie4_5",
            hidden_size: 16,
            num_attention_heads: 4,
            num_key_value_heads: 2,
            num_hidden_layers: 1,
        };
        const planned = planAdapter(
            findFamily("Ernie4_5ForCausalLM"),
            completeConfig(raw, "base"),
            read,
        );
        const rows = planned
            .filter(({ name }) => name.endsWith("lora_b"))
            .map(({ name, shape, parts }) => [name, shape, parts[0]?.gather?.sourceRow(0)]);
        expect(rows).toEqual([
            ["blk.0.attn_q.weight.lora_b", [16, 4], 0],
            ["blk.0.attn_k.weight.lora_b", [8, 4], 16],
            ["blk.0.attn_v.weight.lora_b", [8, 4], 24],
        ]);
        const shared = planned.filter(({ name }) => name.endsWith("lora_a"));
        expect(shared.map(({ shape }) => shape)).toEqual([
            [4, 16],
            [4, 16],
            [4, 16],
        ]);
    });

    it("changes whole norms as the family changes the model's", async () => {
        const read = await readAdapter(
            adapter(
                {},
                {
                    ...pair(Q, [4, 16, 16]),
                    "base_model.model.model.layers.0.input_layernorm.weight": {
                        dtype: "F32",
                        shape: [16],
                    },
                },
            ),
        );
        const raw = {
            architectures: ["NemotronForCausalLM"],
            model_type: "nemotron",
            hidden_size: 16,
            num_attention_heads: 2,
            num_hidden_layers: 1,
        };
        const [norm] = planAdapter(
            findFamily("NemotronForCausalLM"),
            completeConfig(raw, "base"),
            read,
        );
        expect(norm?.name).toBe("blk.0.attn_norm.weight");
        expect(norm?.parts[0]?.value?.(0.5)).toBe(1.5);
    });

    it.each<[string, object, Record<string, FakeTensor>, RegExp]>([
        ["other kinds", { peft_type: "IA3" }, pair(Q, [4, 16, 16]), /of the type IA3/],
        ["DoRA", { use_dora: true }, pair(Q, [4, 16, 16]), /DoRA/],
        ["aLoRA", { alora_invocation_tokens: [1] }, pair(Q, [4, 16, 16]), /aLoRA/],
        ["no alpha", { lora_alpha: "x" }, pair(Q, [4, 16, 16]), /no lora_alpha/],
        [
            "new tokens",
            {},
            { "base_model.model.model.embed_tokens.weight": { dtype: "F32", shape: [4, 4] } },
            /whole embeddings/,
        ],
        [
            "biases",
            {},
            { [`${Q}.bias`]: { dtype: "F32", shape: [4] } },
            /no pair of small matrices/,
        ],
        [
            "half a pair",
            {},
            { [`${Q}.lora_A.weight`]: { dtype: "F32", shape: [4, 16] } },
            /q_proj\.weight do not fit together/,
        ],
        [
            "weights of another model",
            {},
            pair("base_model.model.h.0.attn", [4, 8, 8]),
            /is --base the model/,
        ],
        ["nothing", {}, {}, /has no LoRA weights/],
    ])("is refused: %s", async (_, config, tensors, message) => {
        await expect(plan(config, tensors)).rejects.toThrow(message);
    });

    it("is pointed at its own command when it is converted as a model", async () => {
        const source = adapter({}, pair(Q, [4, 16, 16]));
        const message =
            /is a LoRA adapter, not a model; convert it with ingot lora ADAPTER --base MODEL/;
        await expect(readTensorIndex(source)).rejects.toThrow(message);
        await expect(readModel(source)).rejects.toThrow(message);
    });

    it("does not name an adapter by its kind", () => {
        expect(splitModelId("coder-7B-lora", -1e6).finetune).toBeUndefined();
        expect(splitModelId("coder-7B-lora", 7e9).finetune).toBe("lora");
        expect(splitModelId("coder-1K-lora", -1e9).sizeLabel).toBeUndefined();
    });
});
