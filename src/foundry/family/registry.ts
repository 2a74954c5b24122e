/** Finds the family of a checkpoint by its architecture. A new family is a file beside this one and a line in the list. */

import { AppError } from "../../base/errors";
import { cohere2, commandR } from "./cohere";
import { arcee, baichuan, maincoder, minicpm, nemotron, seedOss, smollm3 } from "./decoders";
import { ernie, ernieMoe } from "./ernie";
import { exaone } from "./exaone";
import type { Family } from "./family";
import { gemma, gemma2, gemma3 } from "./gemma";
import { chatglm, glm4 } from "./glm";
import { granite, granitemoe } from "./granite";
import { internlm2, internlm3 } from "./internlm";
import { llama } from "./llama";
import { mistral3 } from "./mistral3";
import { olmo, olmo2, olmoe } from "./olmo";
import { qwen2, qwen3 } from "./qwen2";
import { qwen2moe, qwen3moe } from "./qwenMoe";

/** Dense decoders in the style of Llama, and their relatives with experts. */
const LLAMA_LIKE: readonly Family[] = [
    qwen2,
    qwen3,
    qwen2moe,
    qwen3moe,
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
    nemotron,
    maincoder,
    arcee,
    exaone,
];

export const FAMILIES: readonly Family[] = [...LLAMA_LIKE];

const byArchitecture = new Map(
    FAMILIES.flatMap((family) => family.architectures.map((name) => [name, family] as const)),
);

/** Throws with the name of what is missing when no family covers the architecture. */
export function findFamily(architecture: string): Family {
    const family = byArchitecture.get(architecture);
    if (family) return family;
    throw new AppError(
        "data/unsupported",
        `Ingot cannot convert ${architecture.slice(0, 80)} models yet; it knows ${FAMILIES.map((known) => known.title).join("; ")}`,
    );
}
