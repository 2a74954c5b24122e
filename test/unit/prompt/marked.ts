// Documents with the cursor written as `|`.
import { cutRepetition, trimAnswer, type Trimmed } from "../../../src/prompt/trim";

export function marked(document: string): { prefix: string; suffix: string } {
    const at = document.indexOf("|");
    if (at < 0) throw new Error("no cursor mark");
    return { prefix: document.slice(0, at), suffix: document.slice(at + 1) };
}

export function trimmed(document: string, answer: string): Trimmed {
    return trimAnswer(answer, marked(document));
}

export function cutCycle(text: string): string {
    return cutRepetition(text, "");
}
