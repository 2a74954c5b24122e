/** Files, folders, symbols and selected lines as context. */

import type { Uri } from "vscode";
import {
    commands,
    RelativePattern,
    workspace,
    type DocumentSymbol,
    type Range,
    type TextEditor,
} from "vscode";
import { AppError } from "../../../base/errors";
import { openDocument } from "../../context/sourceFiles";
import { pathForModel } from "../../completion/snapshot";
import { fileBlock, lineRange, passageBlock, selectionBlock, type ContextBlock } from "../context";
import { imageRefused, isImage, nothing, type Attachment } from "./attachment";

const MAX_FILE_BYTES = 2_000_000;
const MAX_LISTED = 300;

export function file(uri: Uri): Attachment {
    const name = nameOf(uri);
    return {
        id: `file:${uri.toString()}`,
        kind: "file",
        label: name,
        tooltip: shownPath(uri),
        async resolve(maxCharacters) {
            const document = await read(uri);
            const { languageId } = document;
            const place = { path: pathForModel(uri), languageId, lines: document };
            return fileBlock({ ...place, first: 0, last: 0 }, maxCharacters);
        },
    };
}

/** The names of what is in a folder, without what `mayShow` refuses. */
export function folder(uri: Uri, mayShow: (uri: Uri) => Promise<boolean>): Attachment {
    return {
        id: `folder:${uri.toString()}`,
        kind: "folder",
        label: `${nameOf(uri)}/`,
        tooltip: `The names of the files in ${shownPath(uri)}`,
        async resolve(maxCharacters) {
            const pattern = new RelativePattern(uri, "**/*");
            const found = await workspace.findFiles(pattern, undefined, MAX_LISTED * 2);
            const shown = await Promise.all(found.map((one) => mayShow(one)));
            const files = found.filter((_, i) => shown[i]).slice(0, MAX_LISTED);
            if (files.length === 0) throw nothing(`There are no files to show in ${nameOf(uri)}`);
            const names = files.map((one) => one.path.slice(uri.path.length + 1)).sort();
            const path = pathForModel(uri);
            const title = `Files in the folder ${path}`;
            const passage = { label: `${nameOf(uri)}/`, title, text: names.join("\n") };
            return passageBlock({ ...passage, keep: "beginning" }, maxCharacters);
        },
    };
}

/** `range`: where it was found; the whole symbol is shown. `mayShow` is asked when its text is read. */
export function symbol(
    { name, uri, range }: { name: string; uri: Uri; range: Range },
    mayShow: (uri: Uri) => Promise<boolean>,
): Attachment {
    return {
        id: `symbol:${uri.toString()}:${name}:${range.start.line}`,
        kind: "symbol",
        label: name,
        tooltip: `${name} in ${shownPath(uri)}`,
        async resolve(maxCharacters) {
            if (!(await mayShow(uri)))
                throw nothing(
                    `${nameOf(uri)} is secret, ignored or excluded, so it is not shown to the model`,
                );
            const document = await read(uri);
            const whole = (await wholeSymbol(uri, name, range)) ?? range;
            const { languageId } = document;
            const { label, text } = selectionBlock(
                {
                    path: pathForModel(uri),
                    languageId,
                    lines: document,
                    first: whole.start.line,
                    last: whole.end.line,
                },
                maxCharacters,
            );
            return { label: `${name} (${label})`, text: text.replace(/^Selected/, name) };
        },
    };
}

/** The lines that are selected now, also when the selection is another one later. */
export function selectedLines(editor: TextEditor): Attachment {
    const { document, selection } = editor;
    const { start, end } = selection;
    const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
    const place = { path: pathForModel(document.uri), languageId: document.languageId };
    const block = (maxCharacters: number): ContextBlock =>
        selectionBlock({ ...place, lines: document, first: start.line, last }, maxCharacters);
    const lines = lineRange(start.line, last);
    return {
        id: `selection:${document.uri.toString()}:${lines}`,
        kind: "selection",
        label: `${nameOf(document.uri)}, ${lines}`,
        tooltip: `${shownPath(document.uri)}, ${lines}`,
        resolve: async (maxCharacters) => block(maxCharacters),
    };
}

/** Text of a file that was dropped from outside; its path is not known. */
export function dropped(name: string, text: string): Attachment {
    return {
        id: `dropped:${name}:${text.length}`,
        kind: "dropped",
        label: name,
        tooltip: `${name}, dropped from outside`,
        resolve: async (maxCharacters) =>
            passageBlock(
                { label: name, title: `File ${name}`, text, keep: "beginning" },
                maxCharacters,
            ),
    };
}

async function read(uri: Uri) {
    if (isImage(uri.path)) throw imageRefused(nameOf(uri));
    const open = openDocument(uri);
    if (open) return open;
    try {
        const { size } = await workspace.fs.stat(uri);
        if (size > MAX_FILE_BYTES)
            throw nothing(`${nameOf(uri)} is larger than 2 MB; select the lines that matter`);
        return await workspace.openTextDocument(uri);
    } catch (error) {
        if (error instanceof AppError) throw error;
        throw nothing(`${nameOf(uri)} cannot be read as text; choose another file`);
    }
}

async function wholeSymbol(uri: Uri, name: string, range: Range): Promise<Range | undefined> {
    const all = await commands.executeCommand<DocumentSymbol[] | undefined>(
        "vscode.executeDocumentSymbolProvider",
        uri,
    );
    const find = (symbols: readonly DocumentSymbol[]): Range | undefined => {
        for (const one of symbols) {
            const inner = find(one.children ?? []);
            if (inner) return inner;
            if (one.name === name && one.range?.contains(range.start)) return one.range;
        }
        return undefined;
    };
    return find(all ?? []);
}

export function nameOf(uri: Uri): string {
    return uri.path.replace(/\/+$/, "").split("/").at(-1) ?? uri.path;
}

function shownPath(uri: Uri): string {
    return uri.scheme === "file" ? uri.fsPath : uri.path;
}
