/** Code that breaks off in the middle, as where an answer was stopped or grew too long: it would take the place of code that is whole. Pure. */

import { indentOf } from "../prompt/lines";
import { isElision } from "./elision";
import { isCommentAbove } from "./outline";

const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\\n]|\\.)*`/g;
const COMMENT = /(?:\/\/|(?:^|\s)#\s).*/;
/** No definition ends so. */
const GOES_ON = /(?:[:({[,=\\]|&&|\|\|)$/;

/** Whether code that defines something ends before that does; its last line has nothing behind it. */
export function isCutOff(written: readonly string[]): boolean {
    const lines = written.filter((line) => line.trim() !== "");
    const first = lines[0] ?? "";
    const last = lines.at(-1) ?? "";
    if (isElision(last) || isCommentAbove(last)) return false;
    const isClosed =
        /^\s*[\])}]/.test(last) &&
        lines.length > 1 &&
        indentOf(last).length <= indentOf(first).length;
    return !isClosed && (GOES_ON.test(last.trimEnd()) || openBraces(lines) > 0);
}

/** Braces that nothing closes; those in strings and comments do not count. */
export function openBraces(lines: readonly string[]): number {
    const braces = lines.map(bracketsIn).join("");
    return braces.split("{").length - braces.split("}").length;
}

/** Brackets of all kinds that a line opens, less those that it closes. */
export function openBrackets(line: string): number {
    return [...bracketsIn(line)].reduce((sum, one) => sum + ("([{".includes(one) ? 1 : -1), 0);
}

/** Whether each bracket is closed by one of its kind. */
export function isBalanced(lines: readonly string[]): boolean {
    const open: string[] = [];
    for (const line of lines)
        for (const one of bracketsIn(line))
            if ("([{".includes(one)) open.push(one);
            else if (open.pop() !== { ")": "(", "]": "[", "}": "{" }[one]) return false;
    return open.length === 0;
}

function bracketsIn(line: string): string {
    return line
        .replace(STRING, "")
        .replace(COMMENT, "")
        .replace(/[^()[\]{}]/g, "");
}
