/**
 * Maps the names of checkpoint tensors to GGUF names with a family's table, and drops what no text model needs: buffers that
 * are recomputed and the vision and audio halves of multimodal models. Rules: conversion/base.py of llama.cpp v0.5.0.
 */

import type { Family } from "./family";

export interface MappedName {
    /** Full GGUF name, e.g. `blk.3.attn_q.weight`. */
    name: string;
    /** Without block number and suffix, e.g. `attn_q`. */
    base: string;
    block: number | undefined;
    /** For a tensor that is one expert of a stack. */
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

/** The GGUF name, or undefined when the family does not know the tensor (or its block is beyond the model's). */
export function mapName(family: Family, name: string, nBlocks: number): MappedName | undefined {
    const match = /^(.*)\.(weight|bias)$/.exec(
        name.replace("language_model.", "").replace("text_model.", ""),
    );
    if (!match) return undefined;
    const [, prefix = "", suffix = ""] = match;
    const numbers: number[] = [];
    const pattern = prefix
        .split(".")
        .map((part) => {
            if (!/^\d{1,6}$/.test(part)) return part;
            numbers.push(Number(part));
            return numbers.length === 1 ? "#" : "*";
        })
        .join(".");
    const mapped = lookUp(family, pattern);
    if (mapped === undefined) return undefined;
    const [block, expert] = numbers;
    if (block !== undefined && block >= nBlocks) return undefined;
    return {
        name: `${mapped.replace("#", String(block ?? 0))}.${suffix}`,
        base: mapped.replace(/^blk\.#\./, ""),
        block,
        expert,
    };
}

function lookUp(family: Family, pattern: string): string | undefined {
    for (const key of [pattern, pattern.replace(/^model\./, "")])
        if (Object.hasOwn(family.names, key)) return family.names[key];
    return undefined;
}
