/**
 * What of other files is worth showing to the model: the pieces, and who finds them. A source looks around in its own way (an editor's
 * language services, the files of a folder); which pieces are sent, and where in the prompt they stand, is decided elsewhere.
 */

import type { Snippet, SnippetKind } from "../protocol/completion";

export type { Snippet, SnippetKind };

/** A document at one moment, cut at the cursor. */
export interface Place {
    /** Identifies the document; never shown to the model. */
    uri: string;
    /** Relative to its workspace folder, `/` separated. */
    path: string;
    languageId: string;
    version: number;
    /** All text before and after the cursor; line ends may be `\n` or `\r\n`. */
    prefix: string;
    suffix: string;
}

export interface ContextSource {
    /**
     * What is worth knowing at this place, best first. Whoever asks waits at most some 50 ms; what is late serves the next request.
     * Never rejects.
     */
    gather(place: Place): Promise<readonly Snippet[]>;
}
