/**
 * Where the files are that a file imports, in more languages than those whose imports say which names they take. Pure.
 */

import { folderOf, importsOf, joined } from "../../context/imports";
import type { Candidates } from "./related";

const MAX_IMPORTS = 40;
/** Import lines stand at the top: so many characters are looked through. */
const MAX_CHARACTERS = 20_000;

type Finder = (text: string, folder: string) => Candidates[];

const FINDERS: Readonly<Record<string, Finder>> = {
    ...forEach(["c", "cpp", "objective-c", "objective-cpp", "cuda-cpp"], (text, folder) =>
        quoted(/^\s*#\s*(?:include|import)\s*"([^"\n]+)"/gm, text, folder, [""]),
    ),
    ruby: (text, folder) =>
        quoted(/^\s*require_relative\s+["']([^"'\n]+)["']/gm, text, folder, [".rb", ""]),
    php: (text, folder) =>
        quoted(/\b(?:require|include)(?:_once)?\b[^'"\n]*["']\/?([^"'\n]+)["']/g, text, folder, [
            "",
        ]),
    rust: (text, folder) =>
        quoted(/^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;/gm, text, folder, [".rs", "/mod.rs"]),
    ...forEach(["css", "scss", "less"], (text, folder) =>
        quoted(/@(?:import|use|forward)\s+["']([^"'\n:]+)["']/g, text, folder, [
            "",
            ".scss",
            ".less",
        ]),
    ),
    shellscript: (text, folder) =>
        quoted(/^\s*(?:source|\.)\s+["']?(?:\$\w+\/)?([\w./-]+)/gm, text, folder, [""]),
};

/** `path`: absolute, of the importing file. Each file once; empty for a language whose imports name no files. */
export function importedPaths(languageId: string, text: string, path: string): Candidates[] {
    const folder = folderOf(path);
    const find = FINDERS[languageId];
    const found = find
        ? find(text.slice(0, MAX_CHARACTERS), folder)
        : importsOf(languageId, text, path).map(({ candidates }) => candidates);
    const byFirst = new Map(found.map((candidates) => [candidates[0], candidates]));
    return [...byFirst.values()].slice(0, MAX_IMPORTS);
}

function quoted(
    pattern: RegExp,
    text: string,
    folder: string,
    endings: readonly string[],
): Candidates[] {
    return [...text.matchAll(pattern)].map(([, name = ""]) =>
        endings.map((ending) => joined(folder, name) + ending),
    );
}

function forEach(languages: readonly string[], finder: Finder): Record<string, Finder> {
    return Object.fromEntries(languages.map((language) => [language, finder]));
}
