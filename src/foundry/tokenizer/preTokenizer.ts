/**
 * Which of llama.cpp's pre-tokenizers a BPE tokenizer uses. First by the reference's hash over a test text (equal to its answer
 * wherever it has one), then by the pre_tokenizer of tokenizer.json itself, which also recognises finetunes and cut vocabularies that
 * the hash cannot. Never guesses: an unknown one is an error that names the override.
 */

import { createHash } from "node:crypto";
import { AppError } from "../../base/errors";
import { isObject, type JsonObject } from "../checkpoint/source";
import { runnerFor } from "./encode";
import type { TokenizerFiles } from "./files";
import { CHECK_TEXT, KNOWN_PRE_TOKENIZERS, PRE_TOKENIZER_BY_HASH } from "./preTokenizerTable";

export interface PreTokenizerChoice {
    name: string;
    by: "override" | "hash" | "structure" | "class";
}

export function recognisePreTokenizer(
    files: TokenizerFiles,
    override: string | undefined,
): PreTokenizerChoice {
    if (override !== undefined) {
        if (KNOWN_PRE_TOKENIZERS.has(override)) return { name: override, by: "override" };
        throw new AppError(
            "user/usage",
            `llama.cpp has no pre-tokenizer "${override}"; known ones are ${[...KNOWN_PRE_TOKENIZERS].sort().join(", ")}`,
        );
    }
    const hashed = byHash(files);
    if (hashed !== undefined) return { name: hashed, by: "hash" };
    const structural = byStructure(files.tokenizer);
    if (structural !== undefined) return { name: structural, by: "structure" };
    const named = byClass(files);
    if (named !== undefined) return { name: named, by: "class" };
    throw new AppError(
        "data/tokenizer",
        "The tokenizer splits text in a way that llama.cpp is not known to have; if you know its name there, pass it with --pre NAME",
        { detail: `pre-tokenizer: ${signature(files.tokenizer)}` },
    );
}

/** The reference's name for this tokenizer, or undefined when it does not know it or it cannot be run here. */
function byHash(files: TokenizerFiles): string | undefined {
    if (!files.tokenizer) return undefined;
    let ids: number[];
    try {
        ids = encodeCheckText(files.tokenizer, files.config ?? {});
    } catch {
        return undefined; // A tokenizer that the JavaScript implementation cannot run is told by its structure.
    }
    const hash = createHash("sha256")
        .update(`[${ids.join(", ")}]`)
        .digest("hex");
    return PRE_TOKENIZER_BY_HASH[hash];
}

/** Classes that ignore the post-processor of tokenizer.json and add BOS / EOS by their flags; the value is add_bos's default. */
const FLAG_CLASSES = new Map([
    ["LlamaTokenizer", true],
    ["CodeLlamaTokenizer", true],
    ["GemmaTokenizer", true],
    ["CohereTokenizer", true],
    ["GPTNeoXTokenizer", false],
]);

function encodeCheckText(tokenizer: JsonObject, config: JsonObject): number[] {
    const name = config["tokenizer_class"];
    const defaultBos =
        typeof name === "string" ? FLAG_CLASSES.get(name.replace(/Fast$/, "")) : undefined;
    const named = [config["bos_token"], config["eos_token"]];
    const runner = runnerFor(tokenizer, config, [CHECK_TEXT], named);
    if (defaultBos === undefined) return [...runner.encode(CHECK_TEXT).ids];
    const ids = [...runner.encode(CHECK_TEXT, { add_special_tokens: false }).ids];
    const flag = (key: string, fallback: boolean) =>
        typeof config[key] === "boolean" ? config[key] : fallback;
    const id = (key: string): number[] => {
        const entry = config[key];
        const text = isObject(entry) ? entry["content"] : entry;
        const found = typeof text === "string" ? runner.token_to_id(text) : undefined;
        return found === undefined ? [] : [found];
    };
    return [
        ...(flag("add_bos_token", defaultBos) ? id("bos_token") : []),
        ...ids,
        ...(flag("add_eos_token", false) ? id("eos_token") : []),
    ];
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const TAIL = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const WORD = "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
const BYTES = "bytes(false)";

/**
 * The steps of tokenizer.json -> a name whose regular expressions in llama.cpp are the same. Names that llama.cpp treats alike
 * (starcoder, refact, smollm, codeshell, command-r; qwen2, stablelm2; gpt-2, olmo, mpt, phi-2) share a row. Long
 * and non-ASCII expressions stand by their hash.
 */
const BY_STRUCTURE = new Map([
    [`split(${CONTRACTIONS}${WORD}\\p{N}${TAIL}) ${BYTES}`, "qwen2"],
    [`split(${CONTRACTIONS}${WORD}\\p{N}{1,3}${TAIL}) ${BYTES}`, "dbrx"],
    [
        `split(${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+) ${BYTES}`,
        "qwen35",
    ],
    [
        `split(${CONTRACTIONS}${WORD}\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+) ${BYTES}`,
        "seed-coder",
    ],
    ["digits(true) bytes(true)", "starcoder"],
    ["bytes(true)", "gpt-2"],
    [
        `split([\r\n]) split(\\s?\\p{L}+) split(\\s?\\p{P}+) split(sha256:a9e31f463e1b) digits(true) ${BYTES}`,
        "deepseek-coder",
    ],
    [
        `split([\r\n]) split(sha256:38fd0b5eb7e6) split(sha256:ae6bc1cffa83) split(\\s+$) split(sha256:a9e31f463e1b) digits(true) ${BYTES}`,
        "deepseek-llm",
    ],
    [`split(sha256:2d1b8dc11e89) ${BYTES}`, "gpt-4o"],
    [`split(sha256:c997711b730d) ${BYTES}`, "bloom"],
    // llama.cpp does not look at the name for WordPiece; this is what most encoders' vocabulary hashes to.
    ["BertPreTokenizer", "jina-v2-en"],
    ["Punctuation bytes(true) digits(false) split([0-9][0-9][0-9])", "falcon"],
]);

function byStructure(tokenizer: JsonObject | undefined): string | undefined {
    const name = BY_STRUCTURE.get(signature(tokenizer));
    const model = tokenizer?.["model"];
    // llama-bpe and dbrx differ only in that the former takes whole words from the vocabulary before merging.
    if (name === "dbrx" && isObject(model) && model["ignore_merges"] === true) return "llama-bpe";
    return name;
}

/** Old uploads have vocab.json and merges.txt only; then the class decides, as it does in transformers. */
function byClass(files: TokenizerFiles): string | undefined {
    if (files.tokenizer) return undefined;
    const name = files.config?.["tokenizer_class"];
    if (typeof name !== "string") return undefined;
    return new Map([
        ["Qwen2Tokenizer", "qwen2"],
        ["GPT2Tokenizer", "gpt-2"],
        ["BertTokenizer", "jina-v2-en"],
    ]).get(name.replace(/Fast$/, ""));
}

/** The splitting steps in one line; what does not change where text is split is left out. */
export function signature(tokenizer: JsonObject | undefined): string {
    const steps: string[] = [];
    const visit = (step: unknown, depth: number): void => {
        if (!isObject(step) || depth > 8) return;
        if (step["type"] !== "Sequence") steps.push(describeStep(step));
        else if (Array.isArray(step["pretokenizers"]))
            for (const inner of step["pretokenizers"].slice(0, 32)) visit(inner, depth + 1);
    };
    visit(tokenizer?.["pre_tokenizer"], 0);
    return steps.join(" ");
}

function describeStep(step: JsonObject): string {
    const type = typeof step["type"] === "string" ? step["type"] : "?";
    if (type === "ByteLevel") {
        const prefix = step["add_prefix_space"] === true ? ",prefix" : "";
        return `bytes(${step["use_regex"] !== false}${prefix})`;
    }
    if (type === "Digits") return `digits(${step["individual_digits"] === true})`;
    if (type !== "Split") return type;
    const pattern = step["pattern"];
    const regex = isObject(pattern) ? (pattern["Regex"] ?? pattern["String"]) : undefined;
    const text = typeof regex === "string" ? regex : "?";
    // eslint-disable-next-line no-control-regex -- ASCII is what is meant
    const plain = text.length <= 200 && /^[\x00-\x7f]*$/.test(text);
    const short = plain
        ? text
        : `sha256:${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
    const unusual = step["behavior"] !== "Isolated" || step["invert"] === true;
    return `split(${short}${unusual ? `,${JSON.stringify(step["behavior"])}` : ""})`;
}
