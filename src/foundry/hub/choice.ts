/** Which files of a repository a person means: its GGUF models (parts together), a checkpoint's files, or named ones. Pure. */

import { AppError } from "../../base/errors";
import {
    isNoModelName,
    partPath,
    splitName,
    typeOfName,
    type SplitName,
} from "../../library/ggufNames";
import type { HubGgufChoice } from "../../protocol/hub";

type Sizes = ReadonlyMap<string, number>;

/** Smallest first. A split model whose parts are not all there is left out. */
export function ggufChoices(files: Sizes): HubGgufChoice[] {
    const choices: HubGgufChoice[] = [];
    for (const [file, sizeBytes] of files) {
        if (!/\.gguf$/i.test(file) || isNoModelName(file)) continue;
        const split = splitName(file);
        const type = typeOfName(file);
        if (!split) choices.push({ file, type, sizeBytes, files: [file] });
        if (split?.part !== 1) continue;
        const parts = allParts(files, split);
        const total = parts?.reduce((sum, part) => sum + (files.get(part) ?? 0), 0) ?? 0;
        if (parts) choices.push({ file, type, sizeBytes: total, files: parts });
    }
    return choices.sort((a, b) => a.sizeBytes - b.sizeBytes || (a.file < b.file ? -1 : 1));
}

function allParts(files: Sizes, { stem, nParts }: SplitName): string[] | undefined {
    const parts: string[] = [];
    // A name can claim any number: it ends at the first that is not there.
    for (let part = 1; part <= nParts; part++) {
        const path = partPath(stem, part, nParts);
        if (!files.has(path)) return undefined;
        parts.push(path);
    }
    return parts;
}

const CHECKPOINT_FILE =
    /^([^/]+\.(json|safetensors|model|jinja|tiktoken)|(vocab|merges)\.txt|README\.md|LICENSE[^/]*|additional_chat_templates\/[^/]+\.jinja)$/;

/** What a conversion reads: weights, configuration, tokenizer, card. Mistral's own copy of the weights is left out beside the usual one. */
export function checkpointFiles(files: Sizes): string[] {
    const chosen = [...files.keys()].filter((file) => CHECKPOINT_FILE.test(file));
    const hasUsual = chosen.some((file) => /^model.*\.safetensors$/.test(file));
    return hasUsual ? chosen.filter((file) => !/^consolidated.*\.safetensors$/.test(file)) : chosen;
}

/**
 * Paths to fetch. `wanted` are paths, or types (`Q4_K_M`) where exactly one GGUF model has it; empty = the checkpoint, else the only
 * GGUF model. Throws AppError user/usage, net/not-found.
 */
export function chooseFiles(repo: string, files: Sizes, wanted: readonly string[]): string[] {
    const ggufs = ggufChoices(files);
    if (wanted.length > 0) return unique(wanted.flatMap((name) => named(repo, files, ggufs, name)));
    const checkpoint = checkpointFiles(files);
    if (checkpoint.some((file) => file.endsWith(".safetensors"))) return checkpoint;
    const [only, ...more] = ggufs;
    if (only && more.length === 0) return only.files;
    if (only)
        throw new AppError(
            "user/usage",
            `${repo} has ${ggufs.length} models; choose one with --file: ${listed(ggufs)}`,
        );
    throw new AppError(
        "net/not-found",
        `${repo} has neither GGUF nor safetensors files; choose another repository`,
    );
}

function named(repo: string, files: Sizes, ggufs: HubGgufChoice[], name: string): string[] {
    if (files.has(name)) {
        const whole = ggufs.find((choice) => choice.files.includes(name));
        return whole ? whole.files : [name];
    }
    const byType = ggufs.filter((choice) => choice.type === name.toUpperCase());
    const [found, second] = byType;
    if (found && !second) return found.files;
    if (found)
        throw new AppError(
            "user/usage",
            `${repo} has several models of type ${name}; name the file: ${listed(byType)}`,
        );
    throw new AppError(
        "net/not-found",
        `${repo} has no file ${name}; ingot models files ${repo} lists them`,
    );
}

function listed(choices: readonly HubGgufChoice[]): string {
    const names = choices.slice(0, 12).map(({ file }) => file);
    return names.join(", ") + (choices.length > names.length ? " and more" : "");
}

function unique(names: readonly string[]): string[] {
    return [...new Set(names)];
}
