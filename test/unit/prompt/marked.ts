// Documents with the cursor written as `|`.
import { trimAnswer, type Filtered } from "../../../src/prompt/filters";
import { cutRepetition } from "../../../src/prompt/repetition";

export function marked(document: string): { prefix: string; suffix: string } {
    const at = document.indexOf("|");
    if (at < 0) throw new Error("no cursor mark");
    return { prefix: document.slice(0, at), suffix: document.slice(at + 1) };
}

export function trimmed(document: string, answer: string, languageId = "typescript"): Filtered {
    return trimAnswer(answer, { ...marked(document), languageId });
}

export function cutCycle(text: string): string {
    return cutRepetition(text, "");
}
