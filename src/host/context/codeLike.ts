/** Whether copied text is code, and whether it is of use. Pure. */

import { holdsSecret } from "../../context/secretText";

const MIN_LINES = 2;
const MAX_CHARACTERS = 4000;
/** Share of lines that must look like code. */
const SHARE = 0.5;
const CODE_LINE =
    /[;{}()[\]=]\s*,?$|=>|[\w)\]]\s*[-+*/%&|]?=\s*\S|\w\(.*\)|^\s*(?:import|from|def|class|function|fn|func|return|const|let|var|if|for|while|public|private|#include|@\w+|<\/?\w+)\b|:\s*$/;

/** As in `.env` files, which are full of passwords that have no form of their own. */
const VARIABLE_LINE = /^\s*(?:export\s+)?[A-Z_][A-Z0-9_]*=/;

/**
 * Prose, lists of variables, single lines (a password is one), long texts and what holds a secret are not: a wrong no costs nothing, a wrong yes shows
 * the model what nobody meant for it.
 */
export function isUsefulCode(text: string): boolean {
    if (text.length > MAX_CHARACTERS || text.includes("\0") || holdsSecret(text)) return false;
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
    if (lines.length < MIN_LINES) return false;
    if (lines.filter((line) => VARIABLE_LINE.test(line)).length >= lines.length * SHARE)
        return false;
    return lines.filter((line) => CODE_LINE.test(line)).length >= lines.length * SHARE;
}
