/** What an editor's events tell the session, against a fake of the few parts of VS Code that matter here. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import type { TextDocument } from "vscode";
import type { CompletionDocument } from "../../../../src/completion/request";
import { Asking, followAttention } from "../../../../src/host/completion/attention";
import type { Modes } from "../../../../src/host/modes";
import { leftOfCursor } from "../../../../src/host/completion/typed";

type Listener = (event: unknown) => void;

interface Fake {
    listeners: Map<string, Listener>;
    settings: Map<string, unknown>;
    active: object;
}
const editor = vi.hoisted((): Fake => ({ listeners: new Map(), settings: new Map(), active: {} }));
vi.mock("vscode", () => {
    const on = (name: string) => (listener: Listener) => {
        editor.listeners.set(name, listener);
        return { dispose: () => editor.listeners.delete(name) };
    };
    return {
        TextEditorSelectionChangeKind: { Keyboard: 1, Mouse: 2, Command: 3 },
        Range: class {
            constructor(
                readonly start: unknown,
                readonly end: unknown,
            ) {}
        },
        window: {
            get activeTextEditor() {
                return editor.active;
            },
            onDidChangeTextEditorSelection: on("selection"),
            onDidChangeActiveTextEditor: on("active"),
        },
        workspace: {
            getConfiguration: (section: string) => ({
                get: (key: string) => editor.settings.get(`${section}.${key}`),
            }),
            getWorkspaceFolder: () => undefined,
            onDidChangeTextDocument: on("change"),
        },
    };
});

interface Place {
    offset: number;
    isEqual: (other: Place) => boolean;
}
const at = (offset: number): Place => ({ offset, isEqual: (other) => other.offset === offset });

function open(text: string) {
    const document = {
        uri: { scheme: "file", path: "/a.ts", toString: () => "file:///a.ts" },
        languageId: "typescript",
        version: 1,
        lineCount: 1,
        offsetAt: ({ offset }: Place) => offset,
        positionAt: at,
        lineAt: () => ({ range: { end: at(text.length) } }),
        getText: ({ start, end }: { start: Place; end: Place }) =>
            text.slice(start.offset, end.offset),
    } as unknown as TextDocument;
    const selections = [{ active: at(0) }];
    editor.active = { document, selection: selections[0], selections };
    return document;
}

describe("followAttention", () => {
    let told: string[];
    let asking: Asking;
    beforeEach(() => {
        told = [];
        asking = new Asking();
        editor.settings.clear();
        const tell = (what: string) => (document: CompletionDocument) =>
            void told.push(`${what} ${document.prefix}|${document.suffix}`);
        followAttention({
            session: {
                anticipate: tell("typed"),
                visit: tell("moved"),
                left: () => void told.push("left"),
            },
            asking,
            modes: { for: () => ({ enabled: true, languages: {} }) } as unknown as Modes,
            warm: () => void told.push("warm"),
        });
    });
    const type = (document: TextDocument, rangeOffset: number, text: string) =>
        editor.listeners.get("change")?.({ document, contentChanges: [{ rangeOffset, text }] });
    const move = (offset: number) => {
        const selections = [{ active: at(offset) }];
        const textEditor = Object.assign(editor.active, {
            selection: selections[0],
            selections,
        });
        editor.listeners.get("selection")?.({ textEditor, kind: 1, selections });
    };

    it("tells what was typed, and that the cursor followed is no move", () => {
        const document = open("foo");
        type(document, 2, "o");
        move(3);
        expect(told).toEqual(["typed foo|"]);
        move(1);
        expect(told).toEqual(["typed foo|", "warm", "moved f|oo"]);
    });

    it("knows where the cursor is when the editor closes a bracket", () => {
        const document = open("f()");
        type(document, 1, "()");
        move(2);
        expect(told).toEqual(["typed f(|)"]);
    });

    it("tells that another editor is in front, or none, and where the cursor is in it", () => {
        editor.listeners.get("active")?.(undefined);
        open("foo");
        editor.listeners.get("active")?.(editor.active);
        expect(told).toEqual(["left", "left"]);
        move(2);
        told = [];
        editor.listeners.get("active")?.(editor.active);
        expect(told).toEqual(["left", "moved fo|o"]);
    });

    it("says nothing any more when the editor never asks, until it does", () => {
        for (let i = 0; i < 20; i++) type(open("foo"), 2, "o");
        expect(told).toHaveLength(8);
        asking.asked();
        type(open("foo"), 2, "o");
        expect(told).toHaveLength(9);
    });

    it("says nothing where the editor shows no suggestions", () => {
        editor.settings.set("editor.inlineSuggest.enabled", false);
        const document = open("foo");
        type(document, 2, "o");
        move(1);
        expect(told).toEqual([]);
    });
});

describe("leftOfCursor", () => {
    it.each([
        ["x", 1],
        ["", 0],
        ["()", 1],
        ['""', 1],
        ["\n    ", 5],
        ["\n    \n", 5],
        ["\r\n\t\r\n", 3],
        ["a\n  b\n", 6],
    ])("of %j is %i", (text, expected) => {
        expect(leftOfCursor(text)).toBe(expected);
    });
});
