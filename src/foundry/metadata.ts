/**
 * The `general.*` keys: sampling defaults from generation_config.json, then what the model card, config.json and the directory's name
 * say (in this precedence). Heuristics and order of gguf-py `metadata.py`, llama.cpp v0.5.0. Knows nothing of tensors or tokenizers.
 */

import { isObject, readText, type CheckpointSource, type JsonObject } from "./checkpoint/source";
import { parseModelCard, type CardEntry, type CardValue, type ModelCard } from "./frontMatter";
import type { KeyValues } from "./keyValues";
import { idToTitle, sizeLabel, splitModelId, type ParameterCounts } from "./modelId";

export interface GeneralSources {
    card: ModelCard;
    generation: JsonObject | undefined;
    config: JsonObject;
    directory: string;
}

export async function readGeneralSources(
    source: CheckpointSource,
    config: JsonObject,
    signal?: AbortSignal,
): Promise<GeneralSources> {
    const readme = await readText(source, "README.md", signal);
    const generation = await readText(source, "generation_config.json", signal);
    return {
        card: parseModelCard(readme ?? ""),
        generation: generation === undefined ? undefined : parseLenient(generation),
        config,
        directory: source.name,
    };
}

/** Not all models have a valid generation_config.json; it is optional. */
function parseLenient(text: string): JsonObject | undefined {
    try {
        const value: unknown = JSON.parse(text);
        return isObject(value) ? value : undefined;
    } catch {
        return undefined;
    }
}

export function writeGeneralKeys(
    keys: KeyValues,
    sources: GeneralSources,
    counts: ParameterCounts,
): void {
    keys.string("general.type", "model");
    writeSamplingKeys(keys, sources.generation ?? {});
    const facts = collectFacts(sources, counts);
    for (const key of NAME_KEYS) keys.string(`general.${key}`, facts.get(key));
    const license = sources.card.get("license");
    keys.string("general.license", license && toTexts(license).join(","));
    keys.string("general.license.name", text(sources.card.get("license_name")));
    keys.string("general.license.link", text(sources.card.get("license_link")));
    for (const key of SOURCE_KEYS) keys.string(`general.source.${key}`, facts.get(`source_${key}`));
    writeRelated(keys, "base_model", firstOf(sources.card, BASE_MODEL_KEYS), counts.total);
    writeRelated(keys, "dataset", firstOf(sources.card, DATASET_KEYS), counts.total);
    writeList(keys, "general.tags", sources.card, ["tags", "pipeline_tag"]);
    writeList(keys, "general.languages", sources.card, ["languages", "language"]);
}

/** The card's licence, for the person who converts. */
export function licenseOf(card: ModelCard): string | undefined {
    const license = card.get("license");
    return license === undefined ? undefined : toTexts(license).join(", ");
}

const NAME_KEYS = [
    "name",
    "author",
    "version",
    "organization",
    "finetune",
    "basename",
    "description",
    "size_label",
] as const;
const SOURCE_KEYS = ["url", "doi", "uuid", "repo_url"] as const;
const BASE_MODEL_KEYS = ["base_model", "base_models", "base_model_sources"];
const DATASET_KEYS = ["datasets", "dataset", "dataset_sources"];

/** GGUF key, generation_config.json keys, type. */
const SAMPLING: readonly (readonly [string, readonly string[], "int32" | "float32"])[] = [
    ["top_k", ["top_k"], "int32"],
    ["top_p", ["top_p"], "float32"],
    ["min_p", ["min_p"], "float32"],
    ["xtc_probability", ["xtc_probability"], "float32"],
    ["xtc_threshold", ["xtc_threshold"], "float32"],
    ["temp", ["temperature"], "float32"],
    ["penalty_last_n", ["penalty_last_n"], "int32"],
    ["penalty_repeat", ["penalty_repeat", "repetition_penalty"], "float32"],
    ["mirostat", ["mirostat"], "int32"],
    ["mirostat_tau", ["mirostat_tau"], "float32"],
    ["mirostat_eta", ["mirostat_eta"], "float32"],
];

function writeSamplingKeys(keys: KeyValues, generation: JsonObject): void {
    const sequence = generation["sequence"];
    if (typeof sequence === "string") keys.string("general.sampling.sequence", sequence);
    for (const [key, names, type] of SAMPLING) {
        const name = names.find((candidate) => candidate in generation);
        const value = name === undefined ? undefined : generation[name];
        if (typeof value === "number") keys.set(`general.sampling.${key}`, { type, value });
    }
}

function collectFacts(sources: GeneralSources, counts: ParameterCounts): Map<string, string> {
    const facts = new Map<string, string>();
    const offer = (key: string, value: string | undefined) => {
        if (value !== undefined && !facts.has(key)) facts.set(key, value);
    };
    const { card } = sources;
    for (const prefix of ["", "model_"])
        for (const key of [...NAME_KEYS, ...SOURCE_KEYS]) {
            const isSource = (SOURCE_KEYS as readonly string[]).includes(key);
            offer(isSource ? `source_${key}` : key, text(card.get(prefix + key)));
        }
    offer("author", text(card.get("model_creator")));
    offer("basename", text(card.get("model_type")));
    const path = sources.config["_name_or_path"];
    const ids = [
        // A path on someone's disk is no name.
        ...(typeof path === "string" && path.split("/").length <= 2 ? [path] : []),
        sources.directory,
    ];
    for (const id of ids) {
        const found = splitModelId(id, counts.total);
        offer("name", found.fullName === undefined ? undefined : idToTitle(found.fullName));
        offer("organization", found.organization && idToTitle(found.organization));
        offer("basename", found.basename);
        offer("finetune", found.finetune);
        offer("version", found.version);
        offer("size_label", found.sizeLabel);
    }
    if (counts.total > 0) offer("size_label", sizeLabel(counts));
    return facts;
}

function writeRelated(
    keys: KeyValues,
    kind: "base_model" | "dataset",
    value: CardValue | undefined,
    nParameters: number,
): void {
    if (value === undefined) return;
    const entries = (typeof value === "string" ? [value] : value).map((entry) =>
        describeRelated(entry, nParameters),
    );
    keys.uint32(`general.${kind}.count`, entries.length);
    entries.forEach((entry, index) => {
        for (const key of RELATED_KEYS)
            keys.string(`general.${kind}.${index}.${key}`, entry.get(key));
    });
}

const RELATED_KEYS = [
    "name",
    "author",
    "version",
    "organization",
    "description",
    "url",
    "doi",
    "uuid",
    "repo_url",
];

function describeRelated(entry: CardEntry, nParameters: number): Map<string, string> {
    if (typeof entry !== "string") return new Map(Object.entries(entry));
    const result = new Map<string, string>();
    const isUrl = /^(https?|ssh):\/\//.test(entry);
    const id = isUrl ? /^https?:\/\/huggingface\.co\/([^/]+\/[^/]+)$/.exec(entry)?.[1] : entry;
    if (id !== undefined) {
        const { fullName, organization, version } = splitModelId(id, nParameters);
        if (fullName !== undefined) result.set("name", idToTitle(fullName));
        if (organization !== undefined) result.set("organization", idToTitle(organization));
        if (version !== undefined) result.set("version", version);
        if (fullName !== undefined && organization !== undefined)
            result.set("repo_url", `https://huggingface.co/${organization}/${fullName}`);
    }
    if (isUrl) result.set("repo_url", entry);
    return result;
}

function writeList(
    keys: KeyValues,
    key: string,
    card: ModelCard,
    cardKeys: readonly string[],
): void {
    const value = cardKeys.flatMap((name) => toTexts(card.get(name) ?? []));
    keys.set(key, { type: "array[string]", value });
}

function firstOf(card: ModelCard, names: readonly string[]): CardValue | undefined {
    const name = names.find((candidate) => card.has(candidate));
    return name === undefined ? undefined : card.get(name);
}

function text(value: CardValue | undefined): string | undefined {
    return typeof value === "string" ? value : undefined;
}

function toTexts(value: CardValue): string[] {
    return typeof value === "string"
        ? [value]
        : value.filter((entry): entry is string => typeof entry === "string");
}
