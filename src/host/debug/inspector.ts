/** The panel of `Ingot: Why No Suggestion?`: one per window, painted when the command runs. What the page says is `page/`'s. */

import { Uri, ViewColumn, window, type TextEditor, type WebviewPanel } from "vscode";
import { DisposableStore, MutableDisposable, type Disposable } from "../../base/lifecycle";
import type { CompletionSession } from "../../completion/session";
import type { Engine } from "../engine";
import type { Modes } from "../modes";
import { pageStyles } from "../page/styles";
import { placeIn } from "../place";
import { inspectorPage, PAGE_COMMANDS } from "./page/page";

export interface InspectorOptions {
    extensionUri: Uri;
    session: Pick<CompletionSession, "outcomes" | "call">;
    engine: Pick<Engine, "loaded" | "loadFailure">;
    modes: Modes;
}

export class Inspector implements Disposable {
    private readonly store = new DisposableStore();
    private readonly panelGone = this.store.add(new MutableDisposable<Disposable>());
    private panel: WebviewPanel | undefined;
    /** The last one that was in front. */
    private editor: TextEditor | undefined;

    constructor(private readonly options: InspectorOptions) {
        this.store.add(
            window.onDidChangeActiveTextEditor((editor) => {
                if (editor) this.editor = editor;
            }),
        );
    }

    /** The editor in front, or while the page is in front the one before. */
    get lastEditor(): TextEditor | undefined {
        const { activeTextEditor } = window;
        if (activeTextEditor || !this.panel?.active) return activeTextEditor;
        return this.editor?.document.isClosed ? undefined : this.editor;
    }

    /** Returns the page shown. */
    show(): string {
        const media = Uri.joinPath(this.options.extensionUri, "media");
        const editor = this.lastEditor;
        this.editor = editor;
        const panel = this.panel ?? this.open(media);
        const { session, modes, engine } = this.options;
        const fim = engine.loaded("completion")?.fim;
        const model =
            engine.loadFailure?.message ?? (fim?.supported === false ? fim.reason : undefined);
        const page = inspectorPage({
            place: { ...placeIn(editor, modes), model },
            records: session.outcomes(),
            call: (id) => session.call(id),
            time: (atMs) => clockTime(performance.timeOrigin + atMs),
            now: clockTime(Date.now()),
            cspSource: panel.webview.cspSource,
            styles: pageStyles(panel.webview, this.options.extensionUri, "inspector"),
        });
        panel.webview.html = page;
        panel.reveal();
        return page;
    }

    dispose(): void {
        this.panel?.dispose();
        this.store.dispose();
    }

    private open(media: Uri): WebviewPanel {
        const panel = window.createWebviewPanel(
            "ingot.inspector",
            "Why No Suggestion?",
            ViewColumn.Active,
            {
                enableScripts: false,
                enableCommandUris: PAGE_COMMANDS,
                enableFindWidget: true,
                localResourceRoots: [media],
                // What is unfolded stays so while another tab is in front.
                retainContextWhenHidden: true,
            },
        );
        this.panel = panel;
        this.panelGone.value = panel.onDidDispose(() => {
            this.panel = undefined;
        });
        return panel;
    }
}

function clockTime(epochMs: number): string {
    return new Date(epochMs).toTimeString().slice(0, 8);
}
