/**
 * Edits by the model in the window: `Edit Selection`, code of a chat answer applied to a file, and the review of both. Nothing is
 * changed for good before a person accepts it.
 */

import { setImmediate } from "node:timers/promises";
import {
    ProgressLocation,
    Range,
    window,
    type TextDocument,
    type TextEditor,
    workspace,
} from "vscode";
import { AppError } from "../../base/errors";
import type { Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import { applyCode } from "../../edit/apply";
import { partsByIndentation, partsOf, type Part } from "../../edit/outline";
import { pathHint } from "../../edit/pathHint";
import { editRange, type LineRange } from "../../edit/range";
import type { Syntax } from "../../syntax/syntax";
import { lineRange } from "../chat/context";
import { describeProgress } from "../chat/prompt";
import type { Handler } from "../commands";
import { pathForModel, SERVED_SCHEMES } from "../completion/snapshot";
import { indentUnit } from "../indentUnit";
import { COMMAND } from "../manifest";
import { runEdit, type AnswerSource, type EditOutcome } from "./editRun";
import { askInstruction, remembered } from "./instruction";
import { outcomeMessage } from "./outcome";
import { Reviews } from "./reviews";
import type { ReviewSession } from "./reviewSession";
import type { SavedReviews } from "./savedReviews";

export interface EditsOptions {
    source: AnswerSource;
    syntax: Pick<Syntax, "prepare" | "symbols">;
    log: Log;
    /** The model of the chat at this moment; `problem`: a sentence why it cannot be asked. */
    model: () => { name: string; contextTokens: number; problem?: { text: string } | undefined };
    /** Earlier instructions, newest first. */
    history: { read(): readonly string[]; write(instructions: readonly string[]): void };
    notify: { info(text: string): Promise<void>; warn(text: string): Promise<void> };
    /** Reviews that no window has; undefined: they end with the window. */
    saved?: SavedReviews | undefined;
}

/** Looks at a tree that is not parsed yet, between other work. */
const MAX_LOOKS = 200;

export class Edits implements Disposable {
    readonly reviews: Reviews;

    constructor(private readonly options: EditsOptions) {
        this.reviews = new Reviews(options.saved);
    }

    commands() {
        const { reviews } = this;
        return {
            [COMMAND.editSelection]: (instruction) =>
                this.editSelection(typeof instruction === "string" ? instruction : undefined),
            [COMMAND.acceptChange]: (...given) => reviews.settle("accept", ...given),
            [COMMAND.rejectChange]: (...given) => reviews.settle("reject", ...given),
            [COMMAND.acceptAllChanges]: (...given) => reviews.settleAll("accept", ...given),
            [COMMAND.rejectAllChanges]: (...given) => reviews.settleAll("reject", ...given),
            [COMMAND.nextChange]: () => reviews.go(1),
            [COMMAND.previousChange]: () => reviews.go(-1),
        } satisfies Record<string, Handler>;
    }

    /**
     * Puts code of an answer where it belongs, for review: in the file that it names, else in the editor's. Throws AppError when it
     * cannot be placed.
     */
    async apply(editor: TextEditor | undefined, answer: string): Promise<void> {
        const { path, code: text } = pathHint(answer.replace(/\r\n?/g, "\n"));
        const document = await fileOf(path, editor?.document);
        if (!document)
            throw new AppError(
                "user/usage",
                "There is no editor to apply it to; open a file first",
            );
        this.refuseSecond(document);
        const parts = await this.partsOf(document);
        const isOpen = document === editor?.document;
        const viewColumn = isOpen ? editor.viewColumn : undefined;
        const shown = await window.showTextDocument(document, viewColumn);
        const { selection } = shown;
        const { version } = document;
        const lines = linesOf(document);
        const applied = applyCode(
            {
                lines,
                parts,
                selection: selection.isEmpty ? undefined : selectedLines(shown),
                cursor: selection.active.line,
                unit: indentUnit(shown.options),
            },
            { text, parts: await this.outline("ingot-apply:/code", document.languageId, text) },
        );
        if (applied.kind === "refused")
            throw new AppError("user/usage", `The code was not applied: ${applied.reason}`);
        // Somebody may have typed, or begun an edit, while the code was looked at.
        this.refuseSecond(document);
        if (document.version !== version)
            throw new AppError(
                "user/usage",
                "The file was changed meanwhile; apply the code again",
            );
        const session = this.reviews.begin(document, { start: 0, end: lines.length });
        const nChanges = await session.finish(applied.lines);
        const notes = applied.notes.join(" ");
        if (nChanges === 0)
            await this.options.notify.info("The file already is as the code has it");
        else this.tell(shown, session, notes);
    }

    /** Writes what is not on the disk yet. Never rejects. */
    async save(): Promise<void> {
        await this.options.saved?.flush();
    }

    dispose(): void {
        this.reviews.dispose();
    }

    private async editSelection(given: string | undefined): Promise<void> {
        const editor = window.activeTextEditor;
        if (!editor || !SERVED_SCHEMES.includes(editor.document.uri.scheme))
            throw new AppError("user/usage", "There is nothing to edit here; open a file first");
        const { document } = editor;
        this.refuseSecond(document);
        const problem = this.options.model().problem;
        if (problem) throw new AppError("user/no-model", problem.text.replace(/\.$/, ""));
        let range = await this.rangeIn(editor);
        const { version } = document;
        const instruction = given ?? (await this.ask(document, range));
        if (instruction === undefined || instruction.trim() === "") return;
        // It can have been edited meanwhile.
        if (document.version !== version) range = await this.rangeIn(editor);
        this.refuseSecond(document);
        editor.revealRange(new Range(range.start, 0, range.end, 0));
        const outcome = await this.run(editor, range, instruction.trim());
        await this.report(editor, outcome);
    }

    private async ask(document: TextDocument, range: LineRange): Promise<string | undefined> {
        const { history } = this.options;
        const name = document.uri.path.split("/").at(-1) ?? document.uri.path;
        const place = `${lineRange(range.start, range.end - 1)} of ${name}`;
        const instruction = await askInstruction({ place, history: history.read() });
        if (instruction !== undefined) history.write(remembered(history.read(), instruction));
        return instruction;
    }

    private async run(
        editor: TextEditor,
        range: LineRange,
        instruction: string,
    ): Promise<EditOutcome> {
        const { source, log } = this.options;
        const { document } = editor;
        const { name, contextTokens } = this.options.model();
        const session = this.reviews.begin(document, range);
        const controller = new AbortController();
        const title = `Asking ${name}`;
        this.reviews.setActivity(session, title);
        return window.withProgress({ location: ProgressLocation.Window, title }, (progress) =>
            runEdit({
                source,
                session,
                log,
                lines: linesOf(document),
                range,
                path: pathForModel(document.uri),
                languageId: document.languageId,
                instruction,
                unit: indentUnit(editor.options),
                contextTokens,
                signal: controller.signal,
                onProgress: (now) => {
                    const activity = describeProgress(now, name) ?? `${name} writes`;
                    this.reviews.setActivity(session, activity);
                    progress.report({ message: activity });
                },
            }),
        );
    }

    private async report(editor: TextEditor, outcome: EditOutcome): Promise<void> {
        const { notify } = this.options;
        const session = this.reviews.of(editor.document);
        if (outcome.kind === "changes" && session) this.tell(editor, session, "");
        const said = outcomeMessage(outcome);
        if (said) await (said.isWarning ? notify.warn(said.text) : notify.info(said.text));
    }

    /** How to go on, for a while in the status bar; the first change comes into sight. */
    private tell(editor: TextEditor, session: ReviewSession, notes: string): void {
        const { pending } = session;
        const [first] = pending;
        if (first) editor.revealRange(new Range(first.line, 0, first.line + first.nLines, 0));
        const changes = pending.length === 1 ? "1 change" : `${pending.length} changes`;
        const text = `${changes} to review: Ctrl+Enter accepts all, Escape rejects all.`;
        window.setStatusBarMessage(text, 10_000);
        if (notes !== "") void this.options.notify.info(notes);
    }

    private refuseSecond(document: TextDocument): void {
        if (this.reviews.of(document))
            throw new AppError(
                "user/usage",
                "This file has changes under review; accept or reject them first",
            );
    }

    private async rangeIn(editor: TextEditor): Promise<LineRange> {
        const { document, selection } = editor;
        const parts = await this.partsOf(document);
        return editRange(linesOf(document), parts, {
            cursor: selection.active.line,
            selected: selection.isEmpty ? undefined : selectedLines(editor),
        });
    }

    private partsOf(document: TextDocument): Promise<Part[]> {
        const { uri, languageId } = document;
        return this.outline(uri.toString(), languageId, linesOf(document).join("\n"));
    }

    /** By the grammar, else by indentation. */
    private async outline(uri: string, languageId: string, text: string): Promise<Part[]> {
        const { syntax } = this.options;
        const lines = text.split("\n");
        if (!(await syntax.prepare(languageId))) return partsByIndentation(lines);
        for (let looks = 0; looks < MAX_LOOKS; looks++) {
            const symbols = syntax.symbols({ uri, languageId, prefix: text, suffix: "" });
            if (symbols) return partsOf(lines, symbols);
            await setImmediate();
        }
        return partsByIndentation(lines);
    }
}

/** The file of that name when the workspace has exactly one, else the one that is open. */
async function fileOf(
    path: string | undefined,
    open: TextDocument | undefined,
): Promise<TextDocument | undefined> {
    if (path === undefined || open?.uri.path.endsWith(`/${path}`)) return open;
    const [found, ...others] = await workspace.findFiles(`**/${path}`, undefined, 2);
    if (found && others.length === 0) return workspace.openTextDocument(found);
    throw new AppError(
        "user/usage",
        found
            ? `There are several files ${path}; open the right one and remove the path from the code`
            : `There is no file ${path}; open the code as a new file instead`,
    );
}

function linesOf(document: TextDocument): string[] {
    return document.getText().split(/\r\n|\r|\n/);
}

/** One that ends before the first character of a line does not include it. */
function selectedLines({ selection: { start, end } }: TextEditor): LineRange {
    const isBefore = end.character === 0 && end.line > start.line;
    return { start: start.line, end: isBefore ? end.line : end.line + 1 };
}
