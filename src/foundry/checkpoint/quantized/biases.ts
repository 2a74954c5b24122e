/**
 * Quantizers give every linear layer a bias, all zeros where the model has none. llama.cpp refuses files with tensors it does not
 * expect, so such a bias is dropped where the architecture has no place for it, and kept where it has one, as the reference does.
 */

import type { SourceTensor } from "../index";
import { mapName } from "../../family/names";
import type { Family } from "../../family/family";
import { toFloat32 } from "../../floats";
import { AppError } from "../../../base/errors";
import type { ReadSmall } from "./bitsandbytes";

/** Projections with a bias, beyond q, k and v (src/models/*.cpp of llama.cpp v0.5.0, which reads these as optional). */
const OUTPUT = ["attn_output"];
const UP_DOWN = ["attn_output", "ffn_up", "ffn_down"];
const GATED = ["attn_output", "ffn_gate", "ffn_up", "ffn_down"];
const WITH_BIAS: Readonly<Record<string, readonly string[]>> = {
    apertus: OUTPUT,
    bloom: UP_DOWN,
    codeshell: UP_DOWN,
    deci: GATED,
    ernie4_5: OUTPUT,
    "falcon-h1": GATED,
    gpt2: UP_DOWN,
    gptneox: UP_DOWN,
    "gpt-oss": ["attn_output", "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"],
    granite: GATED,
    granitehybrid: GATED,
    granitemoe: GATED,
    jais: GATED,
    jais2: UP_DOWN,
    llada: GATED,
    llama: GATED,
    minicpm: GATED,
    mistral3: GATED,
    mpt: UP_DOWN,
    nemotron: UP_DOWN,
    nemotron_h: UP_DOWN,
    "pangu-embedded": OUTPUT,
    phi2: [...UP_DOWN, "output"],
    phimoe: [...OUTPUT, "output"],
    qwen2: ["output"],
    qwen2vl: ["output"],
    dream: ["output"],
    refact: GATED,
    starcoder: UP_DOWN,
    starcoder2: UP_DOWN,
};
const ALWAYS = new Set(["attn_q", "attn_k", "attn_v", "attn_qkv"]);

/** Names of the biases to leave out. `layers`: names of the decoded weights; only their biases are looked at. */
export async function findZeroBiases(
    tensors: ReadonlyMap<string, SourceTensor>,
    layers: readonly string[],
    family: Family,
    nBlocks: number,
    read: ReadSmall,
): Promise<Set<string>> {
    const accepted = Object.hasOwn(WITH_BIAS, family.arch) ? (WITH_BIAS[family.arch] ?? []) : [];
    const candidates = layers.flatMap((layer) => {
        const bias = tensors.get(layer.replace(/\.weight$/, ".bias"));
        const base = bias && mapName(family, bias.name, nBlocks)?.base;
        if (!bias || base === undefined) return [];
        return ALWAYS.has(base) || accepted.includes(base) ? [] : [bias];
    });
    const dropped = await Promise.all(
        candidates.map(async (bias) => {
            if (toFloat32(await read(bias), bias.dtype).every((value) => value === 0))
                return bias.name;
            throw new AppError(
                "data/unsupported",
                `${bias.name.slice(0, 120)} is not zero, but llama.cpp has no place for it in ${family.arch} models; convert the original model instead`,
            );
        }),
    );
    return new Set(dropped);
}
