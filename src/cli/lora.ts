/** `ingot lora ADAPTER --base SOURCE`: a PEFT LoRA adapter becomes a GGUF file for its base model, in the worker child. */

import { basename, join, resolve } from "node:path";
import { formatBytes } from "../base/format";
import { defaultModelsFolder } from "../library/library";
import { onePositional, readArgs, usage } from "./args";
import type { Command } from "./context";
import { parseSource } from "./convert";
import { askWorker } from "./worker";

export const lora: Command = {
    name: "lora",
    usage: "ADAPTER --base SOURCE [--out FILE] [--type F32|F16|BF16|Q8_0|auto] [--overwrite] [--revision R]",
    summary: "Converts a PEFT LoRA adapter to GGUF; of its base model only config.json is read.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            base: { type: "string" },
            out: { type: "string" },
            type: { type: "string", default: "F16" },
            revision: { type: "string" },
            overwrite: { type: "boolean", default: false },
        });
        const given = onePositional(positionals, "ADAPTER");
        if (!values.base) throw usage("--base is missing: the model that the adapter was made for");
        const name = basename(given);
        const out = values.out
            ? resolve(values.out)
            : join(defaultModelsFolder(), `${name}-lora-${values.type.toLowerCase()}.gguf`);
        const result = await askWorker(context, "lora/run", {
            adapter: parseSource(given, values.revision),
            base: parseSource(values.base, undefined),
            type: values.type,
            out,
            overwrite: values.overwrite,
        });
        const { file, type, bytes, nTensors, sha256 } = result;
        const text = `${file}\n${type}, ${formatBytes(bytes)}, ${nTensors} weights\nsha256 ${sha256}\n`;
        context.out(context.json ? `${JSON.stringify(result)}\n` : text);
        return 0;
    },
};
