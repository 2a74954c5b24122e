/**
 * Keeps the conversation of the chat on disk while it goes on, and finds it again after a reload. Knows nothing of VS Code. While an
 * answer is written it is kept about once a second, so that even a killed window loses little of it.
 */

import type { Disposable } from "../../base/lifecycle";
import { DisposableStore, toDisposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import type { ChatStore } from "./chatStore";
import { Conversation } from "./conversation";
import type { ChatSession } from "./session";
import type { StoredChat } from "./stored";

export interface HistoryOptions {
    session: ChatSession;
    store: ChatStore;
    log: Log;
    /** The chat that was open last in this workspace. */
    lastChat: () => string | undefined;
    setLastChat: (id: string | undefined) => void;
    now: () => number;
}

const SAVE_MS = 300;
const SAVE_STREAMING_MS = 1000;

export class History implements Disposable {
    private readonly disposables = new DisposableStore();
    private timer: ReturnType<typeof setTimeout> | undefined;
    private timerMs = 0;
    private writing: Promise<void> = Promise.resolve();
    private restoring: Promise<void> | undefined;
    /** What was written last: nothing is written twice. */
    private written = "";

    constructor(private readonly options: HistoryOptions) {
        const { session } = options;
        this.disposables.add(session.onDidChange(() => this.saveSoon(SAVE_MS)));
        this.disposables.add(session.onAppend(() => this.saveSoon(SAVE_STREAMING_MS)));
        this.disposables.add(toDisposable(() => clearTimeout(this.timer)));
    }

    /** Opens the chat of before, once. Never rejects. */
    restore(): Promise<void> {
        return (this.restoring ??= this.reopen());
    }

    /** A new chat in place of the open one, which is kept. What was open before the reload is not opened any more. */
    newChat(): void {
        void this.flush();
        this.restoring ??= Promise.resolve();
        this.options.session.newChat();
    }

    /** All chats, newest first, with the one that is open as it is now. */
    async list(): Promise<StoredChat[]> {
        await this.flush();
        return this.options.store.list();
    }

    async open(id: string): Promise<boolean> {
        const { store, session, setLastChat } = this.options;
        if (session.id === id) return true;
        await this.flush();
        const chat = await store.read(id);
        if (!chat) return false;
        this.written = content(chat);
        session.open(chat);
        setLastChat(id);
        return true;
    }

    /** An empty title gives back the first question. */
    async rename(id: string, title: string): Promise<void> {
        const { store, session, now } = this.options;
        if (session.id === id) {
            session.rename(title);
            await this.flush();
            return;
        }
        const chat = await store.read(id);
        if (!chat) return;
        const conversation = Conversation.from(chat);
        conversation.rename(title);
        await store.write(conversation.stored(now()));
    }

    async remove(id: string): Promise<void> {
        const { store, session } = this.options;
        if (session.id === id) this.newChat();
        await this.flush();
        await store.remove(id);
    }

    /** Writes the conversation as it is now, before another takes its place. Never rejects. */
    async flush(): Promise<void> {
        const { session, now } = this.options;
        clearTimeout(this.timer);
        this.timer = undefined;
        const chat = session.isEmpty ? undefined : session.stored(now());
        this.writing = this.writing.then(() => this.write(chat));
        await this.writing;
    }

    dispose(): void {
        this.disposables.dispose();
    }

    private async reopen(): Promise<void> {
        const { lastChat, store, session, log } = this.options;
        const id = lastChat();
        if (id === undefined || !session.isEmpty) return;
        const { id: atFirst } = session;
        const chat = await store.read(id);
        // Somebody may have begun to ask meanwhile, or a new chat.
        if (!chat || !session.isEmpty || session.id !== atFirst) return;
        this.written = content(chat);
        session.open(chat);
        log.debug("chat reopened", { nTurns: chat.turns.length });
    }

    /** What is to be kept sooner does not wait for what may be kept later. */
    private saveSoon(ms: number): void {
        if (this.timer !== undefined && this.timerMs <= ms) return;
        clearTimeout(this.timer);
        this.timerMs = ms;
        this.timer = setTimeout(() => void this.flush(), ms);
    }

    private async write(chat: StoredChat | undefined): Promise<void> {
        const { session, store, setLastChat, log } = this.options;
        if (!chat) {
            if (this.restoring && session.isEmpty) setLastChat(undefined);
            return;
        }
        const text = content(chat);
        if (text === this.written) return;
        try {
            const id = await store.write(chat);
            this.written = text;
            if (id !== chat.id && session.id === chat.id) {
                log.info("chat kept under another id: another window goes on with it");
                session.moveTo(id);
            }
            if (session.id === id) setLastChat(id);
        } catch (error) {
            log.error("chat not kept", { error: String(error) });
        }
    }
}

/** Without the times and ids under which it was kept. */
function content({ pinned, turns, title, chosen }: StoredChat): string {
    return JSON.stringify([title, pinned, turns, chosen]);
}
