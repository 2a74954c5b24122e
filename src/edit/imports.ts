/**
 * Imports of an answer that a file does not have yet. Names from a module that the file imports from already go into that statement
 * (JavaScript, TypeScript, Python), so that none is declared twice; all others are put as they are. Pure.
 */

/** What a statement with a list of names says, apart from the names. */
interface Named {
    /** Module, kind and everything around the names: equal for statements that can be one. */
    key: string;
    names: string[];
    /** Of the list in the text of the statement. */
    start: number;
    end: number;
}

const BRACES = /^(\s*import\s[^{}]*\{)([^{}]*)(\}\s*from\s*["'][^"']+["']\s*;?\s*)$/;
const REQUIRE = /^(\s*(?:const|let|var)\s*\{)([^{}]*)(\}\s*=\s*require\([^)]*\)\s*;?\s*)$/;
const PYTHON = /^(\s*from\s+[\w.]+\s+import\s+\(?)([\w\s,]+)(\)?\s*)$/;

/** What is to be put instead of statements of the file (by their index), and what is new. Statements are lists of lines. */
export function missingImports(
    present: readonly (readonly string[])[],
    wanted: readonly (readonly string[])[],
): { changed: Map<number, string[]>; added: string[][] } {
    const texts = present.map((lines) => lines.join("\n"));
    const known = new Set(texts.map(plain));
    const changed = new Map<number, string[]>();
    const added: string[][] = [];
    for (const lines of wanted) {
        const text = lines.join("\n");
        if (known.has(plain(text))) continue;
        const named = namedOf(text);
        const same = texts.flatMap((other, i) => {
            const found = namedOf(other);
            return named && found?.key === named.key ? [{ i, found }] : [];
        });
        const last = same.at(-1);
        if (!named || !last) {
            added.push([...lines]);
            continue;
        }
        const had = new Set(same.flatMap(({ found }) => found.names.map(bare)));
        const more = named.names.filter((name) => !had.has(bare(name)));
        if (more.length === 0) continue;
        const merged = withNames(texts[last.i] ?? "", last.found, more);
        texts[last.i] = merged;
        changed.set(last.i, merged.split("\n"));
    }
    return { changed, added };
}

/** White space, kinds of quotes, and commas and semicolons at the end do not count. */
function plain(text: string): string {
    return text
        .replace(/["'`]/g, '"')
        .replace(/,?\s*([{}()])\s*/g, "$1")
        .replace(/\s*;\s*$/, "")
        .replace(/\s+/g, " ")
        .trim();
}

/** The same name is not declared once as a type and once as a value. */
function bare(name: string): string {
    return name.replace(/^type\s+/, "");
}

function namedOf(text: string): Named | undefined {
    const match = BRACES.exec(text) ?? REQUIRE.exec(text) ?? PYTHON.exec(text);
    if (!match) return undefined;
    const [, before = "", list = "", behind = ""] = match;
    // A name would go into the comment.
    if (/\/[/*]/.test(list)) return undefined;
    const names = list.split(",").map((name) => name.replace(/\s+/g, " ").trim());
    return {
        key: plain(`${before}${behind}`.replace(/[(){}"';]/g, " ")),
        names: names.filter((name) => name !== ""),
        start: before.length,
        end: before.length + list.length,
    };
}

/** Behind the last of its names. */
function withNames(text: string, { start, end }: Named, names: readonly string[]): string {
    const list = text.slice(start, end);
    const length = list.replace(/[\s,]+$/, "").length;
    const at = start + length;
    const isFirst = length === 0;
    return `${text.slice(0, at)}${isFirst ? " " : ", "}${names.join(", ")}${text.slice(at)}`;
}
