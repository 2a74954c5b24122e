/** What the host asks of the indexer: which files of a workspace there are to search, and what a question finds in them. Plain data only. */

import type { LogEntry } from "../base/log";

/** A file that may be shown to a model; the host has looked at every rule. */
export interface IndexedFile {
    /** Absolute, as the disk has it. */
    path: string;
    /** As a person and the model know it: `src/cart/basket.ts`, `/` separated. */
    name: string;
    /** As it stands in an editor and not yet on the disk. */
    text?: string | undefined;
}

export interface IndexState {
    nFiles: number;
    nPieces: number;
    /** Files that were read and taken apart anew. */
    nRead: number;
    /** There was no room for all files or all of their pieces. */
    isCut: boolean;
}

export interface IndexProgress {
    done: number;
    total: number;
}

/** A piece of a file, the best first. Lines are zero-based, and both ends included. */
export interface CodebaseHit {
    path: string;
    name: string;
    first: number;
    last: number;
    /** `Basket.total`; of a text the heading; undefined: lines between symbols. */
    symbol?: string | undefined;
    score: number;
}

/** A question as an embedding model understands it. */
export interface QuestionVector {
    /** Of the model: only vectors of the same key can be compared. */
    key: string;
    /** base64 of little-endian float32 values. */
    vector: string;
}

export interface IndexerSide {
    requests: {
        /** Goes on with what was kept in a folder. Comes first. */
        "index/open": { params: { folder: string }; result: IndexState };
        /** All files there are: what is not among them is forgotten. What was taken apart before it is cancelled stays. */
        "index/sync": {
            params: { files: IndexedFile[] };
            result: IndexState;
            progress: IndexProgress;
        };
        /** Files that may have changed, and paths of some that are gone or may not be shown any more. */
        "index/update": {
            params: { files: IndexedFile[]; removed: string[] };
            result: IndexState;
        };
        "index/search": {
            params: { question: string; limit: number; meaning?: QuestionVector | undefined };
            result: CodebaseHit[];
        };
        /** Texts of at least `limit` pieces that have no vector of this model yet, or of all that are left. Vectors of another model are forgotten. */
        "vectors/missing": {
            params: { key: string; dimensions: number; limit: number };
            result: { texts: { hash: string; text: string }[]; nMissing: number };
        };
        /** Vectors of those texts, one behind the other, as the engine gave them. */
        "vectors/put": {
            params: { key: string; hashes: string[]; vectors: string };
            result: void;
        };
        /** Writes what is not on the disk yet. */
        "index/save": { params: void; result: void };
    };
    events: Record<never, never>;
}

export interface IndexerClientSide {
    requests: Record<never, never>;
    events: { log: LogEntry };
}
