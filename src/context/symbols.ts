/**
 * Where names are defined in a file, by the words in front of them: rough, the same for most languages, and quick enough for every file
 * that a place imports. Pure.
 */

const MODIFIERS =
    "(?:(?:export|default|declare|abstract|async|public|private|protected|internal|static|final|override|readonly|inline|pub(?:\\([^)]*\\))?)\\s+)*";
const WORDS =
    "(?:function\\*?|class|interface|type|enum|const|let|var|namespace|module|def|fn|func|fun|struct|trait|record|union|object|val)";
const DECLARED = new RegExp(`^\\s*${MODIFIERS}${WORDS}\\s+(?:\\([^)]*\\)\\s*)?([\\w$]+)`);
/** Inside of something else these are nobody else's business. */
const LOCAL = /^\s+(?:const|let|var|val|type)\b/;
const METHOD =
    /^\s+(?:(?:async|static|get|set|public|private|protected|override)\s+|\*)*#?([\w$]+)\s*\([^;]*\)?[^;]*\{\s*$/;
const ASSIGNED = /^(?:(?:module\.)?exports\.|[\w$]+\.prototype\.)?([\w$]+)\s*(?::[^=]+)?=(?!=|>)/;
const NOT_METHODS = new Set([
    "if",
    "for",
    "while",
    "switch",
    "catch",
    "function",
    "with",
    "return",
]);

/** Zero-based lines on which each name is defined for others to use, outermost definitions first. */
export function definedIn(lines: readonly string[]): Map<string, number[]> {
    const outer = new Map<string, number[]>();
    const members: [string, number][] = [];
    const add = (name: string, line: number) => outer.set(name, [...(outer.get(name) ?? []), line]);
    for (const [line, text] of lines.entries()) {
        const declared = DECLARED.exec(text)?.[1] ?? ASSIGNED.exec(text)?.[1];
        const method = METHOD.exec(text)?.[1];
        if (declared !== undefined && !/^\s/.test(text)) add(declared, line);
        else if (declared !== undefined) {
            if (!LOCAL.test(text)) members.push([declared, line]);
        } else if (method !== undefined && !NOT_METHODS.has(method)) members.push([method, line]);
    }
    for (const [name, line] of members) add(name, line);
    return outer;
}
