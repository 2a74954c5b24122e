/**
 * How a text's vectors become one, as sentence-transformers writes it beside an embedding model: modules.json names the folder whose
 * config.json has a switch per kind. Follows `_try_set_pooling_type` of llama.cpp v0.5.0.
 */

import { AppError } from "../../base/errors";
import { isObject, readJson, readText, type CheckpointSource } from "./source";

/** llama.cpp's numbers. */
const POOLING = { mean: 1, cls: 2, lasttoken: 3 } as const;

const SWITCHES: readonly (readonly [string, keyof typeof POOLING])[] = [
    ["pooling_mode_mean_tokens", "mean"],
    ["pooling_mode_cls_token", "cls"],
    ["pooling_mode_lasttoken", "lasttoken"],
];

/** Undefined when the checkpoint says nothing of it. */
export async function readPooling(
    source: CheckpointSource,
    signal?: AbortSignal,
): Promise<number | undefined> {
    const text = await readText(source, "modules.json", signal);
    const folder = text === undefined ? undefined : poolingFolder(text);
    if (folder === undefined) return undefined;
    const settings = await readJson(source, `${folder}/config.json`, signal);
    if (!settings)
        throw new AppError(
            "data/checkpoint",
            `${source.label} has no ${folder}/config.json, which says how its embeddings are pooled; download it too`,
        );
    const named = settings["pooling_mode"];
    const kind =
        SWITCHES.find(([key]) => settings[key] === true)?.[1] ??
        (typeof named === "string" && Object.hasOwn(POOLING, named)
            ? (named as keyof typeof POOLING)
            : undefined);
    if (kind) return POOLING[kind];
    throw new AppError(
        "data/unsupported",
        `${folder}/config.json of ${source.label} asks for a pooling that llama.cpp does not have; it has mean, cls and last token`,
    );
}

function poolingFolder(text: string): string | undefined {
    let modules: unknown;
    try {
        modules = JSON.parse(text);
    } catch {
        return undefined;
    }
    if (!Array.isArray(modules)) return undefined;
    const module = modules.filter(isObject).find(({ type }) => /Pooling$/.test(String(type)));
    const path = module?.["path"];
    return typeof path === "string" && /^[\w.-]+$/.test(path) ? path : undefined;
}
