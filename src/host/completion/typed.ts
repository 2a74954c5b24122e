/** Where a cursor is after an editor has put text into a document: behind it, but for what editors close by themselves. Pure. */

const PAIR = /^(?:\(\)|\[\]|\{\}|""|''|``)$/;
/** Enter between a bracket and its closer. */
const OPENED = /^(\r?\n[ \t]*)\r?\n[ \t]*$/;

/** Characters of an inserted text that are left of the cursor. */
export function leftOfCursor(inserted: string): number {
    if (PAIR.test(inserted)) return 1;
    return OPENED.exec(inserted)?.[1]?.length ?? inserted.length;
}
