/**
 * Mistral's tekken.json: special tokens first, then byte tokens by rank. Written as the reference does through mistral-common
 * (`MistralVocab` of gguf-py, llama.cpp v0.5.0), which is not needed here.
 */

import { AppError } from "../../base/errors";
import { isObject, type JsonObject } from "../checkpoint/source";
import type { KeyValues } from "../keyValues";
import { allMerges, decodeBase64, spellBytes } from "./byteTokens";
import type { TokenizerFiles } from "./files";
import { TOKEN_TYPE } from "./tokenTypes";

const FILE = "tekken.json";
const MAX_TOKENS = 4_000_000;

/** Of files up to version 7, which do not list them. */
const OLD_SPECIAL_TOKENS = [
    "<unk>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CALLS]",
    "[IMG]",
    "<pad>",
    "[IMG_BREAK]",
    "[IMG_END]",
    "[PREFIX]",
    "[MIDDLE]",
    "[SUFFIX]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
];

export interface TekkenVocabulary {
    tokens: string[];
    nSpecial: number;
    merges: string[];
    /** Such as "v7". */
    version: string;
}

export function readTekken(tekken: JsonObject): TekkenVocabulary {
    const config = isObject(tekken["config"]) ? tekken["config"] : {};
    const size = count(config["default_vocab_size"]);
    const nSpecial = count(config["default_num_special_tokens"]);
    const entries = tekken["vocab"];
    if (nSpecial > size || !Array.isArray(entries) || entries.length < size - nSpecial)
        throw damaged();
    const ranks = new Map<string, number>();
    for (let rank = 0; rank < size - nSpecial; rank++) {
        const entry: unknown = entries[rank];
        const bytes = isObject(entry) && entry["rank"] === rank ? entry["token_bytes"] : undefined;
        if (typeof bytes !== "string") throw damaged();
        ranks.set(decodeBase64(bytes, FILE), rank);
    }
    if (ranks.size !== size - nSpecial) throw damaged();
    const version = config["version"];
    return {
        tokens: [...listSpecial(tekken, nSpecial), ...[...ranks.keys()].map(spellBytes)],
        nSpecial,
        merges: allMerges(ranks, FILE),
        version: typeof version === "string" ? version : "",
    };
}

function listSpecial(tekken: JsonObject, nSpecial: number): string[] {
    const listed = tekken["special_tokens"];
    const tokens: string[] = Array.from({ length: nSpecial }, (_, id) => `<SPECIAL_${id}>`);
    if (!Array.isArray(listed)) {
        OLD_SPECIAL_TOKENS.slice(0, nSpecial).forEach((text, id) => (tokens[id] = text));
        return tokens;
    }
    for (const entry of listed.filter(isObject)) {
        const { rank, token_str: text } = entry;
        if (typeof rank === "number" && typeof text === "string" && rank in tokens)
            tokens[rank] = text;
    }
    return tokens;
}

function count(value: unknown): number {
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS)
        return value;
    throw damaged();
}

function damaged(): AppError {
    return new AppError(
        "data/tokenizer",
        `${FILE} is not a usable tekken vocabulary; download it again`,
    );
}

/** All `tokenizer.*` keys of this kind, in the reference's order. Returns the number of tokens. */
export function writeTekken(keys: KeyValues, files: TokenizerFiles, arch: string): number {
    const { tokens, nSpecial, merges, version } = readTekken(files.tekken ?? {});
    const id = (text: string): number | undefined => {
        const found = tokens.slice(0, nSpecial).indexOf(text);
        return found < 0 ? undefined : found;
    };
    keys.string("tokenizer.ggml.model", "gpt2");
    keys.string("tokenizer.ggml.pre", "tekken");
    keys.set("tokenizer.ggml.merges", { type: "array[string]", value: merges });
    keys.uint32("tokenizer.ggml.bos_token_id", id("<s>"));
    keys.uint32("tokenizer.ggml.eos_token_id", id("</s>"));
    keys.uint32("tokenizer.ggml.unknown_token_id", id("<unk>"));
    keys.uint32("tokenizer.ggml.padding_token_id", id("<pad>") ?? id("</s>"));
    keys.set("tokenizer.ggml.tokens", { type: "array[string]", value: tokens });
    // Whole zeros, so that the reference's writer takes integers; llama.cpp reads the same bits.
    keys.set("tokenizer.ggml.scores", {
        type: "array[int32]",
        value: new Int32Array(tokens.length),
    });
    keys.set("tokenizer.ggml.token_type", {
        type: "array[int32]",
        value: tokens.map((_, at) => (at < nSpecial ? TOKEN_TYPE.control : TOKEN_TYPE.normal)),
    });
    keys.uint32(`${arch}.vocab_size`, tokens.length);
    keys.bool("tokenizer.ggml.add_bos_token", true);
    keys.bool("tokenizer.ggml.add_eos_token", false);
    keys.string("tokenizer.chat_template", chatTemplate(files, version));
    return tokens.length;
}

/** Names that llama.cpp knows as templates. The repository's own template is better where there is one. */
function chatTemplate(files: TokenizerFiles, version: string): string | undefined {
    const own = files.config?.["chat_template"] ?? files.chatTemplate;
    if (typeof own === "string") return own;
    if (version === "v1") return "mistral-v1";
    return version === "v3" ? "mistral-v3-tekken" : "mistral-v7-tekken";
}
