/**
 * What the codebase and the context see of VS Code, for `vi.mock("vscode", async () => (await import(".../watchingEditor")).vscode)`: folders and
 * documents that a test sets, events that it fires by hand; files are on the disk.
 */

import type { TextDocument } from "vscode";

type Listener = (event: unknown) => void;
interface AnyUri {
    path: string;
}

class Uri {
    readonly scheme = "file";
    readonly authority = "";
    constructor(readonly path: string) {}
    get fsPath() {
        return this.path;
    }
    with({ path }: AnyUri) {
        return new Uri(path);
    }
    static file(path: string) {
        return new Uri(path);
    }
    static parse(text: string) {
        return new Uri(text.replace("file://", ""));
    }
    toString() {
        return `file://${this.path}`;
    }
}

const listeners = new Map<string, Listener[]>();

/** Set and read by a test. */
export const editor = {
    documents: [] as (TextDocument | object)[],
    folders: [] as { name: string; uri: AnyUri }[],
    /** What progress in the window said. */
    messages: [] as string[],
    clipboard: "",
    /** Events that somebody listens to. */
    get listened() {
        return [...listeners.keys()];
    },
    /** `change`, `rename`, `configuration` ...; of a watcher `**\/* create`. */
    fire(name: string, event: unknown): void {
        for (const listener of listeners.get(name) ?? []) listener(event);
    },
    startOver(): void {
        editor.documents = [];
        editor.folders = [];
        editor.messages = [];
        editor.clipboard = "";
        listeners.clear();
    },
};

const on = (name: string) => (listener: Listener) => {
    listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    return { dispose: () => undefined };
};
const ignored = () => ({ dispose: () => undefined });
const folderOf = ({ path }: AnyUri) =>
    editor.folders.find(({ uri }) => path.startsWith(`${uri.path}/`));

export const vscode = {
    Uri,
    UIKind: { Web: 2 },
    FileType: { Directory: 2 },
    ProgressLocation: { Window: 10 },
    env: { clipboard: { readText: async () => editor.clipboard } },
    window: {
        activeTextEditor: undefined,
        visibleTextEditors: [],
        onDidChangeTextEditorVisibleRanges: ignored,
        onDidChangeTextEditorSelection: on("selection"),
        onDidChangeWindowState: ignored,
        onDidChangeActiveTextEditor: on("front"),
        withProgress: (
            _: unknown,
            work: (progress: { report: (value: { message: string }) => void }) => unknown,
        ) => work({ report: ({ message }) => editor.messages.push(message) }),
    },
    workspace: {
        get textDocuments() {
            return editor.documents;
        },
        get workspaceFolders() {
            return editor.folders.length > 0 ? editor.folders : undefined;
        },
        notebookDocuments: [],
        getConfiguration: () => ({ get: () => undefined }),
        getWorkspaceFolder: folderOf,
        asRelativePath: (uri: AnyUri) => uri.path.slice((folderOf(uri)?.uri.path.length ?? -1) + 1),
        createFileSystemWatcher: (glob: string) => ({
            onDidChange: on(`${glob} change`),
            onDidCreate: on(`${glob} create`),
            onDidDelete: on(`${glob} delete`),
            dispose: () => undefined,
        }),
        onDidChangeConfiguration: on("configuration"),
        onDidChangeWorkspaceFolders: on("folders"),
        onDidChangeTextDocument: on("change"),
        onDidCloseTextDocument: on("close"),
        onDidRenameFiles: on("rename"),
        onDidDeleteFiles: on("delete"),
    },
};
