/**
 * The model card that is proposed: YAML front matter as the Hub reads it, then the files with what is known and measured of them, how to use them,
 * where they come from. Pure. Every text of a file is escaped: it may be anybody's.
 */

import { escapeMarkdown } from "../../base/escape";
import { formatBytes } from "../../base/format";
import type { MeasuredRow } from "../../protocol/publish";
import type { ModelFacts } from "./facts";
import { hubIdOf } from "./facts";
import type { License } from "./license";

/** A model, in one file or several. */
export interface CardFile {
    /** Of the first file, in the repository. */
    path: string;
    nFiles: number;
    type: string | undefined;
    sizeBytes: number;
    bitsPerWeight: number | undefined;
    measured: MeasuredRow | undefined;
    facts: Pick<ModelFacts, "imatrix" | "imatrixDataset" | "feedbackTexts">;
}

export interface CardOptions {
    /** `owner/name`. */
    repo: string;
    /** Address for people of the Hub, without a slash at the end. */
    endpoint: string;
    license: License;
    /** Of the first model. */
    facts: ModelFacts;
    /** `owner/name` each. */
    baseModels: readonly string[];
    files: readonly CardFile[];
}

export function writeCard(options: CardOptions): string {
    const parts = [
        frontMatter(options),
        `# ${titleOf(options)}`,
        introduction(options),
        ["## Files", "", table(options.files), ...legend(options.files)].join("\n"),
        usage(options),
        origin(options),
    ];
    return `${parts.join("\n\n")}\n`;
}

function titleOf({ repo, facts, baseModels }: CardOptions): string {
    const name = facts.name ?? baseModels[0]?.split("/")[1];
    return name === undefined
        ? escapeMarkdown(repo.split("/")[1] ?? repo)
        : `${escapeMarkdown(name)} GGUF`;
}

function frontMatter({ license, facts, baseModels, files }: CardOptions): string {
    const lines = [`license: ${yaml(license.id)}`];
    if (license.id === "other") {
        lines.push(`license_name: ${yaml(license.name ?? "")}`);
        lines.push(`license_link: ${yaml(license.link ?? "")}`);
    }
    if (baseModels.length > 0) {
        lines.push(...list("base_model", baseModels), "base_model_relation: quantized");
    }
    const datasets = facts.datasets.flatMap(({ url }) => datasetIdOf(url) ?? []);
    if (datasets.length > 0) lines.push(...list("datasets", datasets));
    if (facts.languages.length > 0) lines.push(...list("language", facts.languages));
    lines.push("library_name: gguf", "pipeline_tag: text-generation");
    const tags = [
        "gguf",
        ...(files.some((file) => file.facts.imatrix !== undefined || /imatrix/i.test(file.path))
            ? ["imatrix"]
            : []),
        ...(facts.hasChatTemplate ? ["conversational"] : []),
        ...facts.tags.filter(
            (tag) => !/^(text-generation|transformers|safetensors|license:.*)$/.test(tag),
        ),
    ];
    lines.push(...list("tags", [...new Set(tags)]));
    return ["---", ...lines, "---"].join("\n");
}

function list(key: string, values: readonly string[]): string[] {
    return [`${key}:`, ...values.map((value) => `- ${yaml(value)}`)];
}

/** Plain where YAML takes it for a text, else as JSON, which is YAML too. */
function yaml(text: string): string {
    const isPlain =
        /^[A-Za-z][A-Za-z0-9._/-]*$/.test(text) &&
        !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text);
    return isPlain ? text : JSON.stringify(text);
}

function datasetIdOf(url: string | undefined): string | undefined {
    return /^https?:\/\/huggingface\.co\/datasets\/([\w.-]+(?:\/[\w.-]+)?)\/?$/.exec(
        url ?? "",
    )?.[1];
}

function introduction({ baseModels, facts, endpoint, files }: CardOptions): string {
    const from = baseModels.map((id) => `[${escapeMarkdown(id)}](${endpoint}/${id})`).join(" and ");
    const what = files.length === 1 ? "A GGUF file" : "GGUF files";
    const size =
        facts.sizeLabel === undefined ? "" : `${escapeMarkdown(facts.sizeLabel)} parameters`;
    const context =
        facts.contextTokens === undefined
            ? ""
            : `trained context ${facts.contextTokens.toLocaleString("en-US")} tokens`;
    const details = [
        facts.architecture && `architecture ${escapeMarkdown(facts.architecture)}`,
        size,
        context,
    ].filter(Boolean);
    return `${what}${from ? ` of ${from}` : ""} for llama.cpp and everything that is built on it${details.length > 0 ? `: ${details.join(", ")}` : ""}.`;
}

interface Column {
    title: string;
    /** Undefined: not known of this file. */
    cell: (file: CardFile) => string | undefined;
    isNumber?: boolean;
}

const number = (value: number | undefined, digits: number): string | undefined =>
    value?.toFixed(digits);
const percent = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : `${(value * 100).toFixed(1)} %`;

const COLUMNS: readonly Column[] = [
    {
        title: "file",
        cell: ({ path, nFiles }) => `${code(path)}${nFiles > 1 ? ` (${nFiles} files)` : ""}`,
    },
    { title: "type", cell: ({ type }) => type && escapeMarkdown(type) },
    { title: "size", cell: ({ sizeBytes }) => formatBytes(sizeBytes), isNumber: true },
    { title: "bits per weight", cell: (file) => number(file.bitsPerWeight, 2), isNumber: true },
    {
        title: "PPL",
        cell: ({ measured }) => {
            const { ppl, pplError } = measured ?? {};
            if (ppl === undefined) return undefined;
            return pplError === undefined
                ? ppl.toFixed(4)
                : `${ppl.toFixed(4)} ± ${pplError.toFixed(4)}`;
        },
        isNumber: true,
    },
    { title: "mean KL", cell: ({ measured }) => number(measured?.meanKl, 5), isNumber: true },
    { title: "99 % KL", cell: ({ measured }) => number(measured?.kl99, 4), isNumber: true },
    { title: "same top token", cell: ({ measured }) => percent(measured?.sameTop), isNumber: true },
    { title: "infilling", cell: ({ measured }) => percent(measured?.infill), isNumber: true },
    {
        title: "prompt, t/s",
        cell: ({ measured }) => number(measured?.promptSpeed, 1),
        isNumber: true,
    },
    {
        title: "generation, t/s",
        cell: ({ measured }) => number(measured?.generationSpeed, 1),
        isNumber: true,
    },
    {
        title: "memory",
        cell: ({ measured }) =>
            measured?.memoryBytes === undefined ? undefined : formatBytes(measured.memoryBytes),
        isNumber: true,
    },
];

/** Columns of which nothing is known of any file are left out. */
function table(files: readonly CardFile[]): string {
    const used = COLUMNS.filter(({ cell }) => files.some((file) => cell(file) !== undefined));
    const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    return [
        row(used.map(({ title }) => title)),
        row(used.map(({ isNumber }) => (isNumber ? "---:" : "---"))),
        ...files.map((file) => row(used.map(({ cell }) => cell(file) ?? ""))),
    ].join("\n");
}

function legend(files: readonly CardFile[]): string[] {
    const any = (key: keyof MeasuredRow) =>
        files.some(({ measured }) => measured?.[key] !== undefined);
    const lines = [
        any("meanKl") || any("sameTop")
            ? "KL divergence (nats) and the share of equal top tokens are against the unquantized model, on the same text."
            : "",
        any("promptSpeed") || any("generationSpeed")
            ? "Speeds and memory are those of the computer that measured."
            : "",
    ].filter(Boolean);
    return lines.length > 0 ? ["", lines.join(" ")] : [];
}

function usage({ repo, files }: CardOptions): string {
    const best = files[Math.floor((files.length - 1) / 2)] ?? files[0];
    const { path = "", type } = best ?? {};
    const fence = "```";
    return [
        "## Use",
        "",
        "With [llama.cpp](https://github.com/ggml-org/llama.cpp):",
        "",
        `${fence}sh`,
        `llama-cli -hf ${repo}${type && /^\w+$/.test(type) ? `:${type}` : ""}`,
        fence,
        "",
        `With Ingot in VS Code: \`Ingot: Get a Model...\`, then \`${repo}\`; or on a command line:`,
        "",
        `${fence}sh`,
        `ingot models fetch ${repo} --file ${shell(path)}`,
        fence,
    ].join("\n");
}

function origin({ license, facts, baseModels, endpoint, files }: CardOptions): string {
    const link = (url: string | undefined, text: string) =>
        url === undefined
            ? ""
            : `[${escapeMarkdown(text)}](${url.replaceAll("(", "%28").replaceAll(")", "%29")})`;
    const licenseText = license.name && license.id === "other" ? license.name : license.id;
    const isWebLink = license.link !== undefined && /^https?:/.test(license.link);
    const known = new Set(baseModels.map((id) => `${endpoint}/${id}`));
    const bases = facts.bases.filter(
        ({ url }) =>
            url !== undefined && !known.has(url) && !baseModels.includes(hubIdOf(url) ?? ""),
    );
    const lines = [
        `Licence: ${isWebLink ? link(license.link, licenseText) : escapeMarkdown(licenseText)}, as of the original model.`,
        facts.sourceUrl && !baseModels.includes(hubIdOf(facts.sourceUrl) ?? "")
            ? `Original: ${link(facts.sourceUrl, facts.sourceUrl)}`
            : "",
        facts.url && facts.url !== facts.sourceUrl ? `Page: ${link(facts.url, facts.url)}` : "",
        facts.doi === undefined ? "" : `DOI: ${escapeMarkdown(facts.doi)}`,
        bases.length > 0
            ? `The original was made from ${bases.map(({ url, name }) => link(url, name ?? url ?? "")).join(", ")}.`
            : "",
        ...quantizedWith(files),
    ].filter(Boolean);
    return ["## Licence and origin", "", lines.map((line) => `- ${line}`).join("\n")].join("\n");
}

/** A sentence each, which names its files where it is not of all of them. */
function quantizedWith(files: readonly CardFile[]): string[] {
    const found = new Map<string, string[]>();
    for (const { path, facts } of files)
        for (const how of [imatrixOf(facts), feedbackOf(facts)])
            if (how !== undefined) found.set(how, [...(found.get(how) ?? []), code(path)]);
    return [...found].map(([how, paths]) =>
        paths.length === files.length
            ? `Quantized with ${how}.`
            : `Quantized with ${how}: ${paths.join(", ")}.`,
    );
}

function imatrixOf({ imatrix, imatrixDataset }: CardFile["facts"]): string | undefined {
    if (imatrix === undefined) return undefined;
    const text = imatrixDataset === undefined ? "" : ` (text: ${code(imatrixDataset)})`;
    return `the importance matrix ${code(imatrix)}${text}`;
}

const SHOWN_TEXTS = 3;

function feedbackOf({ feedbackTexts }: CardFile["facts"]): string | undefined {
    if (feedbackTexts.length === 0) return undefined;
    const shown = feedbackTexts.slice(0, SHOWN_TEXTS).map(code).join(", ");
    const nMore = feedbackTexts.length - SHOWN_TEXTS;
    return `error feedback, so that rounding errors make up for each other (text: ${shown}${nMore > 0 ? ` and ${nMore} more` : ""})`;
}

/** In a table too, where a bar would end the cell. */
function code(text: string): string {
    return `\`${text.replace(/[`|\\]/g, "_")}\``;
}

function shell(path: string): string {
    return /^[\w.@%+=:,/-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
