/**
 * The pieces of all files in one BM25 index (MiniSearch): names weigh more than comments, comments more than code. Owns which piece belongs
 * to which file and which files there are; knows no disk.
 */

import MiniSearch, { type AsPlainObject, type Options } from "minisearch";
import { spread, testsLast } from "../codebase/choice";
import { fuse } from "../codebase/fusion";
import { pieceText, type Piece } from "../codebase/pieces";
import { questionWords, wordsOf } from "../codebase/words";
import type { CodebaseHit } from "../protocol/codebase";
import { textHash, type Vectors } from "./vectors";

/** What tells one state of a file from another. */
export interface Stamp {
    /** ms; -1: as it stood in an editor. */
    mtimeMs: number;
    size: number;
    /** SHA-256 of the bytes, hex. */
    hash: string;
}

export interface FileEntry extends Stamp {
    path: string;
    name: string;
    pieces: PieceEntry[];
}

interface PieceEntry {
    id: number;
    first: number;
    last: number;
    symbol?: string | undefined;
    /** Of what an embedding model reads of it. */
    hash: string;
}

interface Entry {
    id: number;
    names: string;
    path: string;
    comment: string;
    code: string;
}

type Candidate = CodebaseHit & { id: number };

/** As plain data, for the disk. */
export interface StoredIndex {
    files: FileEntry[];
    nextId: number;
    search: AsPlainObject;
}

/** Each takes some 7 kB of memory (docs/measuring.md). */
const MAX_PIECES = 60_000;
/** More candidates than are asked for, because some of them are parts of others. */
const MIN_CANDIDATES = 60;

/** Of the ranking by meaning, where that by words has 1. By `npm run bench -- codebase`. */
const MEANING_WEIGHT = 0.7;
const MEANT_CANDIDATES = 100;

const OPTIONS: Options<Entry> = {
    fields: ["names", "path", "comment", "code"],
    tokenize: (text) => wordsOf(text),
    processTerm: (word) => word,
    searchOptions: {
        // By `npm run bench -- codebase`.
        boost: { names: 5, path: 1, comment: 1.5, code: 1.5 },
        bm25: { k: 1.6, b: 0.75, d: 0 },
        tokenize: (words) => words.split(" "),
        combineWith: "OR",
    },
};

export class TextIndex {
    private readonly files = new Map<string, FileEntry>();
    private readonly owners = new Map<number, { file: FileEntry; piece: PieceEntry }>();
    private engine = new MiniSearch<Entry>(OPTIONS);
    private nextId = 1;
    /** Some pieces found no room. */
    isCut = false;

    get nFiles(): number {
        return this.files.size;
    }

    get nPieces(): number {
        return this.owners.size;
    }

    get(path: string): FileEntry | undefined {
        return this.files.get(path);
    }

    paths(): string[] {
        return [...this.files.keys()];
    }

    /** Puts a file in place of what was known of it. No pieces: it is only remembered that there are none. */
    set(path: string, name: string, stamp: Stamp, pieces: readonly Piece[]): void {
        this.remove(path);
        const file: FileEntry = { ...stamp, path, name, pieces: [] };
        const room = MAX_PIECES - this.nPieces;
        if (pieces.length > room) this.isCut = true;
        for (const taken of pieces.slice(0, room)) {
            const { first, last, name: symbol, names, comment, code } = taken;
            const hash = textHash(pieceText(name, taken));
            const piece: PieceEntry = { id: this.nextId++, first, last, symbol, hash };
            file.pieces.push(piece);
            this.owners.set(piece.id, { file, piece });
            this.engine.add({ id: piece.id, names, path: name, comment, code });
        }
        this.files.set(path, file);
    }

    /** The file is the same, although it was written. */
    touch(path: string, { mtimeMs, size }: Pick<Stamp, "mtimeMs" | "size">): void {
        const file = this.files.get(path);
        if (file) Object.assign(file, { mtimeMs, size });
    }

    /** Whether there was such a file. */
    remove(path: string): boolean {
        const file = this.files.get(path);
        if (!file) return false;
        for (const { id } of file.pieces) {
            this.engine.discard(id);
            this.owners.delete(id);
        }
        return this.files.delete(path);
    }

    /** The best pieces for a question, no part of another one among them. `meaning`: vectors of pieces and the question's. */
    search(
        question: string,
        limit: number,
        meaning?: { vectors: Vectors; question: Float32Array },
    ): CodebaseHit[] {
        const n = Math.max(MIN_CANDIDATES, limit * 4);
        const byWords = testsLast(this.byWords(question, n), question);
        if (!meaning) return spread(byWords, limit);
        const byMeaning = testsLast(this.byMeaning(meaning, MEANT_CANDIDATES), question);
        const ranked = (all: readonly Candidate[]) =>
            all.map(({ id, score }) => ({ item: id, score }));
        const found = fuse([
            { found: ranked(byWords), weight: 1, from: "zero" },
            { found: ranked(byMeaning), weight: MEANING_WEIGHT, from: "last" },
        ]);
        return spread(
            found.flatMap(({ item, score }) => this.candidate(item, score) ?? []),
            limit,
        );
    }

    /** Hashes of all pieces. */
    hashes(): Set<string> {
        return new Set([...this.owners.values()].map(({ piece }) => piece.hash));
    }

    private byWords(question: string, n: number): Candidate[] {
        const words = questionWords(question);
        if (words.length === 0) return [];
        return this.engine
            .search(words.join(" "))
            .slice(0, n)
            .flatMap(({ id, score }) => this.candidate(id as number, score) ?? []);
    }

    private byMeaning(
        { vectors, question }: { vectors: Vectors; question: Float32Array },
        n: number,
    ): Candidate[] {
        const cosines = vectors.cosines(question);
        const found: { id: number; score: number }[] = [];
        for (const [id, { piece }] of this.owners) {
            const row = vectors.row(piece.hash);
            if (row !== undefined) found.push({ id, score: Math.max(0, cosines[row] ?? 0) });
        }
        found.sort((a, b) => b.score - a.score);
        return found.slice(0, n).flatMap(({ id, score }) => this.candidate(id, score) ?? []);
    }

    private candidate(id: number, score: number): Candidate | undefined {
        const owner = this.owners.get(id);
        if (!owner) return undefined;
        const { file, piece } = owner;
        const { first, last, symbol } = piece;
        return { id, path: file.path, name: file.name, first, last, symbol, score };
    }

    /** Without what was removed. */
    async toStored(): Promise<StoredIndex> {
        if (this.engine.dirtCount > 0) await this.engine.vacuum();
        return {
            files: [...this.files.values()],
            nextId: this.nextId,
            search: this.engine.toJSON(),
        };
    }

    /** Throws when something in it does not belong together. */
    static from(stored: StoredIndex): TextIndex {
        const made = new TextIndex();
        made.engine = MiniSearch.loadJS<Entry>(stored.search, OPTIONS);
        for (const file of stored.files) {
            made.files.set(file.path, file);
            for (const piece of file.pieces) {
                if (!made.engine.has(piece.id)) throw new Error(`no piece ${piece.id}`);
                made.owners.set(piece.id, { file, piece });
            }
        }
        if (made.engine.documentCount !== made.owners.size) throw new Error("pieces of no file");
        made.nextId = stored.nextId;
        return made;
    }
}
