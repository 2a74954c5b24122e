// Which of the characters that acceptances brought are still in a document: ranges `{ start, end }` that move with its edits. Pure.

/** Ranges after an edit of the document: `edits` ascending, in offsets of the text before all of them. */
export function moved(ranges, edits) {
    return [...edits]
        .reverse()
        .reduce((list, edit) => list.flatMap((range) => after(range, edit)), ranges);
}

/** Characters in the ranges. */
export function lengthOf(ranges) {
    return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** What one edit leaves of a range: text put inside it is not part of it. */
function after({ start, end }, edit) {
    const shift = edit.text.length - (edit.end - edit.start);
    const before = { start, end: Math.min(end, edit.start) };
    const behind = { start: Math.max(start, edit.end) + shift, end: end + shift };
    return [before, behind].filter((part) => part.end > part.start);
}
