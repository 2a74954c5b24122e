/**
 * The chat in the side bar: what is asked, with which context, and what the page shows of it. The conversation lives in `session.ts` and
 * outlives the page (`page.ts`), which is thrown away whenever the view is hidden.
 */

import type { TextEditor, Uri, WebviewView } from "vscode";
import { AppError, type ErrorCode } from "../../base/errors";
import type { Event } from "../../base/event";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import type { Handlers } from "../../protocol/channel";
import type { ChatHostSide, ChatViewState } from "../../protocol/webview";
import { withPlaces } from "../codebase/lookedUp";
import { readMention } from "../codebase/places";
import type { SourceFiles } from "../context/sourceFiles";
import { commandIn } from "../slash/question";
import type { LastEditor } from "../lastEditor";
import type { ChatEngine, ContextSource } from "./asking";
import type { Attachment } from "./attach/attachment";
import { Attachments } from "./attach/attachments";
import type { TerminalLog } from "./attach/terminalLog";
import { ChatStore } from "./chatStore";
import { Chips } from "./chips";
import { contextCharacters } from "./context";
import { History } from "./history";
import {
    deleteChat,
    exportChat,
    pickChat,
    renameChat,
    type HistoryPickOptions,
} from "./historyPick";
import { ChatPage } from "./page";
import { pageHandlers, textOf } from "./pageHandlers";
import { ChatSession } from "./session";
import { slashQuestion } from "./slash";
import type { StoredChat } from "./stored";

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
    /** Where the chats of this workspace are kept. */
    folder: string;
    /** Id of the chat that was open last. */
    lastChat: () => string | undefined;
    setLastChat: (id: string | undefined) => void;
    /** The files that may be shown: not ignored, excluded or secret. */
    files: Pick<SourceFiles, "mayShow" | "mayShowChange" | "read">;
    /** What terminals have said since the window began. */
    terminals: TerminalLog;
    lastEditor: LastEditor;
    /** The search in the workspace, as context. */
    codebase: Attachment;
    confirm: HistoryPickOptions["confirm"];
    /** Shows an error that belongs to no turn (insert without an editor, a link that does not open). */
    showError: (error: unknown) => void;
    /** Puts code where it belongs in an editor's file, for review. */
    applyCode: (editor: TextEditor | undefined, code: string, fence: string) => Promise<void>;
    /** The button that mends an error: `mendingButton` of `notify.ts`. */
    mend: (code: ErrorCode) => { label: string; command: string } | undefined;
}

/** Turns that the page shows at first, and how many more at a click: a long conversation stays quick. */
const SHOWN_TURNS = 60;

/** One per window. */
export class ChatView implements Disposable {
    private readonly store = new DisposableStore();
    private readonly page: ChatPage;
    private readonly session: ChatSession;
    private readonly chips: Chips;
    private readonly attachments: Attachments;
    private readonly history: History;
    private nShown = SHOWN_TURNS;
    private draft = "";

    constructor(private readonly options: ChatViewOptions) {
        const { engine, log, model, mend, onDidChangeModel } = options;
        this.session = this.store.add(new ChatSession({ engine, log, model, mend }));
        this.chips = this.store.add(new Chips(options.lastEditor));
        const { session, chips, store } = this;
        this.attachments = store.add(
            new Attachments({
                lastEditor: () => chips.lastEditor,
                mayShow: (uri) => options.files.mayShow(uri),
                mayShowChange: (uri) => options.files.mayShowChange(uri),
                terminals: options.terminals,
                codebase: options.codebase,
                pinned: () => session.pinned,
                setPinned: (blocks) => session.setPinned(blocks),
                maxCharacters: () => contextCharacters(model().contextTokens),
            }),
        );
        const { lastChat, setLastChat, folder } = options;
        this.history = store.add(
            new History({
                session,
                store: new ChatStore(folder),
                log,
                lastChat,
                setLastChat,
                now: Date.now,
            }),
        );
        store.add(session.onDidChange(() => this.paint()));
        store.add(
            session.onDidChangeUsage(() => this.page.notify("usage", { usage: session.usage })),
        );
        store.add(session.onAppend((piece) => this.page.notify("append", piece)));
        store.add(session.onActivity((text) => this.page.notify("activity", { text })));
        store.add(chips.onDidChange(() => this.contextChanged()));
        store.add(this.attachments.onDidChange(() => this.contextChanged()));
        store.add(onDidChangeModel(() => this.paint()));
        const { extensionUri, build } = options;
        this.page = store.add(
            new ChatPage({
                extensionUri,
                build,
                log,
                handlers: this.handlers(),
                onReady: () => {
                    this.paint();
                    void this.restore();
                },
                onDraft: (text) => {
                    this.draft = textOf(text);
                    this.readDraft();
                },
            }),
        );
    }

    /** VS Code shows the view. */
    open(view: WebviewView): void {
        this.page.open(view);
    }

    /** Shows the view and puts the cursor into its input. */
    async focus(): Promise<void> {
        await this.page.focus();
    }

    newChat(): void {
        this.nShown = SHOWN_TURNS;
        this.history.newChat();
        this.chips.reset();
        this.attachments.clear();
    }

    /** The list of chats; the one that is chosen is shown. */
    async pickChat(): Promise<void> {
        if (!(await pickChat(this.pickOptions()))) return;
        this.nShown = SHOWN_TURNS;
        await this.focus();
    }

    /** Renames, exports or deletes the chat that is open. */
    async renameChat(): Promise<void> {
        const chat = this.current();
        if (chat) await renameChat(chat, this.pickOptions());
    }

    async exportChat(): Promise<void> {
        const chat = this.current();
        if (chat) await exportChat(chat);
    }

    async deleteChat(): Promise<void> {
        const chat = this.current();
        if (chat) await deleteChat(chat, this.pickOptions());
    }

    /** Writes what is not on the disk yet. Never rejects. */
    save(): Promise<void> {
        return this.history.flush();
    }

    /** Opens the chat of before the reload, once. Never rejects. */
    restore(): Promise<void> {
        return this.history.restore();
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

    /**
     * Shows the view and asks about given code instead of the chips', for an answer of so many tokens. Throws AppError while an answer is
     * being written.
     */
    async askAbout(text: string, context: ContextSource, maxTokens: number): Promise<void> {
        await this.focus();
        if (this.options.model().problem) return;
        await this.restore();
        if (this.session.isBusy)
            throw new AppError(
                "user/usage",
                "The chat is still answering; stop it, or wait for it",
            );
        await this.session.send(text, context, maxTokens);
    }

    /** Asks as if the text had been typed and sent; resolves when the answer is complete, stopped or failed. */
    async send(text: string): Promise<void> {
        const ask = await this.prepare(text);
        await ask?.();
    }

    /** What asks a question or a slash command; undefined while nothing can be asked. Rejects with AppError that says what is wrong. */
    async prepare(text: string): Promise<(() => Promise<void>) | undefined> {
        const { session, attachments } = this;
        if (this.cannotAsk(text)) return undefined;
        await this.restore();
        const { words, context, maxTokens } = await this.question(text);
        return async () => {
            const done = session.send(words, context, maxTokens);
            attachments.clear();
            await done;
        };
    }

    /** The same for a question in place of another: one that names no context of its own keeps what the other had. */
    async prepareEdit(id: string, text: string): Promise<(() => Promise<void>) | undefined> {
        const { session } = this;
        if (this.cannotAsk(text)) return undefined;
        const { words, isOwn, ...own } = await this.question(text);
        return () => session.edit(id, words, isOwn ? own : undefined);
    }

    private cannotAsk(text: string): boolean {
        return Boolean(this.options.model().problem) || this.session.isBusy || text.trim() === "";
    }

    /** The words that are sent, and what goes along; `isOwn`: they name it themselves, by a command or `#codebase`. */
    private async question(text: string): Promise<{
        words: string;
        context: ContextSource;
        maxTokens: number | undefined;
        isOwn: boolean;
    }> {
        const { chips, attachments } = this;
        const { text: words, isAsked } = readMention(text.trim());
        const search = isAsked ? this.options.codebase.search : attachments.lookUp;
        const command = await slashQuestion(words, {
            editor: chips.isOn ? chips.lastEditor : undefined,
            files: this.options.files,
            hasAdded: attachments.list.length > 0,
            added: attachments.snapshot(),
        });
        const question = command ?? { text: words, context: this.contextSource() };
        return {
            words: question.text,
            context: search
                ? withPlaces(question.context, { question: words, search })
                : question.context,
            maxTokens: command?.maxTokens,
            isOwn: isAsked || command !== undefined,
        };
    }

    /** What the page shows, for tests and the report. */
    get state(): ChatViewState {
        const { name, problem } = this.options.model();
        const { id, turns, isBusy, activity, usage } = this.session;
        const nEarlier = Math.max(0, turns.length - this.nShown);
        return {
            conversation: id,
            modelName: name,
            problem,
            turns: turns.slice(nEarlier),
            nEarlier,
            ...this.context(),
            busy: isBusy,
            activity,
            usage,
        };
    }

    dispose(): void {
        this.store.dispose();
    }

    private handlers(): Handlers<ChatHostSide> {
        const { session, chips, attachments } = this;
        const { applyCode, showError } = this.options;
        return pageHandlers({
            session,
            chips,
            attachments,
            prepare: (text) => this.prepare(text),
            prepareEdit: (id, text) => this.prepareEdit(id, text),
            newChat: () => this.newChat(),
            showEarlier: () => {
                this.nShown += SHOWN_TURNS;
                this.paint();
            },
            applyCode: (code, fence) => applyCode(chips.lastEditor, code, fence),
            hint: (text) => this.page.notify("hint", { text }),
            showError,
        });
    }

    private paint(): void {
        this.page.notify("state", this.state);
    }

    private context(): Pick<ChatViewState, "chips" | "suggestions"> {
        const { list, suggestions } = this.chips;
        return { chips: [...list, ...this.attachments.list], suggestions };
    }

    private contextChanged(): void {
        this.page.notify("chips", this.context());
        this.readDraft();
    }

    /** Everything that goes along: what was added, then the open file or selection in what room is left. */
    private contextSource(): ContextSource {
        const added = this.attachments.snapshot();
        return async (maxCharacters) => {
            const blocks = await added(maxCharacters);
            const used = blocks.reduce((sum, { text }) => sum + text.length, 0);
            return [...blocks, ...this.chips.blocks(Math.max(0, maxCharacters - used))];
        };
    }

    private readDraft(): void {
        if (this.options.model().problem) return;
        // A command is other words than what is typed.
        const draft = commandIn(this.draft.trim()) ? "" : this.draft;
        const context = this.contextSource();
        const isLookedUp = this.attachments.lookUp !== undefined;
        this.session.draft(draft, isLookedUp ? withPlaces(context, undefined) : context);
    }

    private current(): StoredChat | undefined {
        return this.session.isEmpty ? undefined : this.session.stored(Date.now());
    }

    private pickOptions(): HistoryPickOptions {
        const { confirm, showError } = this.options;
        const currentId = () => this.session.id;
        return { history: this.history, currentId, confirm, showError, now: Date.now };
    }
}
