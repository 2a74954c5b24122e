/** Whether a line ends with a statement that is complete: what comes next is a new line, not more of this one. Pure. */

import { commentStart } from "./comments";
import { linePrefix, lineSuffix, scanBrackets } from "./lines";

/** A closing bracket in prose, in a list or in markup ends nothing; `;` begins a comment in some languages. */
const NO_STATEMENTS =
    /^(markdown|mdx|plaintext|latex|restructuredtext|html|xml|git-commit|scminput|json|jsonc|yaml|clojure|lisp|scheme|asm|ini|properties)$/;
/** Beginnings of lines whose closing bracket has a body after it. */
const HEADER =
    /^\s*(\}\s*)?(else|if|elif|elsif|for|foreach|while|until|unless|switch|match|case|catch|except|with|using|lock|synchronized|def|class|struct|impl|interface|function|func|fn|fun|sub|proc|async|export|public|private|protected|internal|static|override|get|set|constructor|template|@\w+)\b/;
/** The parameters of a function without a name. */
const LAMBDA = /(=|\(|,|:|\breturn)\s*(async\s*)?\([^()]*\)$/;

/** Directly behind `;` or a closing bracket, with nothing but closers of nothing to the right; a blank says that more is to come. */
export function endsStatement(prefix: string, suffix: string, languageId: string): boolean {
    if (NO_STATEMENTS.test(languageId) || lineSuffix(suffix).trim() !== "") return false;
    const line = linePrefix(prefix);
    if (!/[;)\]}]$/.test(line)) return false;
    if (commentStart(line, languageId) !== undefined) return false;
    if (scanBrackets(line).open.length > 0) return false;
    return line.endsWith(";") || !(HEADER.test(line) || LAMBDA.test(line));
}
