// Which blocks of a killed conversion count as done, by how far the hashes of the source had come: never one whose bytes are in no hash.
import { describe, expect, it } from "vitest";
import {
    cutsOf,
    resumeHashes,
    type HashMark,
    type PlacedBlock,
} from "../../../src/foundry/sourceHashes";

/** A block at a place of the result, made of one range of a file. */
const block = (offset: number, start: number, end: number, file = "a"): PlacedBlock => ({
    offset,
    length: 10,
    ranges: [{ file, start, end }],
});
const mark = (bytes: number, file = "a"): HashMark => ({ file, bytes, state: new Uint8Array(1) });
const unhashed = (file: string): HashMark => ({ file, bytes: 0, state: undefined });

function resume(
    blocks: PlacedBlock[],
    intact: number[],
    marks: HashMark[],
    canResume: (mark: HashMark) => boolean = () => true,
) {
    const resumed: [string, number | undefined][] = [];
    const done = resumeHashes({
        blocks,
        intact: new Map(intact.map((offset) => [offset, 10])),
        marks,
        files: new Set(["a", "b"]),
        hashes: {
            canResume,
            resume: ({ file, bytes, state }) => resumed.push([file, state ? bytes : undefined]),
            follow: () => undefined,
        },
    });
    return { done: [...done.keys()], resumed };
}

describe("cutsOf", () => {
    it("is where blocks meet, not where one is inside another", () => {
        const blocks = [block(0, 8, 20), block(10, 20, 30), block(20, 35, 60), block(30, 40, 50)];
        expect(cutsOf(blocks)).toEqual(new Map([["a", [20, 30, 60]]]));
        expect(cutsOf([block(0, 5, 9), block(10, 0, 4, "b")])).toEqual(
            new Map([
                ["a", [9]],
                ["b", [4]],
            ]),
        );
    });
});

describe("resumeHashes", () => {
    const blocks = [
        block(0, 0, 100),
        block(10, 100, 200),
        block(20, 200, 300),
        block(30, 300, 400),
    ];
    const marks = [100, 200, 300, 400].map((bytes) => mark(bytes));

    it("goes on at the last place before what is missing", () => {
        expect(resume(blocks, [0, 10], marks)).toEqual({ done: [0, 10], resumed: [["a", 200]] });
        expect(resume(blocks, [0, 10, 20, 30], marks)).toEqual({
            done: [0, 10, 20, 30],
            resumed: [["a", 400]],
        });
    });

    it("does again what was written ahead of it, and what is behind the hash", () => {
        expect(resume(blocks, [0, 20, 30], marks)).toEqual({ done: [0], resumed: [["a", 100]] });
        expect(resume(blocks, [0, 10, 20], [mark(100)])).toEqual({
            done: [0],
            resumed: [["a", 100]],
        });
        expect(resume(blocks, [10, 20, 30], marks)).toEqual({ done: [], resumed: [] });
    });

    it("does all again without a hash, or where this run has read on", () => {
        expect(resume(blocks, [0, 10, 20], [])).toEqual({ done: [], resumed: [] });
        expect(resume(blocks, [0, 10, 20], marks, () => false)).toEqual({ done: [], resumed: [] });
        expect(resume(blocks, [0, 10, 20], marks, ({ bytes }) => bytes > 200)).toEqual({
            done: [0, 10, 20],
            resumed: [["a", 300]],
        });
    });

    it("takes the rows of a file as they are that is in no hash", () => {
        expect(resume(blocks, [0, 20, 30], [unhashed("a")])).toEqual({
            done: [0, 20, 30],
            resumed: [["a", undefined]],
        });
    });

    it("knows each file apart", () => {
        const both = [...blocks, block(40, 0, 100, "b"), block(50, 100, 200, "b")];
        expect(resume(both, [0, 10, 40, 50], [...marks, mark(100, "b")])).toEqual({
            done: [0, 10, 40],
            resumed: [
                ["a", 200],
                ["b", 100],
            ],
        });
    });

    it("goes back further when a block that reads two files must be done again", () => {
        const joined = (offset: number, a: number, b: number): PlacedBlock => ({
            offset,
            length: 10,
            ranges: [
                { file: "a", start: a, end: a + 100 },
                { file: "b", start: b, end: b + 100 },
            ],
        });
        const two = [joined(0, 0, 0), joined(10, 100, 100), joined(20, 200, 200)];
        // All of a is hashed, of b only the first part: a's hash must not go on behind what is done again.
        expect(resume(two, [0, 10, 20], [...marks, mark(100, "b")])).toEqual({
            done: [0],
            resumed: [
                ["a", 100],
                ["b", 100],
            ],
        });
    });

    it("does all again when a block is made of what is not known", () => {
        const decoded = [...blocks, block(40, 0, 100, "a#decoded")];
        expect(resume(decoded, [0, 10, 40], marks)).toEqual({ done: [], resumed: [] });
    });
});
