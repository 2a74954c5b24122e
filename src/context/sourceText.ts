/** A file's text as a source of context, from its bytes: not when it is binary, made by a tool, or not to be decoded. Pure. */

/** Larger files are not read. */
export const MAX_SOURCE_BYTES = 512_000;
/** A zero byte in so many first bytes says that a file is no text. */
const PROBED_BYTES = 8192;
/** Longer on average: minified code, data. */
const MAX_MEAN_LINE_CHARACTERS = 200;

/** Written by tools, for tools: as text they are long and say little. */
const MADE =
    /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum|[^/]*\.(?:lock|ipynb|map|svg|csv|tsv|min\.\w+))$/i;

export function isMadeByTools(path: string): boolean {
    return MADE.test(path);
}

/** Line ends become `\n`. Undefined: not a text that a person wrote. */
export function decodeSource(bytes: Uint8Array): string[] | undefined {
    if (bytes.length > MAX_SOURCE_BYTES) return undefined;
    if (bytes.subarray(0, PROBED_BYTES).includes(0)) return undefined;
    try {
        return sourceLines(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch {
        return undefined;
    }
}

/** The lines of a text, when it is one that is of use. */
export function sourceLines(text: string): string[] | undefined {
    if (text.length > MAX_SOURCE_BYTES || text.slice(0, PROBED_BYTES).includes("\0"))
        return undefined;
    const lines = text.split(/\r\n?|\n/);
    return text.length / lines.length > MAX_MEAN_LINE_CHARACTERS ? undefined : lines;
}
