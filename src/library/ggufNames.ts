/**
 * What the names of GGUF files say: the type, the parts of a split model (llama.cpp: `NAME-00001-of-00003.gguf`), and which files are no
 * models. Names are claims; headers decide. Pure.
 */

import { FILE_TYPES } from "../gguf/types";

export interface SplitName {
    /** Path without part numbers and ending. */
    stem: string;
    /** From 1. */
    part: number;
    nParts: number;
}

/** A 16-bit number in the files. */
const MAX_PARTS = 65_535;

/** Undefined for a file that is not one of several. Endings are llama.cpp's, letter by letter: it looks for the others by them. */
export function splitName(path: string): SplitName | undefined {
    const [, stem, part, nParts] = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/s.exec(path) ?? [];
    const split = { stem: stem ?? "", part: Number(part), nParts: Number(nParts) };
    const isValid = split.part >= 1 && split.part <= split.nParts && split.nParts <= MAX_PARTS;
    return stem !== undefined && isValid ? split : undefined;
}

/** Path of one part, from 1. */
export function partPath(stem: string, part: number, nParts: number): string {
    const digits = (n: number) => String(n).padStart(5, "0");
    return `${stem}-${digits(part)}-of-${digits(nParts)}.gguf`;
}

/** Of sorted paths those that stand for a model: of a split one the first part, or the lowest that is there. */
export function withoutLaterParts(sorted: readonly string[]): string[] {
    const seen = new Set<string>();
    return sorted.filter((path) => {
        const split = splitName(path);
        if (!split) return true;
        const key = `${split.nParts} ${split.stem}`;
        return !seen.has(key) && seen.add(key);
    });
}

/** Projectors of vision models, adapters, importance matrices and vocabularies go by these names. */
export function isNoModelName(path: string): boolean {
    const name = path.split(/[\\/]/).at(-1) ?? path;
    return /(^|[-_.])(mmproj|imatrix|lora|ggml-vocab)([-_.]|$)/i.test(name);
}

const TYPES = [...Object.keys(FILE_TYPES)].sort((a, b) => b.length - a.length);

/** `Q4_K_M` from `model-q4_k_m.gguf`; `UD-Q4_K_XL` and the like stay as they are. */
export function typeOfName(path: string): string | undefined {
    const name =
        (splitName(path)?.stem ?? path.replace(/\.gguf$/i, "")).split(/[\\/]/).at(-1) ?? "";
    const end = /(?:^|[-._])((?:UD-)?(?:I?Q\d|TQ\d|B?F\d\d|MXFP\d)[A-Z0-9_]*)$/i.exec(name)?.[1];
    const found = end?.toUpperCase();
    if (found !== undefined) return found;
    const upper = name.toUpperCase();
    return TYPES.find((type) => new RegExp(`(^|[-._])${type}([-._]|$)`).test(upper));
}
