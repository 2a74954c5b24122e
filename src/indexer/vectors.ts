/**
 * The vectors of pieces, each with the hash of the text that it is of: 8 bits a value and one scale a vector, which moves a cosine by some
 * thousandths. Every vector is compared with a question's. Knows no disk and no files.
 */

import { createHash } from "node:crypto";

export interface VectorSpace {
    /** Vectors of another key cannot be compared with these. */
    key: string;
    dimensions: number;
}

/** Bytes of a hash, and characters of it as base64. */
export const HASH_BYTES = 12;
const HASH_CHARACTERS = 16;
export const MAX_DIMENSIONS = 8192;
const MAX_BYTES = 256e6;
const LEVELS = 127;
const FIRST_CAPACITY = 1024;

/** Of a piece's text: equal texts have one vector. */
export function textHash(text: string): string {
    return createHash("sha256").update(text).digest("base64").slice(0, HASH_CHARACTERS);
}

export class Vectors {
    private readonly rows = new Map<string, number>();
    private values: Int8Array;
    private scales: Float32Array;

    constructor(readonly space: VectorSpace) {
        this.values = new Int8Array(0);
        this.scales = new Float32Array(0);
    }

    get size(): number {
        return this.rows.size;
    }

    get isFull(): boolean {
        return (this.size + 1) * this.space.dimensions > MAX_BYTES;
    }

    has(hash: string): boolean {
        return this.rows.has(hash);
    }

    /** `vector`: of length 1. Nothing happens when there is no room. */
    put(hash: string, vector: Float32Array): void {
        if (this.has(hash) || this.isFull) return;
        const { dimensions } = this.space;
        const row = this.append(hash);
        const most = vector.reduce((so, value) => Math.max(so, Math.abs(value)), 0);
        this.scales[row] = most / LEVELS;
        if (most === 0) return;
        for (let i = 0; i < dimensions; i++)
            this.values[row * dimensions + i] = Math.round(((vector[i] ?? 0) / most) * LEVELS);
    }

    /** As it was kept. */
    putKept(hash: string, scale: number, values: Int8Array): void {
        if (this.has(hash) || this.isFull) return;
        const row = this.append(hash);
        this.scales[row] = scale;
        this.values.set(values, row * this.space.dimensions);
    }

    /** The cosine of a vector of length 1 with each row, in `row`s order. */
    cosines(question: Float32Array): Float32Array {
        const { dimensions } = this.space;
        const most = question.reduce((so, value) => Math.max(so, Math.abs(value)), 0) || 1;
        const asked = Int8Array.from(question, (value) => Math.round((value / most) * LEVELS));
        const found = new Float32Array(this.size);
        const { values, scales } = this;
        for (let row = 0; row < found.length; row++) {
            const begin = row * dimensions;
            let sum = 0;
            for (let i = 0; i < dimensions; i++)
                sum += (values[begin + i] as number) * (asked[i] as number);
            found[row] = sum * (scales[row] as number) * (most / LEVELS);
        }
        return found;
    }

    /** Undefined: there is none of that text. */
    row(hash: string): number | undefined {
        return this.rows.get(hash);
    }

    /** Only those of these texts. */
    kept(hashes: ReadonlySet<string>): Vectors {
        const kept = new Vectors(this.space);
        for (const [hash, scale, values] of this.entries())
            if (hashes.has(hash)) kept.putKept(hash, scale, values);
        return kept;
    }

    *entries(): Generator<[hash: string, scale: number, values: Int8Array]> {
        const { dimensions } = this.space;
        for (const [hash, row] of this.rows)
            yield [
                hash,
                this.scales[row] ?? 0,
                this.values.subarray(row * dimensions, (row + 1) * dimensions),
            ];
    }

    private append(hash: string): number {
        const row = this.size;
        if (row >= this.scales.length) this.grow();
        this.rows.set(hash, row);
        return row;
    }

    private grow(): void {
        const capacity = Math.max(FIRST_CAPACITY, this.scales.length * 2);
        const values = new Int8Array(capacity * this.space.dimensions);
        values.set(this.values);
        this.values = values;
        const scales = new Float32Array(capacity);
        scales.set(this.scales);
        this.scales = scales;
    }
}
