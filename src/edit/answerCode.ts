/** The code in an answer that was begun for the model with a fence: without that fence's end, without the sentences behind it. Pure. */

/**
 * The code of an answer that was begun for the model with `fence`: it ends where that is closed. A model that opens the block once
 * more means the same one.
 */
export function codeInFence(answer: string, fence: string): string {
    const text = answer.replace(/\r\n?/g, "\n");
    const again = /^\s*(`{3,}|~{3,})[\w+#.-]*[ \t]*\n/.exec(text);
    const isAgain = again?.[1] !== undefined && again[1].length >= fence.length;
    return untilFence(isAgain ? text.slice(again[0].length) : text, fence);
}

function untilFence(text: string, fence: string): string {
    const lines = text.split("\n");
    const end = lines.findIndex((line) => {
        const closing = line.trim();
        return closing.length >= fence.length && closing === fence.charAt(0).repeat(closing.length);
    });
    return (end < 0 ? lines : lines.slice(0, end)).join("\n");
}
