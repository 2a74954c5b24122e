/**
 * Puts the code of answers where it belongs, as changes to review: that of a chat into the file that it names or that is open, that of
 * a command to the lines that it was asked about.
 */

import { Uri, window, workspace, type TextDocument, type TextEditor } from "vscode";
import { AppError } from "../../base/errors";
import { applyCode, type Applied, type ApplyCode, type ApplyTarget } from "../../edit/apply";
import { applyToAsked, askedRange } from "../../edit/asked";
import { withoutPrompts } from "../../edit/consolePrompts";
import { diffLines } from "../../edit/lines";
import { pathHint } from "../../edit/pathHint";
import type { SourceFiles } from "../context/sourceFiles";
import { indentUnit } from "../indentUnit";
import { notTaken } from "../notTaken";
import { withDocComment } from "../slash/docComment";
import type { AnswerTarget } from "../slash/target";
import { openTestFile } from "../slash/testFile";
import { namedFiles } from "./namedFile";
import { linesOf, type Outlines } from "./outlines";
import type { Reviews } from "./reviews";
import { selectedLines, showChanges } from "./selected";

export interface ApplyingOptions {
    reviews: Reviews;
    outlines: Outlines;
    files: Pick<SourceFiles, "mayShow">;
    notify: { info(text: string): Promise<void> };
}

type Target = Pick<ApplyTarget, "lines" | "languageId" | "parts" | "unit">;

export class Applying {
    constructor(private readonly options: ApplyingOptions) {}

    /** Into the file that the code names, else the editor's; `fence`: the word behind the code's. Throws AppError when it cannot be placed. */
    async apply(editor: TextEditor | undefined, answer: string, fence?: string): Promise<void> {
        const given = answer.replace(/\r\n?/g, "\n");
        const { path, code: rest, isCertain } = pathHint(given);
        const found = path === undefined ? [] : await this.filesOf(path, editor);
        // A comment that only looks like a name is part of the code.
        const isNamed = path !== undefined && (found.length > 0 || isCertain);
        const code = isNamed ? rest : given;
        const document = isNamed ? await onlyOne(path, found) : editor?.document;
        if (!document)
            throw new AppError(
                "user/usage",
                "There is no editor to apply it to; open a file first",
            );
        this.options.reviews.refuseSecond(document);
        const isOpen = document === editor?.document;
        const shown = await window.showTextDocument(
            document,
            isOpen ? editor.viewColumn : undefined,
        );
        await this.review(shown, { text: code, fence }, (target, given) =>
            applyCode(
                {
                    ...target,
                    selection: selectedLines(shown),
                    cursor: shown.selection.active.line,
                },
                given,
            ),
        );
    }

    /** To the lines that a command was about. Throws AppError when they changed since, or the answer has nothing to apply. */
    async applyAnswer(target: AnswerTarget, answer: string, fence?: string): Promise<void> {
        if (target.place === "new-file") return openTestFile(target, answer);
        const document = await workspace.openTextDocument(Uri.parse(target.uri));
        this.options.reviews.refuseSecond(document);
        const shown = await window.showTextDocument(document);
        const code = answer.replace(/\r\n?/g, "\n");
        await this.review(shown, { text: code, fence }, (found, given) =>
            target.place === "above"
                ? comment(found, target, code)
                : applyToAsked(found, target, given),
        );
    }

    private filesOf(path: string, editor: TextEditor | undefined): Promise<Uri[]> {
        // Rules are known of files on the disk only.
        const mayChange = async (uri: Uri) =>
            uri.scheme !== "file" || (await this.options.files.mayShow(uri));
        return namedFiles(path, editor?.document.uri, mayChange);
    }

    private async review(
        editor: TextEditor,
        given: Pick<ApplyCode, "text" | "fence">,
        place: (target: Target, code: ApplyCode) => Applied,
    ): Promise<void> {
        const { reviews, outlines, notify } = this.options;
        const { document } = editor;
        const { version, languageId } = document;
        const lines = linesOf(document);
        const parts = await outlines.ofDocument(document);
        const text = withoutPrompts(given.text, { lines, languageId });
        const code = { ...given, text, parts: await outlines.ofCode(languageId, text, parts) };
        const applied = place({ lines, languageId, parts, unit: indentUnit(editor.options) }, code);
        if (applied.kind === "refused")
            throw new AppError("user/usage", `The code was not applied: ${applied.reason}`);
        // Somebody may have typed, or begun an edit, while the code was looked at.
        reviews.refuseSecond(document);
        if (document.version !== version)
            throw new AppError(
                "user/usage",
                "The file was changed meanwhile; apply the code again",
            );
        if (diffLines(lines, applied.lines).length === 0)
            return notify.info("The file already is as the code has it");
        const session = reviews.begin(document, { start: 0, end: lines.length });
        if ((await session.finish(applied.lines)) === 0) throw notTaken();
        showChanges(editor, session);
        if (applied.notes.length > 0) void notify.info(applied.notes.join(" "));
    }
}

function comment({ lines, unit }: Target, target: AnswerTarget, code: string): Applied {
    const range = askedRange(lines, target);
    if (!range)
        return { kind: "refused", reason: "the code has changed since; ask for it once more" };
    const { languageId } = target;
    const found = withDocComment(lines, { ...range, languageId, unit }, code);
    return found
        ? { kind: "change", how: "selection", lines: found, notes: [] }
        : { kind: "refused", reason: "the answer holds no comment; ask for it once more" };
}

async function onlyOne(path: string, [found, ...others]: readonly Uri[]): Promise<TextDocument> {
    if (found && others.length === 0) return workspace.openTextDocument(found);
    throw new AppError(
        "user/usage",
        found
            ? `There are several files ${path}; open the right one and remove the path from the code`
            : `There is no file ${path} that is not ignored; open the code as a new file instead`,
    );
}
