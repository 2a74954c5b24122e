/** A review in a document that others edit too: streaming, verdicts, undo, save, what ends it. */

import { describe, expect, it } from "vitest";
import type { ReviewedDocument } from "../../../../src/host/edit/reviewedDocument";
import { ReviewSession } from "../../../../src/host/edit/reviewSession";
import type { LineChange } from "../../../../src/edit/lines";
import type { TextChange } from "../../../../src/edit/review";
import { resumedRows, savedReview } from "../../../../src/edit/savedReview";
import { changedLines, randomFrom, randomLines, SEEDS } from "../../edit/random";

/** A document with undo as an editor has it: edits without a new step belong to the last one. */
class FakeDocument implements ReviewedDocument {
    session: ReviewSession | undefined;
    steps: string[][] = [];
    undone: string[][] = [];
    /** Edits that are refused, as when the document has changed meanwhile. */
    nRefused = 0;
    /** What somebody does then. */
    meanwhile: () => void = () => undefined;
    canUndo = true;
    /** Steps that one undo of the editor takes back. */
    nUndone = 1;
    nEdits = 0;

    constructor(public text: string[]) {}

    lines(): string[] {
        return this.text;
    }

    async replace(change: LineChange, isFirst: boolean): Promise<boolean> {
        await Promise.resolve();
        if (this.nRefused > 0) {
            this.nRefused--;
            this.meanwhile();
            return false;
        }
        if (isFirst) this.steps.push(this.text);
        this.nEdits++;
        this.put(change, "edit");
        return true;
    }

    async undo(): Promise<boolean> {
        await Promise.resolve();
        if (!this.canUndo) return false;
        for (let n = 0; n < this.nUndone; n++) this.personUndoes();
        return true;
    }

    async redo(): Promise<void> {
        await Promise.resolve();
        for (let n = 0; n < this.nUndone; n++) this.personRedoes();
    }

    /** Somebody types: a step of its own. */
    edit(start: number, end: number, ...lines: string[]): void {
        this.steps.push(this.text);
        this.put({ start, end, lines }, "edit");
    }

    personUndoes(): void {
        const before = this.steps.pop() ?? [];
        this.undone.push(this.text);
        this.put({ start: 0, end: this.text.length, lines: before }, "undo");
    }

    personRedoes(): void {
        const after = this.undone.pop() ?? [];
        this.steps.push(this.text);
        this.put({ start: 0, end: this.text.length, lines: after }, "redo");
    }

    /** What changes on saving is a step of its own. */
    save(): void {
        const change = this.session?.beforeSave();
        if (!change) return;
        this.steps.push(this.text);
        this.put(change, "edit");
    }

    private put({ start, end, lines }: LineChange, how: "edit" | "undo" | "redo"): void {
        const last = this.text.at(-1) ?? "";
        const isToEnd = end === this.text.length;
        const change: TextChange = isToEnd
            ? {
                  startLine: start === 0 ? 0 : start - 1,
                  startCharacter: start === 0 ? 0 : (this.text[start - 1] ?? "").length,
                  endLine: this.text.length - 1,
                  endCharacter: last.length,
                  text: (start === 0 ? "" : "\n") + lines.join("\n"),
              }
            : {
                  startLine: start,
                  startCharacter: 0,
                  endLine: end,
                  endCharacter: 0,
                  text: lines.map((line) => `${line}\n`).join(""),
              };
        this.text = [...this.text.slice(0, start), ...lines, ...this.text.slice(end)];
        this.session?.documentChanged([change], how);
    }
}

const FILE = ["head", "a", "b", "c", "tail", ""];

function setUp(lines = FILE, range = { start: 1, end: 4 }) {
    const document = new FakeDocument([...lines]);
    const session = new ReviewSession(document, range);
    document.session = session;
    let nInterrupted = 0;
    session.onInterrupted(() => nInterrupted++);
    return { document, session, interruptions: () => nInterrupted };
}

describe("while it is written", () => {
    it("shows what came, and the old lines that are not reached yet", async () => {
        const { document, session } = setUp();
        await session.write(["a"]);
        expect(document.text).toEqual(FILE);
        await session.write(["a", "B"]);
        expect(document.text).toEqual(["head", "a", "B", "b", "c", "tail", ""]);
        await session.write(["a", "B", "c"]);
        expect(document.text).toEqual(["head", "a", "", "B", "c", "tail", ""]);
        expect(session.state).toBe("writing");
        expect(await session.finish(["a", "B", "c"])).toBe(1);
        expect(session.state).toBe("reviewing");
        expect(document.steps).toHaveLength(1);
    });

    it("goes on where the document was edited above and below", async () => {
        const { document, session, interruptions } = setUp();
        await session.write(["A"]);
        document.edit(0, 1, "new", "head");
        document.edit(document.text.length - 2, document.text.length - 1, "TAIL");
        await session.write(["A", "b"]);
        await session.finish(["A", "b", "c"]);
        expect(document.text).toEqual(["new", "head", "", "A", "b", "c", "TAIL", ""]);
        await session.acceptAll();
        expect(document.text).toEqual(["new", "head", "A", "b", "c", "TAIL", ""]);
        expect(interruptions()).toBe(0);
    });

    it("ends when its own lines are edited, and leaves the old ones and the edit", async () => {
        const { document, session, interruptions } = setUp();
        await session.write(["A", "b"]);
        document.edit(4, 5, "mine");
        await session.rejectAll();
        expect(interruptions()).toBe(1);
        expect(document.text).toEqual(["head", "a", "b", "mine", "tail", ""]);
        expect(session.state).toBe("ended");
        await session.write(["A", "b", "c"]);
        expect(document.text).toEqual(["head", "a", "b", "mine", "tail", ""]);
    });

    it("ends also when a change is on its way into the edited lines", async () => {
        const { document, session } = setUp();
        await session.write(["A", "b"]);
        document.nRefused = 1;
        document.meanwhile = () => document.edit(2, 3, "A mine");
        await session.write(["A", "B", "c"]);
        await session.rejectAll();
        expect(document.text).toEqual(["head", "A mine", "b", "c", "tail", ""]);
        expect(session.state).toBe("ended");
    });

    it("can be stopped: the document is as before, in every respect", async () => {
        const { document, session, interruptions } = setUp();
        await session.write(["A", "b"]);
        await session.rejectAll();
        expect(document.text).toEqual(FILE);
        expect(document.steps).toEqual([]);
        expect(interruptions()).toBe(1);
        expect(session.pending.length).toBeGreaterThan(0);
        expect(session.state).toBe("asleep");
    });

    it("tries again when the document changes under its hands, and gives up at some point", async () => {
        const { document, session } = setUp();
        document.nRefused = 3;
        await session.write(["A"]);
        expect(document.nEdits).toBe(1);
        document.nRefused = 1000;
        await session.write(["A", "B", "c"]);
        expect(session.state).toBe("ended");
    });

    it("writes no lines for what is gone any more once the document was saved", async () => {
        const { document, session } = setUp();
        await session.write(["A", "b"]);
        document.save();
        expect(document.text).toEqual(["head", "A", "b", "c", "tail", ""]);
        await session.finish(["A", "B", "C"]);
        expect(document.text).toEqual(["head", "A", "B", "C", "tail", ""]);
        expect(session.pending.map(({ gone }) => gone)).toEqual([["a", "b", "c"]]);
    });

    it("that changes nothing leaves nothing to review, and no step to undo", async () => {
        const { document, session } = setUp();
        expect(await session.finish(["a", "b  ", "c"])).toBe(0);
        expect(session.state).toBe("ended");
        expect(document.steps).toEqual([]);
    });

    it("that is cut off keeps the old lines behind it", async () => {
        const { document, session } = setUp();
        expect(await session.finish(["a", "B"], false)).toBe(1);
        await session.acceptAll();
        expect(document.text).toEqual(["head", "a", "B", "b", "c", "tail", ""]);
    });
});

describe("under review", () => {
    async function reviewed() {
        const all = setUp();
        await all.session.finish(["A", "b", "C"]);
        return all;
    }

    it("takes one change and rejects another, and is over with the last", async () => {
        const { document, session } = await reviewed();
        expect(document.text).toEqual(["head", "", "A", "b", "", "C", "tail", ""]);
        const [first, second] = session.pending;
        await session.settle(second?.id ?? -1, "reject");
        expect(document.text).toEqual(["head", "", "A", "b", "c", "tail", ""]);
        expect(session.state).toBe("reviewing");
        await session.settle(first?.id ?? -1, "accept");
        expect(document.text).toEqual(["head", "A", "b", "c", "tail", ""]);
        expect(session.state).toBe("ended");
        document.personUndoes();
        expect(document.text).toEqual(FILE);
    });

    it("is one step to undo, and comes back with redo", async () => {
        const { document, session } = await reviewed();
        document.personUndoes();
        expect(document.text).toEqual(FILE);
        expect(session.state).toBe("asleep");
        document.personRedoes();
        expect(session.state).toBe("reviewing");
        await session.acceptAll();
        expect(document.text).toEqual(["head", "A", "b", "C", "tail", ""]);
    });

    it("is over when the person types after undoing it", async () => {
        const { document, session } = await reviewed();
        document.personUndoes();
        document.edit(0, 1, "typed");
        expect(session.state).toBe("ended");
    });

    it("rejects without the editor's undo where others have edited", async () => {
        const { document, session } = await reviewed();
        document.edit(0, 1, "HEAD");
        await session.rejectAll();
        expect(document.text).toEqual(["HEAD", "a", "b", "c", "tail", ""]);
        expect(session.state).toBe("ended");
    });

    it("rejects when the editor cannot undo", async () => {
        const { document, session } = await reviewed();
        document.canUndo = false;
        await session.rejectAll();
        expect(document.text).toEqual(FILE);
        expect(session.state).toBe("ended");
    });

    it("takes back its own edits and not the person's before them, also when it is rejected twice", async () => {
        const document = new FakeDocument([...FILE]);
        document.edit(0, 1, "mine");
        const session = new ReviewSession(document, { start: 1, end: 4 });
        document.session = session;
        await session.write(["A", "b"]);
        // Stop rejects, and the run that ends by it does so too.
        const stopped = session.onInterrupted(() => void session.rejectAll());
        await session.rejectAll();
        stopped.dispose();
        await session.rejectAll();
        expect(document.text).toEqual(["mine", "a", "b", "c", "tail", ""]);
        expect(document.steps).toHaveLength(1);
        expect(session.state).toBe("asleep");
    });

    it("brings back what an undo of the editor has taken beside its own edits", async () => {
        const document = new FakeDocument([...FILE]);
        document.edit(0, 1, "mine");
        const session = new ReviewSession(document, { start: 1, end: 4 });
        document.session = session;
        await session.finish(["A", "b", "C"]);
        document.nUndone = 2;
        await session.rejectAll();
        expect(document.text).toEqual(["mine", "a", "b", "c", "tail", ""]);
        expect(session.state).toBe("ended");
    });

    it("rejects without the editor's undo when no person asks for it", async () => {
        const { document, session } = await reviewed();
        await session.rejectAll({ mayUndo: false });
        expect(document.text).toEqual(FILE);
        expect(document.undone).toEqual([]);
        expect(session.state).toBe("ended");
    });

    it("leaves a change to the person who edits in it", async () => {
        const { document, session } = await reviewed();
        document.edit(2, 3, "A mine");
        await session.settle(99, "reject");
        expect(document.text).toEqual(["head", "A mine", "b", "", "C", "tail", ""]);
        expect(session.pending).toHaveLength(1);
        await session.rejectAll();
        expect(document.text).toEqual(["head", "A mine", "b", "c", "tail", ""]);
    });

    it("saves without the lines that stand for what is gone, and can still reject", async () => {
        const { document, session } = await reviewed();
        document.save();
        expect(document.text).toEqual(["head", "A", "b", "C", "tail", ""]);
        expect(session.pending.map(({ gone }) => gone)).toEqual([["a"], ["c"]]);
        await session.rejectAll();
        expect(document.text).toEqual(FILE);
    });

    it("shows the lines again whose taking out by a save is undone", async () => {
        const { document, session } = await reviewed();
        document.save();
        document.personUndoes();
        expect(document.text).toEqual(["head", "", "A", "b", "", "C", "tail", ""]);
        expect(session.pending).toHaveLength(2);
        document.personUndoes();
        expect(document.text).toEqual(FILE);
        expect(session.state).toBe("asleep");
    });

    it("goes on in another window as it was left, and rejects without that window's undo", async () => {
        const { document, session } = await reviewed();
        const saved = savedReview(session.all);
        session.dispose();
        document.edit(0, 1, "typed");
        const rows = resumedRows(saved, document.text);
        const again = new ReviewSession(document, { start: 0, end: 0 }, rows);
        document.session = again;
        expect(again.state).toBe("reviewing");
        expect(again.pending).toHaveLength(2);
        await again.settle(again.pending[0]?.id ?? -1, "accept");
        expect(document.text).toEqual(["typed", "A", "b", "", "C", "tail", ""]);
        await again.rejectAll();
        expect(document.text).toEqual(["typed", "A", "b", "c", "tail", ""]);
        expect(again.state).toBe("ended");
    });

    it("takes over the whole document, down to nothing", async () => {
        const { document, session } = setUp(["a", "b"], { start: 0, end: 2 });
        await session.finish(["x", "y", "z"]);
        await session.acceptAll();
        expect(document.text).toEqual(["x", "y", "z"]);
    });

    it("keeps to the document whatever is edited and settled in whatever order", async () => {
        for (const seed of SEEDS.slice(0, 120)) {
            const next = randomFrom(seed);
            const lines = randomLines(next);
            const start = next(lines.length);
            const end = start + next(lines.length - start + 1);
            const { document, session } = setUp(lines, { start, end });
            await session.finish(changedLines(next, lines.slice(start, end)));
            for (let n = 0; n < 6 && session.state === "reviewing"; n++) {
                const { pending } = session;
                const id = pending[next(pending.length)]?.id ?? -1;
                const at = next(document.text.length);
                if (next(3) === 0) document.edit(at, at + 1, "edited");
                else if (next(5) === 0) document.save();
                else await session.settle(id, next(2) === 0 ? "accept" : "reject");
                const shown = session.rows.map((row) => (row.kind === "gone" ? "" : row.text));
                if (session.state === "reviewing")
                    expect(shown, `seed ${seed}`).toEqual(document.text);
            }
        }
    });
});
