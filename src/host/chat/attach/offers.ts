/** What can be added behind `#`, by what was typed: the kinds, then files, folders and symbols of the workspace. */

import type { Uri } from "vscode";
import {
    commands,
    workspace,
    type DocumentSymbol,
    type Range,
    type SymbolInformation,
    type TextEditor,
} from "vscode";
import type { Suggestion } from "../../../protocol/webview";
import { folderOf } from "../../../context/imports";
import { pathForModel } from "../../completion/snapshot";
import type { Attachment } from "./attachment";
import { changes, type MayShowChange } from "./changes";
import { file, folder, nameOf, selectedLines, symbol } from "./files";
import { best } from "./rank";
import { clipboard, problems, terminal } from "./sources";
import type { TerminalLog } from "./terminalLog";

export interface Offer {
    suggestion: Suggestion;
    attachment: Attachment;
}

export interface OfferOptions {
    lastEditor: () => TextEditor | undefined;
    mayShow: (uri: Uri) => Promise<boolean>;
    mayShowChange: MayShowChange;
    terminals: TerminalLog;
    /** The search in the workspace. */
    codebase: Attachment;
}

const MAX_FILES = 8;
const MAX_FOLDERS = 3;
const MAX_SYMBOLS = 6;
const MAX_LISTED = 5000;
/** The list of files is read again after so long. */
const KEPT_MS = 5000;

export class Offers {
    private listed: { atMs: number; uris: Promise<Uri[]> } | undefined;

    constructor(private readonly options: OfferOptions) {}

    /** `file:`, `folder:`, `symbol:` in front of the query ask for that kind only. */
    async find(query: string): Promise<Offer[]> {
        const [, kind, rest] = /^(file|folder|symbol):(.*)$/i.exec(query) ?? [];
        const wanted = rest ?? query;
        const is = (name: string) => kind === undefined || kind.toLowerCase() === name;
        const [files, folders, symbols] = await Promise.all([
            is("file") ? this.files(wanted) : [],
            is("folder") ? this.folders(wanted) : [],
            is("symbol") ? this.symbols(wanted) : [],
        ]);
        const named = kind === undefined ? this.kinds(wanted) : [];
        return [...named, ...files, ...folders, ...symbols];
    }

    private kinds(query: string): Offer[] {
        const editor = this.options.lastEditor();
        const all = [
            ...(editor && !editor.selection.isEmpty ? [selectedLines(editor)] : []),
            ...(workspace.workspaceFolders ? [this.options.codebase] : []),
            problems((uri) => this.mayName(uri)),
            terminal(this.options.terminals),
            changes(this.options.mayShowChange),
            clipboard(),
        ];
        const fitting = all.filter(({ kind }) => kind.startsWith(query.toLowerCase()));
        return fitting.map((attachment) => offer(attachment, attachment.tooltip, ""));
    }

    private async files(query: string): Promise<Offer[]> {
        const uris = await this.workspaceFiles();
        const found = best(query, uris, pathForModel, MAX_FILES * 3);
        return (await this.shown(found))
            .slice(0, MAX_FILES)
            .map((uri) => offer(file(uri), pathForModel(uri), nameOf(uri)));
    }

    private async folders(query: string): Promise<Offer[]> {
        const uris = await this.shown(best(query, await this.workspaceFiles(), pathForModel, 200));
        const folders = new Map<string, Uri>();
        for (const uri of uris) {
            const up = uri.with({ path: folderOf(uri.path) });
            if (workspace.getWorkspaceFolder(up)) folders.set(up.toString(), up);
        }
        return best(query, [...folders.values()], pathForModel, MAX_FOLDERS).map((uri) =>
            offer(folder(uri, this.options.mayShow), pathForModel(uri), `${nameOf(uri)}/`),
        );
    }

    /** Of the open file, then of the workspace as its language servers know it. */
    private async symbols(query: string): Promise<Offer[]> {
        const { uri } = this.options.lastEditor()?.document ?? {};
        const [here, everywhere] = await Promise.all([
            uri ? symbolsOf(uri) : [],
            query.length > 1 ? workspaceSymbols(query) : [],
        ]);
        const mayShow = (one: Uri) => this.mayName(one);
        const all = new Map(
            [...everywhere, ...here].map((one) => {
                const attachment = symbol(one, mayShow);
                return [attachment.id, { uri: one.uri, attachment }];
            }),
        );
        const found = best(
            query,
            [...all.values()].reverse(),
            ({ attachment }) => attachment.label,
            MAX_SYMBOLS * 3,
        );
        const may = await Promise.all(found.map((one) => this.mayName(one.uri)));
        return found
            .filter((_, i) => may[i])
            .slice(0, MAX_SYMBOLS)
            .map(({ attachment }) => offer(attachment, attachment.tooltip, attachment.label));
    }

    /** What is no file on the disk is shown when it is the document in front: the chat shows that too. */
    private async mayName(uri: Uri): Promise<boolean> {
        const open = this.options.lastEditor()?.document.uri;
        const isInFront = uri.scheme !== "file" && uri.toString() === open?.toString();
        return isInFront || this.options.mayShow(uri);
    }

    private async shown(uris: readonly Uri[]): Promise<Uri[]> {
        const may = await Promise.all(uris.map((uri) => this.options.mayShow(uri)));
        return uris.filter((_, i) => may[i]);
    }

    private workspaceFiles(): Promise<Uri[]> {
        const atMs = performance.now();
        if (!this.listed || atMs - this.listed.atMs > KEPT_MS) {
            const uris = workspace.findFiles("**/*", undefined, MAX_LISTED);
            this.listed = { atMs, uris: Promise.resolve(uris) };
        }
        return this.listed.uris;
    }
}

function offer(attachment: Attachment, detail: string, insert: string): Offer {
    const { id, kind, label } = attachment;
    return { attachment, suggestion: { id, kind, label, detail, insert } };
}

interface FoundSymbol {
    name: string;
    uri: Uri;
    range: Range;
}

async function symbolsOf(uri: Uri): Promise<FoundSymbol[]> {
    const found = await commands.executeCommand<DocumentSymbol[] | undefined>(
        "vscode.executeDocumentSymbolProvider",
        uri,
    );
    const flat = (symbols: readonly DocumentSymbol[]): DocumentSymbol[] =>
        symbols.flatMap((one) => [one, ...flat(one.children ?? [])]);
    return flat(found ?? []).flatMap((one) =>
        one.range ? [{ name: one.name, uri, range: one.range }] : [],
    );
}

async function workspaceSymbols(query: string): Promise<FoundSymbol[]> {
    const found = await commands.executeCommand<SymbolInformation[] | undefined>(
        "vscode.executeWorkspaceSymbolProvider",
        query,
    );
    return (found ?? [])
        .filter(({ location }) => workspace.getWorkspaceFolder(location.uri))
        .slice(0, MAX_SYMBOLS * 4)
        .map(({ name, location: { uri, range } }) => ({ name, uri, range }));
}
