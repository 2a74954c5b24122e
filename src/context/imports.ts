/**
 * What a file imports from files of the same project: where each may be, and the names that it takes from there. Packages are left out:
 * what they hold is known to a model or ignored. Pure.
 */

export interface Import {
    /** Paths that may be the file's, likeliest first; `/` separated, as the importing file's own path. */
    candidates: readonly string[];
    /** As the other file calls them; empty for all of it. */
    names: readonly string[];
}

const MAX_IMPORTS = 40;
/** Import lines stand at the top: so many characters are looked through. */
const MAX_CHARACTERS = 20_000;

const SCRIPT_ENDINGS = ["ts", "tsx", "d.ts", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue"];
const SCRIPT_IMPORT = /\b(?:import|export)\s+([^"'();]*?)\s*\bfrom\s*["'](\.{1,2}\/[^"'\n]+)["']/g;
const SCRIPT_REQUIRE =
    /\b(?:const|let|var)\s+(\{[^}]*\}|\w+)\s*=\s*require\s*\(\s*["'](\.{1,2}(?:\/[^"'\n]+)?)["']\s*\)/g;
const PYTHON_FROM = /^[ \t]*from\s+(\.*[\w.]*)\s+import\s+(?:\(([^)]*)\)|([^\n#]+))/gm;

const SCRIPTS = ["typescript", "javascript", "typescriptreact", "javascriptreact", "vue", "svelte"];

/** `path`: of the importing file, from the project's folder or absolute. */
export function importsOf(languageId: string, text: string, path: string): Import[] {
    const folder = folderOf(path);
    const head = text.slice(0, MAX_CHARACTERS);
    const found = SCRIPTS.includes(languageId)
        ? scripts(head, folder)
        : languageId === "python"
          ? pythons(head, folder)
          : [];
    return found.slice(0, MAX_IMPORTS);
}

/** Empty for what lies in the root or names no folder. */
export function folderOf(path: string): string {
    return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Joins and takes out `.` and `..`; absolute when `folder` is. */
export function joined(folder: string, relative: string): string {
    const parts: string[] = [];
    for (const part of `${folder}/${relative}`.split("/")) {
        if (part === "..") parts.pop();
        else if (part !== "." && part !== "") parts.push(part);
    }
    return `${folder.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

function scripts(text: string, folder: string): Import[] {
    const matches = [...text.matchAll(SCRIPT_IMPORT), ...text.matchAll(SCRIPT_REQUIRE)];
    return matches
        .sort((a, b) => a.index - b.index)
        .map(([, clause = "", name = ""]) => {
            const path = joined(folder, name);
            // TypeScript's own way: the import names what the compiler will have made.
            const made = /^(.*)\.([cm]?)jsx?$/.exec(path);
            const source = made ? [`${made[1]}.${made[2]}ts`, `${made[1]}.tsx`] : [];
            const bare = SCRIPT_ENDINGS.map((ending) => `${path}.${ending}`);
            const index = ["ts", "tsx", "js"].map((ending) => `${path}/index.${ending}`);
            return { candidates: [...source, path, ...bare, ...index], names: inBraces(clause) };
        });
}

/** `a`, `b` of `{ a, b as c, type d }`; nothing where the whole of a file is meant. */
function inBraces(clause: string): string[] {
    const inner = /\{([^}]*)\}/.exec(clause)?.[1];
    if (inner === undefined) return [];
    return inner
        .split(",")
        .map((one) => /^(?:type\s+)?([\w$]+)/.exec(one.trim())?.[1] ?? "")
        .filter((name) => name !== "");
}

function pythons(text: string, folder: string): Import[] {
    return [...text.matchAll(PYTHON_FROM)].flatMap(([, from = "", several, single = ""]) => {
        const nDots = /^\.*/.exec(from)?.[0].length ?? 0;
        const module = from.slice(nDots).replaceAll(".", "/");
        const bases = nDots > 0 ? [joined(folder, "../".repeat(nDots - 1))] : above(folder);
        const names = (several ?? single)
            .replace(/#.*$/gm, "")
            .split(",")
            .map((one) => /^\w+/.exec(one.trim())?.[0] ?? "")
            .filter((name) => name !== "");
        const within = (path: string) => bases.flatMap((base) => files(joined(base, path)));
        if (module) return [{ candidates: within(module), names }];
        // `from . import a, b`: each name can be a module of its own.
        return names.map((name) => ({ candidates: within(name), names: [] }));
    });
}

/** An absolute import begins at a root that only Python knows: the folder itself and those above are tried. */
function above(folder: string): string[] {
    const parts = folder.split("/");
    return [0, 1, 2, 3]
        .filter((n) => n <= parts.length)
        .map((n) => parts.slice(0, parts.length - n).join("/"));
}

function files(path: string): string[] {
    return [`${path}.py`, `${path}/__init__.py`, `${path}.pyi`];
}
