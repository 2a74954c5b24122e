/**
 * What a slash command is about in an editor: the selected lines, the symbol around the cursor, or the file; what the compiler says
 * about it, and what the project's tests are written with. Asks language services, and waits for none longer than a moment.
 */

import {
    commands,
    DiagnosticSeverity,
    languages,
    SymbolKind,
    Uri,
    workspace,
    type Diagnostic,
    type DocumentSymbol,
    type Range,
    type SymbolInformation,
    type TextDocument,
} from "vscode";
import { AppError } from "../../base/errors";
import { isSecretFile } from "../../completion/gates";
import type { LineRange } from "../../context/blocks";
import type { CodeScope, SlashCommand } from "../../prompt/slash/command";
import { testFramework } from "../../prompt/slash/languages";
import type { SlashContext } from "../../prompt/slash/messages";
import { fileBlock, selectionBlock, type ContextBlock } from "../chat/context";
import { pathForModel } from "../completion/snapshot";
import { within } from "../context/within";
import { symbolAround, trimmed } from "./symbolAround";

/** The code that a command is about. */
export interface CodePlace {
    document: TextDocument;
    scope: CodeScope;
    /** Name of the symbol or the file. */
    name: string;
    /** Zero-based, both included. */
    range: LineRange;
}

const WAIT_MS = 800;
const MAX_LINES = 50_000;
const KINDS: readonly SymbolKind[] = [
    SymbolKind.Class,
    SymbolKind.Constructor,
    SymbolKind.Enum,
    SymbolKind.Function,
    SymbolKind.Interface,
    SymbolKind.Method,
    SymbolKind.Struct,
];

/** The first scope that is there. Throws AppError for a file that holds keys or passwords. */
export async function placeOf(
    document: TextDocument,
    selection: Range,
    scopes: readonly CodeScope[],
): Promise<CodePlace | undefined> {
    if (isSecretFile(document.uri.path))
        throw new AppError(
            "user/usage",
            "This file holds keys or passwords, so it is not shown to the model; work on a copy without them",
        );
    const name = document.uri.path.split("/").at(-1) ?? document.uri.path;
    for (const scope of scopes) {
        if (scope === "selection") {
            const range = selection.isEmpty ? undefined : trimmed(document, linesOf(selection));
            if (range) return { document, scope, name, range };
        } else if (scope === "symbol") {
            const symbol = await symbolAt(document, selection.start.line);
            if (symbol) return { document, scope, name: symbol.name, range: symbol };
        } else if (document.getText().trim() !== "")
            return { document, scope, name, range: { first: 0, last: document.lineCount - 1 } };
    }
    return undefined;
}

/** What the command's words need to know of a place; the blocks are the caller's. */
export async function contextOf(
    place: CodePlace,
    command: Pick<SlashCommand, "also" | "place">,
    diagnostics?: readonly Diagnostic[],
): Promise<Omit<SlashContext, "blocks">> {
    const { document, scope, name, range } = place;
    const { languageId, uri } = document;
    const about = diagnostics ?? languages.getDiagnostics(uri);
    return {
        scope,
        name,
        languageId,
        problems: command.also === "problems" ? problemsIn(about, range) : [],
        framework: command.place === "new-file" ? await frameworkOf(document) : undefined,
    };
}

/** The code as the model reads it, in at most so many characters. */
export function blockOf(
    { document, scope, range }: CodePlace,
    maxCharacters: number,
): ContextBlock {
    const { languageId, uri } = document;
    const excerpt = { path: pathForModel(uri), languageId, lines: document, ...range };
    return scope === "file"
        ? fileBlock(excerpt, maxCharacters)
        : selectionBlock(excerpt, maxCharacters);
}

/** Errors and warnings in a range of lines, the errors first. */
export function problemsIn(
    diagnostics: readonly Diagnostic[],
    { first, last }: LineRange,
): string[] {
    return diagnostics
        .filter(({ severity }) => severity <= DiagnosticSeverity.Warning)
        .filter(({ range }) => range.start.line <= last && range.end.line >= first)
        .sort((a, b) => a.severity - b.severity || a.range.start.line - b.range.start.line)
        .map(({ message, range }) => `line ${range.start.line + 1}: ${message}`);
}

/** A selection that ends before the first character of a line does not include it. */
function linesOf({ start, end }: Range): LineRange {
    const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
    return { first: start.line, last };
}

async function symbolAt(
    document: TextDocument,
    line: number,
): Promise<(LineRange & { name: string }) | undefined> {
    const asked = commands.executeCommand<(DocumentSymbol | SymbolInformation)[] | undefined>(
        "vscode.executeDocumentSymbolProvider",
        document.uri,
    );
    const known = innermost((await within(WAIT_MS, undefined, Promise.resolve(asked))) ?? [], line);
    if (known)
        return {
            name: known.name.replace(/\(.*$/, ""),
            first: known.range.start.line,
            last: Math.min(known.range.end.line, document.lineCount - 1),
        };
    if (document.lineCount > MAX_LINES) return undefined;
    return symbolAround(document.getText().split(/\r\n?|\n/), line);
}

function innermost(
    symbols: readonly (DocumentSymbol | SymbolInformation)[],
    line: number,
): DocumentSymbol | undefined {
    for (const symbol of symbols) {
        if (!("children" in symbol)) continue;
        const { start, end } = symbol.range;
        if (start.line > line || end.line < line) continue;
        const inner = innermost(symbol.children, line);
        if (inner) return inner;
        const isFunction = symbol.children.length > 0 && symbol.kind === SymbolKind.Constant;
        if (KINDS.includes(symbol.kind) || isFunction) return symbol;
    }
    return undefined;
}

const MANIFESTS: Readonly<Record<string, readonly string[]>> = {
    javascript: ["package.json"],
    python: ["pyproject.toml", "requirements-dev.txt", "requirements.txt", "setup.cfg"],
};
const MAX_MANIFEST_BYTES = 200_000;

async function frameworkOf({ languageId, uri }: TextDocument): Promise<string | undefined> {
    const folder = workspace.getWorkspaceFolder(uri);
    const family = /^(java|type)script/.test(languageId) ? "javascript" : languageId;
    const texts = await Promise.all(
        (folder ? (MANIFESTS[family] ?? []) : []).map((name) =>
            readSmall(Uri.joinPath(folder?.uri ?? uri, name)),
        ),
    );
    return testFramework(languageId, texts.join("\n").trim());
}

async function readSmall(uri: Uri): Promise<string> {
    try {
        const { size } = await workspace.fs.stat(uri);
        if (size > MAX_MANIFEST_BYTES) return "";
        return new TextDecoder().decode(await workspace.fs.readFile(uri));
    } catch {
        return "";
    }
}
