/**
 * Maps the names of checkpoint tensors to GGUF names with a family's table, and drops what no text model needs: buffers that
 * are recomputed and the vision and audio halves of multimodal models. Rules: conversion/base.py of llama.cpp v0.5.0.
 */

import type { Family, Target } from "./family";

export interface MappedName {
    /** Full GGUF name, e.g. `blk.3.attn_q.weight`. */
    name: string;
    /** Without block number and suffix, e.g. `attn_q`. */
    base: string;
    /** `.weight`, `.bias` or nothing. */
    suffix: string;
    block: number | undefined;
    /** One of several that the source is split into. */
    isShare: boolean;
    /** For a tensor that is one of a stack. */
    expert: number | undefined;
}

const DROPPED_SUFFIXES = [
    ".attention.masked_bias",
    ".attention.bias",
    ".attn.masked_bias",
    ".attn.bias",
    ".rotary_emb.inv_freq",
];
const DROPPED_PREFIXES = [
    "mlp",
    "vit.",
    "vpm.",
    "siglip2.",
    "conformer.",
    "merger.",
    "resampler.",
    "sound_encoder.",
    "sound_projection.",
    "speech_embeddings.",
];
const DROPPED_PARTS =
    /visual\.|vision\.|audio\.|talker\.|vision_|audio_|token2wav\.|code2wav\.|projector\.|pre_mm_projector_norm|image_newline|view_seperator|patch_embed|patch_merger\.|patch_merge_mlp\.|model\.connector\./;

/** True for tensors that are left out without a word. */
export function isDropped(name: string): boolean {
    return (
        DROPPED_SUFFIXES.some((suffix) => name.endsWith(suffix)) ||
        DROPPED_PREFIXES.some((prefix) => name.startsWith(prefix)) ||
        DROPPED_PARTS.test(name)
    );
}

const WHOLE = /\.(weight|bias)$/;

/**
 * The GGUF names of a tensor (several when it is split, none when the family drops it), or undefined when the family does not know the
 * tensor (or its block is beyond the model's).
 */
export function mapNames(family: Family, name: string, nBlocks: number): MappedName[] | undefined {
    const numbers: number[] = [];
    const pattern = name
        .replace("language_model.", "")
        .replace("text_model.", "")
        .split(".")
        .map((part) => {
            if (!/^\d{1,6}$/.test(part)) return part;
            numbers.push(Number(part));
            return numbers.length === 1 ? "#" : "*";
        })
        .join(".");
    const [block, expert] = numbers;
    const found = lookUp(family, pattern);
    if (found?.target === null) return [];
    if (!found || (block !== undefined && block >= nBlocks)) return undefined;
    const targets = typeof found.target === "string" ? [found.target] : found.target;
    return targets.map((target) => ({
        name: target.replace("#", String(block ?? 0)) + (WHOLE.test(target) ? "" : found.suffix),
        base: target.replace(/^blk\.#\./, "").replace(WHOLE, ""),
        suffix: WHOLE.exec(target)?.[0] ?? found.suffix,
        block,
        isShare: targets.length > 1,
        expert,
    }));
}

/** The GGUF name of a tensor that stays one. */
export function mapName(family: Family, name: string, nBlocks: number): MappedName | undefined {
    return mapNames(family, name, nBlocks)?.[0];
}

const USUAL_PREFIXES = ["model."];

function lookUp(family: Family, name: string): { target: Target; suffix: string } | undefined {
    const starts = (family.prefixes ?? USUAL_PREFIXES).filter((prefix) => name.startsWith(prefix));
    const keys = [name, ...starts.map((prefix) => name.slice(prefix.length))];
    for (const key of keys)
        if (Object.hasOwn(family.names, key))
            return { target: family.names[key] ?? null, suffix: "" };
    for (const key of keys) {
        const [, prefix = "", suffix = ""] = /^(.*)(\.weight|\.bias)$/.exec(key) ?? [];
        if (Object.hasOwn(family.names, prefix))
            return { target: family.names[prefix] ?? null, suffix };
    }
    return undefined;
}
