/** Text of a file or of a server on one line, without what could move a cursor, and no longer than a line. */

const MAX_CHARACTERS = 300;

/** Undefined when nothing is left. */
export function plainText(value: unknown): string | undefined {
    if (typeof value !== "string") return undefined;
    const line = value.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
    return line === "" ? undefined : line.slice(0, MAX_CHARACTERS);
}
