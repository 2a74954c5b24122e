/** Chooses the route by which a checkpoint's vocabulary is exported, and writes all `tokenizer.*` keys in the reference's order. */

import { AppError } from "../../base/errors";
import { pickNumber, type ModelConfig } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import type { Family, VocabContext, VocabRoute } from "../family/family";
import type { KeyValues } from "../keyValues";
import { hasBpe, readBpe, refuseDuplicates, writeBpe } from "./bpe";
import { listAddedTokens, listAddedTokensDecoder, type TokenizerFiles } from "./files";
import { recognisePreTokenizer } from "./preTokenizer";
import { readSentencePiece, writeSentencePiece } from "./sentencepiece";
import { findSpecialTokens, writeSpecialTokens, type SpecialTokens } from "./special";
import { hasWordPiece, readWordPiece, writeWordPiece } from "./wordpiece";
import { writeTekken } from "./tekken";
import { isTiktoken, readTiktoken } from "./tiktoken";
import { isSpmJson, readSpmJson, type SpmScores } from "./spmJson";

export interface VocabOptions {
    /** Name of llama.cpp's pre-tokenizer, when the user knows better. */
    pre?: string | undefined;
    /** What llama.cpp's converter gets wrong is written as it does; here the scores when only tokenizer.json is there. */
    reference?: boolean | undefined;
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
    const { values } = config;
    const route = family.vocab.find((name) => isPresent(name, files));
    if (!route) throw noTokenizer(source.label, files);
    const context = (nTokens: number): VocabContext => ({
        values,
        tokenizerConfig: files.config,
        addedTokenId: (text) =>
            [...listAddedTokens(files.tokenizer), ...listAddedTokensDecoder(files.config)].find(
                (token) => token.text === text,
            )?.id,
        files,
        route,
        nTokens,
    });
    if (route === "tekken")
        return { route, nTokens: writeTekken(keys, files, family.arch), warnings: [] };
    family.beforeVocab?.(keys, files.config, values);
    const { special, ...report } = writeRoute(keys, route, files, family, values, options);
    const prefix = family.spacePrefix?.(files);
    if (typeof prefix === "boolean") keys.bool("tokenizer.ggml.add_space_prefix", prefix);
    family.specialTokens?.(special, context(report.nTokens));
    writeSpecialTokens(keys, special);
    if (route === "spm-json" && scoringOf(options) === "merge-rank")
        keys.string("ingot.tokenizer.scores", "merge-rank");
    family.afterVocab?.(keys, context(report.nTokens));
    return report;
}

function isPresent(route: VocabRoute, files: TokenizerFiles): boolean {
    switch (route) {
        case "sentencepiece":
            return files.sentencePiece !== undefined && !isTiktoken(files.sentencePiece);
        case "wordpiece":
            return hasWordPiece(files);
        case "spm-json":
            return isSpmJson(files);
        case "bpe":
            return hasBpe(files);
        case "tekken":
            return files.tekken !== undefined && files.tokenizer === undefined;
        case "tiktoken":
            return isTiktoken(files.sentencePiece);
    }
}

function scoringOf(options: VocabOptions): SpmScores {
    return options.reference ? "reference" : "merge-rank";
}

/** Writes the tokens and finds the special ones among them. */
function writeRoute(
    keys: KeyValues,
    route: VocabRoute,
    files: TokenizerFiles,
    family: Family,
    values: JsonObject,
    options: VocabOptions,
): VocabReport & { special: SpecialTokens } {
    const nVocabulary = family.vocabSize
        ? family.vocabSize(values)
        : pickNumber(values, "vocab_size");
    if (route === "bpe") {
        const vocabulary = readBpe(files, nVocabulary);
        refuseDuplicates(vocabulary.tokens);
        const pre = recognisePreTokenizer(files, options.pre);
        writeBpe(keys, vocabulary, pre.name);
        return {
            route,
            nTokens: vocabulary.tokens.length,
            special: findSpecialTokens(files),
            warnings: [
                ...vocabulary.warnings,
                ...(pre.by === "class"
                    ? [`The pre-tokenizer was chosen by the tokenizer's class only: ${pre.name}`]
                    : []),
            ],
        };
    }
    if (route === "wordpiece") {
        const vocabulary = readWordPiece(files, nVocabulary);
        refuseDuplicates(vocabulary.tokens);
        writeWordPiece(
            keys,
            vocabulary,
            options.pre ?? recognisePreTokenizer(files, undefined).name,
        );
        const nTokens = vocabulary.tokens.length;
        const { warnings } = vocabulary;
        return { route, nTokens, special: findSpecialTokens(files, nTokens), warnings };
    }
    if (route === "tiktoken") {
        const vocabulary = readTiktoken(files, nVocabulary);
        refuseDuplicates(vocabulary.tokens);
        writeBpe(keys, vocabulary, options.pre ?? family.tiktokenPre ?? "default");
        const nTokens = vocabulary.tokens.length;
        const { warnings } = vocabulary;
        return { route, nTokens, special: findSpecialTokens(files), warnings };
    }
    const { sentencePiece } = files;
    const vocabulary =
        route === "sentencepiece" && sentencePiece
            ? readSentencePiece({ ...files, sentencePiece }, nVocabulary, family.sentencePiece)
            : readSpmJson(files, scoringOf(options));
    writeSentencePiece(keys, vocabulary, family.sentencePiece?.pre);
    const nTokens = vocabulary.tokens.length;
    const isWrong = route === "spm-json" && scoringOf(options) === "reference";
    return {
        route,
        nTokens,
        special: findSpecialTokens(files, nTokens),
        warnings: isWrong ? [NO_SCORES] : [],
    };
}

const NO_SCORES =
    "Every token has the score -1000, as from llama.cpp's converter, so texts are cut into wrong tokens";

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
