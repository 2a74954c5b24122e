/**
 * What a model's name says about it: basename, finetune, version, size. A port of the heuristics of gguf-py `metadata.py`
 * (llama.cpp v0.5.0), kept exact because the keys they fill are compared with the reference's. Pure.
 */

export interface IdComponents {
    fullName: string | undefined;
    organization: string | undefined;
    basename: string | undefined;
    finetune: string | undefined;
    version: string | undefined;
    sizeLabel: string | undefined;
}

type Kind = "basename" | "size_label" | "finetune" | "version" | "type";
interface Part {
    text: string;
    kinds: Set<Kind>;
}

const VERSION = /^(v|iter)?\d+([.]\d+)*$/i;
const QUANT_TYPE = /^(i?q\d(_\w)*|b?fp?(16|32))$/i;
const SIZE = /^(([A]|\d+[x])?\d+([._]\d+)?[KMBT][\d]?|small|mini|medium|large|x?xl)$/i;
const FINETUNE = /^(chat|instruct|vision|lora)$/i;

/** `id`: `owner/name` or a directory name; `nParameters` tells size labels from context lengths (0: unknown; negative: of an adapter). */
export function splitModelId(id: string, nParameters: number): IdComponents {
    const none = {
        organization: undefined,
        basename: undefined,
        finetune: undefined,
        version: undefined,
        sizeLabel: undefined,
    };
    if (id.includes(" ")) return { fullName: id, ...none };
    const slash = id.indexOf("/");
    const owner = slash < 0 ? undefined : id.slice(0, slash);
    const fullName = id.slice(slash + 1);
    const parts = fullName
        .split("-")
        .filter((text) => text !== "")
        .map((text, index) => classify(text, index, nParameters));
    dropWordSizes(parts);
    markBasename(parts);
    const join = (kind: Kind) => unlessEmpty(textsOf(parts, kind).join("-"));
    const version = unlessEmpty(
        parts
            .filter(({ kinds }) => kinds.has("version") && !kinds.has("basename"))
            .map(({ text }) => text)
            .join("-"),
    );
    const sizeLabel = unlessEmpty([...new Set(textsOf(parts, "size_label"))].join("-"));
    const finetune = join("finetune");
    const ambiguous = sizeLabel === undefined && finetune === undefined && version === undefined;
    return {
        fullName,
        organization: owner?.startsWith(".") ? undefined : owner,
        basename: ambiguous ? undefined : join("basename"),
        finetune,
        version,
        sizeLabel,
    };
}

function textsOf(parts: readonly Part[], kind: Kind): string[] {
    return parts.filter(({ kinds }) => kinds.has(kind)).map(({ text }) => text);
}

function unlessEmpty(text: string): string | undefined {
    return text === "" ? undefined : text;
}

function classify(text: string, index: number, nParameters: number): Part {
    if (VERSION.test(text)) return { text, kinds: new Set(["version"]) };
    if (QUANT_TYPE.test(text)) return { text: text.toUpperCase(), kinds: new Set(["type"]) };
    if (index > 0 && SIZE.test(text)) return classifySize(text, nParameters);
    // In the name of an adapter it says nothing.
    if (index > 0 && nParameters < 0 && text.toLowerCase() === "lora")
        return { text, kinds: new Set(["type"]) };
    if (index > 0 && FINETUNE.test(text)) return { text, kinds: new Set(["finetune"]) };
    return { text, kinds: new Set() };
}

/** A size far from the model's own is likely a context length, and is then part of the finetune's name. */
function classifySize(given: string, nParameters: number): Part {
    let text = given.replaceAll("_", ".");
    if (/\d$/.test(text)) text = `${text.slice(0, -2)}.${text.at(-1)}${text.at(-2)}`; // bloom-7b1
    if (/\d[kmbt]$/.test(text)) text = text.slice(0, -1) + text.slice(-1).toUpperCase();
    const number = /^\d+(\.\d+)?$/.test(text.slice(0, -1)) ? Number(text.slice(0, -1)) : undefined;
    if (nParameters !== 0 && number !== undefined) {
        const claimed = number * 1000 ** " KMBT".indexOf(text.slice(-1));
        const isFar =
            nParameters < 0
                ? claimed < Math.floor(-nParameters / 8)
                : Math.abs(claimed - nParameters) > Math.floor((7 * nParameters) / 8);
        if (isFar)
            return {
                text: text.slice(0, -1) + text.slice(-1).toLowerCase(),
                kinds: new Set(["finetune"]),
            };
    }
    return { text, kinds: new Set(["size_label"]) };
}

/** "mini" and the like say nothing beside a number. */
function dropWordSizes(parts: readonly Part[]): void {
    if (!textsOf(parts, "size_label").some((text) => /\d/.test(text))) return;
    for (const { text, kinds } of parts)
        if (kinds.has("size_label") && /^\p{L}+$/u.test(text)) kinds.delete("size_label");
}

function markBasename(parts: readonly Part[]): void {
    let atStart = true;
    for (const { text, kinds } of parts) {
        if (atStart && ((kinds.size === 0 && /^\p{L}/u.test(text)) || kinds.has("version")))
            kinds.add("basename");
        else {
            atStart = false;
            if (kinds.size === 0) kinds.add("finetune");
        }
    }
    for (const { kinds } of [...parts].reverse()) {
        if (!kinds.has("basename") || kinds.size === 1) break;
        kinds.delete("basename");
    }
}

/** `qwen2.5-coder-v2` -> `Qwen2.5 Coder v2`: words in lower case are capitalised, versions and numbers are not. */
export function idToTitle(id: string): string {
    return id
        .trim()
        .replaceAll("-", " ")
        .split(/\s+/)
        .filter((word) => word !== "")
        .map((word) => (isLower(word) && !/^(v\d+(\.\d+)*|\d.*)$/.test(word) ? title(word) : word))
        .join(" ");
}

function isLower(word: string): boolean {
    return /\p{Ll}/u.test(word) && !/\p{Lu}|\p{Lt}/u.test(word);
}

function title(word: string): string {
    return word.replace(/\p{L}+/gu, (run) => run.charAt(0).toUpperCase() + run.slice(1));
}

/** `494M`, `1.5B`, `8x7B`: at least two digits. */
export function sizeLabel(counts: ParameterCounts): string {
    return counts.nExperts > 0
        ? `${counts.nExperts}x${roundedCount(counts.shared + counts.perExpert)}`
        : roundedCount(counts.total);
}

export interface ParameterCounts {
    total: number;
    shared: number;
    perExpert: number;
    nExperts: number;
}

/** Counts above the first number are scaled by the second. */
const SCALES: readonly (readonly [number, number, string])[] = [
    [1e12, 1e-12, "T"],
    [1e9, 1e-9, "B"],
    [1e6, 1e-6, "M"],
];

function roundedCount(count: number): string {
    const [, scale, suffix] = SCALES.find(([least]) => count > least) ?? [0, 1e-3, "K"];
    const scaled = count * scale;
    const digits = String(roundHalfEven(scaled)).replace(/^0+/, "").length;
    const decimals = Math.max(2 - digits, 0);
    const factor = 10 ** decimals;
    // toFixed rounds ties up, Python to even; only multiples of 2^-(decimals + 1) can be ties.
    const isTie =
        Number.isInteger(scaled * 2 ** (decimals + 1)) && !Number.isInteger(scaled * factor);
    const shown = isTie ? roundHalfEven(scaled * factor) / factor : scaled;
    return `${shown.toFixed(decimals)}${suffix}`;
}

function roundHalfEven(value: number): number {
    const floor = Math.floor(value);
    const rest = value - floor;
    if (rest !== 0.5) return Math.round(value);
    return floor % 2 === 0 ? floor : floor + 1;
}
