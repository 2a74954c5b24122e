/**
 * Puts the code of an answer where it belongs: over the lines it was asked about, above them, or into a new file. A change of a file
 * is shown as a diff first and made when the person says so, as one undo step; it is refused when those lines have changed since.
 */

import { Position, Range, Uri, window, workspace, WorkspaceEdit, type TextDocument } from "vscode";
import { AppError } from "../../base/errors";
import { reindent } from "../../edit/reindent";
import { indentUnit } from "../indentUnit";
import type { SlashCommand } from "../../prompt/slash/command";
import { docComment, linesAboveDoc } from "./docComment";
import type { CodePlace } from "./place";
import { isWanted, type AskPerson, type Change } from "./review";
import { testPathFor } from "./testPath";

/** Where an answer belongs, as plain data: it is kept in a chat's history. */
export interface AnswerTarget {
    uri: string;
    languageId: string;
    place: NonNullable<SlashCommand["place"]>;
    /** Zero-based line where the asked lines began. */
    first: number;
    /** The lines as they were. */
    original: string;
}

/** The label of the button. */
export const APPLY_LABEL: Readonly<Record<AnswerTarget["place"], string>> = {
    replace: "Review Change",
    above: "Review Comment",
    "new-file": "Open as Test File",
};

export function targetOf(place: CodePlace, command: SlashCommand): AnswerTarget | undefined {
    if (command.place === undefined) return undefined;
    const { document, range } = place;
    return {
        uri: document.uri.toString(),
        languageId: document.languageId,
        place: command.place,
        first: range.first,
        original: linesOf(document, range.first, range.last),
    };
}

/** Throws AppError when the code changed since, or the answer has nothing to apply. */
export async function applyAnswer(
    target: AnswerTarget,
    code: string,
    question: AskPerson,
): Promise<void> {
    if (target.place === "new-file") return openAsFile(target, code);
    const document = await workspace.openTextDocument(Uri.parse(target.uri));
    const change = () =>
        target.place === "replace"
            ? replacement(document, target, code)
            : comment(document, target, code);
    if (!(await isWanted(document, change(), question))) return;
    // The file may have been written in while the diff was looked at.
    const { range, text } = change();
    const edit = new WorkspaceEdit();
    edit.replace(document.uri, range, text);
    const editor = await window.showTextDocument(document);
    editor.revealRange(range);
    if (!(await workspace.applyEdit(edit)))
        throw new AppError(
            "user/usage",
            "The editor did not take the change; check that the file can be written",
        );
}

function replacement(document: TextDocument, target: AnswerTarget, code: string): Change {
    const first = find(document, target);
    const last = first + target.original.split("\n").length - 1;
    const indent = /^[ \t]*/.exec(document.lineAt(first).text)?.[0] ?? "";
    const text = reindent(code, { before: "", indent, unit: unitOf(document) });
    return {
        range: new Range(first, 0, last, document.lineAt(last).text.length),
        text: indent + text.trimStart(),
    };
}

function comment(document: TextDocument, target: AnswerTarget, code: string): Change {
    const lines = target.original.split("\n");
    const place = { languageId: target.languageId, lines };
    const found = docComment(code, place);
    if (!found)
        throw new AppError("user/usage", "The answer holds no comment; ask for it once more");
    const nAbove = linesAboveDoc(place);
    const own = /^[ \t]*/.exec(lines[0] ?? "")?.[0] ?? "";
    const indent = nAbove > 0 ? own + unitOf(document) : own;
    const text = found.map((line) => (line === "" ? "" : indent + line)).join("\n");
    const at = new Position(find(document, target) + nAbove, 0);
    return { range: new Range(at, at), text: `${text}\n` };
}

/** The line where the original begins now: it may have moved, but it must be there, and only once away from its old place. */
function find(document: TextDocument, { original, first }: AnswerTarget): number {
    const nLines = original.split("\n").length;
    const isAt = (line: number) =>
        line >= 0 &&
        line + nLines <= document.lineCount &&
        linesOf(document, line, line + nLines - 1) === original;
    if (isAt(first)) return first;
    const found: number[] = [];
    for (let line = 0; line + nLines <= document.lineCount && found.length < 2; line++)
        if (isAt(line)) found.push(line);
    const [only] = found;
    if (only === undefined || found.length > 1)
        throw new AppError("user/usage", "The code has changed since; ask for it once more");
    return only;
}

async function openAsFile({ uri, languageId }: AnswerTarget, code: string): Promise<void> {
    const source = Uri.parse(uri);
    const path = source.scheme === "file" ? testPathFor(source.path, languageId) : undefined;
    const file = path === undefined ? undefined : source.with({ path });
    const isFree =
        file !== undefined &&
        (await workspace.fs.stat(file).then(
            () => false,
            () => true,
        ));
    const document = isFree
        ? await workspace.openTextDocument(file.with({ scheme: "untitled" }))
        : await workspace.openTextDocument({ language: languageId });
    const editor = await window.showTextDocument(document);
    await editor.edit((builder) =>
        builder.insert(document.lineAt(document.lineCount - 1).range.end, `${code.trimEnd()}\n`),
    );
}

function linesOf(document: TextDocument, first: number, last: number): string {
    const lines: string[] = [];
    for (let line = first; line <= last; line++) lines.push(document.lineAt(line).text);
    return lines.join("\n");
}

function unitOf(document: TextDocument): string {
    const shown = window.visibleTextEditors.find((editor) => editor.document === document);
    return indentUnit(shown?.options);
}

/** Whether what came with a button is a target: it went through VS Code's storage, and anybody can call a command. */
export function isTarget(value: unknown): value is AnswerTarget {
    if (typeof value !== "object" || value === null) return false;
    const { uri, languageId, place, first, original } = value as Record<string, unknown>;
    return (
        typeof uri === "string" &&
        typeof languageId === "string" &&
        typeof place === "string" &&
        Object.hasOwn(APPLY_LABEL, place) &&
        typeof first === "number" &&
        typeof original === "string"
    );
}
