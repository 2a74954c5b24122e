/**
 * A unified diff as `git diff` writes it, taken apart into files and hunks. Hostile input like any file: nothing is assumed of paths,
 * and lines that fit nowhere are left out. Pure.
 */

export interface FileDiff {
    /** New path, the old one of a file that is gone; `/` separated, relative to the repository. */
    path: string;
    /** Before a rename. */
    oldPath?: string | undefined;
    kind: "added" | "deleted" | "renamed" | "modified";
    isBinary: boolean;
    hunks: Hunk[];
    nAdded: number;
    nRemoved: number;
}

export interface Hunk {
    /** The `@@` line and those below it, joined by `\n`. */
    text: string;
}

/** Files in the order of the diff. */
export function parseDiff(text: string): FileDiff[] {
    const files: FileDiff[] = [];
    let file: OpenFile | undefined;
    for (const line of text.split(/\r?\n/)) {
        if (line.startsWith("diff --git ")) {
            if (file) files.push(closed(file));
            file = { header: line.slice("diff --git ".length), lines: [], hunks: [] };
        } else if (file) readLine(file, line);
    }
    if (file) files.push(closed(file));
    return files;
}

/** The part of a diff that is about one file, as it stands there. */
export interface DiffSection {
    text: string;
    /** Every name that the file has or had; none when they cannot be told. */
    paths: string[];
}

/** In the order of the diff; text in front of the first file is left out. */
export function diffSections(text: string): DiffSection[] {
    const starts = [...text.matchAll(/^diff --(?:git|cc|combined) /gm)].map(({ index }) => index);
    return starts.map((start, i) => {
        const section = text.slice(start, starts[i + 1]).replace(/\n+$/, "");
        return { text: section, paths: pathsOf(section) };
    });
}

function pathsOf(section: string): string[] {
    // A conflict: one name, without a prefix.
    const merged = /^diff --(?:cc|combined) (.+)/.exec(section)?.[1];
    if (merged !== undefined) return [unquoted(merged.trimEnd()) ?? merged];
    const [file] = parseDiff(section);
    return file ? [file.path, ...(file.oldPath === undefined ? [] : [file.oldPath])] : [];
}

interface OpenFile {
    header: string;
    /** Between the header and the first hunk. */
    lines: string[];
    hunks: string[][];
}

function readLine(file: OpenFile, line: string): void {
    const hunk = file.hunks.at(-1);
    if (/^@@ -\d+(,\d+)? \+\d+(,\d+)? @@/.test(line)) file.hunks.push([line]);
    else if (hunk && /^[ +-]/.test(line)) hunk.push(line);
    else if (!hunk) file.lines.push(line);
}

function closed({ header, lines, hunks }: OpenFile): FileDiff {
    const after = (start: string) =>
        lines.find((line) => line.startsWith(start))?.slice(start.length);
    const prefix = prefixesOf(header);
    const oldName = strip(after("--- "), prefix);
    const newName = strip(after("+++ "), prefix);
    const renamedFrom = after("rename from ");
    const all = hunks.flatMap((hunk) => hunk.slice(1));
    const has = (start: string) => after(start) !== undefined;
    return {
        path:
            unquoted(after("rename to ")) ??
            newName ??
            oldName ??
            strip(headerPath(header), prefix) ??
            header,
        oldPath: unquoted(renamedFrom),
        kind: has("new file mode")
            ? "added"
            : has("deleted file mode")
              ? "deleted"
              : renamedFrom === undefined
                ? "modified"
                : "renamed",
        isBinary: has("Binary files ") || has("GIT binary patch"),
        hunks: hunks.map((hunk) => ({ text: hunk.join("\n") })),
        nAdded: all.filter((line) => line.startsWith("+")).length,
        nRemoved: all.filter((line) => line.startsWith("-")).length,
    };
}

/** git writes `a/` and `b/`, letters such as `i/` and `w/`, or nothing, by the person's settings. */
function prefixesOf(header: string): boolean {
    const half = (header.length - 1) / 2;
    const isTwice =
        Number.isInteger(half) && header.slice(0, half) === header.slice(half + 1) && half > 0;
    return !isTwice && /^"?[abciow]\//.test(header);
}

/** Undefined for `/dev/null`. */
function strip(name: string | undefined, hasPrefix: boolean): string | undefined {
    if (name === undefined) return undefined;
    const path = unquoted(name.replace(/\t$/, "")) ?? name;
    if (path === "/dev/null") return undefined;
    return hasPrefix ? path.replace(/^[abciow]\//, "") : path;
}

/** The second name in the header, for files without a hunk: modes, empty and binary files. */
function headerPath(header: string): string | undefined {
    const quoted = /"(?:[^"\\]|\\.)*"$/.exec(header)?.[0];
    if (quoted !== undefined) return quoted;
    const half = Math.floor(header.length / 2);
    return header[half] === " " ? header.slice(half + 1) : header.split(" ").at(-1);
}

/** Names with unusual characters come in quotes, bytes beyond ASCII as octal numbers. */
function unquoted(name: string | undefined): string | undefined {
    if (name === undefined || !/^".*"$/.test(name)) return name;
    const bytes: number[] = [];
    const inner = name.slice(1, -1);
    for (const [, octal, escape, plain] of inner.matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gs)) {
        if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
        else bytes.push(...new TextEncoder().encode(plain ?? ESCAPES[escape ?? ""] ?? escape));
    }
    return new TextDecoder().decode(Uint8Array.from(bytes));
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
