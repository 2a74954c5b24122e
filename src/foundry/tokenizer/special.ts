/**
 * Special token ids, add_bos / add_eos flags and the chat template, by the rules of the reference (gguf-py `SpecialVocab`, llama.cpp
 * v0.5.0): the post-processor of tokenizer.json first, then tokenizer_config.json, then the ids in config.json; the first one that
 * sets an id wins. Odd rules are kept because files must come out equal.
 */

import { AppError } from "../../base/errors";
import { isObject, type JsonObject } from "../checkpoint/source";
import type { KeyValues } from "../keyValues";
import { listAddedTokens, type NamedTemplate, type TokenizerFiles } from "./files";

/** GGUF key of each kind; `cls` has none and is not written. */
const ID_KEYS: Readonly<Record<string, string>> = {
    bos: "bos_token_id",
    eos: "eos_token_id",
    unk: "unknown_token_id",
    sep: "seperator_token_id",
    pad: "padding_token_id",
    mask: "mask_token_id",
    eot: "eot_token_id",
    eom: "eom_token_id",
};
const FLAG_KINDS = new Set(["bos", "eos", "sep"]);

export interface SpecialTokens {
    ids: Map<string, number>;
    flags: Map<string, boolean>;
    chatTemplate: string | NamedTemplate[] | undefined;
    lowercase: boolean | undefined;
    stripAccents: boolean | undefined;
}

const KINDS = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"];

/** `nVocabulary`: ids beyond it are left out (SentencePiece routes); undefined takes any. */
export function findSpecialTokens(
    files: TokenizerFiles,
    nVocabulary?: number,
    kinds: readonly string[] = KINDS,
): SpecialTokens {
    const finder = new Finder(files, nVocabulary, kinds);
    return finder.find();
}

/**
 * A second round that some families of the reference make for other kinds of tokens, each with the id that counts when the files name
 * none. It also writes the flags again, by the files alone. Only `eot` has a key; fill-in-the-middle kinds have none.
 */
export function addSpecialTokens(
    keys: KeyValues,
    files: TokenizerFiles,
    usual: Readonly<Record<string, number>>,
): void {
    const special = findSpecialTokens(files, undefined, Object.keys(usual));
    for (const [kind, id] of Object.entries(usual))
        if (!special.ids.has(kind)) special.ids.set(kind, id);
    writeSpecialTokens(keys, { ...special, chatTemplate: undefined });
}

class Finder {
    private readonly result: SpecialTokens = {
        ids: new Map(),
        flags: new Map(),
        chatTemplate: undefined,
        lowercase: undefined,
        stripAccents: undefined,
    };
    /** `X_token` entries of tokenizer_config.json, changed by what the post-processor says. */
    private readonly tokens: JsonObject;
    private bos: unknown;
    private cls: unknown;
    private eos: unknown;
    private sep: unknown;

    constructor(
        private readonly files: TokenizerFiles,
        private readonly nVocabulary: number | undefined,
        private kinds: readonly string[],
    ) {
        this.tokens = { ...files.config };
    }

    find(): SpecialTokens {
        const { tokenizer, config } = this.files;
        if (isObject(tokenizer?.["normalizer"])) this.readNormalizer(tokenizer["normalizer"]);
        if (tokenizer) this.readPostProcessor(tokenizer);
        if (config) {
            this.result.chatTemplate = this.chooseTemplate(config);
            this.readTokenizerConfig(config);
        }
        this.readModelConfig();
        return this.result;
    }

    private readNormalizer(normalizer: JsonObject): void {
        switch (normalizer["type"]) {
            case "Lowercase":
                this.result.lowercase = true;
                break;
            case "StripAccents":
                this.result.stripAccents = true;
                break;
            case "BertNormalizer": {
                const { lowercase, strip_accents: strip } = normalizer;
                if (typeof lowercase === "boolean") this.result.lowercase = lowercase;
                if (typeof strip === "boolean") this.result.stripAccents = strip;
                break;
            }
            case "Sequence":
                for (const inner of asList(normalizer["normalizers"])) this.readNormalizer(inner);
        }
    }

    private readPostProcessor(tokenizer: JsonObject): void {
        this.bos = this.tokens["bos_token"];
        this.cls = this.tokens["cls_token"];
        this.eos = this.tokens["eos_token"];
        this.sep = this.tokens["sep_token"];
        if (!this.bos && this.cls) this.tokens["bos_token"] = this.bos = this.cls;
        if (!this.eos && this.sep) this.tokens["eos_token"] = this.eos = this.sep;
        const processor = tokenizer["post_processor"];
        if (!isObject(processor)) return;
        const list = Array.isArray(processor["processors"])
            ? asList(processor["processors"])
            : [processor];
        for (const entry of list) {
            if (entry["type"] === "RobertaProcessing") this.readRoberta(entry);
            if (entry["type"] === "TemplateProcessing") this.readTemplateProcessing(entry);
        }
    }

    private readRoberta(processor: JsonObject): void {
        for (const kind of ["bos", "eos", "sep"]) this.result.flags.set(kind, true);
        const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined);
        if (!this.cls) this.tokens["cls_token"] = this.cls = first(processor["cls"]) ?? this.bos;
        if (!this.sep) this.tokens["sep_token"] = this.sep = first(processor["sep"]) ?? this.eos;
    }

    private readTemplateProcessing(processor: JsonObject): void {
        const single = asList(processor["single"]);
        let first: string | undefined;
        let last: string | undefined;
        if (single.length > 1) {
            first = specialId(single[0]);
            if (first) this.readLeading(first);
            last = specialId(single.at(-1));
            if (last) this.readTrailing(last);
        }
        this.readPair(asList(processor["pair"]), first, last);
    }

    private readLeading(token: string): void {
        if (!this.files.config) this.bos = token;
        else if (token !== this.bos && token !== this.cls) {
            if (!this.bos) this.tokens["bos_token"] = this.bos = token;
            if (!this.cls) this.tokens["cls_token"] = this.cls = token;
        }
        this.result.flags.set("bos", token === this.bos || token === this.cls);
    }

    /** Another last token than EOS takes EOS's place; the old one becomes end of turn. */
    private readTrailing(token: string): void {
        if (!this.files.config) this.eos = token;
        else if (token !== this.eos) {
            const kind = ["eot", "eom"].find((name) => !this.kinds.includes(name));
            if (kind) {
                this.kinds = [...this.kinds, kind];
                this.tokens[`${kind}_token`] = this.eos;
            }
            this.tokens["eos_token"] = this.eos = token;
        }
        this.result.flags.set("eos", token === this.eos);
    }

    /** `A [separator] [separator] B`: whether a separator is added between two texts. */
    private readPair(
        pair: JsonObject[],
        first: string | undefined,
        last: string | undefined,
    ): void {
        const start = first && specialId(pair[0]) === first ? 1 : 0;
        const stop = last && specialId(pair.at(-1)) === last ? -1 : undefined;
        const inner = pair.slice(start, stop);
        if (sequenceId(inner[0]) !== "A" || sequenceId(inner.at(-1)) !== "B") return;
        const middle = inner.slice(1, -1);
        if (middle.length === 0) return;
        const isSeparator = (token: string | undefined) =>
            token !== undefined && (token === this.sep || token === this.eos);
        let add = isSeparator(specialId(middle[0])) && !last;
        if (middle.length === 2 && isSeparator(specialId(middle[1]))) add = true;
        this.result.flags.set("sep", add);
        if (add && !this.sep) this.tokens["sep_token"] = this.eos;
    }

    private chooseTemplate(config: JsonObject): string | NamedTemplate[] | undefined {
        const own = "chat_template" in config ? config["chat_template"] : this.files.chatTemplate;
        if (typeof own === "string") return own;
        if (!Array.isArray(own)) return undefined;
        return own.filter(isObject).flatMap(({ name, template }) => {
            if (typeof template !== "string" || typeof name !== "string") return [];
            return [{ name, template }];
        });
    }

    private readTokenizerConfig(config: JsonObject): void {
        const added = listAddedTokens(this.files.tokenizer);
        for (const kind of this.kinds) {
            const flag = config[`add_${kind}_token`];
            if (typeof flag === "boolean") this.result.flags.set(kind, flag);
            const entry = this.tokens[`${kind}_token`];
            const text = isObject(entry) ? entry["content"] : entry;
            if (typeof text !== "string") continue;
            this.setId(kind, added.find((token) => token.text === text)?.id);
        }
    }

    private readModelConfig(): void {
        const { modelConfig } = this.files;
        const nested = modelConfig["text_config"];
        for (const kind of this.kinds) {
            const key = `${kind}_token_id`;
            this.setId(kind, modelConfig[key] ?? (isObject(nested) ? nested[key] : undefined));
        }
    }

    /** Lists and null are no ids; a negative one means "none" (the reference refuses such files). */
    private setId(kind: string, id: unknown): void {
        if (typeof id !== "number" || !Number.isInteger(id) || id < 0) return;
        if (this.nVocabulary !== undefined && id >= this.nVocabulary) return;
        if (!this.result.ids.has(kind)) this.result.ids.set(kind, id);
    }
}

function asList(value: unknown): JsonObject[] {
    return Array.isArray(value) ? value.filter(isObject) : [];
}

function specialId(entry: JsonObject | undefined): string | undefined {
    const special = entry?.["SpecialToken"];
    const id = isObject(special) ? special["id"] : undefined;
    return typeof id === "string" && id !== "" ? id : undefined;
}

function sequenceId(entry: JsonObject | undefined): unknown {
    const sequence = entry?.["Sequence"];
    return isObject(sequence) ? sequence["id"] : undefined;
}

/** Writes the keys in the reference's order: ids, flags, chat templates, normalizer. */
export function writeSpecialTokens(keys: KeyValues, special: SpecialTokens): void {
    for (const [kind, id] of special.ids) {
        const key = ID_KEYS[kind];
        if (key === undefined) continue;
        if (id > 0xffffffff) throw new AppError("data/tokenizer", `The ${kind} token id is ${id}`);
        keys.uint32(`tokenizer.ggml.${key}`, id);
    }
    for (const [kind, value] of special.flags)
        if (FLAG_KINDS.has(kind)) keys.bool(`tokenizer.ggml.add_${kind}_token`, value);
    writeChatTemplate(keys, special.chatTemplate);
    if (special.lowercase !== undefined)
        keys.bool("tokenizer.ggml.normalizer.lowercase", special.lowercase);
    if (special.stripAccents !== undefined)
        keys.bool("tokenizer.ggml.normalizer.strip_accents", special.stripAccents);
}

function writeChatTemplate(keys: KeyValues, template: string | NamedTemplate[] | undefined): void {
    if (template === undefined) return;
    if (typeof template === "string") {
        keys.string("tokenizer.chat_template", template);
        return;
    }
    const names = new Set<string>();
    let main: string | undefined;
    for (const entry of template) {
        const name = entry.name.replace(/[^A-Za-z0-9]/g, "_");
        if (name === "default") main = entry.template;
        else if (name) {
            names.add(name);
            keys.string(`tokenizer.chat_template.${name}`, entry.template);
        }
    }
    keys.set("tokenizer.chat_templates", { type: "array[string]", value: [...names] });
    keys.string("tokenizer.chat_template", main);
}
