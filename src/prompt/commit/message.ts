/** The prompt for a commit message, and the message out of what a model answered, also while it is still writing. Pure. */

import { withoutReasoning } from "../../base/reasoning";
import type { ChatMessage } from "../../protocol/chat";
import type { CommitStyle } from "./style";

/** Short: every token is read before the first word. */
const SYSTEM = "You write commit messages. You say what a change does, in few exact words.";
const MAX_BODY_LINES = 12;
/** A first line that is longer than this is cut at a word. */
const HARD_LIMIT = 120;

/** What is asked behind the change. `added`: what the person wants in the message besides. */
export function commitWords({ form, hasBody, maxSubject }: CommitStyle, added = ""): string {
    const body = hasBody
        ? ' Then an empty line and one to four short lines, each beginning with "- ", that say what was changed and why.'
        : "";
    const words = `Write the commit message for this change. It is one line of at most ${maxSubject} characters ${form}.${body} Say what the change does in words of the project; name no files. Answer with the message only.`;
    return added.trim() === "" ? words : `${words}\n\n${added.trim()}`;
}

export function commitMessages(changes: string, style: CommitStyle): ChatMessage[] {
    return [
        { role: "system", content: SYSTEM },
        { role: "user", content: `${changes}\n\n${commitWords(style)}` },
    ];
}

/**
 * What of an answer is the message. While more may come (`isDone` false) a beginning that could still turn out to be a label or a
 * fence is held back, so that the input box does not flicker.
 */
export function commitMessageIn(
    answer: string,
    { hasBody, isDone }: { hasBody: boolean; isDone: boolean },
): string {
    let text = withoutReasoning(answer).replace(/\r\n?/g, "\n");
    if (!isDone && mayBeLabel(text)) return "";
    text = text.replace(LABEL, "").trimStart();
    text = text.replace(/^```[\w-]*\n?/, "").replace(/\n?```[^]*$/, "");
    const [first = "", ...rest] = text.split("\n");
    const subject = cut(unwrapped(first, isDone));
    if (!hasBody) return subject;
    const body = rest
        .slice(0, MAX_BODY_LINES)
        .map((line) => line.trimEnd())
        .join("\n")
        .replace(/^\n+/, "")
        .trimEnd();
    return body === "" ? subject : `${subject}\n\n${body}`;
}

const LABEL =
    /^\s*(?:(?:\*\*)?(?:suggested |the )?(?:git )?(?:commit(?: message)?|changes?|subject|message|title)(?:\*\*)?:(?:\*\*)?|here(?: is|'s)[^\n:]{0,60}:)\s*/i;

/** Longer than any label. */
const LABEL_CHARACTERS = 24;

function mayBeLabel(text: string): boolean {
    const start = text.trimStart().toLowerCase();
    if (start.startsWith("`") || start === "") return !start.includes("\n");
    if (start.startsWith("here")) return !start.includes(":") && !start.includes("\n");
    const isBegun = LABEL_WORDS.some((word) => word.startsWith(start) || start.startsWith(word));
    return isBegun && start.length < LABEL_CHARACTERS && !/[:\n]/.test(start);
}

const LABEL_WORDS = [
    "**",
    "commit",
    "change",
    "subject",
    "message",
    "title",
    "suggested",
    "the",
    "git",
    "here",
];

/** Quotes, backticks, list marks and headings around the line. A quote at its beginning waits for its end. */
function unwrapped(line: string, isDone: boolean): string {
    const bare = line.trim().replace(/^(?:[-*#]+\s+)/, "");
    const mark = /^(["'`]|\*\*)/.exec(bare)?.[0];
    if (mark === undefined) return bare;
    const inner = bare.slice(mark.length);
    if (inner.endsWith(mark)) return inner.slice(0, -mark.length).trim();
    return !isDone || !inner.includes(mark) ? inner : bare;
}

function cut(subject: string): string {
    if (subject.length <= HARD_LIMIT) return subject;
    const end = subject.lastIndexOf(" ", HARD_LIMIT);
    return subject.slice(0, end > 0 ? end : HARD_LIMIT);
}
