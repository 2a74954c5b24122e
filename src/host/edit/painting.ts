/**
 * How a review looks: added lines green, lines that are gone red with their old text in place of the empty line that stands for them.
 * Theme colours only; dashed borders in high contrast. The editor cannot show lines that are not in the document, so where those lines were taken out (a saved
 * file) a note at the end of the line says how many are gone, and the hover shows them.
 */

import {
    MarkdownString,
    OverviewRulerLane,
    Range,
    ThemeColor,
    window,
    type DecorationOptions,
    type ThemableDecorationAttachmentRenderOptions,
    type TextEditor,
} from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { fenceFor } from "../chat/context";
import type { ReviewSession } from "./reviewSession";

/** High contrast has no backgrounds: its themes alone name these two colours, elsewhere the border is not seen. */
const BORDER = "1px dashed";
/** Longer lines are cut: they are painted, not part of the text. */
const MAX_CHARACTERS = 400;

export class Painting implements Disposable {
    private readonly store = new DisposableStore();
    private readonly added = this.store.add(
        window.createTextEditorDecorationType({
            isWholeLine: true,
            backgroundColor: new ThemeColor("diffEditor.insertedLineBackground"),
            border: BORDER,
            borderColor: new ThemeColor("diffEditor.insertedTextBorder"),
            overviewRulerColor: new ThemeColor("editorOverviewRuler.addedForeground"),
            overviewRulerLane: OverviewRulerLane.Left,
        }),
    );
    private readonly gone = this.store.add(
        window.createTextEditorDecorationType({
            isWholeLine: true,
            backgroundColor: new ThemeColor("diffEditor.removedLineBackground"),
            border: BORDER,
            borderColor: new ThemeColor("diffEditor.removedTextBorder"),
            overviewRulerColor: new ThemeColor("editorOverviewRuler.deletedForeground"),
            overviewRulerLane: OverviewRulerLane.Left,
        }),
    );
    private readonly note = this.store.add(
        window.createTextEditorDecorationType({
            after: { color: new ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 2em" },
        }),
    );

    paint(editor: TextEditor, session: ReviewSession | undefined): void {
        const isShown = session?.state === "writing" || session?.state === "reviewing";
        const rows = isShown ? session.rows : [];
        const tabSize = typeof editor.options.tabSize === "number" ? editor.options.tabSize : 4;
        const added: Range[] = [];
        const gone: DecorationOptions[] = [];
        for (const [line, row] of rows.entries()) {
            const range = new Range(line, 0, line, 0);
            if (row.kind === "added") added.push(range);
            else if (row.kind === "gone")
                gone.push({
                    range,
                    renderOptions: { after: oldLine(row.text, tabSize) },
                });
        }
        editor.setDecorations(this.added, added);
        editor.setDecorations(this.gone, gone);
        editor.setDecorations(this.note, isShown ? notes(editor, session) : []);
    }

    dispose(): void {
        this.store.dispose();
    }
}

/** For changes of which the old lines have no line in the document. */
function notes({ document }: TextEditor, { pending, rows }: ReviewSession): DecorationOptions[] {
    return pending.flatMap(({ line, gone, nLines, added }) => {
        if (gone.length === 0 || nLines > added.length) return [];
        const at = Math.min(line, rows.length - 1);
        const { end } = document.lineAt(at).range;
        const text = gone.join("\n");
        const fence = fenceFor(text);
        const hover = new MarkdownString(`${fence}${document.languageId}\n${text}\n${fence}`);
        const words = gone.length === 1 ? "1 line removed" : `${gone.length} lines removed`;
        return [
            {
                range: new Range(at, 0, at, end.character),
                hoverMessage: hover,
                renderOptions: {
                    after: { contentText: added.length === 0 ? `${words} above` : words },
                },
            },
        ];
    });
}

/** Behind the cursor's place in the empty line, so that lenses and indent guides stay where they belong; only what is no space is struck. */
function oldLine(text: string, tabSize: number): ThemableDecorationAttachmentRenderOptions {
    const { indent, words } = painted(text, tabSize);
    return {
        contentText: words,
        color: new ThemeColor("editor.foreground"),
        textDecoration: "line-through",
        margin: `0 0 0 ${indent}ch`,
    };
}

/** Columns of space in front, and the rest as it looks: a tab has no width of its own there. */
export function painted(text: string, tabSize: number): { indent: number; words: string } {
    let column = 0;
    let result = "";
    for (const character of text.trimEnd().slice(0, MAX_CHARACTERS)) {
        const width = character === "\t" ? tabSize - (column % tabSize) : 1;
        result += character === "\t" || character === " " ? "\u00a0".repeat(width) : character;
        column += width;
    }
    const words = result.replace(/^\u00a0+/, "");
    return { indent: result.length - words.length, words: words === "" ? "\u00a0" : words };
}
