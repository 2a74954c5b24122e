/**
 * Comments by language: where a line is one (an unknown language has none; block comments are told by how their lines begin), and how
 * one is written for models that know no other way to be told a file's name. Pure.
 */

const MARKERS: readonly [marker: string, languages: string][] = [
    [
        "//",
        "c cpp cuda-cpp csharp dart fsharp go groovy java javascript javascriptreact jsonc kotlin less objective-c objective-cpp php proto3 rust sass scala scss swift typescript typescriptreact vue svelte zig",
    ],
    [
        "#",
        "coffeescript cmake dockerfile dotenv elixir gdscript graphql julia makefile nim nix perl perl6 php powershell properties python r ruby shellscript starlark terraform toml yaml",
    ],
    ["--", "ada elm haskell lua sql vhdl"],
    [";", "asm clojure ini lisp scheme"],
    ["%", "erlang latex matlab prolog tex"],
];
/** Where there is no comment to the end of a line. */
const WRAPPED: Readonly<Record<string, readonly [string, string]>> = {
    html: ["<!--", "-->"],
    xml: ["<!--", "-->"],
    vue: ["<!--", "-->"],
    svelte: ["<!--", "-->"],
    markdown: ["<!--", "-->"],
    css: ["/*", "*/"],
};

function markersOf(languageId: string): string[] {
    return MARKERS.filter(([, languages]) => languages.split(" ").includes(languageId)).map(
        ([marker]) => marker,
    );
}

/** Where a line comment begins in `line`, outside of quotes; undefined when there is none. */
export function commentStart(line: string, languageId: string): number | undefined {
    const markers = markersOf(languageId);
    if (markers.length === 0) return undefined;
    let quote = "";
    for (let i = 0; i < line.length; i++) {
        const character = line.charAt(i);
        if (quote) {
            if (character === "\\") i++;
            else if (character === quote) quote = "";
        } else if (markers.some((marker) => line.startsWith(marker, i))) {
            // `$#`, `a#b` and `${#list}` are no comments, nor is the `//` of an address.
            if (i === 0 || /[\s;{}()]/.test(line.charAt(i - 1))) return i;
        } else if (character === '"' || character === "'" || character === "`") quote = character;
    }
    return undefined;
}

/** Whether a line holds nothing but a comment, or a part of a block comment. */
export function isCommentLine(line: string, languageId: string): boolean {
    const text = line.trim();
    if (commentStart(text, languageId) === 0) return true;
    return markersOf(languageId).includes("//") && /^(\/\*|\*(\s|\/|$))/.test(text);
}

/** Whether the text behind `prefix` is a comment's: of a line that begins with `*` only an opened comment above tells. */
export function endsInComment(prefix: string, languageId: string): boolean {
    const line = prefix.slice(prefix.lastIndexOf("\n") + 1);
    if (!isCommentLine(line, languageId)) return false;
    return !line.trim().startsWith("*") || prefix.lastIndexOf("/*") > prefix.lastIndexOf("*/");
}

/** `text` (one line) as a comment line of a language; `//` where the language is not known. */
export function commentLine(text: string, languageId: string): string {
    const wrapped = WRAPPED[languageId];
    if (wrapped) return `${wrapped[0]} ${text} ${wrapped[1]}\n`;
    return `${markersOf(languageId)[0] ?? "//"} ${text}\n`;
}
