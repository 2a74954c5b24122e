/**
 * Runs the turns of a conversation on the engine: one at a time, stoppable, text collected to a frame's worth before it goes to
 * the page. Knows neither VS Code nor the page: it fires events.
 */

import { randomUUID } from "node:crypto";
import { AppError, isCancelled, toWire, type ErrorCode } from "../../base/errors";
import { Emitter, type Event } from "../../base/event";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { ChatProgress } from "../../protocol/chat";
import type { ChatTurn, TokenUsage } from "../../protocol/webview";
import {
    askEngine,
    complete,
    giveContext,
    readAhead,
    type AskedEngine,
    type ContextSource,
    type Draft,
    type SentContext,
} from "./asking";
import { contextCharacters, type ContextBlock } from "./context";
import { Collector } from "./collector";
import { Conversation } from "./conversation";
import { Drafts } from "./drafts";
import { describeProgress } from "./prompt";
import type { StoredChat } from "./stored";

export interface ChatSessionOptions extends AskedEngine {
    /** The button that mends an error, if one does. */
    mend?: ((code: ErrorCode) => { label: string; command: string } | undefined) | undefined;
}

/** A chat is kept whole in memory and on disk. */
const MAX_TURNS = 2000;

export class ChatSession implements Disposable {
    private readonly store = new DisposableStore();
    private readonly changed = this.store.add(new Emitter<void>());
    private readonly appended = this.store.add(new Emitter<{ id: string; text: string }>());
    private readonly activities = this.store.add(new Emitter<string | undefined>());
    /** A turn began or ended, or the conversation is another one. */
    readonly onDidChange: Event<void> = this.changed.event;
    /** Text for the streaming turn, at most once a frame. */
    readonly onAppend: Event<{ id: string; text: string }> = this.appended.event;
    readonly onActivity: Event<string | undefined> = this.activities.event;
    private readonly usageChanged = this.store.add(new Emitter<void>());
    readonly onDidChangeUsage: Event<void> = this.usageChanged.event;
    private readonly drafts: Drafts<Draft>;
    private conversation = newConversation();
    private running: AbortController | undefined;
    /** What the last question was to go along with, when it could not be had. */
    private missing: { conversation: Conversation; sent: SentContext } | undefined;
    private currentActivity: string | undefined;
    private currentUsage: TokenUsage | undefined;

    constructor(private readonly options: ChatSessionOptions) {
        this.drafts = this.store.add(new Drafts((draft, signal) => this.readDraft(draft, signal)));
        this.store.add({ dispose: () => this.stop() });
    }

    get id(): string {
        return this.conversation.id;
    }

    get title(): string {
        return this.conversation.title;
    }

    get isEmpty(): boolean {
        return this.conversation.isEmpty;
    }

    get turns(): ChatTurn[] {
        return this.conversation.turns;
    }

    get isBusy(): boolean {
        return this.conversation.isBusy;
    }

    get activity(): string | undefined {
        return this.currentActivity;
    }

    /** Of the model's context; undefined until the engine has counted. */
    get usage(): TokenUsage | undefined {
        return this.currentUsage;
    }

    /** As it is to be kept. */
    stored(now: number): StoredChat {
        return this.conversation.stored(now);
    }

    /**
     * Asks; resolves when the answer is complete, stopped or failed (which are turns, not errors). Does nothing while one is running.
     * `maxTokens`: of the answer.
     */
    async send(text: string, context: ContextSource = () => [], maxTokens?: number): Promise<void> {
        if (this.isBusy || text.trim() === "") return;
        this.refuseTooLong();
        this.drafts.stop();
        // The question stands there at once: whatever becomes of its context, the text is not lost.
        const id = this.conversation.ask(text.trim(), [], maxTokens);
        await this.run(id, this.sentWith(context));
    }

    /** Asks another question in place of one, with the context of that unless it has its own. */
    async edit(
        id: string,
        text: string,
        own?: { context: ContextSource; maxTokens?: number | undefined },
    ): Promise<void> {
        if (this.isBusy || text.trim() === "") return;
        this.refuseTooLong();
        this.drafts.stop();
        const answer = this.conversation.edit(id, text.trim(), own);
        if (answer !== undefined) await this.run(answer, own && this.sentWith(own.context));
    }

    /** Asks the last question again. */
    async retry(): Promise<void> {
        if (this.isBusy) return;
        this.refuseTooLong();
        this.drafts.stop();
        const { missing, conversation } = this;
        const id = conversation.retry();
        const sent = missing?.conversation === conversation ? missing.sent : undefined;
        if (id !== undefined) await this.run(id, sent);
    }

    /** Shows another version of a question or an answer. */
    select(id: string, step: -1 | 1): void {
        if (this.isBusy || !this.conversation.select(id, step)) return;
        this.setUsage(undefined);
        this.changed.fire();
    }

    /** Tells what is in the input: the model reads it after a pause, so that little is left to read when it is sent. */
    draft(text: string, context: ContextSource = () => []): void {
        if (this.isBusy || text.trim() === "") this.drafts.stop();
        else this.drafts.push({ text, context });
    }

    /** The place behind a source of an answer. */
    source(id: string, at: number): ContextBlock["place"] {
        return this.conversation.source(id, at);
    }

    setPinned(blocks: readonly ContextBlock[]): void {
        this.conversation.pinned = blocks;
        this.changed.fire();
    }

    get pinned(): readonly ContextBlock[] {
        return this.conversation.pinned;
    }

    rename(title: string): void {
        this.conversation.rename(title);
        this.changed.fire();
    }

    /** The conversation is kept under another name: another window has its own under the one before. */
    moveTo(id: string): void {
        this.conversation.moveTo(id);
        this.changed.fire();
    }

    /** Goes on with a conversation that was kept. */
    open(chat: StoredChat): void {
        this.change(Conversation.from(chat));
    }

    stop(): void {
        this.running?.abort();
    }

    newChat(): void {
        this.change(newConversation());
    }

    dispose(): void {
        this.store.dispose();
    }

    private change(conversation: Conversation): void {
        this.stop();
        this.drafts.stop();
        this.conversation = conversation;
        this.setActivity(undefined);
        this.setUsage(undefined);
        this.changed.fire();
    }

    private refuseTooLong(): void {
        if (this.conversation.nTurns >= MAX_TURNS)
            throw new AppError(
                "user/usage",
                `This chat has ${MAX_TURNS.toLocaleString("en-US")} turns; begin a new one`,
            );
    }

    private async readDraft(draft: Draft, signal: AbortSignal): Promise<void> {
        const { conversation } = this;
        try {
            const usage = await readAhead(this.options, conversation, draft, signal);
            if (usage && !signal.aborted && this.conversation === conversation)
                this.setUsage(usage);
        } catch (error) {
            // Whatever is wrong with the question is said when it is sent.
            if (!isCancelled(error))
                this.options.log.debug("draft not read", { error: String(error) });
        }
    }

    private sentWith(context: ContextSource): SentContext {
        const maxCharacters = contextCharacters(this.options.model().contextTokens);
        const onChange = () => {
            // Also what comes late.
            this.missing = undefined;
            this.changed.fire();
        };
        return { context, maxCharacters, onChange };
    }

    private async run(id: string, sent?: SentContext): Promise<void> {
        const { conversation } = this;
        const controller = new AbortController();
        this.running = controller;
        const isCurrent = () => this.conversation === conversation;
        const text = new Collector((piece) => {
            conversation.append(piece);
            if (isCurrent()) this.appended.fire({ id, text: piece });
        });
        const { name } = this.options.model();
        this.setActivity(`Asking ${name}`);
        this.changed.fire();
        const onProgress = (progress: ChatProgress) => {
            if (controller.signal.aborted || !isCurrent()) return;
            this.setActivity(describeProgress(progress, name));
            if (progress.kind === "text") text.add(progress.text);
        };
        const { signal } = controller;
        const onActivity = (activity: string) => {
            if (!signal.aborted && isCurrent()) this.setActivity(activity);
        };
        try {
            const options = { signal, onProgress };
            this.missing = sent && { conversation, sent };
            const gathering = sent && giveContext(conversation, id, sent, { signal, onActivity });
            if (gathering) {
                await gathering;
                onActivity(`Asking ${name}`);
            }
            this.missing = undefined;
            const result = await askEngine(this.options, conversation, options, sent);
            text.flush();
            const usage = complete(this.options.log, conversation, result);
            if (usage && isCurrent()) this.setUsage(usage);
        } catch (error) {
            text.flush();
            this.fail(conversation, error);
        } finally {
            if (this.running === controller) this.running = undefined;
            if (isCurrent()) {
                this.setActivity(undefined);
                this.changed.fire();
            }
        }
    }

    private fail(conversation: Conversation, error: unknown): void {
        if (isCancelled(error)) {
            conversation.stop();
            return;
        }
        const { code, message, detail } = toWire(error);
        this.options.log.error("no answer", { code, message, detail });
        conversation.fail({ message, mend: this.options.mend?.(code) });
    }

    private setActivity(text: string | undefined): void {
        if (text === this.currentActivity) return;
        this.currentActivity = text;
        this.activities.fire(text);
    }

    private setUsage(usage: TokenUsage | undefined): void {
        this.currentUsage = usage;
        this.usageChanged.fire();
    }
}

/** Ids of different windows must not be the same. */
function newConversation(): Conversation {
    return new Conversation(`chat-${randomUUID()}`);
}
