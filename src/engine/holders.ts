/**
 * Which KV sequence holds which document's prompt: the documents that were worked in last have one each. A holder is for one document and
 * model only: whoever has waited asks whether it still counts, before anything is written down in its name.
 */

import { COMPLETION_SEQUENCES } from "../library/memory";
import type { PrefillRequest } from "../protocol/completion";
import { SPARE_SEQUENCE } from "./plan";
import type { SavedPrompt } from "./savedPrompts";

/** The state is let go of when the first place is not where it is of use: it is large, and lies on the disk. */
export type Kept = Pick<SavedPrompt, "tokens" | "windows"> & Partial<SavedPrompt>;

export interface Holder {
    sequence: number;
    readonly document: string | undefined;
    languageId: string;
    /** What was last asked for. */
    latest: PrefillRequest | undefined;
    /** The last prompt, and the last that was saved or is being saved. */
    prompt: readonly number[];
    saved: readonly number[];
    /** What was saved of the document and is not back yet. */
    kept: Kept | undefined;
    /** Settles when it is known. */
    ready: Promise<void> | undefined;
}

export class Holders {
    /** Most recently used last. */
    private list: Holder[] = [];
    /** Belongs to no document: larger windows are read into it. */
    spare = SPARE_SEQUENCE;

    /** Most recently used last. */
    get all(): readonly Holder[] {
        return this.list;
    }

    startOver(): void {
        this.spare = SPARE_SEQUENCE;
        this.list = COMPLETION_SEQUENCES.map((sequence) => emptyHolder(sequence, undefined));
    }

    /** Whether a sequence is still its document's, and of the model it was for. */
    has(holder: Holder): boolean {
        return this.list.includes(holder);
    }

    of(document: string): Holder | undefined {
        return this.list.find((holder) => holder.document === document);
    }

    /** The one of this document, else that which was not used for the longest time; the most recently used now. */
    take(document: string): Holder {
        const found = this.of(document) ?? this.list[0];
        if (!found) throw new Error("There are no sequences for completions");
        const holder = found.document === document ? found : emptyHolder(found.sequence, document);
        this.list = [...this.list.filter((one) => one !== found), holder];
        return holder;
    }

    /** Its sequence is nobody's. */
    release(holder: Holder): void {
        this.list = this.list.map((one) =>
            one === holder ? emptyHolder(holder.sequence, undefined) : one,
        );
    }

    /** The document has its prompt in what was the spare sequence. */
    swapSpare(holder: Holder): void {
        [this.spare, holder.sequence] = [holder.sequence, this.spare];
    }
}

function emptyHolder(sequence: number, document: string | undefined): Holder {
    return {
        sequence,
        document,
        languageId: "",
        latest: undefined,
        prompt: [],
        saved: [],
        kept: undefined,
        ready: undefined,
    };
}
