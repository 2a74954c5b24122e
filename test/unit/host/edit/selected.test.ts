// When changes come under review: a selection over them goes, one elsewhere is a person's own and stays; how many there are is said
// as long as it is true.
import { describe, expect, it, vi } from "vitest";
import { Emitter } from "../../../../src/base/event";
import type { ReviewState } from "../../../../src/host/edit/reviewSession";
import { showChanges } from "../../../../src/host/edit/selected";

const bar = vi.hoisted(() => ({ said: [] as string[] }));

vi.mock("vscode", () => ({
    Range: class {
        constructor(readonly numbers: number[]) {}
    },
    Selection: class {
        readonly isEmpty: boolean;
        constructor(...[line, character, endLine, endCharacter]: number[]) {
            this.isEmpty = line === endLine && character === endCharacter;
            Object.assign(this, { start: { line, character } });
        }
    },
    window: {
        setStatusBarMessage: (text: string) => {
            bar.said.push(text);
            return { dispose: () => bar.said.pop() };
        },
    },
}));

const hunk = (line: number, nLines: number) => ({ id: line, line, nLines, added: [], gone: [] });
const PENDING = [hunk(4, 2), hunk(8, 0)];

/** The selection after changes in lines 4, 5 and 8 were shown: from `line` to the start of `endLine` before. */
function after(line: number, endLine: number) {
    const start = { line, character: 0 };
    const end = { line: endLine, character: 0 };
    const selection = { start, end, isEmpty: line === endLine };
    const revealRange = vi.fn();
    const editor = { selection, revealRange };
    showChanges(editor as never, {
        pending: PENDING,
        state: "reviewing",
        onDidChange: new Emitter<void>().event,
    });
    expect(revealRange).toHaveBeenCalledOnce();
    return { line: editor.selection.start.line, isEmpty: editor.selection.isEmpty };
}

describe("showChanges", () => {
    it.each([
        [2, 10],
        [5, 6],
        [8, 9],
    ])("puts the cursor on the first change when lines %i to %i were selected", (line, endLine) => {
        expect(after(line, endLine)).toEqual({ line: 4, isEmpty: true });
    });

    it.each([
        [2, 4],
        [6, 8],
        [9, 11],
    ])("leaves the selection of lines %i to %i", (line, endLine) => {
        expect(after(line, endLine)).toEqual({ line, isEmpty: false });
    });

    it("leaves the cursor where it is", () => {
        expect(after(5, 5)).toEqual({ line: 5, isEmpty: true });
    });

    it("says how many changes there are until they are others, or the review is over", () => {
        const text = "2 changes to review: Ctrl+Enter accepts all, Escape rejects all.";
        const editor = { selection: { isEmpty: true }, revealRange: vi.fn() };
        for (const [state, pending] of [
            ["reviewing", PENDING.slice(1)],
            ["asleep", PENDING],
            ["ended", []],
        ] as [ReviewState, typeof PENDING][]) {
            const emitter = new Emitter<void>();
            const session = { pending: PENDING, state: "reviewing", onDidChange: emitter.event };
            bar.said = [];
            showChanges(editor as never, session as never);
            emitter.fire();
            expect(bar.said).toEqual([text]);
            Object.assign(session, { state, pending });
            emitter.fire();
            emitter.fire();
            expect(bar.said).toEqual([]);
        }
    });
});
