/** Branches of the type rules that no plan in test/golden/quant reaches; facts from src/llama-quant.cpp of llama.cpp v0.5.0. */

import { describe, expect, it } from "vitest";
import { useMoreBits } from "../../../src/foundry/quant/mixture";
import {
    baseType,
    chooseTypes,
    compareTensorNames,
    isQuantizable,
    WRITABLE_FILE_TYPES,
    type QuantModel,
    type QuantTensor,
} from "../../../src/foundry/quant/rules";
import { FILE_TYPES, type FileTypeName } from "../../../src/gguf/types";
import { failure } from "../../support/failure";

const LLAMA: QuantModel = {
    architecture: "llama",
    nLayers: 32,
    nHeads: 32,
    nHeadsKv: 8,
    nExperts: 0,
};
const tensor = (name: string, ...shape: number[]): QuantTensor => ({ name, shape, type: "F16" });
const block = (part: string, index = 0) => tensor(`blk.${index}.${part}.weight`, 4096, 4096);
/** Untied, so that the embedding is an embedding. */
const OUTPUT = tensor("output.weight", 4096, 32000);

function choose(
    fileType: FileTypeName,
    tensors: QuantTensor[],
    model: Partial<QuantModel> = {},
    hasImatrix = false,
) {
    return chooseTypes({ ...LLAMA, ...model }, tensors, { fileType, hasImatrix });
}
const typesOf = (...given: Parameters<typeof choose>) => choose(...given).map(({ type }) => type);

describe("with eight experts", () => {
    const mixtral = { nExperts: 8 };
    const attention = ["attn_v", "attn_k", "attn_q", "attn_output"].map((part) => block(part));

    it("keeps keys and values in 8 bits and the output projection in 5", () => {
        expect(typesOf("Q4_K_M", [OUTPUT, ...attention], mixtral)).toEqual([
            "Q6_K",
            "Q8_0",
            "Q8_0",
            "Q4_K",
            "Q5_K",
        ]);
    });

    it("spends less on them in files of one or two bits", () => {
        expect(typesOf("IQ2_XS", [OUTPUT, ...attention], mixtral, true)).toEqual([
            "Q5_K",
            "Q4_K",
            "Q4_K",
            "IQ2_XS",
            "Q5_K",
        ]);
    });

    it("counts layers by name, not by running number", () => {
        const down = [31, 5, 0].map((layer) => block("ffn_down_exps", layer));
        expect(typesOf("Q4_K_M", down, mixtral)).toEqual(["Q6_K", "Q4_K", "Q6_K"]);
    });
});

describe("70B models", () => {
    const value = [OUTPUT, block("attn_v", 20)];

    it.each([
        ["llama", 80, 8, "Q5_K"],
        ["llama", 80, 64, "Q3_K"],
        ["llama", 79, 8, "Q3_K"],
        ["qwen2", 80, 64, "Q5_K"],
        ["qwen3", 80, 64, "Q3_K"],
        ["jais2", 68, 64, "Q5_K"],
    ])("%s, %i layers, %i heads for values: %s", (architecture, nLayers, nHeadsKv, type) => {
        const model = { architecture, nLayers, nHeadsKv, nHeads: 64 };
        expect(typesOf("Q3_K_S", value, model)).toEqual(["Q6_K", type]);
    });
});

describe("falcon", () => {
    it("has a mixture of its own", () => {
        const tensors = [OUTPUT, block("attn_output"), block("ffn_down")];
        const model = { architecture: "falcon" };
        expect(typesOf("Q3_K_L", tensors, model)).toEqual(["Q8_0", "Q4_K", "Q4_K"]);
        expect(typesOf("Q4_K_M", tensors, model)).toEqual(["Q8_0", "Q4_K", "Q6_K"]);
        expect(typesOf("Q4_K_S", tensors, model)).toEqual(["Q8_0", "Q4_K", "Q4_K"]);
    });
});

describe("experts in MXFP4", () => {
    it("takes it for stacked matrices only", () => {
        const experts = tensor("blk.0.ffn_up_exps.weight", 4096, 1024, 8);
        expect(typesOf("MXFP4_MOE", [OUTPUT, experts, block("attn_q")])).toEqual([
            "Q8_0",
            "MXFP4",
            "Q8_0",
        ]);
    });

    it("does not take the stacked attention of bailingmoe3 for experts", () => {
        const stacked = ["attn_k_b", "ffn_up_exps"].map((part) =>
            tensor(`blk.0.${part}.weight`, 4096, 1024, 8),
        );
        expect(typesOf("MXFP4_MOE", [OUTPUT, ...stacked])).toEqual(["Q8_0", "MXFP4", "MXFP4"]);
        const model = { architecture: "bailingmoe3" };
        expect(typesOf("MXFP4_MOE", [OUTPUT, ...stacked], model)).toEqual([
            "Q8_0",
            "Q8_0",
            "MXFP4",
        ]);
    });
});

describe("row lengths that do not fit", () => {
    const narrow = (rowLength: number) => [OUTPUT, tensor("blk.0.attn_q.weight", rowLength, 8)];

    it.each([
        ["Q6_K", "Q8_0"],
        ["Q5_K_S", "Q5_1"],
        ["Q4_K_S", "Q5_0"],
        ["Q3_K_S", "Q4_0"],
        ["Q2_K", "Q4_0"],
        ["Q2_0", "Q4_0"],
        ["TQ1_0", "Q4_0"],
        ["IQ4_XS", "IQ4_NL"],
        ["IQ1_S", "IQ4_NL"],
    ] as const)("%s becomes %s", (fileType, type) => {
        expect(choose(fileType, narrow(96))[1]).toMatchObject({
            type,
            insteadOf: baseType(fileType),
        });
    });

    it("becomes F16 when no block type fits", () => {
        expect(typesOf("Q4_K_M", narrow(100))[1]).toBe("F16");
        expect(typesOf("Q8_0", narrow(100))[1]).toBe("F16");
    });

    it("refuses Q1_0, which has nothing to fall back to", () => {
        const { code, message } = failure(() => choose("Q1_0", narrow(96)));
        expect(code).toBe("data/unsupported");
        expect(message).toContain("blk.0.attn_q.weight");
    });
});

describe("what is quantized", () => {
    it.each([
        ["blk.0.attn_q.weight", [64, 64], true],
        ["blk.0.attn_q.bias", [64, 64], false],
        ["blk.0.attn_norm.weight", [64, 64], false],
        ["blk.0.ffn_gate_inp.weight", [64, 8], false],
        ["blk.0.ffn_gate_inp_shexp.weight", [64, 1], false],
        ["blk.0.ssm_conv1d.weight", [4, 64], false],
        ["position_embd.weight", [64, 64], false],
        ["blk.0.exp_probs_b.bias", [64], false],
        ["blk.0.attn_sinks.weight", [64], false],
    ])("%s %j: %s", (name, shape, isIt) => {
        expect(isQuantizable({ name, shape, type: "F16" })).toBe(isIt);
    });

    it("leaves others in their type", () => {
        const norm: QuantTensor = { name: "output_norm.weight", shape: [4096], type: "F32" };
        expect(typesOf("Q4_K_M", [OUTPUT, norm])).toEqual(["Q6_K", "F32"]);
        expect(typesOf("F16", [norm, OUTPUT])).toEqual(["F32", "F16"]);
    });

    it("gives the embedding the type of the output when it serves as both", () => {
        const embedding = tensor("token_embd.weight", 4096, 32000);
        expect(typesOf("Q4_K_M", [embedding])).toEqual(["Q6_K"]);
        expect(typesOf("Q4_K_M", [OUTPUT, embedding])).toEqual(["Q6_K", "Q4_K"]);
    });
});

describe("importance matrix", () => {
    it("is needed for low bits, but never for embedding and output alone", () => {
        const needs = (fileType: FileTypeName) =>
            choose(fileType, [
                OUTPUT,
                tensor("token_embd.weight", 4096, 32000),
                block("ffn_up"),
            ]).map(({ needsImatrix }) => needsImatrix);
        expect(needs("IQ2_XS")).toEqual([false, false, true]);
        expect(needs("Q2_K_S")).toEqual([false, false, true]);
        expect(needs("Q2_K")).toEqual([false, false, false]);
        expect(needs("IQ3_S")).toEqual([false, false, false]);
    });
});

describe("order and tables", () => {
    it("puts tensors outside the blocks first, then blocks by number", () => {
        const names = ["blk.10.b.weight", "output.weight", "blk.2.z.weight", "blk.2.a.weight"];
        expect([...names, "a.weight"].sort(compareTensorNames)).toEqual([
            "a.weight",
            "output.weight",
            "blk.2.a.weight",
            "blk.2.z.weight",
            "blk.10.b.weight",
        ]);
    });

    it("gives more bits to the first and last eighth and to every third between", () => {
        const layers = Array.from({ length: 32 }, (_, i) => i).filter((i) => useMoreBits(i, 32));
        expect(layers).toEqual([0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]);
        expect([0, 1, 2, 3].filter((i) => useMoreBits(i, 4))).toEqual([2, 3]);
    });

    it("writes every recipe but NVFP4", () => {
        const missing = Object.keys(FILE_TYPES).filter(
            (name) => !(WRITABLE_FILE_TYPES as string[]).includes(name),
        );
        expect(missing).toEqual(["NVFP4"]);
        expect(failure(() => choose("NVFP4", [OUTPUT])).code).toBe("data/unsupported");
    });
});
