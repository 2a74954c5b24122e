/** Undo of a document under review: it goes to the document and to nothing else that has the focus. */

import { beforeEach, expect, it, vi } from "vitest";
import { EditorDocument } from "../../../../src/host/edit/editorDocument";

interface Workbench {
    active: unknown;
    focus: "commit message" | "editor";
    undone: string[];
    redone: string[];
    /** What happens when the editor gets the focus. */
    focused: () => void;
}
const workbench = vi.hoisted((): Workbench => ({
    active: undefined,
    focus: "editor",
    undone: [],
    redone: [],
    focused: () => undefined,
}));

vi.mock("vscode", () => ({
    EndOfLine: { CRLF: 2 },
    window: {
        get activeTextEditor() {
            return workbench.active === undefined ? undefined : { document: workbench.active };
        },
        visibleTextEditors: [],
        onDidChangeVisibleTextEditors: () => ({ dispose: () => undefined }),
    },
    commands: {
        executeCommand: async (command: string) => {
            if (command === "undo") workbench.undone.push(workbench.focus);
            else if (command === "redo") workbench.redone.push(workbench.focus);
            else if (command === "workbench.action.focusActiveEditorGroup") {
                workbench.focus = "editor";
                workbench.focused();
            }
        },
    },
}));

const document = { version: 1, getText: () => "a" } as never;

beforeEach(() => {
    workbench.active = document;
    workbench.focus = "commit message";
    workbench.undone = [];
    workbench.redone = [];
    workbench.focused = () => undefined;
});

it("undoes in the editor, wherever the person was typing", async () => {
    const reviewed = new EditorDocument(document);
    expect(await reviewed.undo()).toBe(true);
    expect(workbench.undone).toEqual(["editor"]);
    await reviewed.redo();
    expect(workbench.redone).toEqual(["editor"]);
});

it("undoes nothing when another document is active, or becomes so", async () => {
    const reviewed = new EditorDocument(document);
    workbench.active = {};
    expect(await reviewed.undo()).toBe(false);
    await reviewed.redo();
    workbench.active = document;
    workbench.focused = () => (workbench.active = {});
    expect(await reviewed.undo()).toBe(false);
    expect([...workbench.undone, ...workbench.redone]).toEqual([]);
});
