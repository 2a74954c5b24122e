/**
 * The chat in the side bar: creates the page, answers it, keeps it up to date. The conversation lives in `session.ts` and outlives
 * the page, which is thrown away whenever the view is hidden.
 */

import { randomBytes } from "node:crypto";
import {
    commands,
    env,
    Uri,
    window,
    type TextEditor,
    type Webview,
    type WebviewView,
} from "vscode";
import { AppError, type ErrorCode } from "../../base/errors";
import type { Event } from "../../base/event";
import { DisposableStore, MutableDisposable, type Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import { Channel, type Handlers, type Port } from "../../protocol/channel";
import type { ChatHostSide, ChatViewSide, ChatViewState } from "../../protocol/webview";
import { COMMAND, VIEW } from "../manifest";
import { Chips } from "./chips";
import { chatShell } from "./html";
import { insertCode } from "./insert";
import { ChatSession, type ChatEngine, type ContextSource } from "./session";
import { acceptPages } from "./webviewPort";

/** The model that answers, as known without loading it. */
export interface ChatModel {
    /** Display name. */
    name: string;
    /** Context length it will have, in tokens. */
    contextTokens: number;
    /** Why chat cannot run (no model, no chat template), with the label and id of the command that mends it. */
    problem?: { text: string; action: string; command: string } | undefined;
}

export interface ChatViewOptions {
    extensionUri: Uri;
    /** Build hash, the same as the page's: `__BUILD__`. */
    build: string;
    log: Log;
    engine: ChatEngine;
    /** Read whenever the page is painted and for each question. */
    model: () => ChatModel;
    /** Fires when `model()` may say something else. */
    onDidChangeModel: Event<void>;
    /** Shows an error that belongs to no turn (insert without an editor, a link that does not open). */
    showError: (error: unknown) => void;
    /** Puts code where it belongs in an editor's file, for review. */
    applyCode: (editor: TextEditor | undefined, code: string) => Promise<void>;
    /** The button that mends an error: `mendingButton` of `notify.ts`. */
    mend: (code: ErrorCode) => { label: string; command: string } | undefined;
}

type Page = Channel<ChatHostSide, ChatViewSide>;

const MAX_TEXT_CHARACTERS = 200_000;

/** Registers the view; one per window. */
export class ChatView implements Disposable {
    private readonly store = new DisposableStore();
    private readonly pages = this.store.add(new MutableDisposable<Disposable>());
    private readonly session: ChatSession;
    private readonly chips: Chips;
    private page: Page | undefined;
    private view: WebviewView | undefined;
    private wantsFocus = false;

    constructor(private readonly options: ChatViewOptions) {
        const { engine, log, model, mend, onDidChangeModel } = options;
        this.session = this.store.add(new ChatSession({ engine, log, model, mend }));
        this.chips = this.store.add(new Chips());
        const { session, chips, store } = this;
        store.add(session.onDidChange(() => this.paint()));
        store.add(session.onAppend((piece) => this.page?.notify("append", piece)));
        store.add(session.onActivity((text) => this.page?.notify("activity", { text })));
        store.add(chips.onDidChange(() => this.page?.notify("chips", this.context())));
        store.add(onDidChangeModel(() => this.paint()));
        store.add(
            window.registerWebviewViewProvider(VIEW.chat, {
                resolveWebviewView: (view) => this.open(view),
            }),
        );
    }

    /** Shows the view and puts the cursor into its input. */
    async focus(): Promise<void> {
        this.wantsFocus = true;
        await commands.executeCommand(`${VIEW.chat}.focus`);
        this.passFocus();
    }

    newChat(): void {
        this.session.newChat();
        this.chips.reset();
    }

    /** Stops the answer that is being written; nothing otherwise. */
    stop(): void {
        this.session.stop();
    }

    /** Opens the chat with the selected lines as context, for a question to be typed. */
    async askAboutSelection(): Promise<void> {
        this.chips.useSelection();
        await this.focus();
    }

    /** Shows the view and asks about given code instead of the chips'. Throws AppError while an answer is being written. */
    async askAbout(text: string, context: ContextSource): Promise<void> {
        await this.focus();
        if (this.options.model().problem) return;
        if (this.session.isBusy)
            throw new AppError(
                "user/usage",
                "The chat is still answering; stop it, or wait for it",
            );
        await this.session.send(text, context);
    }

    /** Asks as if the text had been typed and sent; resolves when the answer is complete, stopped or failed. */
    async send(text: string): Promise<void> {
        if (this.options.model().problem) return;
        await this.session.send(text, (maxCharacters) => this.chips.blocks(maxCharacters));
    }

    /** What the page shows, for tests and the report. */
    get state(): ChatViewState {
        const { name, problem } = this.options.model();
        const { id, turns, isBusy, activity } = this.session;
        return {
            conversation: id,
            modelName: name,
            problem,
            turns,
            ...this.context(),
            busy: isBusy,
            activity,
        };
    }

    dispose(): void {
        this.store.dispose();
    }

    private open(view: WebviewView): void {
        this.view = view;
        const { webview } = view;
        const { extensionUri } = this.options;
        const media = Uri.joinPath(extensionUri, "media");
        const dist = Uri.joinPath(extensionUri, "dist");
        webview.options = { enableScripts: true, localResourceRoots: [media, dist] };
        const store = new DisposableStore();
        this.pages.value = store;
        store.add(acceptPages(webview, (port) => this.connect(port)));
        store.add(
            view.onDidDispose(() => {
                if (this.view === view) this.view = undefined;
                store.dispose();
            }),
        );
        webview.html = this.shell(webview, { media, dist });
    }

    private shell(webview: Webview, { media, dist }: { media: Uri; dist: Uri }): string {
        const address = (folder: Uri, name: string) =>
            webview.asWebviewUri(Uri.joinPath(folder, name)).toString();
        return chatShell({
            cspSource: webview.cspSource,
            nonce: randomBytes(18).toString("base64"),
            script: address(dist, "chat.js"),
            styles: [address(dist, "codicon.css"), address(media, "chat.css")],
        });
    }

    private connect(port: Port): Disposable {
        const { build, log } = this.options;
        const page: Page = new Channel<ChatHostSide, ChatViewSide>(port, {
            build,
            handlers: this.handlers(),
            listeners: {
                ready: () => {
                    this.paint();
                    this.passFocus();
                },
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

    /** The page renders what a model wrote: its requests are checked like a stranger's. */
    private handlers(): Handlers<ChatHostSide> {
        const { session, options } = this;
        const shown = (work: () => Promise<unknown>) => async () => {
            try {
                await work();
            } catch (error) {
                options.showError(error);
            }
        };
        return {
            send: ({ text }) => void this.send(string(text)),
            stop: () => session.stop(),
            retry: () => void session.retry(),
            newChat: () => this.newChat(),
            copy: async ({ text }) => env.clipboard.writeText(string(text)),
            insert: ({ text }) => shown(() => insertCode(this.chips.lastEditor, string(text)))(),
            apply: ({ text }) =>
                shown(() => options.applyCode(this.chips.lastEditor, string(text)))(),
            toggleChip: ({ id }) => this.chips.toggle(string(id)),
            runCommand: async ({ command }) => {
                if (Object.values<string>(COMMAND).includes(command))
                    await commands.executeCommand(command);
            },
            openLink: ({ href }) => shown(() => openLink(string(href)))(),
        };
    }

    private paint(): void {
        this.page?.notify("state", this.state);
    }

    private context(): Pick<ChatViewState, "chips" | "suggestions"> {
        const { list, suggestions } = this.chips;
        return { chips: list, suggestions };
    }

    /** The page may still be loading when focus is asked for; then it gets it when it is ready. */
    private passFocus(): void {
        if (!this.wantsFocus || !this.page || !this.view?.visible) return;
        this.wantsFocus = false;
        this.page.notify("focus", undefined);
    }
}

/** VS Code asks before it opens an address outside of the trusted ones. */
async function openLink(href: string): Promise<void> {
    const uri = Uri.parse(href, true);
    if (uri.scheme === "https" || uri.scheme === "http") await env.openExternal(uri);
}

function string(value: unknown): string {
    return typeof value === "string" ? value.slice(0, MAX_TEXT_CHARACTERS) : "";
}
