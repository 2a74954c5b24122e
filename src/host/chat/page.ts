/**
 * The side bar's page on the host's side: made when the view is shown, thrown away when it is hidden, one channel to it at a time. Knows
 * nothing of what it shows.
 */

import { commands, type Uri, type WebviewView } from "vscode";
import { DisposableStore, MutableDisposable, type Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import { Channel, type Handlers, type Port } from "../../protocol/channel";
import type { ChatHostSide, ChatViewSide } from "../../protocol/webview";
import { VIEW } from "../manifest";
import { serveScriptPage } from "../page/scriptPage";

export interface ChatPageOptions {
    extensionUri: Uri;
    /** Build hash, the same as the page's: `__BUILD__`. */
    build: string;
    log: Log;
    handlers: Handlers<ChatHostSide>;
    /** The page can be painted. */
    onReady: () => void;
    /** What is in the input. */
    onDraft: (text: unknown) => void;
}

type Page = Channel<ChatHostSide, ChatViewSide>;

export class ChatPage implements Disposable {
    private readonly store = new DisposableStore();
    private readonly pages = this.store.add(new MutableDisposable<Disposable>());
    private page: Page | undefined;
    private view: WebviewView | undefined;
    private wantsFocus = false;

    constructor(private readonly options: ChatPageOptions) {}

    /** Does nothing while there is no page: a new one asks for everything. */
    notify<K extends keyof ChatViewSide["events"]>(
        event: K,
        value: ChatViewSide["events"][K],
    ): void {
        this.page?.notify(event, value);
    }

    /** Shows the view and puts the cursor into its input. */
    async focus(): Promise<void> {
        this.wantsFocus = true;
        await commands.executeCommand(`${VIEW.chat}.focus`);
        this.passFocus();
    }

    /** The view is shown. */
    open(view: WebviewView): void {
        this.view = view;
        const { extensionUri } = this.options;
        const store = new DisposableStore();
        this.pages.value = store;
        const page = { name: "chat", title: "Ingot Chat" };
        store.add(serveScriptPage(view.webview, extensionUri, page, (port) => this.connect(port)));
        store.add(
            view.onDidDispose(() => {
                if (this.view === view) this.view = undefined;
                store.dispose();
            }),
        );
    }

    dispose(): void {
        this.store.dispose();
    }

    private connect(port: Port): Disposable {
        const { build, log, handlers, onReady, onDraft } = this.options;
        const page: Page = new Channel<ChatHostSide, ChatViewSide>(port, {
            build,
            handlers,
            listeners: {
                ready: () => {
                    onReady();
                    this.passFocus();
                },
                draft: ({ text }) => onDraft(text),
            },
            onFault: (error) => log.error("chat page", { error: String(error) }),
        });
        page.ready.catch((error: unknown) => log.warn("chat page", { error: String(error) }));
        this.page = page;
        return {
            dispose: () => {
                page.dispose();
                if (this.page === page) this.page = undefined;
            },
        };
    }

    /** The page may still be loading when focus is asked for; then it gets it when it is ready. */
    private passFocus(): void {
        if (!this.wantsFocus || !this.page || !this.view?.visible) return;
        this.wantsFocus = false;
        this.page.notify("focus", undefined);
    }
}
