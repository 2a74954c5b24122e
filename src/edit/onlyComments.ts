/** An answer that has comments where code was: it says what it would do instead of doing it. Pure. */

import { isCommentLine } from "../prompt/comments";
import { squeezed } from "./similar";

/** So much of the code has to stand in the comments for it to be commented out. */
const MIN_COMMENTED_OUT = 0.5;

/** Whether lines with code would become comments alone, which are not that code commented out. */
export function replacesCodeByComments(
    before: readonly string[],
    written: readonly string[],
    languageId: string,
): boolean {
    const isCode = (line: string) => line.trim() !== "" && !isCommentLine(line, languageId);
    const code = before.filter(isCode).map(squeezed);
    if (code.length === 0 || written.some(isCode)) return false;
    const comments = written.map(squeezed);
    const nKept = code.filter((line) => comments.some((comment) => comment.includes(line))).length;
    return nKept < code.length * MIN_COMMENTED_OUT;
}
