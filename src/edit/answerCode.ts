/** The code in an answer: without what the model thought, without fences, without the sentences around them. Pure. */

export interface AnswerCode {
    code: string;
    /** Whether it stood in a fence; else the answer was taken as it is. */
    isFenced: boolean;
}

/** The first block of an answer, its end missing while it is being written; the whole answer when there is no block. */
export function codeOfAnswer(answer: string): AnswerCode {
    const text = withoutThoughts(answer).replace(/\r\n?/g, "\n");
    const open = /^([ \t]*)(`{3,}|~{3,})[^\n`]*\n/m.exec(text);
    if (!open) return { code: withoutLoneFence(text), isFenced: false };
    const [whole, indent = "", fence = "```"] = open;
    const rest = text.slice(open.index + whole.length);
    return { code: unindent(untilFence(rest, fence), indent), isFenced: true };
}

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

/** A thinking model's thoughts come first; unfinished ones are all there is. */
function withoutThoughts(text: string): string {
    return text.replace(/^\s*<(think|thinking|reasoning)>[^]*?(<\/\1>\s*|$)/, "");
}

/** A fence that is just being written, or closes what was never opened. */
function withoutLoneFence(text: string): string {
    return text.replace(/\n?[ \t]*`{3,}[^\n]*\s*$/, "");
}

/** A block in a list is indented with its item. */
function unindent(code: string, indent: string): string {
    if (indent === "") return code;
    return code
        .split("\n")
        .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
        .join("\n");
}
