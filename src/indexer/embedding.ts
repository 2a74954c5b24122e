/**
 * Which pieces have no vector yet, and the vectors that come for them: the indexer computes none itself. A piece is asked for once, by what it
 * says; its text is read again from the disk, because the index does not keep it.
 */

import { pieceText } from "../codebase/pieces";
import type { Log } from "../base/log";
import { readSource, type Outliner } from "./source";
import type { FileEntry, TextIndex } from "./textIndex";
import { MAX_DIMENSIONS, textHash, Vectors, type VectorSpace } from "./vectors";
import { readVectors, writeVectors } from "./vectorStore";

export interface PieceText {
    hash: string;
    text: string;
}

export interface Missing {
    texts: PieceText[];
    /** Pieces without a vector, these included. */
    nMissing: number;
}

/** So often vectors are written while they are made. */
const SAVE_EVERY_MS = 60_000;
/** More is not read of a piece. */
const MAX_TEXT = 4000;

export class Embedding {
    private vectors: Vectors | undefined;
    private folder: string | undefined;
    private isSaved = true;
    private timer: NodeJS.Timeout | undefined;
    /** Files that are not on the disk as they are in the index, or could not be taken apart again. */
    private skipped = new WeakSet<FileEntry>();

    constructor(
        private readonly outliner: Outliner,
        private readonly log: Log,
    ) {}

    /** Vectors of this key, when there are any. */
    of(key: string): Vectors | undefined {
        return this.vectors?.space.key === key ? this.vectors : undefined;
    }

    async open(folder: string): Promise<void> {
        this.folder = folder;
        this.isSaved = true;
        const problem = (why: string) => this.log.warn("vectors not read", { why });
        this.vectors = await readVectors(folder, problem);
    }

    /** Texts of at least `limit` pieces, whole files each, or of all that are left. Vectors of another model are forgotten. */
    async missing(index: TextIndex, space: VectorSpace, limit: number): Promise<Missing> {
        const vectors = this.use(space);
        const found: Missing = { texts: [], nMissing: 0 };
        if (!vectors || vectors.isFull) return found;
        const asked = new Set<string>();
        for (const path of index.paths()) {
            const file = index.get(path);
            // What stands in an editor waits until it is saved.
            if (!file || file.mtimeMs < 0 || this.skipped.has(file)) continue;
            const wanted = new Set(
                file.pieces
                    .map(({ hash }) => hash)
                    .filter((hash) => !vectors.has(hash) && !asked.has(hash)),
            );
            if (wanted.size === 0) continue;
            found.nMissing += wanted.size;
            for (const hash of wanted) asked.add(hash);
            if (found.texts.length >= limit) continue;
            const texts = (await this.textsOf(file)).filter(({ hash }) => wanted.has(hash));
            if (texts.length < wanted.size) {
                this.skipped.add(file);
                found.nMissing -= wanted.size - texts.length;
            }
            found.texts.push(...texts);
        }
        return found;
    }

    /** Vectors of those pieces, one behind the other. */
    put({ key }: Pick<VectorSpace, "key">, hashes: readonly string[], values: Float32Array): void {
        const vectors = this.of(key);
        if (!vectors) return;
        const { dimensions } = vectors.space;
        if (values.length !== hashes.length * dimensions) return;
        for (const [i, hash] of hashes.entries())
            vectors.put(hash, values.subarray(i * dimensions, (i + 1) * dimensions));
        this.changed();
    }

    /** When all pieces are known: forgets the vectors of no piece, once they are many. */
    tidy(index: TextIndex): void {
        const { vectors } = this;
        if (!vectors || vectors.size <= 2 * index.nPieces) return;
        this.vectors = vectors.kept(index.hashes());
        this.changed();
    }

    async save(): Promise<void> {
        clearTimeout(this.timer);
        this.timer = undefined;
        const { folder, vectors } = this;
        if (this.isSaved || folder === undefined || !vectors) return;
        this.isSaved = true;
        try {
            await writeVectors(folder, vectors);
        } catch (error) {
            this.isSaved = false;
            this.log.warn("vectors not written", { error: String(error) });
        }
    }

    private use(space: VectorSpace): Vectors | undefined {
        const { dimensions } = space;
        if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS)
            return undefined;
        const known = this.of(space.key);
        if (known?.space.dimensions === dimensions) return known;
        this.vectors = new Vectors(space);
        this.skipped = new WeakSet();
        return this.vectors;
    }

    private async textsOf(file: FileEntry): Promise<PieceText[]> {
        const read = await readSource(file.path, undefined, this.outliner);
        if (read?.stamp.hash !== file.hash || !read.pieces) return [];
        const texts = read.pieces.map((piece) => pieceText(file.name, piece));
        return [...new Set(texts)].map((text) => ({
            hash: textHash(text),
            text: text.slice(0, MAX_TEXT),
        }));
    }

    private changed(): void {
        this.isSaved = false;
        if (this.timer) return;
        this.timer = setTimeout(() => void this.save(), SAVE_EVERY_MS);
        this.timer.unref();
    }
}
