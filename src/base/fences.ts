/** Where code blocks of markdown begin and end, line by line. */

const MARKER = /^ {0,3}(`{3,}|~{3,})/;

/** The marker of the block that is open after a line, given the one that was open before it; undefined: none. */
export function fenceAfter(line: string, fence: string | undefined): string | undefined {
    const marker = MARKER.exec(line)?.[1];
    if (marker === undefined) return fence;
    if (fence === undefined) return marker;
    const isEnd = marker.startsWith(fence) && line.trim() === marker;
    return isEnd ? undefined : fence;
}
