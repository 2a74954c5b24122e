/** Chooses the route by which a checkpoint's vocabulary is exported, and writes all `tokenizer.*` keys in the reference's order. */

import { AppError } from "../../base/errors";
import { pickNumber, type ModelConfig } from "../checkpoint/config";
import type { Family, VocabRoute } from "../family/family";
import type { KeyValues } from "../keyValues";
import { hasBpe, readBpe, refuseDuplicates, writeBpe } from "./bpe";
import { listAddedTokens, type TokenizerFiles } from "./files";
import { recognisePreTokenizer } from "./preTokenizer";
import { readSentencePiece, writeSentencePiece } from "./sentencepiece";
import { findSpecialTokens, writeSpecialTokens } from "./special";
import { isSpmJson, readSpmJson, type SpmScores } from "./spmJson";

export interface VocabOptions {
    /** Name of llama.cpp's pre-tokenizer, when the user knows better. */
    pre?: string | undefined;
    /** Scores when only tokenizer.json is there: `merge-rank` tokenizes right, `reference` equals llama.cpp's converter. */
    spmScores?: SpmScores | undefined;
}

export interface VocabReport {
    route: VocabRoute;
    nTokens: number;
    warnings: string[];
}

export function writeVocabulary(
    keys: KeyValues,
    source: { label: string; files: TokenizerFiles },
    family: Family,
    config: ModelConfig,
    options: VocabOptions,
): VocabReport {
    const { files } = source;
    const route = family.vocab.find((name) => isPresent(name, files));
    if (!route) throw noTokenizer(source.label, files);
    family.beforeVocab?.(keys, files.config);
    const nVocabulary = family.vocabSize
        ? family.vocabSize(config.values)
        : pickNumber(config.values, "vocab_size");
    const report = writeRoute(keys, route, files, nVocabulary, options);
    family.afterVocab?.(keys, {
        values: config.values,
        tokenizerConfig: files.config,
        addedTokenId: (text) =>
            listAddedTokens(files.tokenizer).find((token) => token.text === text)?.id,
        files,
        route,
        nTokens: report.nTokens,
    });
    return report;
}

function isPresent(route: VocabRoute, files: TokenizerFiles): boolean {
    switch (route) {
        case "sentencepiece":
            return files.sentencePiece !== undefined;
        case "spm-json":
            return isSpmJson(files);
        case "bpe":
            return hasBpe(files);
    }
}

function writeRoute(
    keys: KeyValues,
    route: VocabRoute,
    files: TokenizerFiles,
    nVocabulary: number | undefined,
    options: VocabOptions,
): VocabReport {
    if (route === "bpe") {
        const vocabulary = readBpe(files, nVocabulary);
        refuseDuplicates(vocabulary.tokens);
        const pre = recognisePreTokenizer(files, options.pre);
        writeBpe(keys, vocabulary, pre.name);
        writeSpecialTokens(keys, findSpecialTokens(files));
        return {
            route,
            nTokens: vocabulary.tokens.length,
            warnings:
                pre.by === "class"
                    ? [`The pre-tokenizer was chosen by the tokenizer's class only: ${pre.name}`]
                    : [],
        };
    }
    const { sentencePiece } = files;
    const scoring = options.spmScores ?? "merge-rank";
    const vocabulary =
        route === "sentencepiece" && sentencePiece
            ? readSentencePiece({ ...files, sentencePiece }, nVocabulary)
            : readSpmJson(files, scoring);
    writeSentencePiece(keys, vocabulary);
    writeSpecialTokens(keys, findSpecialTokens(files, vocabulary.tokens.length));
    const rescored = route === "spm-json" && scoring === "merge-rank";
    if (rescored) keys.string("ingot.tokenizer.scores", scoring);
    return { route, nTokens: vocabulary.tokens.length, warnings: [] };
}

function noTokenizer(label: string, files: TokenizerFiles): AppError {
    if (files.tokenizer)
        return new AppError(
            "data/unsupported",
            `tokenizer.json of ${label} is of a kind that this model family does not use in llama.cpp`,
        );
    return new AppError(
        "data/tokenizer",
        `${label} has no tokenizer (tokenizer.json, tokenizer.model, or vocab.json with merges.txt); download these files too`,
    );
}
