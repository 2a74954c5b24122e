/** Finds the family of a checkpoint by its architecture. A new family is a file beside this one and a line in the list. */

import { AppError } from "../../base/errors";
import type { Family } from "./family";
import { bert, nomicBert } from "./bert";
import { bloom } from "./bloom";
import { codeshell } from "./codeshell";
import { deepseek, deepseek2 } from "./deepseek";
import { falcon } from "./falcon";
import { gpt2 } from "./gpt2";
import { gptneox } from "./gptneox";
import { gptOss } from "./gptOss";
import { llama } from "./llama";
import { mamba, mamba2 } from "./mamba";
import { mpt } from "./mpt";
import { phi2 } from "./phi";
import { phi3 } from "./phi3";
import { qwen2 } from "./qwen2";
import { qwen3next } from "./qwen3next";
import { refact } from "./refact";
import { stablelm } from "./stablelm";
import { starcoder, starcoder2 } from "./starcoder";

export const FAMILIES: readonly Family[] = [
    qwen2,
    llama,
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
    qwen3next,
    mamba,
    mamba2,
    gpt2,
    gptneox,
    falcon,
    mpt,
    bloom,
    bert,
    nomicBert,
];

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
