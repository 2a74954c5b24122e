/** A type that is shown with some of its fields or declarations as if they were all. Pure. */

import { indentOf } from "../prompt/lines";
import { MARKER } from "./elision";
import { keyOf } from "./itemKey";
import { isCommentAbove } from "./outline";

const TYPE = /\b(?:class|enum|interface|struct|trait|type|union)\b/;
const LABEL = /^\s*(?:public|private|protected)\s*:\s*$/;

/** The type with marks for the rest where it has less than half of what it had, or none of it; else as it is. */
export function withRestMarked(
    written: readonly string[],
    before: readonly string[],
): readonly string[] {
    const old = keysIn(before);
    const own = keysIn(written);
    const isNew = !own.some((key) => old.includes(key));
    const isPart = own.length > 0 && old.length > 1 && (isNew || own.length * 2 < old.length);
    if (!isPart || !TYPE.test(before[0] ?? "")) return written;
    const start = written.findIndex((line) => /\{\s*$/.test(line));
    return written.flatMap((line, i) =>
        i === start || LABEL.test(line) ? [line, indentOf(written[i + 1] ?? "") + MARKER] : [line],
    );
}

function keysIn(lines: readonly string[]): string[] {
    return lines
        .slice(1)
        .filter((line) => /\w/.test(line) && !LABEL.test(line) && !isCommentAbove(line))
        .map(keyOf);
}
