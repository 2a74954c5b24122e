/** Code that breaks off in the middle, as where an answer was stopped or grew too long: it would take the place of code that is whole. Pure. */

import { indentOf } from "../prompt/lines";
import { isElision } from "./elided";
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
    let open = 0;
    for (const line of lines)
        for (const character of line.replace(STRING, "").replace(COMMENT, ""))
            open += character === "{" ? 1 : character === "}" ? -1 : 0;
    return open;
}
