/** A review that was put aside goes on in the document as it is found then; what others have changed in it is settled. */

import { describe, expect, it } from "vitest";
import { diffLines } from "../../../src/edit/lines";
import {
    documentLines,
    hideGone,
    pendingHunks,
    rowsOf,
    settle,
    type Row,
} from "../../../src/edit/review";
import { resumedRows, savedReview, savedReviewIn } from "../../../src/edit/savedReview";
import { changedLines, randomFrom, randomLines, SEEDS } from "./random";

const BEFORE = ["head", "a", "b", "c", "tail", ""];
const ROWS = rowsOf(BEFORE, diffLines(BEFORE, ["head", "A", "b", "tail", ""]));
const SHOWN = ["head", "", "A", "b", "", "tail", ""];
const HIDDEN = ["head", "A", "b", "tail", ""];

/** Through a file, as a reload does it. */
function resumed(rows: readonly Row[], lines: readonly string[]): Row[] | undefined {
    const saved = savedReviewIn(JSON.parse(JSON.stringify(savedReview(rows))));
    return saved && resumedRows(saved, lines);
}

function rejected(rows: readonly Row[] | undefined): string[] {
    return documentLines(settle(rows ?? [], "all", "reject"));
}

describe("a review that goes on", () => {
    it("is as it was in a document that was left as it was", () => {
        expect(documentLines(ROWS)).toEqual(SHOWN);
        expect(resumed(ROWS, SHOWN)).toEqual(ROWS);
        expect(rejected(resumed(ROWS, SHOWN))).toEqual(BEFORE);
    });

    it("is as it was in one that was saved, before or after it was put aside", () => {
        expect(resumed(hideGone(ROWS), HIDDEN)).toEqual(hideGone(ROWS));
        expect(resumed(ROWS, HIDDEN)).toEqual(hideGone(ROWS));
        expect(rejected(resumed(ROWS, HIDDEN))).toEqual(BEFORE);
    });

    it("is over where the document is as before it", () => {
        expect(resumed(ROWS, BEFORE)).toBeUndefined();
        expect(resumed(hideGone(ROWS), BEFORE)).toBeUndefined();
    });

    it("moves with what was edited elsewhere", () => {
        const rows = resumed(hideGone(ROWS), ["new", "head", "A", "b", "tail", "more", ""]);
        expect(pendingHunks(rows ?? []).map(({ line, gone }) => [line, gone])).toEqual([
            [2, ["a"]],
            [4, ["c"]],
        ]);
        expect(rejected(rows)).toEqual(["new", "head", "a", "b", "c", "tail", "more", ""]);
    });

    it("leaves what was edited in it to whoever did that", () => {
        const rows = resumed(hideGone(ROWS), ["head", "A mine", "b", "tail", ""]);
        expect(pendingHunks(rows ?? []).map(({ gone }) => gone)).toEqual([["c"]]);
        expect(rejected(rows)).toEqual(["head", "A mine", "b", "c", "tail", ""]);
    });

    it("never puts a line there twice that somebody has put back", () => {
        const rows = resumed(hideGone(ROWS), ["head", "A", "b", "c", "tail", ""]);
        expect(pendingHunks(rows ?? []).map(({ gone }) => gone)).toEqual([["a"]]);
        expect(rejected(rows)).toEqual(BEFORE);
    });

    it("is over in a document of another content", () => {
        expect(resumed(ROWS, ["x", "y"])).toBeUndefined();
        expect(resumed(ROWS, [""])).toBeUndefined();
    });

    it("takes spaces at the ends of lines from the document", () => {
        const lines = ["head  ", "A", "b", "tail", ""];
        const rows = resumed(hideGone(ROWS), lines);
        expect(documentLines(rows ?? [])).toEqual(lines);
        expect(pendingHunks(rows ?? [])).toHaveLength(2);
    });

    it("describes the document line by line whatever has become of it", () => {
        let nGoingOn = 0;
        for (const seed of SEEDS) {
            const next = randomFrom(seed);
            const before = randomLines(next, 30);
            const rows = rowsOf(before, diffLines(before, changedLines(next, before)));
            const left = next(2) === 0 ? rows : hideGone(rows);
            const now = changedLines(next, documentLines(left));
            const found = resumed(left, now);
            if (found) expect(documentLines(found), `seed ${seed}`).toEqual(now);
            if (found) nGoingOn++;
        }
        expect(nGoingOn).toBeGreaterThan(50);
    });
});

describe("a file that is no review", () => {
    const whole = savedReview(ROWS);
    it.each([
        ["nothing", undefined],
        ["text", "x"],
        ["no marks", { texts: ["a"] }],
        ["marks behind the end", { ...whole, texts: whole.texts.slice(0, 2) }],
        ["marks in a wrong order", { ...whole, marks: [...whole.marks].reverse() }],
        ["marks of another kind", { ...whole, marks: [{ ...whole.marks[0], kind: "same" }] }],
        ["endless marks", { ...whole, marks: [{ ...whole.marks[0], count: 1e300 }] }],
        ["marks of nothing", { ...whole, marks: [{ ...whole.marks[0], count: 0 }] }],
        ["lines that are no text", { ...whole, texts: [1, 2, 3] }],
    ])("%s is refused", (_name, value) => {
        expect(savedReviewIn(value)).toBeUndefined();
    });
});
