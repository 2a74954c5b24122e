/**
 * What a GGUF file says of itself that its model card repeats: names, the licence, where it comes from. The keys are llama.cpp's
 * (`general.*`); a file is hostile input, so every text is cut and on one line, and only addresses of the web are addresses.
 */

import { arrayOf, fileTypeOf, numberOf, stringOf } from "../../gguf/metadata";
import type { GgufFile } from "../../gguf/read";
import { plainText } from "./plainText";

export interface ModelFacts {
    name: string | undefined;
    architecture: string | undefined;
    sizeLabel: string | undefined;
    license: string | undefined;
    licenseName: string | undefined;
    licenseLink: string | undefined;
    /** Of the repository that the file was made from. */
    sourceUrl: string | undefined;
    url: string | undefined;
    doi: string | undefined;
    bases: Related[];
    datasets: Related[];
    tags: string[];
    languages: string[];
    contextTokens: number | undefined;
    hasChatTemplate: boolean;
    /** The importance matrix that the file was quantized with, and its text. */
    imatrix: string | undefined;
    imatrixDataset: string | undefined;
    /** Texts on which its rounding errors were made up for; empty without error feedback. */
    feedbackTexts: string[];
    fileType: string | undefined;
}

export interface Related {
    name: string | undefined;
    url: string | undefined;
}

const MAX_LIST = 50;

export function factsOf(file: GgufFile): ModelFacts {
    const text = (key: string) => plainText(stringOf(file, key));
    const first = (...keys: string[]) => keys.map(text).find((value) => value !== undefined);
    const address = (...keys: string[]) => webAddress(first(...keys));
    const architecture = text("general.architecture");
    const related = (kind: string): Related[] => {
        const count = Math.min(numberOf(file, `general.${kind}.count`) ?? 0, MAX_LIST);
        return Array.from({ length: Math.max(0, count) }, (_, index) => ({
            name: text(`general.${kind}.${index}.name`),
            url: address(`general.${kind}.${index}.repo_url`, `general.${kind}.${index}.url`),
        }));
    };
    return {
        name: text("general.name"),
        architecture,
        sizeLabel: text("general.size_label"),
        license: text("general.license")?.toLowerCase(),
        licenseName: text("general.license.name"),
        licenseLink: linkOf(text("general.license.link")),
        sourceUrl: address("general.source.repo_url", "general.source.url", "general.repo_url"),
        url: address("general.url"),
        doi: first("general.source.doi", "general.doi"),
        bases: related("base_model"),
        datasets: related("dataset"),
        tags: listOf(file, "general.tags"),
        languages: listOf(file, "general.languages"),
        contextTokens: numberOf(file, `${architecture ?? ""}.context_length`),
        hasChatTemplate: stringOf(file, "tokenizer.chat_template") !== undefined,
        imatrix: fileNameOf(text("quantize.imatrix.file")),
        imatrixDataset: fileNameOf(text("quantize.imatrix.dataset")),
        feedbackTexts: listOf(file, "quantize.feedback.datasets").flatMap(
            (path) => fileNameOf(path) ?? [],
        ),
        fileType: fileTypeOf(file),
    };
}

export function webAddress(text: string | undefined): string | undefined {
    const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
    const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
    return url && isWeb && !url.username && !url.password ? url.href : undefined;
}

/** `LICENSE` of the repository is a link too, for the Hub. */
export function linkOf(text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    return webAddress(text) ?? (/^LICEN[CS]E[\w.-]{0,40}$/i.test(text) ? text : undefined);
}

/** Somebody's folders are nobody's business. */
function fileNameOf(path: string | undefined): string | undefined {
    return path?.split(/[\\/]/).at(-1) || undefined;
}

function listOf(file: GgufFile, key: string): string[] {
    const values = arrayOf(file, key)?.values ?? [];
    return values
        .slice(0, MAX_LIST)
        .flatMap((value) => (typeof value === "string" ? (plainText(value) ?? []) : []));
}

/** `owner/name` of an address of the public Hub. */
export function hubIdOf(url: string | undefined): string | undefined {
    return /^https?:\/\/(?:www\.)?huggingface\.co\/([\w.-]+\/[\w.-]+?)\/?$/.exec(url ?? "")?.[1];
}
