/** Finds the family of a checkpoint by its architecture. A new family is a file beside this one and a line in the list. */

import { AppError } from "../../base/errors";
import { cohere2, commandR } from "./cohere";
import { arcee, baichuan, maincoder, minicpm, nemotron, seedOss, smollm3 } from "./decoders";
import { ernie, ernieMoe } from "./ernie";
import { exaone } from "./exaone";
import type { Family } from "./family";
import { bert, nomicBert, roberta } from "./bert";
import { bloom } from "./bloom";
import { codeshell } from "./codeshell";
import { deepseek, deepseek2 } from "./deepseek";
import { falcon } from "./falcon";
import { gemma, gemma2, gemma3 } from "./gemma";
import { chatglm, glm4 } from "./glm";
import { gpt2 } from "./gpt2";
import { gptneox } from "./gptneox";
import { gptOss } from "./gptOss";
import { granite, granitemoe } from "./granite";
import { internlm2, internlm3 } from "./internlm";
import { llama } from "./llama";
import { mamba, mamba2 } from "./mamba";
import { glm4moe, mellum } from "./moe";
import { mistral3 } from "./mistral3";
import { mpt } from "./mpt";
import { olmo, olmo2, olmoe } from "./olmo";
import { phi2 } from "./phi";
import { phi3 } from "./phi3";
import { qwen2, qwen3 } from "./qwen2";
import { qwen3next } from "./qwen3next";
import { qwen2moe, qwen3moe } from "./qwenMoe";
import { refact } from "./refact";
import { stablelm } from "./stablelm";
import { starcoder, starcoder2 } from "./starcoder";

/** Dense decoders in the style of Llama, and their relatives with experts. */
const LLAMA_LIKE: readonly Family[] = [
    qwen2,
    qwen3,
    qwen2moe,
    qwen3moe,
    qwen3next,
    llama,
    mistral3,
    gemma,
    gemma2,
    gemma3,
    granite,
    granitemoe,
    olmo,
    olmo2,
    olmoe,
    smollm3,
    seedOss,
    ernie,
    ernieMoe,
    commandR,
    cohere2,
    minicpm,
    internlm2,
    internlm3,
    baichuan,
    chatglm,
    glm4,
    glm4moe,
    mellum,
    nemotron,
    maincoder,
    arcee,
    exaone,
];

/** Descendants of GPT-2, compressed attention, state space models, encoders. */
const OTHERS: readonly Family[] = [
    starcoder,
    starcoder2,
    deepseek,
    deepseek2,
    phi2,
    phi3,
    stablelm,
    codeshell,
    refact,
    gptOss,
    mamba,
    mamba2,
    gpt2,
    gptneox,
    falcon,
    mpt,
    bloom,
    bert,
    roberta,
    nomicBert,
];

export const FAMILIES: readonly Family[] = [...LLAMA_LIKE, ...OTHERS];

const byArchitecture = new Map(
    FAMILIES.flatMap((family) => family.architectures.map((name) => [name, family] as const)),
);

/** The family that covers the architecture. */
export function familyOf(architecture: string): Family | undefined {
    return byArchitecture.get(architecture);
}

/** As `familyOf`; throws with what there is when no family covers it. */
export function findFamily(architecture: string): Family {
    const family = familyOf(architecture);
    if (family) return family;
    throw new AppError(
        "data/unsupported",
        `Ingot cannot convert ${architecture.slice(0, 80)} models yet; it knows ${FAMILIES.map((known) => known.title).join("; ")}`,
    );
}

/** A family by its own name, or by an architecture that it covers; throws AppError `user/usage` with the names that there are. */
export function familyNamed(name: string): Family {
    const wanted = name.toLowerCase();
    const family = FAMILIES.find(({ id }) => id === wanted) ?? familyOf(name);
    if (family) return family;
    throw new AppError(
        "user/usage",
        `There is no family ${name.slice(0, 80)}; the families are ${FAMILIES.map(({ id }) => id).join(", ")}`,
    );
}
