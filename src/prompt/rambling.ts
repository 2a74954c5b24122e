/**
 * Comments that a model writes for the sake of writing: a comment is continued by one line, and a suggestion of several lines is not made
 * of comments alone. Only what comes by itself: who asks for a suggestion gets all of it. Pure.
 */

import { commentStart, isCommentLine } from "./comments";
import { linePrefix, previousNonBlankLine } from "./lines";

export interface CommentContext {
    prefix: string;
    languageId?: string | undefined;
    trigger?: "automatic" | "explicit" | undefined;
}

/** Lines of comments after which no code is waited for any more. */
const MAX_COMMENT_LINES = 3;

/** `isFinished`: nothing comes after `text`. Its last line does not count when it does. */
export function cutRambling(text: string, context: CommentContext, isFinished: boolean): string {
    const { prefix, languageId = "", trigger } = context;
    if (trigger === "explicit") return text;
    const line = linePrefix(prefix);
    const end = text.indexOf("\n");
    if (end < 0) return text;
    const first = text.slice(0, end);
    // Inside a line comment: the rest of it.
    if (commentStart(line, languageId) !== undefined) return first.trim() === "" ? "" : first;
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
