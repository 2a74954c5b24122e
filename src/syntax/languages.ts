/**
 * Table of the languages that have a grammar, by VS Code's language ids, and what is told apart by the names of nodes: strings,
 * comments, blocks. One list for all grammars, since their authors name alike things alike.
 */

import type { SyntaxNode } from "./tree";

/** C is parsed as C++, which reads it but for names that are C++ keywords; JSX by the JavaScript grammar. */
const GRAMMARS: Readonly<Record<string, string>> = {
    typescript: "typescript",
    typescriptreact: "tsx",
    javascript: "javascript",
    javascriptreact: "javascript",
    python: "python",
    go: "go",
    rust: "rust",
    java: "java",
    c: "cpp",
    cpp: "cpp",
    csharp: "c-sharp",
    php: "php",
    ruby: "ruby",
    css: "css",
    shellscript: "bash",
};

/** The grammar of a language id; undefined: its text is judged by indentation. */
export function grammarOf(languageId: string): string | undefined {
    return Object.hasOwn(GRAMMARS, languageId) ? GRAMMARS[languageId] : undefined;
}

/** Language ids by the endings of files, where the ending is no id itself. */
const ENDINGS: Readonly<Record<string, string>> = {
    ts: "typescript",
    mts: "typescript",
    cts: "typescript",
    tsx: "typescriptreact",
    js: "javascript",
    mjs: "javascript",
    cjs: "javascript",
    jsx: "javascriptreact",
    py: "python",
    pyi: "python",
    rs: "rust",
    rb: "ruby",
    md: "markdown",
    yml: "yaml",
    sh: "shellscript",
    h: "c",
    cc: "cpp",
    hpp: "cpp",
    cs: "csharp",
    kt: "kotlin",
};

/** The language of a file by its name, where no editor knows it. */
export function languageOf(path: string): string {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const dot = name.lastIndexOf(".");
    const ending = dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
    return (
        (Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined) ?? (ending || "plaintext")
    );
}

const STRING =
    /^(string|bare_string|template_string|encapsed_string|raw_string|ansi_c_string|translated_string|string_value|regex|character|string_array|system_lib_string|interpolated_string_expression|rune_literal|char_literal|character_literal|heredoc|nowdoc|heredoc_body|\w*string_literal)$/;
const COMMENT = /^(\w+_)?comment$/;
/** Code inside of a string. */
const CODE_IN_STRING = /(substitution|interpolation|expansion)$/;

/** What a node makes of the text in it; undefined: what its parent says. */
export function kindOf({ type }: SyntaxNode): "string" | "comment" | "code" | undefined {
    if (COMMENT.test(type)) return "comment";
    if (STRING.test(type)) return "string";
    return CODE_IN_STRING.test(type) ? "code" : undefined;
}

const CLOSERS = new Set(["}", ")", "]", "end", "fi", "done", "esac"]);

/**
 * Whether something opens and closes with it: brackets, `do ... end`, an element. A Python block has neither; its statement opens
 * it.
 */
export function isScope(node: SyntaxNode): boolean {
    if (node.type === "block" && node.firstChild?.type !== "{") return true;
    if (node.type === "jsx_element") return true;
    const last = node.lastChild?.type;
    return last !== undefined && CLOSERS.has(last) && node.childCount > 1;
}

/** Where a scope opens: a Python block with its statement. */
export function scopeStart(node: SyntaxNode): number {
    const isIndented = node.type === "block" && node.firstChild?.type !== "{";
    return isIndented && node.parent ? node.parent.startIndex : node.startIndex;
}
