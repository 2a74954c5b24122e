/**
 * Edits by the model in the window: `Edit Selection`, code of answers applied to files (`applying.ts`), and the review of both. Nothing
 * is changed for good before a person accepts it.
 */

import { ProgressLocation, Range, window, type TextDocument, type TextEditor } from "vscode";
import { AppError } from "../../base/errors";
import type { Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import { editRange, type LineRange } from "../../edit/range";
import type { Syntax } from "../../syntax/syntax";
import { lineRange } from "../chat/context";
import { describeProgress } from "../chat/prompt";
import type { Handler } from "../commands";
import { pathForModel, SERVED_SCHEMES } from "../completion/snapshot";
import type { SourceFiles } from "../context/sourceFiles";
import { indentUnit } from "../indentUnit";
import { COMMAND } from "../manifest";
import { Applying } from "./applying";
import { runEdit, type AnswerSource, type EditOutcome } from "./editRun";
import { askInstruction, remembered } from "./instruction";
import { outcomeMessage } from "./outcome";
import { linesOf, Outlines } from "./outlines";
import { Reviews } from "./reviews";
import type { SavedReviews } from "./savedReviews";
import { selectedLines, showChanges } from "./selected";

export interface EditsOptions {
    source: AnswerSource;
    syntax: Pick<Syntax, "prepare" | "symbols">;
    files: Pick<SourceFiles, "mayShow">;
    log: Log;
    /** The model of the chat at this moment; `problem`: a sentence why it cannot be asked. */
    model: () => { name: string; contextTokens: number; problem?: { text: string } | undefined };
    /** Earlier instructions, newest first. */
    history: { read(): readonly string[]; write(instructions: readonly string[]): void };
    notify: { info(text: string): Promise<void>; warn(text: string): Promise<void> };
    /** Reviews that no window has; undefined: they end with the window. */
    saved?: SavedReviews | undefined;
}

export class Edits implements Disposable {
    readonly reviews: Reviews;
    readonly applying: Applying;
    private readonly outlines: Outlines;

    constructor(private readonly options: EditsOptions) {
        const { saved, syntax, files, notify } = options;
        this.reviews = new Reviews(saved);
        this.outlines = new Outlines(syntax);
        const { reviews, outlines } = this;
        this.applying = new Applying({ reviews, outlines, files, notify });
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
        this.reviews.refuseSecond(document);
        const problem = this.options.model().problem;
        if (problem) throw new AppError("user/no-model", problem.text.replace(/\.$/, ""));
        let range = await this.rangeIn(editor);
        const { version } = document;
        const instruction = given ?? (await this.ask(document, range));
        if (instruction === undefined || instruction.trim() === "") return;
        // It can have been edited meanwhile.
        if (document.version !== version) range = await this.rangeIn(editor);
        this.reviews.refuseSecond(document);
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
        if (outcome.kind === "changes" && session) showChanges(editor, session);
        const said = outcomeMessage(outcome);
        if (said) await (said.isWarning ? notify.warn(said.text) : notify.info(said.text));
    }

    private async rangeIn(editor: TextEditor): Promise<LineRange> {
        const { document, selection } = editor;
        const parts = await this.outlines.ofDocument(document);
        return editRange(linesOf(document), parts, {
            cursor: selection.active.line,
            selected: selectedLines(editor),
        });
    }
}
