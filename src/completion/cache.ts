/**
 * Answers that the model has already given, looked up by where the cursor is now: typing what was suggested, and going back to
 * where it was suggested, needs no model. Texts of one document only ever answer that document.
 * Does not decide when to look: the session does.
 */

import { Lru } from "../base/lru";
import { breakBeforeCloser, cutFollowingLines, dropClosersRightOfCursor } from "../prompt/trim";

/** A line's indentation and a few closers. */
const MAX_GAINED = 200;

export interface CachedAnswer {
    uri: string;
    /** Text before and after the cursor when the model was asked. */
    prefix: string;
    suffix: string;
    /** What was suggested there. */
    text: string;
    /** Another than the one suggested: it answers once its beginning is in the document. */
    isAlternative?: boolean | undefined;
    /** Id of the call that it came from. */
    call: number;
}

export class AnswerCache {
    private readonly answers: Lru<string, CachedAnswer>;

    /** `capacity`: characters of document text kept, over all answers, but the newest answer always; 0: nothing is kept. */
    constructor(private readonly capacity = 8_000_000) {
        this.answers = new Lru(capacity, (a) => a.prefix.length + a.suffix.length + a.text.length);
    }

    add(answer: CachedAnswer): void {
        if (this.capacity <= 0) return;
        const { uri, prefix, text, isAlternative = false } = answer;
        const own = isAlternative ? `\0${text}` : "";
        this.answers.set(`${uri}\n${prefix.length}\n${prefix}${own}`, answer);
    }

    /**
     * The rest of a known suggestion for this position and the call it came from, or undefined. Holds when the text after the cursor is as it was (or differs
     * only by what the editor inserted at the cursor) and what was typed since is the beginning of the suggestion.
     */
    find(
        uri: string,
        prefix: string,
        suffix: string,
    ): Pick<CachedAnswer, "text" | "call"> | undefined {
        for (const answer of this.answers.values()) {
            if (answer.uri !== uri) continue;
            const rest = remainder(answer, prefix, suffix);
            if (rest) return { text: rest, call: answer.call };
        }
        return undefined;
    }

    clear(): void {
        this.answers.clear();
    }
}

function remainder(answer: CachedAnswer, prefix: string, suffix: string): string | undefined {
    const typedLength = prefix.length - answer.prefix.length;
    if (typedLength === 0 && answer.isAlternative) return undefined;
    if (typedLength < 0 || typedLength >= answer.text.length) return undefined;
    if (!prefix.endsWith(answer.text.slice(0, typedLength))) return undefined;
    if (!prefix.startsWith(answer.prefix)) return undefined;
    const rest = answer.text.slice(typedLength);
    if (suffix === answer.suffix) return rest;
    if (!onlyGainedClosers(answer.suffix, suffix)) return undefined;
    const context = { prefix, suffix };
    const bare = dropClosersRightOfCursor(cutFollowingLines(rest, context), prefix, suffix);
    if (bare.trim() === "") return undefined;
    return bare.trimEnd() + breakBeforeCloser(bare, context);
}

/**
 * Whether the text right of the cursor is what it was, but for what an editor puts there by itself: closers while one types, and a
 * line break with indentation in front of them at Enter.
 */
export function onlyGainedClosers(before: string, now: string): boolean {
    const nGained = now.length - before.length;
    if (nGained < 0 || nGained > MAX_GAINED || !now.endsWith(before)) return false;
    return /^(?:\n[ \t]*)?[)\]}>"'`]*$/.test(now.slice(0, nGained));
}
