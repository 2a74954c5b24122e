// What is selected when changes come under review: a selection over them goes, one elsewhere is a person's own and stays.
import { describe, expect, it, vi } from "vitest";
import { showChanges } from "../../../../src/host/edit/selected";

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
    window: { setStatusBarMessage: vi.fn() },
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
    showChanges(editor as never, { pending: PENDING });
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
});
