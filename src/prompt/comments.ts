/** How a line of comment is written in a language: for models that know no other way to be told a file's name. Pure. */

const MARKS: Readonly<Record<string, readonly string[]>> = {
    "#": [
        ..."python ruby shellscript yaml perl perl6 r makefile dockerfile toml elixir".split(" "),
        ..."julia powershell coffeescript properties dotenv terraform nix".split(" "),
    ],
    "--": "sql lua haskell elm ada vhdl".split(" "),
    ";": "clojure lisp scheme ini asm".split(" "),
    "%": "latex tex erlang matlab prolog".split(" "),
};
const WRAPPED: Readonly<Record<string, readonly [string, string]>> = {
    html: ["<!--", "-->"],
    xml: ["<!--", "-->"],
    vue: ["<!--", "-->"],
    svelte: ["<!--", "-->"],
    markdown: ["<!--", "-->"],
    css: ["/*", "*/"],
};

/** `text` (one line) as a comment line of a language; `//` where the language is not known. */
export function commentLine(text: string, languageId: string): string {
    const wrapped = WRAPPED[languageId];
    if (wrapped) return `${wrapped[0]} ${text} ${wrapped[1]}\n`;
    const found = Object.entries(MARKS).find(([, ids]) => ids.includes(languageId));
    return `${found?.[0] ?? "//"} ${text}\n`;
}
