// Ghost text as the editor keeps it: an item `{ text, start, end }` stands for replacing start..end by text. Pure functions over
// documents; nothing here knows about time or engines.
import { lineAt, userText } from "./trace.mjs";

/** The item after a change of the document, or undefined when what was typed does not agree with it or nothing of it is left. */
export function survive(item, edits, text, cursor) {
    let { end } = item;
    for (const edit of edits) {
        if (edit.start < item.start || edit.start > item.end) return undefined;
        end = Math.max(end, edit.end + end - item.end);
        end += edit.text.length - (edit.end - edit.start);
    }
    if (cursor < item.start || cursor > end) return undefined;
    const typed = text.slice(item.start, cursor);
    const kept = text.slice(cursor, end);
    if (!item.text.startsWith(typed)) return undefined;
    const rest = item.text.slice(typed.length);
    if (rest === kept || !isSubsequence(kept, rest)) return undefined;
    return { text: item.text, start: item.start, end };
}

/** What an item shows at a cursor: the part that is not typed yet. */
export function remaining(item, cursor) {
    return item.text.slice(cursor - item.start);
}

/** The user's text when the first `nLines` lines of an item are accepted; closers of the editor that stay behind do not count. */
export function accepted(item, nLines, { text, auto = [] }) {
    const lines = item.text.split("\n").slice(0, nLines).join("\n");
    const after = text.slice(0, item.start) + lines + text.slice(item.end);
    const cursor = item.start + lines.length;
    const shift = cursor - item.end;
    const left = auto.filter((offset) => offset >= item.end).map((offset) => offset + shift);
    return { cursor, ...userText(after, cursor, left) };
}

/** Whether accepting the item's first line makes the cursor's line `full`, but for spaces at the end. */
export function completesLine(item, document, full) {
    const { user, userCursor } = accepted(item, 1, document);
    const { before, after } = lineAt(user, userCursor);
    return (before + after).trimEnd() === full.trimEnd();
}

/** One edit that turns a text into another. */
export function difference(from, to) {
    const most = Math.min(from.length, to.length);
    let start = 0;
    while (start < most && from[start] === to[start]) start++;
    let tail = 0;
    while (tail < most - start && from[from.length - 1 - tail] === to[to.length - 1 - tail]) tail++;
    return { start, end: from.length - tail, text: to.slice(start, to.length - tail) };
}

function isSubsequence(part, whole) {
    let at = 0;
    for (const character of part) {
        at = whole.indexOf(character, at) + 1;
        if (at === 0) return false;
    }
    return true;
}
