// Cuts holes out of source text, the same ones for the same seed: the rest of a line (after its indentation, at a word's beginning, inside
// an identifier) and whole blocks of 2 to 6 lines. Comments are left alone.
import { readFileSync, readdirSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { randomOf } from "../support/random.mjs";

export const KINDS = ["line", "word", "inside", "block"];
/** Of these only the rest of one line is asked for. */
export const LINE_KINDS = ["line", "word", "inside"];

/** Language ids by extension. */
export const LANGUAGES = {
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".tsx": "typescriptreact",
    ".py": "python",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".c": "c",
    ".h": "cpp",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".php": "php",
    ".rb": "ruby",
    ".sh": "shellscript",
};
const MIN_CHARACTERS = 1500;
const MAX_CHARACTERS = 24_000;
const MIN_LINE = 12;
const MAX_LINE = 100;
export const MAX_BLOCK_LINES = 6;

/** Source files of folders, in order of their paths: `{ path, languageId, text }`. */
export function readSources(folders) {
    return folders.flatMap((folder) =>
        walk(folder)
            .map((file) => ({
                file,
                path: relative(join(folder, ".."), file).replaceAll("\\", "/"),
            }))
            .map(({ file, path }) => ({ path, text: readFileSync(file, "utf8") }))
            .filter(({ text }) => text.length >= MIN_CHARACTERS && text.length <= MAX_CHARACTERS)
            .map((source) => ({ ...source, languageId: LANGUAGES[extname(source.path)] })),
    );
}

/** `nHoles` of each kind from files, one of a kind in a file at most; fewer where there are no more. A hole: `{ kind, path, languageId, before, truth, after }`. */
export function cutHoles(sources, nHoles, seed) {
    return KINDS.flatMap((kind, k) => {
        const random = randomOf(seedOf(seed, k));
        const holes = [];
        for (const source of shuffled(sources, random)) {
            if (holes.length >= nHoles) break;
            const lines = source.text.replaceAll("\r\n", "\n").split("\n");
            const places = kind === "block" ? blocksOf(lines) : linesOf(lines);
            for (const place of shuffled(places, random)) {
                const hole = cut(kind, lines, place, random);
                if (!hole) continue;
                const { path, languageId } = source;
                holes.push({ kind, path, languageId, ...hole });
                break;
            }
        }
        return holes;
    });
}

/** Every kind has numbers of its own, so that more holes of one change no other, and the first of them stay the first. */
export function seedOf(seed, k) {
    return seed * 1000 + k;
}

/** The first of each kind, then the second of each: a run that is stopped has asked about all of them. */
export function interleaved(cases) {
    const seen = {};
    const turns = cases.map(({ kind }) => (seen[kind] = (seen[kind] ?? 0) + 1));
    return cases
        .map((_, i) => i)
        .sort((a, b) => turns[a] - turns[b] || a - b)
        .map((i) => cases[i]);
}

/** A hole of a kind in lines `first` to `end`, undefined where there is no place for it. */
export function cut(kind, lines, { first, end }, random) {
    const line = lines[first];
    const indent = line.length - line.trimStart().length;
    const columns = columnsOf(kind, line, indent);
    if (columns.length === 0) return undefined;
    const column = columns[Math.floor(random() * columns.length)];
    const rest = [line.slice(column), ...lines.slice(first + 1, end)];
    return {
        before: [...lines.slice(0, first), line.slice(0, column)].join("\n"),
        truth: rest.join("\n"),
        after: ["", ...lines.slice(end)].join("\n"),
    };
}

/** Where a hole of this kind may begin on a line. */
function columnsOf(kind, line, indent) {
    if (kind === "line" || kind === "block") return [indent];
    const isWord = (i) => /\w/.test(line[i] ?? "");
    const columns = Array.from({ length: line.length - 1 }, (_, i) => i + 1);
    return columns.filter((i) => i > indent && isWord(i) && isWord(i - 1) === (kind === "inside"));
}

/** Single lines of code. */
function linesOf(lines) {
    const isComment = commentsOf(lines);
    return lines.flatMap((line, first) => {
        const { length } = line.trim();
        const isCode = !isComment[first] && /\w.*\w/.test(line);
        return isCode && length >= MIN_LINE && length <= MAX_LINE
            ? [{ first, end: first + 1 }]
            : [];
    });
}

/** Whole statements with a body: a line, deeper lines, and the line that closes it where there is one. */
function blocksOf(lines) {
    const isComment = commentsOf(lines);
    const indentOf = (i) => lines[i].length - lines[i].trimStart().length;
    return lines.flatMap((line, first) => {
        if (isComment[first] || line.trim().length < MIN_LINE || !/[{:([]$/.test(line)) return [];
        let end = first + 1;
        while (lines[end]?.trim() && indentOf(end) > indentOf(first)) end++;
        const isDeep = end > first + 1;
        const closes = /^\s*[)\]}]/.test(lines[end] ?? "") && indentOf(end) === indentOf(first);
        if (closes) end++;
        const following = lines.slice(end).findIndex((text) => text.trim() !== "");
        const goesOn = following >= 0 && indentOf(end + following) > indentOf(first);
        const isWhole = line.endsWith(":") ? !goesOn : closes;
        const hasComment = isComment.slice(first, end).some((is) => is);
        const fits = isDeep && isWhole && !hasComment && end - first <= MAX_BLOCK_LINES;
        return fits && end < lines.length ? [{ first, end }] : [];
    });
}

/** Lines that are comments or documentation, or belong to one. */
export function commentsOf(lines) {
    let until;
    return lines.map((line) => {
        const text = line.trim();
        if (until) {
            if (text.includes(until)) until = undefined;
            return true;
        }
        const open = /^(\/\*|[rbuf]*"""|[rbuf]*''')/i.exec(text)?.[1];
        if (open) {
            const close = open === "/*" ? "*/" : open.slice(-3);
            if (!text.slice(open.length).includes(close)) until = close;
            return true;
        }
        return /^(\/\/|#|\*)/.test(text);
    });
}

function walk(folder) {
    return readdirSync(folder, { withFileTypes: true })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((entry) => {
            const path = join(folder, entry.name);
            if (entry.isDirectory()) return entry.name === "node_modules" ? [] : walk(path);
            const isSource = LANGUAGES[extname(path)] && !/\.(d|min)\.\w+$/.test(entry.name);
            return isSource ? [path] : [];
        });
}

export function shuffled(list, random) {
    const result = [...list];
    for (let i = result.length - 1; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        [result[i], result[j]] = [result[j], result[i]];
    }
    return result;
}
