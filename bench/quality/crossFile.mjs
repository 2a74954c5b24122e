// Holes whose text follows from another file: the first line of a file that uses a symbol which it imports from another file of its project, cut
// in front of the symbol or just behind it. A line that stands elsewhere in its file as well says nothing, and is left out.
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { randomOf } from "../support/random.mjs";
import { readSources, shuffled } from "./holes.mjs";

/** In front of the symbol: which one, and what is done with it; behind it: only the latter. */
export const CROSS_KINDS = ["before", "behind"];

/** Share of the holes that one project may have. */
const MOST_OF_ONE = 0.25;
const MIN_REST = 6;
const MAX_LINE = 120;
/** Files that were looked at before: the one with the definition, at the definition, and others that the file imports, at their beginning. */
const N_VISITED = 3;
const ENDINGS = ["", ".ts", ".js", ".mjs", ".cjs", "/index.ts", "/index.js"];
const DECLARATION =
    "^(?:(?:export|default|declare|abstract|async|pub)\\s+)*(?:function\\*?|class|interface|type|enum|const|let|var|def)\\s+";

/** `nHoles` of each kind, one of a kind in a file at most: `{ kind, path, languageId, before, truth, after, symbol, folder, repository, visited }`. */
export function cutCross(folders, nHoles, seed) {
    const random = randomOf(seed);
    const all = folders.flatMap((folder) => {
        const root = join(folder, "..");
        const isPackage = /^(?:lib|src|source)$/.test(basename(folder));
        const repository = basename(isPackage ? root : folder);
        return readSources([folder]).map((source) => ({ ...source, folder: root, repository }));
    });
    const order = shuffled(all, random);
    return CROSS_KINDS.flatMap((kind) => {
        const holes = [];
        const nFrom = new Map();
        for (const source of order) {
            if (holes.length >= nHoles) break;
            const { repository } = source;
            const n = nFrom.get(repository) ?? 0;
            if (n >= nHoles * MOST_OF_ONE) continue;
            const [use] = shuffled(usesIn(source), random);
            const hole = use && holeAt(kind, source, use);
            if (!hole) continue;
            holes.push(hole);
            nFrom.set(repository, n + 1);
        }
        return holes;
    });
}

/** Where each symbol that comes from another file of the project is used first: `{ name, line, column, definition }`. */
export function usesIn({ path, languageId, text, folder }) {
    const lines = text.replaceAll("\r\n", "\n").split("\n");
    const imports = importsIn(languageId, text, path);
    const all = imports.flatMap(({ paths, names }) => {
        const target = paths.find((one) => isFile(join(folder, one)) && one !== path);
        return target ? names.map((name) => ({ name, target })) : [];
    });
    return all.flatMap(({ name, target }) => {
        const definition = definitionOf(name, join(folder, target));
        const pattern = new RegExp(`(?<![\\w$.])${escaped(name)}(?![\\w$])`);
        const line = lines.findIndex(
            (one) => pattern.test(one) && !isComment(one) && !isImport(one) && !isListed(one, name),
        );
        if (definition === undefined || line < 0) return [];
        const column = lines[line].search(pattern);
        return [
            { name, line, column, definition: { path: target, line: definition }, imports: all },
        ];
    });
}

function holeAt(kind, { path, languageId, text, folder, repository }, use) {
    const lines = text.replaceAll("\r\n", "\n").split("\n");
    const line = lines[use.line];
    const column = kind === "before" ? use.column : use.column + use.name.length;
    const isTwice = lines.filter((one) => one.trim() === line.trim()).length > 1;
    const isText = /["'`]/.test(line.slice(0, use.column).replace(/(["'`])[^"'`]*\1/g, ""));
    const isUsed = kind === "before" || /^[([.<]/.test(line.slice(column));
    if (!isUsed || isText || isTwice || line.length > MAX_LINE) return undefined;
    if (line.length - column < MIN_REST) return undefined;
    const others = use.imports.map(({ target }) => target);
    const paths = [...new Set(others)].filter((one) => one !== use.definition.path);
    const visited = [
        ...paths.slice(0, N_VISITED - 1).map((one) => visit(folder, one, 0)),
        visit(folder, use.definition.path, use.definition.line),
    ];
    return {
        kind,
        path,
        languageId,
        before: [...lines.slice(0, use.line), line.slice(0, column)].join("\n"),
        truth: line.slice(column),
        after: ["", ...lines.slice(use.line + 1)].join("\n"),
        symbol: use.name,
        ...{ folder, repository, visited },
    };
}

function visit(folder, path, line) {
    const text = readFileSync(join(folder, path), "utf8").replaceAll("\r\n", "\n");
    const cursor = text.split("\n").slice(0, line).join("\n").length;
    return { path, languageId: path.endsWith(".py") ? "python" : "typescript", text, cursor };
}

/** `{ paths, names }` of each import from the project: paths that may be the file's. */
function importsIn(languageId, text, path) {
    const folder = posix.dirname(path);
    if (languageId === "python") {
        const pattern = /^from\s+(\.+)([\w.]*)\s+import\s+(?:\(([^)]*)\)|([^\n#]+))/gm;
        return [...text.matchAll(pattern)].map(([, dots, module, several, single]) => {
            const base = posix.join(folder, "../".repeat(dots.length - 1));
            const place = posix.join(base, module.replaceAll(".", "/"));
            return {
                paths: [`${place}.py`, `${place}/__init__.py`],
                names: namesIn(several ?? single),
            };
        });
    }
    const pattern =
        /\bimport\s+(?:type\s+)?(?:\w+\s*,\s*)?\{([^}]*)\}\s*from\s*["'](\.[^"']+)["']|\b(?:const|let|var)\s+\{([^}]*)\}\s*=\s*require\(\s*["'](\.[^"']+)["']\s*\)/g;
    return [...text.matchAll(pattern)].map(([, es, esPath, cjs, cjsPath]) => {
        const place = posix.join(folder, esPath ?? cjsPath);
        const bare = place.replace(/\.js$/, "");
        return {
            paths: [place, bare].flatMap((one) => ENDINGS.map((ending) => one + ending)),
            names: namesIn(es ?? cjs),
        };
    });
}

/** Names that are called the same in both files. */
function namesIn(list) {
    return list
        .split(",")
        .map((one) =>
            one
                .replace(/#.*/, "")
                .trim()
                .replace(/^type\s+/, ""),
        )
        .filter((one) => /^[A-Za-z_$][\w$]{2,}$/.test(one));
}

function definitionOf(name, file) {
    const pattern = new RegExp(`${DECLARATION}${escaped(name)}(?![\\w$])`);
    const lines = readFileSync(file, "utf8").replaceAll("\r\n", "\n").split("\n");
    const line = lines.findIndex((one) => pattern.test(one));
    return line < 0 ? undefined : line;
}

function isFile(path) {
    return existsSync(path) && statSync(path).isFile();
}

function isComment(line) {
    return /^\s*(?:\/\/|\/?\*|#|"""|''')/.test(line);
}

function isImport(line) {
    return /^\s*(?:import|from|export\s*\{|\}\s*from)\b|\brequire\s*\(|\}\s*=\s*require/.test(line);
}

/** A name on a line of its own, as in lists of what is imported or exported. */
function isListed(line, name) {
    return new RegExp(`^\\s*(?:type\\s+)?${escaped(name)},?\\s*$`).test(line);
}

function escaped(name) {
    return name.replaceAll("$", "\\$");
}
