/**
 * What a model is shown of a change: a line for every file, then as many whole hunks as there is room for, one of each file in turn,
 * so that a large file does not hide the others. Secret files leave no more than nothing, secret text takes its hunk away. Pure.
 */

import type { FileDiff } from "./diff";

export interface DigestOptions {
    maxCharacters: number;
    /** A file of which not even the name is shown. */
    isSecretFile: (path: string) => boolean;
    /** Text that holds a key or password. */
    holdsSecret: (text: string) => boolean;
    /** Lock files and other output of tools: only their line in the summary. */
    isMadeByTools: (path: string) => boolean;
}

export interface Digest {
    text: string;
    /** Files that the text names. */
    paths: string[];
    nSecretFiles: number;
    nHunksLeftOut: number;
}

const MAX_SUMMARY_FILES = 40;
const MAX_LINE_CHARACTERS = 300;
/** The summary's share of the room, at most. */
const SUMMARY_SHARE = 0.3;

export function digest(files: readonly FileDiff[], options: DigestOptions): Digest {
    const shown = files.filter(
        ({ path, oldPath }) =>
            !options.isSecretFile(path) && !(oldPath && options.isSecretFile(oldPath)),
    );
    const summary = summaryOf(shown, options.maxCharacters * SUMMARY_SHARE);
    const { parts, nLeftOut } = takeHunks(shown, options.maxCharacters - summary.length, options);
    const rest =
        nLeftOut === 0
            ? []
            : [`(${nLeftOut} more ${nLeftOut === 1 ? "piece" : "pieces"} of the change not shown)`];
    return {
        text: [summary, ...parts, ...rest].join("\n\n"),
        paths: shown.map(({ path }) => path),
        nSecretFiles: files.length - shown.length,
        nHunksLeftOut: nLeftOut,
    };
}

function summaryOf(files: readonly FileDiff[], maxCharacters: number): string {
    const lines: string[] = ["Changed files:"];
    let used = 0;
    for (const file of files) {
        const line = summaryLine(file);
        used += line.length + 1;
        if (lines.length > MAX_SUMMARY_FILES || (used > maxCharacters && lines.length > 1)) break;
        lines.push(line);
    }
    const nMore = files.length - (lines.length - 1);
    if (nMore > 0) lines.push(`and ${nMore} more`);
    return lines.join("\n");
}

function summaryLine({ path, oldPath, kind, isBinary, nAdded, nRemoved }: FileDiff): string {
    const what = kind === "modified" ? "" : `${kind}${oldPath ? ` from ${oldPath}` : ""}, `;
    return `- ${path} (${what}${isBinary ? "binary" : `+${nAdded} -${nRemoved}`})`;
}

/** Text about the code: it says less of what a change does, and small models copy from it. */
const PROSE = /\.(?:md|mdx|rst|txt|adoc|json|ya?ml|toml|csv|html)$/i;

/** The first hunk of each file, then the second of each, as long as they fit; code before prose. */
function takeHunks(
    files: readonly FileDiff[],
    room: number,
    { holdsSecret, isMadeByTools }: DigestOptions,
): { parts: string[]; nLeftOut: number } {
    const sources = files
        .filter(({ path, isBinary }) => !isBinary && !isMadeByTools(path))
        .map(({ path, hunks }) => ({
            path,
            hunks: hunks.map(({ text }) => text).filter((text) => !holdsSecret(text)),
            taken: [] as string[],
        }))
        .sort((a, b) => Number(PROSE.test(a.path)) - Number(PROSE.test(b.path)));
    const nMost = Math.max(0, ...sources.map(({ hunks }) => hunks.length));
    let left = room;
    let nLeftOut = 0;
    for (let at = 0; at < nMost; at++)
        for (const source of sources) {
            const hunk = source.hunks[at];
            if (hunk === undefined) continue;
            const text = hunk.split("\n").map(shortened).join("\n");
            const cost = text.length + (source.taken.length === 0 ? source.path.length + 4 : 1);
            if (cost > left) nLeftOut++;
            else {
                left -= cost;
                source.taken.push(text);
            }
        }
    const parts = sources
        .filter(({ taken }) => taken.length > 0)
        .map(({ path, taken }) => [path + ":", ...taken].join("\n"));
    return { parts, nLeftOut };
}

function shortened(line: string): string {
    return line.length <= MAX_LINE_CHARACTERS ? line : `${line.slice(0, MAX_LINE_CHARACTERS)} ...`;
}
