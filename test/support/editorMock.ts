/**
 * What slash commands and `@ingot` see of VS Code, for `vi.mock("vscode", async () => (await import(".../editorMock")).vscode)`: one folder,
 * whose files are on the disk, and one editor; no symbols, no problems.
 */

import { readdirSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";

/** Set by a test. */
export const world: {
    /** Absolute path of the workspace's folder; undefined: none is open. */
    folder: string | undefined;
    editor: unknown;
} = { folder: undefined, editor: undefined };

class Uri {
    constructor(
        readonly scheme: string,
        readonly path: string,
    ) {}
    get fsPath() {
        return this.path;
    }
    toString() {
        return `${this.scheme}://${this.path}`;
    }
    static file(path: string) {
        return new Uri("file", path);
    }
    static parse(text: string) {
        const [scheme = "", path = ""] = text.split("://");
        return new Uri(scheme, path);
    }
    static joinPath({ scheme, path }: Uri, ...more: string[]) {
        return new Uri(scheme, join(path, ...more));
    }
}
class Location {
    constructor(
        readonly uri: unknown,
        readonly range: unknown,
    ) {}
}
class Range {
    constructor(
        readonly first: number,
        readonly from: number,
        readonly last: number,
    ) {}
}

const folders = () => {
    const { folder } = world;
    return folder === undefined ? [] : [{ name: basename(folder), uri: Uri.file(folder) }];
};

export const vscode = {
    Uri,
    Location,
    Range,
    FileType: { File: 1, Directory: 2 },
    SymbolKind: {},
    DiagnosticSeverity: { Warning: 1 },
    commands: { executeCommand: async () => [] },
    languages: { getDiagnostics: () => [] },
    window: {
        get activeTextEditor() {
            return world.editor;
        },
        visibleTextEditors: [],
    },
    workspace: {
        notebookDocuments: [],
        textDocuments: [],
        get workspaceFolders() {
            return folders();
        },
        getWorkspaceFolder: ({ path }: Uri) =>
            folders().find(({ uri }) => path.startsWith(`${uri.path}/`)),
        asRelativePath: ({ path }: Uri) => path.slice((world.folder?.length ?? -1) + 1),
        fs: {
            readDirectory: async ({ path }: Uri) => readdirSync(path).map((name) => [name, 1]),
            stat: ({ path }: Uri) => stat(path),
            readFile: ({ path }: Uri) => readFile(path),
        },
    },
};

/** An editor with the cursor at its beginning. */
export function editorOf(text: string, path = "/x/a.ts") {
    const lines = text.split("\n");
    const at = { line: 0, character: 0 };
    return {
        selection: { isEmpty: true, start: at, end: at, active: at },
        document: {
            uri: Uri.file(path),
            languageId: "typescript",
            lineCount: lines.length,
            lineAt: (line: number) => ({ text: lines[line] ?? "" }),
            getText: () => text,
        },
    } as never;
}
