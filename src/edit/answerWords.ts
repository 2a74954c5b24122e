/**
 * What a model says where only code was asked for: that it cannot, that nothing is to be changed, or simply sentences. Told from code by
 * their form alone, so only where sentences are no code and the lines themselves hold none. Pure.
 */

/** Languages in which a sentence is what one writes. */
const TEXT_LANGUAGES = new Set([
    "asciidoc",
    "git-commit",
    "latex",
    "markdown",
    "mdx",
    "plaintext",
    "prompt",
    "restructuredtext",
    "tex",
]);
const REFUSAL =
    /^(?:i(?:['’]m| am) (?:sorry|unable|not able|afraid)|sorry\b|apologies\b|i (?:can(?:not|['’]t| not)|could(?: not|n['’]t)|do(?: not|n['’]t))\b|unfortunately\b|as an ai\b|it (?:is|was) not possible\b|(?:there (?:is|are) )?(?:no|nothing)\b.*\b(?:chang|edit|modif|fix|improv|mistake|error)|(?:the|this|these|your) (?:given |provided |selected )?(?:code|function|method|class|lines?)\b.*\b(?:already|correct|fine|not need)\b)/i;
const COMMENT = /^(?:\/\/+|#+|--+|;+|%+|\/\*+|<!--|\*)\s*|\s*(?:\*\/|-->)$/g;
/** What stands in code and hardly in a sentence. */
const CODE = /[{}()[\]=<>;\\|&$@_]/;
const MIN_WORDS = 4;

export interface Asked {
    /** The lines that were to be rewritten. */
    before: readonly string[];
    languageId: string;
}

/** The sentences that stand in place of code, on one line; undefined: it is code, or nothing. */
export function wordsInstead(code: string, { before, languageId }: Asked): string | undefined {
    if (code.trim() === "") return undefined;
    if (TEXT_LANGUAGES.has(languageId) || before.some(isSentence)) return undefined;
    const lines = code.split(/\r\n?|\n/).filter((line) => line.trim() !== "");
    const bare = lines.map((line) => line.trim().replace(COMMENT, "").trim());
    const isRefusal = REFUSAL.test(bare[0] ?? "") && bare.every(hasNoCode);
    return isRefusal || lines.every(isSentence) ? bare.join(" ").replace(/\s+/g, " ") : undefined;
}

function isSentence(line: string): boolean {
    const text = line.trim();
    const words = text.match(/(?<![^\s"'`(])[a-z]+(?:['’-][a-z]+)*(?![^\s,.:!?"'`)])/g) ?? [];
    return (
        /^["'`]?\p{Lu}.*[.!?:]["'`]?$/u.test(text) && hasNoCode(text) && words.length >= MIN_WORDS
    );
}

/** Names between backticks are part of a sentence. */
function hasNoCode(line: string): boolean {
    return !CODE.test(line.replace(/`[^`]*`/g, ""));
}
