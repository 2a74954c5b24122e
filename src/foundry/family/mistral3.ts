/**
 * Mistral Small 3, Ministral 3 and Devstral in the Hugging Face layout: a Llama, the vision half left out. Source:
 * conversion/mistral3.py of llama.cpp v0.5.0.
 */

import { pickNumber } from "../checkpoint/config";
import { LLAMA_STYLE_NAMES } from "./common";
import type { Family } from "./family";
import { LLAMA_BASE, llamaKeys } from "./llama";

export const mistral3: Family = {
    ...LLAMA_BASE,
    id: "mistral3",
    title: "Mistral Small 3, Ministral 3, Devstral",
    architectures: ["Mistral3ForConditionalGeneration", "Ministral3ForCausalLM"],
    arch: "mistral3",
    names: LLAMA_STYLE_NAMES,
    metadata: (keys, values, { rope }) => {
        llamaKeys("mistral3")(keys, values);
        if (values["model_type"] !== "ministral3") return;
        const real = (key: string, from: string) =>
            keys.float32(`mistral3.${key}`, pickNumber(rope, from));
        real("rope.scaling.yarn_log_multiplier", "mscale_all_dim");
        real("attention.temperature_scale", "llama_4_scaling_beta");
    },
};
