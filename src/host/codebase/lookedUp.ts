/** Context of a question with what its words find in the workspace behind it. Room for that is kept free also while it is being typed. Pure. */

import type { ContextSource } from "../chat/asking";
import type { Attachment } from "../chat/attach/attachment";
import { CODEBASE_SHARE } from "./places";

export interface LookUp {
    question: string;
    search: NonNullable<Attachment["search"]>;
}

/** `lookUp`: undefined while the question is not known yet. What was read in front of the places by then stays as it is. */
export function withPlaces(source: ContextSource, lookUp: LookUp | undefined): ContextSource {
    return async (maxCharacters, options) => {
        const own = await source(Math.floor(maxCharacters * (1 - CODEBASE_SHARE)), options);
        if (!lookUp) return own;
        const left = maxCharacters - own.reduce((sum, { text }) => sum + text.length, 0);
        const found = await lookUp.search(lookUp.question, { maxCharacters: left, ...options });
        return [...own, ...found];
    };
}
