/**
 * What a model writes for the sake of writing: a comment is continued by its line only, a suggestion of several lines is not made of
 * comments alone, and an empty line in the middle of a file is not made two. Only what comes by itself: who asks for a suggestion gets
 * all of it. Pure.
 */

import { once } from "../base/once";
import { commentStart, endsInComment, isCommentLine } from "./comments";
import { linePrefix, lineSuffix, previousNonBlankLine } from "./lines";

export interface CommentContext {
    prefix: string;
    languageId?: string | undefined;
    trigger?: "automatic" | "explicit" | undefined;
}

/** Lines of comments after which no code is waited for any more. */
const MAX_COMMENT_LINES = 3;
const WORD = once(() => /[\p{L}\p{N}_$]/u);

/** `isFinished`: nothing comes after `text`. Its last line does not count when it does. */
export function cutRambling(text: string, context: CommentContext, isFinished: boolean): string {
    const { prefix, languageId = "", trigger } = context;
    if (trigger === "explicit") return text;
    const line = linePrefix(prefix);
    const end = text.indexOf("\n");
    if (end < 0) return text;
    const first = text.slice(0, end);
    if (isInComment(prefix, languageId)) return first.trim() === "" ? "" : first;
    const lines = text.split("\n");
    const written = lines.filter((answer) => answer.trim() !== "");
    const nComments = written.findIndex(
        (answer, i) =>
            !isCommentLine(i === 0 && answer === first ? line + answer : answer, languageId),
    );
    const isOnlyComments = nComments < 0 && written.length > 0;
    if (!isOnlyComments) return text;
    const above = previousNonBlankLine(prefix) ?? "";
    const isAfterComment = line.trim() === "" && isCommentLine(above, languageId);
    const least = isFinished ? 2 : MAX_COMMENT_LINES;
    if (written.length < least) return text;
    if (!isAfterComment) return "";
    const at = lines.findIndex((answer) => answer.trim() !== "");
    return lines.slice(0, at + 1).join("\n");
}

/** Nothing when the model wants an empty line below the cursor's empty line, in front of what the document goes on with: it has nothing for this one. */
export function cutSecondBlankLine(
    text: string,
    context: CommentContext & { suffix: string },
): string {
    const { prefix, suffix, trigger } = context;
    if (trigger === "explicit" || !/^[ \t]*\n/.test(text)) return text;
    const isBlankLine = linePrefix(prefix).trim() === "" && lineSuffix(suffix).trim() === "";
    return isBlankLine && suffix.trim() !== "" ? "" : text;
}

/** In a line comment, or at the end of a line of a block comment that says something already. */
function isInComment(prefix: string, languageId: string): boolean {
    const line = linePrefix(prefix);
    if (commentStart(line, languageId) !== undefined) return true;
    return WORD().test(line) && !line.includes("*/") && endsInComment(prefix, languageId);
}
