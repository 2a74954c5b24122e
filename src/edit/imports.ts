/**
 * Imports of an answer that a file does not have yet. Names from a module that the file imports from already go into that statement,
 * so that none is declared twice; all others are put as they are. Pure.
 */

import { listOf, type ImportList } from "./importLists";

/** What is to be put instead of statements of the file (by their index), and what is new. Statements are lists of lines. */
export function missingImports(
    present: readonly (readonly string[])[],
    wanted: readonly (readonly string[])[],
): { changed: Map<number, string[]>; added: string[][] } {
    const texts = present.map((lines) => lines.join("\n"));
    const known = new Set(texts.map(plain));
    const lists = texts.map(listOf);
    const changed = new Map<number, string[]>();
    const added: string[][] = [];
    for (const lines of wanted) {
        const text = lines.join("\n");
        if (known.has(plain(text))) continue;
        known.add(plain(text));
        const list = listOf(text);
        const left = list ? namesLeft(list, { texts, lists }, changed) : [];
        if (!list || left.length === list.names.length) added.push([...lines]);
        else if (left.length > 0) added.push(list.only(left).split("\n"));
    }
    return { changed, added };
}

/** The names that no statement has or can take; those that one takes are put into the statements and `changed`. */
function namesLeft(
    list: ImportList,
    { texts, lists }: { texts: string[]; lists: (ImportList | undefined)[] },
    changed: Map<number, string[]>,
): readonly string[] {
    const had = new Set(
        lists.flatMap((other) =>
            other?.module === list.module && other.declares.includes(list.kind)
                ? other.names.map(bare)
                : [],
        ),
    );
    return list.names.filter((name) => {
        if (had.has(bare(name))) return false;
        for (let i = texts.length - 1; i >= 0; i--) {
            const other = lists[i];
            const isSame = other?.module === list.module && other.kind === list.kind;
            const merged = isSame ? other.withName(name) : undefined;
            if (merged === undefined) continue;
            texts[i] = merged;
            lists[i] = listOf(merged);
            changed.set(i, merged.split("\n"));
            return false;
        }
        return true;
    });
}

/** The same name is not declared once as a type and once as a value. */
function bare(name: string): string {
    return name.replace(/^type\s+/, "");
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
