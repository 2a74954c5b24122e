/**
 * Whether the statement at the cursor is complete: what comes next is a new line, not more of this one. The one place that says so: by
 * the grammar's rule where there is one, by the words of the line elsewhere. Pure.
 */

import type { SyntaxRule } from "../protocol/completion";
import { commentStart } from "./comments";
import { linePrefix, lineSuffix, scanBrackets } from "./lines";

export interface StatementPlace {
    languageId: string;
    /** Text before and after the cursor. */
    prefix: string;
    suffix: string;
}

/** A closing bracket in prose, in a list or in markup ends nothing; `;` begins a comment in some languages. */
const NO_STATEMENTS =
    /^(markdown|mdx|plaintext|latex|restructuredtext|html|xml|git-commit|scminput|json|jsonc|yaml|clojure|lisp|scheme|asm|ini|properties)$/;
/** Beginnings of lines whose closing bracket has a body after it. */
const HEADER =
    /^\s*(\}\s*)?(else|if|elif|elsif|for|foreach|while|until|unless|switch|match|case|catch|except|with|using|lock|synchronized|def|class|struct|impl|interface|function|func|fn|fun|sub|proc|async|export|public|private|protected|internal|static|override|get|set|constructor|template|@\w+)\b/;
/** The parameters of a function without a name. */
const LAMBDA = /(=|\(|,|:|\breturn)\s*(async\s*)?\([^()]*\)$/;

/** `rule`: asked for what the grammar says, only where a statement can end; undefined: there is no tree. */
export function endsStatement(
    place: StatementPlace,
    rule: (() => SyntaxRule | undefined) | undefined,
): boolean {
    if (!canEndStatement(place)) return false;
    const said = rule?.();
    return said ? said.at === "after-statement" : endsByWords(place);
}

/** Directly behind `;` or a closing bracket, with nothing to the right; a blank says that more is to come. */
export function canEndStatement({ prefix, suffix }: StatementPlace): boolean {
    return /[;)\]}]$/.test(prefix) && lineSuffix(suffix).trim() === "";
}

/** What the line looks like, for a place where a statement can end and no grammar knows better. */
export function endsByWords({ prefix, languageId }: StatementPlace): boolean {
    if (NO_STATEMENTS.test(languageId)) return false;
    const line = linePrefix(prefix);
    if (commentStart(line, languageId) !== undefined) return false;
    if (scanBrackets(line).open.length > 0) return false;
    return line.endsWith(";") || !(HEADER.test(line) || LAMBDA.test(line));
}
