/** Read-only virtual documents (`ingot:` scheme): text made on request, never on disk. Opening one again refreshes it. */

import { EventEmitter, languages, Uri, window, workspace, type TextEditor } from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { DOCUMENT_SCHEME } from "../manifest";

export class VirtualDocuments implements Disposable {
    private readonly store = new DisposableStore();
    private readonly changed = this.store.add(new EventEmitter<Uri>());
    private readonly texts = new Map<string, string>();

    constructor() {
        this.store.add(
            workspace.registerTextDocumentContentProvider(DOCUMENT_SCHEME, {
                onDidChange: this.changed.event,
                provideTextDocumentContent: (uri) => this.texts.get(uri.path) ?? "",
            }),
        );
    }

    /** `name` is the tab's title. */
    async show(name: string, text: string, languageId: string): Promise<TextEditor> {
        const uri = Uri.from({ scheme: DOCUMENT_SCHEME, path: `/${name}` });
        this.texts.set(uri.path, text);
        this.changed.fire(uri);
        const document = await workspace.openTextDocument(uri);
        if (document.languageId !== languageId) {
            await languages.setTextDocumentLanguage(document, languageId);
        }
        return window.showTextDocument(document, { preview: true });
    }

    dispose(): void {
        this.store.dispose();
    }
}
