/** What the session sees of an editor: the text around the cursor, and what a document is known by and called, with one folder, several, none, and for the cells of a notebook. */

import { describe, expect, it, vi } from "vitest";
import type { Position, Range, TextDocument, Uri } from "vscode";
import { documentKey, pathForModel, takeSnapshot } from "../../../../src/host/completion/snapshot";

interface FakeUri {
    scheme: string;
    path: string;
    toString: () => string;
}
const uri = (path: string, scheme = "file"): FakeUri => ({
    scheme,
    path,
    toString: () => `${scheme}:${path}`,
});

vi.mock("vscode", () => {
    const folders = ["/projects/shop", "/projects/tea"].map((path) => ({ path }));
    const folderOf = ({ path, scheme }: FakeUri) =>
        scheme === "file" ? folders.find((one) => path.startsWith(`${one.path}/`)) : undefined;
    const notebook = {
        uri: { scheme: "file", path: "/projects/tea/notes.ipynb", toString: () => "the notebook" },
        getCells: () => [
            {
                document: {
                    uri: { toString: () => "vscode-notebook-cell:/projects/tea/notes.ipynb" },
                },
            },
        ],
    };
    return {
        NotebookCellKind: { Markup: 1, Code: 2 },
        Range: class {
            constructor(
                readonly start: unknown,
                readonly end: unknown,
            ) {}
        },
        workspace: {
            notebookDocuments: [notebook],
            getWorkspaceFolder: folderOf,
            asRelativePath: (from: FakeUri, withFolder: boolean) => {
                const folder = folderOf(from)?.path ?? "";
                const rest = from.path.slice(folder.length + 1);
                return withFolder ? `${folder.split("/").at(-1) ?? ""}/${rest}` : rest;
            },
        },
    };
});

const path = (of: FakeUri, from?: FakeUri) =>
    pathForModel(of as unknown as Uri, from as unknown as Uri | undefined);

describe("pathForModel", () => {
    it("is relative to the document's own folder, with its name when told about from another", () => {
        expect(path(uri("/projects/tea/src/a.ts"))).toBe("src/a.ts");
        expect(path(uri("/projects/tea/src/a.ts"), uri("/projects/tea/b.ts"))).toBe("src/a.ts");
        expect(path(uri("/projects/tea/src/a.ts"), uri("/projects/shop/b.ts"))).toBe(
            "tea/src/a.ts",
        );
    });

    it("is the bare name outside of all folders", () => {
        expect(path(uri("/elsewhere/a.ts"))).toBe("a.ts");
        expect(path(uri("Untitled-1", "untitled"))).toBe("Untitled-1");
    });

    it("of a cell is that of its notebook", () => {
        const cell = uri("/projects/tea/notes.ipynb", "vscode-notebook-cell");
        expect(path(cell)).toBe("notes.ipynb");
        expect(documentKey({ uri: cell as unknown as Uri })).toBe("the notebook");
        const file = uri("/projects/tea/a.ts") as unknown as Uri;
        expect(documentKey({ uri: file })).toBe("file:/projects/tea/a.ts");
    });
});

describe("takeSnapshot", () => {
    const text = "const a = list.forE;\nb();\n";
    const at = (offset: number) => ({ offset, line: 0, character: offset }) as unknown as Position;
    const offsetOf = (position: unknown) => (position as { offset: number }).offset;
    const shop = {
        uri: uri("/projects/shop/a.ts"),
        languageId: "typescript",
        version: 3,
        lineCount: 3,
        lineAt: () => ({ range: { end: at(text.length) } }),
        offsetAt: offsetOf,
        positionAt: at,
        getText: ({ start, end }: Range) => text.slice(offsetOf(start), offsetOf(end)),
    } as unknown as TextDocument;
    const cursor = text.indexOf(";");
    const selecting = (start: number, item: string) =>
        takeSnapshot(shop, at(cursor), {
            selected: { range: { start: at(start), end: at(cursor) } as Range, text: item },
        });

    it("is the text on both sides of the cursor", () => {
        const { prefix, suffix, nAssumed } = takeSnapshot(shop, at(cursor));
        expect([prefix, suffix, nAssumed]).toEqual(["const a = list.forE", ";\nb();\n", undefined]);
    });

    it("counts the item that is selected in the suggestion list as typed, and says how much of it is not", () => {
        const start = text.indexOf("forE");
        const ahead = selecting(start, "forEach");
        expect([ahead.prefix, ahead.suffix]).toEqual(["const a = list.forEach", ";\nb();\n"]);
        expect(ahead.nAssumed).toBe("ach".length);
        const other = selecting(start, "every");
        expect([other.prefix, other.nAssumed]).toEqual(["const a = list.every", 0]);
    });
});
