/** Texts as vectors, as the host asks the engine for them. Plain data only. */

/** `question`: a person waits for it; `piece`: a text that questions are about, for which nobody waits. */
export type EmbedKind = "question" | "piece";

export interface EmbedRequest {
    /** Path of the embedding model; loaded when it is not. */
    model: string;
    kind: EmbedKind;
    texts: readonly string[];
}

export interface EmbedResult {
    /** Vectors of another key cannot be compared with these. */
    key: string;
    dimensions: number;
    /** A vector of length 1 for each text, one behind the other: base64 of little-endian float32 values. */
    vectors: string;
}
