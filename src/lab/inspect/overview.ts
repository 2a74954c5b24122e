/** The first page about a model: what it is in a line, facts with the field's terms explained, its types and files. Pure but for what was read. */

import { formatBytes, formatParameters } from "../../base/format";
import { fileTypeOf, numbersOf } from "../../gguf/metadata";
import { readCacheShape } from "../../library/memory";
import { resolveFim } from "../../prompt/families";
import type { Fact, GgufOverview, TypeShare } from "../../protocol/inspector";
import type { InspectedModel } from "./model";
import { templateNames } from "./templates";
import { SPECIAL_ROLES, specialTokens, visible } from "./vocabulary";

export function overviewOf(model: InspectedModel): GgufOverview {
    const types = typeShares(model);
    const nParameters = types.reduce((sum, { nValues }) => sum + nValues, 0);
    const tensorBytes = types.reduce((sum, { bytes }) => sum + bytes, 0);
    const bits = nParameters > 0 ? (tensorBytes * 8) / nParameters : 0;
    const type = fileTypeOf(model.first) ?? "unknown type";
    const size = formatBytes(model.sizeBytes);
    const architecture = oneLine(model.architecture ?? "unknown architecture");
    return {
        title: oneLine(model.text("general.name")?.trim() || model.name),
        summary: [
            architecture,
            `${formatParameters(nParameters)} parameters`,
            type,
            size,
            `${bits.toFixed(2)} bits per weight`,
        ].join(" \u00b7 "),
        where: model.where,
        problem: model.problem,
        facts: [
            ...facts(model),
            {
                label: "Parameters",
                value: `${formatParameters(nParameters)} (${count(nParameters)})`,
            },
            {
                label: "File type",
                value: type,
                hint: "The recipe that the file was quantized with; single tensors may have other types.",
            },
            { label: "Size", value: `${size} (${count(model.sizeBytes)} bytes)` },
            {
                label: "Bits per weight",
                value: bits.toFixed(3),
                hint: "Bits of all tensors by their number of values: scales and the tensors kept in higher precision included.",
            },
            {
                label: "Format",
                value: `GGUF version ${model.first.version}, aligned to ${model.first.alignment} bytes, data from byte ${count(model.first.dataOffset)}`,
            },
        ],
        types,
        files: model.parts.map(({ bytes, header }) => ({
            name: bytes.name,
            sizeBytes: header.sizeBytes,
            nTensors: header.tensors.length,
        })),
        nKeys: model.first.metadata.size,
        nTensors: model.tensors.length,
        nTokens: model.vocabulary?.length ?? 0,
        templates: templateNames(model),
        tokenizer: tokenizerFacts(model),
        readBytes: model.readBytes,
    };
}

function facts(model: InspectedModel): Fact[] {
    const number = (key: string) => {
        const value = numbersOf(model.first, `${model.architecture ?? ""}.${key}`);
        if (value === undefined) return undefined;
        if (typeof value === "number") return count(value);
        const [low, high] = value.reduce(
            ([least, most], one) => [Math.min(least, one), Math.max(most, one)],
            [Infinity, -Infinity],
        );
        return low === high ? count(low) : `${count(low)} to ${count(high)} by layer`;
    };
    const heads = number("attention.head_count");
    const kvHeads = number("attention.head_count_kv");
    const cache = readCacheShape((key) =>
        numbersOf(model.first, `${model.architecture ?? ""}.${key}`),
    );
    const experts = number("expert_count");
    return [
        fact("Architecture", model.architecture),
        fact(
            "Licence",
            model.text("general.license.name") ??
                model.text("general.license") ??
                "not said in the file",
        ),
        fact("Base model", model.text("general.base_model.0.repo_url")),
        fact("Organization", model.text("general.organization")),
        fact(
            "Context length",
            number("context_length") && `${number("context_length")} tokens`,
            "The longest text that the model was trained on, question and answer together.",
        ),
        fact("Layers", number("block_count")),
        fact("Embedding", number("embedding_length"), "Values that stand for one token."),
        fact(
            "Attention heads",
            heads &&
                (kvHeads && kvHeads !== heads ? `${heads}, ${kvHeads} for keys and values` : heads),
            "Fewer heads for keys and values make the KV cache smaller.",
        ),
        fact("Feed forward", number("feed_forward_length")),
        fact(
            "Experts",
            experts && experts !== "0"
                ? `${experts}, ${number("expert_used_count") ?? "?"} used for each token`
                : undefined,
        ),
        fact(
            "KV cache",
            cache && cache.bytesPerToken > 0
                ? `${formatBytes(cache.bytesPerToken)} for each token in F16`
                : undefined,
            "Keys and values of all tokens so far: what a longer context costs.",
        ),
    ].filter((one) => one !== undefined);
}

function fact(label: string, value: string | undefined, hint?: string): Fact | undefined {
    const text = value === undefined ? "" : oneLine(value);
    return text === "" ? undefined : { label, value: text, hint };
}

function tokenizerFacts(model: InspectedModel): Fact[] {
    const tokens = model.vocabulary;
    if (!tokens) return [];
    const texts = tokens.values;
    const special = specialTokens(model).map(({ key, id }) =>
        fact(
            capital(SPECIAL_ROLES[key] ?? key),
            `${id} ${visible(typeof texts[id] === "string" ? texts[id] : "(not in the vocabulary)")}`,
        ),
    );
    const yes = (key: string) => {
        const value = model.first.metadata.get(key)?.value;
        return typeof value === "boolean" ? (value ? "yes" : "no") : undefined;
    };
    const merges = model.first.metadata.get("tokenizer.ggml.merges")?.value;
    return [
        fact(
            "Model",
            model.text("tokenizer.ggml.model"),
            "How text is cut into tokens: gpt2 is byte-level BPE, llama is SentencePiece.",
        ),
        fact(
            "Pre-tokenizer",
            model.text("tokenizer.ggml.pre"),
            "The rule that cuts text into words before their tokens are looked for.",
        ),
        fact("Tokens", count(tokens.length)),
        fact("Merges", typeof merges === "object" ? count(merges.length) : undefined),
        fact(
            "Fill in the middle",
            fimFamily(texts) ?? "no tokens for it",
            "Tokens that mark the text before and after the cursor; completions need them.",
        ),
        fact("Adds a beginning", yes("tokenizer.ggml.add_bos_token")),
        fact("Adds an end", yes("tokenizer.ggml.add_eos_token")),
        ...special,
    ].filter((one) => one !== undefined);
}

/** The same check that the engine makes on the loaded vocabulary, on the list in the file. */
export function fimFamily(tokens: readonly unknown[]): string | undefined {
    const ids = new Map(tokens.map((token, id) => [token, id]));
    const resolved = resolveFim({
        tokenizeSpecial: (text) => [ids.get(text) ?? -1].filter((id) => id >= 0),
        piece: (id) => {
            const token = tokens[id];
            return typeof token === "string" ? token : "";
        },
        fimPrefixHint: -1,
    });
    return "family" in resolved ? resolved.family : undefined;
}

export function typeShares({ tensors }: Pick<InspectedModel, "tensors">): TypeShare[] {
    const shares = new Map<string, TypeShare>();
    for (const { type, nElements, sizeBytes } of tensors) {
        const share = shares.get(type) ?? {
            type,
            nTensors: 0,
            nValues: 0,
            bytes: 0,
            bitsPerWeight: 0,
        };
        share.nTensors++;
        share.nValues += nElements;
        share.bytes += sizeBytes;
        share.bitsPerWeight = (share.bytes * 8) / share.nValues;
        shares.set(type, share);
    }
    return [...shares.values()].sort((a, b) => b.bytes - a.bytes);
}

function count(value: number): string {
    return value.toLocaleString("en-US");
}

function capital(text: string): string {
    return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const MAX_CHARACTERS = 300;

/** Names come from the file and may hold anything. */
function oneLine(text: string): string {
    // eslint-disable-next-line no-control-regex -- names come from a file and may hold anything
    const line = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
    return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}...` : line;
}
