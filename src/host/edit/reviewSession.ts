/**
 * One document while an edit is written into it and reviewed: what of it is proposed, which changes of the document are ours, what
 * other edits do to the review. Ours are one undo step. Knows no editor: a document is a port.
 * INVARIANT: between two calls the rows describe the document line by line, or the review has ended.
 */

import { Queue } from "../../base/async";
import { Emitter, type Event } from "../../base/event";
import type { Disposable } from "../../base/lifecycle";
import { changeBetween, diffLines, type LineChange } from "../../edit/lines";
import { partialHunks } from "../../edit/partial";
import {
    documentLines,
    dropLeftOver,
    hideGone,
    pendingHunks,
    rowsOf,
    settle,
    showGone,
    shownRows,
    takeOver,
    touchedLines,
    type PendingHunk,
    type Row,
    type TextChange,
    type Verdict,
} from "../../edit/review";
import type { ReviewedDocument } from "./reviewedDocument";

/** `asleep`: undone by the person; redo brings it back. */
export type ReviewState = "writing" | "reviewing" | "asleep" | "ended";

/** The lines that are being rewritten. */
interface Written {
    before: readonly string[];
    /** Lines of the document above and below them. */
    nAbove: number;
    nBelow: number;
}

type Change = (rows: readonly Row[]) => Row[];

/** A document that changes this often between two looks is left alone. */
const MAX_TRIES = 20;

export class ReviewSession implements Disposable {
    private readonly changed = new Emitter<void>();
    private readonly interrupted = new Emitter<void>();
    /** Rows or state changed. */
    readonly onDidChange: Event<void> = this.changed.event;
    /** Somebody edited the lines that are being written, or the review ended meanwhile. */
    readonly onInterrupted: Event<void> = this.interrupted.event;
    private readonly queue = new Queue();
    private readonly original: readonly string[];
    private current: Row[];
    private currentState: ReviewState = "writing";
    private written: Written;
    /** What the document becomes by a change of ours that it has not told of yet. */
    private expected: Row[] | undefined;
    private hasEdited = false;
    /** Others have edited the document too, or something was accepted: undoing would take that back as well. */
    private isMixed = false;
    private isHiding = false;
    /** The editor's undo is at work for us. */
    private isUndoing = false;

    /**
     * `start` to `end` (excluded): the lines that will be rewritten. `resumed`: the rows of a review that goes on, for the document as
     * it is; nothing is written then.
     */
    constructor(
        private readonly document: ReviewedDocument,
        { start, end }: { start: number; end: number },
        resumed?: readonly Row[],
    ) {
        const lines = [...document.lines()];
        this.original = resumed ? documentLines(settle(resumed, "all", "reject")) : lines;
        this.current = resumed ? [...resumed] : rowsOf(lines, []);
        this.written = {
            before: lines.slice(start, end),
            nAbove: start,
            nBelow: lines.length - end,
        };
        if (!resumed) return;
        this.currentState = "reviewing";
        // The editor has forgotten how the changes were made.
        this.isMixed = true;
        void this.tidy();
    }

    /** All rows, also those without a line. */
    get all(): readonly Row[] {
        return this.current;
    }

    get state(): ReviewState {
        return this.currentState;
    }

    /** What the document shows, line by line. */
    get rows(): Row[] {
        return shownRows(this.current);
    }

    get pending(): PendingHunk[] {
        return pendingHunks(this.current);
    }

    /** First line of what is being written. */
    get line(): number {
        return this.written.nAbove;
    }

    /** The lines being rewritten, as they were. */
    get before(): readonly string[] {
        return this.written.before;
    }

    /** Shows the new lines so far; old ones behind them stay. */
    async write(soFar: readonly string[]): Promise<void> {
        if (this.currentState !== "writing") return;
        await this.apply((rows) => this.rewritten(rows, partialHunks(this.before, soFar)));
    }

    /** The rewriting is complete, or stays as far as it came (`isWhole` false). Returns the number of changes to review. */
    async finish(lines: readonly string[], isWhole = true): Promise<number> {
        if (this.currentState !== "writing") return 0;
        const hunks = isWhole ? diffLines(this.before, lines) : partialHunks(this.before, lines);
        await this.apply((rows) => this.rewritten(rows, hunks));
        if (this.currentState === "writing") this.set("reviewing");
        this.endWhenSettled();
        return this.pending.length;
    }

    async settle(which: number, verdict: Verdict): Promise<void> {
        if (this.currentState !== "reviewing") return;
        if (verdict === "accept") this.isMixed = true;
        await this.apply((rows) => settle(rows, which, verdict));
        this.endWhenSettled();
    }

    async acceptAll(): Promise<void> {
        if (this.currentState !== "reviewing") return;
        await this.apply((rows) => settle(rows, "all", "accept"));
        this.endWhenSettled();
    }

    /**
     * Also stops what is being written. A document that had no other edits is as clean as before, unless `mayUndo` is false: the
     * editor's undo takes the focus, which only a person's own act may do.
     */
    async rejectAll({ mayUndo = true } = {}): Promise<void> {
        const isWriting = this.currentState === "writing";
        if (!isWriting && this.currentState !== "reviewing") return;
        this.set("reviewing");
        if (isWriting) this.interrupted.fire();
        await this.queue.add(async () => {
            // Another call may have rejected everything while this one waited: a second undo would be somebody else's edit.
            if (mayUndo && this.currentState === "reviewing") await this.undoOwn();
        });
        // It is asleep now when that has worked.
        if (this.currentState !== "reviewing") return;
        await this.apply((rows) => settle(rows, "all", "reject"));
        this.endWhenSettled();
    }

    /** The document is about to be saved: the change that takes the empty lines out which stand for what is gone. */
    beforeSave(): LineChange | undefined {
        if (this.currentState !== "writing" && this.currentState !== "reviewing") return undefined;
        this.isHiding = true;
        // A step of its own to undo.
        this.isMixed = true;
        const hidden = hideGone(this.current);
        const change = changeBetween(documentLines(this.current), documentLines(hidden));
        if (change) this.expected = hidden;
        return change;
    }

    /** The document has changed, by us or by somebody else. */
    documentChanged(changes: readonly TextChange[], how: "edit" | "undo" | "redo"): void {
        if (this.currentState === "ended" || changes.length === 0 || this.isUndoing) return;
        const now = this.document.lines();
        if (this.expected && isEqual(documentLines(this.expected), now)) {
            this.current = this.expected;
            this.expected = undefined;
            this.changed.fire();
            return;
        }
        if (this.currentState === "asleep") {
            const isBack = how === "redo" && isEqual(documentLines(this.current), now);
            this.set(isBack ? "reviewing" : "ended");
            return;
        }
        if (how === "undo" && isEqual(this.original, now)) {
            if (this.currentState === "writing") this.interrupted.fire();
            this.set("asleep");
            return;
        }
        const shown = showGone(this.current);
        if (how === "undo" && isEqual(documentLines(shown), now)) {
            // What saving has taken out.
            this.current = shown;
            this.isHiding = false;
            this.changed.fire();
            return;
        }
        this.isMixed = true;
        this.takeOver(changes, now);
    }

    dispose(): void {
        if (this.currentState === "writing") this.interrupted.fire();
        this.set("ended");
        this.changed.dispose();
        this.interrupted.dispose();
    }

    private rewritten(rows: readonly Row[], hunks: ReturnType<typeof diffLines>): Row[] {
        // Somebody edited these lines while the change was on its way: theirs count.
        if (this.currentState !== "writing") return [...rows];
        const { before, nAbove, nBelow } = this.written;
        const written = rowsOf(before, hunks);
        return [
            ...rows.slice(0, nAbove),
            ...(this.isHiding ? hideGone(written) : written),
            ...rows.slice(rows.length - nBelow),
        ];
    }

    /** Edits below and above move what is under review, edits in it settle it, edits in what is being written end that. */
    private takeOver(changes: readonly TextChange[], now: readonly string[]): void {
        let isInside = false;
        // From the end of the document, so that places above stay valid.
        const sorted = [...changes].sort(
            (a, b) => b.startLine - a.startLine || b.startCharacter - a.startCharacter,
        );
        for (const change of sorted) {
            const before = documentLines(this.current);
            const touched = touchedLines(before, change);
            const nMore = touched.lines.length - (touched.end - touched.start);
            const { nAbove, nBelow } = this.written;
            if (touched.end <= nAbove) this.written.nAbove += nMore;
            else if (touched.start >= before.length - nBelow) this.written.nBelow += nMore;
            else isInside = true;
            this.current = takeOver(this.current, touched);
        }
        if (!isEqual(documentLines(this.current), now)) {
            this.dispose();
            return;
        }
        const isWriting = this.currentState === "writing";
        if (isWriting && isInside) void this.rejectAll();
        else void this.tidy();
        this.changed.fire();
    }

    /** Takes our edits back as the one step that they are; anything more that goes with them comes back. */
    private async undoOwn(): Promise<void> {
        if (!this.hasEdited || this.isMixed) return;
        const before = documentLines(this.current);
        this.isUndoing = true;
        try {
            if (!(await this.document.undo())) return;
            if (isEqual(this.original, this.document.lines())) return this.set("asleep");
            this.isMixed = true;
            if (!isEqual(before, this.document.lines())) await this.document.redo();
        } finally {
            this.isUndoing = false;
        }
        const change = changeBetween(before, this.document.lines());
        if (change) this.current = takeOver(this.current, change);
    }

    private async tidy(): Promise<void> {
        await this.apply(dropLeftOver);
        this.endWhenSettled();
    }

    /** One change after the other; each is made for the document as it is then. */
    private apply(change: Change): Promise<void> {
        return this.queue.add(async () => {
            for (let tries = 0; tries < MAX_TRIES; tries++) {
                if (this.currentState === "ended" || this.currentState === "asleep") return;
                const next = change(this.current);
                const edit = changeBetween(documentLines(this.current), documentLines(next));
                if (!edit) {
                    this.current = next;
                    this.changed.fire();
                    return;
                }
                this.expected = next;
                const isDone = await this.document.replace(edit, !this.hasEdited);
                const isTold = this.expected !== next;
                this.expected = undefined;
                this.hasEdited ||= isDone;
                if (isDone && isTold) return;
                // Done, but not as it was meant: whatever it is now, it is not ours to go on with.
                if (isDone) break;
            }
            this.dispose();
        });
    }

    private endWhenSettled(): void {
        if (this.currentState === "reviewing" && this.pending.length === 0) this.set("ended");
    }

    private set(state: ReviewState): void {
        if (this.currentState === state) return;
        this.currentState = state;
        this.changed.fire();
    }
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
    return a.length === b.length && a.every((line, i) => line === b[i]);
}
