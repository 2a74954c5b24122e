/**
 * Runs the turns of a conversation on the engine: one at a time, stoppable, text collected to a frame's worth before it goes to
 * the page. Knows neither VS Code nor the page: it fires events.
 */

import { onAbort } from "../../base/cancel";
import { AppError, cancelled, isCancelled, toWire, type ErrorCode } from "../../base/errors";
import { Emitter, type Event } from "../../base/event";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import type { ChatProgress, ChatRequest, ChatResult } from "../../protocol/engine";
import type { ChatTurn } from "../../protocol/webview";
import { contextCharacters, type ContextBlock } from "./context";
import { Conversation } from "./conversation";
import { describeProgress, noteFor, SYSTEM_PROMPT } from "./prompt";

/** The engine's chat method; `EngineClient` has it. */
export interface ChatEngine {
    chat(
        request: ChatRequest,
        options: { signal: AbortSignal; onProgress: (progress: ChatProgress) => void },
    ): Promise<ChatResult>;
}

export interface ChatSessionOptions {
    engine: ChatEngine;
    log: Log;
    /** The model of the chat at this moment. */
    model: () => { name: string; contextTokens: number };
    /** The button that mends an error, if one does. */
    mend?: ((code: ErrorCode) => { label: string; command: string } | undefined) | undefined;
}

/** What goes along with a question, in at most so many characters. */
export type ContextSource = (maxCharacters: number) => ContextBlock[];

const FRAME_MS = 16;
/** Context below this says nothing. */
const MIN_CONTEXT_CHARACTERS = 300;
const TEMPERATURE = 0.2;

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
    private nConversations = 0;
    private conversation = this.newConversation();
    private running: AbortController | undefined;
    private currentActivity: string | undefined;

    constructor(private readonly options: ChatSessionOptions) {
        this.store.add({ dispose: () => this.stop() });
    }

    get id(): string {
        return this.conversation.id;
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

    /** Asks; resolves when the answer is complete, stopped or failed (which are turns, not errors). Does nothing while one is running. */
    async send(text: string, context: ContextSource = () => []): Promise<void> {
        if (this.isBusy || text.trim() === "") return;
        const maxCharacters = contextCharacters(this.options.model().contextTokens);
        const id = this.conversation.ask(text.trim(), context(maxCharacters));
        await this.run(id, { context, maxCharacters });
    }

    /** Asks the last question again. */
    async retry(): Promise<void> {
        const id = this.conversation.retry();
        if (id !== undefined) await this.run(id);
    }

    stop(): void {
        this.running?.abort();
    }

    newChat(): void {
        this.stop();
        this.conversation = this.newConversation();
        this.setActivity(undefined);
        this.changed.fire();
    }

    dispose(): void {
        this.store.dispose();
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
        try {
            const result = await this.ask(
                conversation,
                { signal: controller.signal, onProgress },
                sent,
            );
            text.flush();
            this.complete(conversation, result);
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

    /** Context is measured in characters before the model is known exactly; when it turns out too long, half of it is tried. */
    private async ask(
        conversation: Conversation,
        options: AskOptions,
        sent: SentContext | undefined,
    ): Promise<ChatResult> {
        let maxCharacters = sent?.maxCharacters ?? 0;
        for (;;) {
            const { contextTokens } = this.options.model();
            const answer = this.options.engine.chat(
                {
                    conversation: conversation.id,
                    messages: conversation.messages(SYSTEM_PROMPT),
                    maxTokens: Math.min(2048, Math.max(64, Math.floor(contextTokens / 4))),
                    temperature: TEMPERATURE,
                    seed: conversation.attempt,
                },
                options,
            );
            try {
                // Stopping does not wait for an engine that is still starting.
                return await Promise.race([answer, rejectOnAbort(options.signal)]);
            } catch (error) {
                maxCharacters = Math.floor(maxCharacters / 2);
                const isTooLong = error instanceof AppError && error.code === "engine/context-full";
                if (!isTooLong || !sent || maxCharacters < MIN_CONTEXT_CHARACTERS) throw error;
                const blocks = sent.context(maxCharacters);
                if (blocks.length === 0) throw error;
                this.options.log.debug("context halved", { maxCharacters });
                conversation.setContext(blocks);
                this.changed.fire();
            }
        }
    }

    private complete(conversation: Conversation, result: ChatResult): void {
        const { stop, tokens, timings, nDropped } = result;
        this.options.log.info("answered", {
            stop,
            ...tokens,
            promptMs: timings.promptMs,
            generateMs: timings.generateMs,
            nDropped,
        });
        if (stop === "aborted") conversation.stop();
        else if (result.text.trim() === "")
            conversation.fail({
                message: "The model gave no answer; ask in other words or choose another model",
            });
        else conversation.finish(result.text, noteFor(result));
        conversation.forget(nDropped);
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

    private newConversation(): Conversation {
        return new Conversation(`chat-${++this.nConversations}`);
    }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => onAbort(signal, () => reject(cancelled())));
}

type AskOptions = Parameters<ChatEngine["chat"]>[1];

interface SentContext {
    context: ContextSource;
    maxCharacters: number;
}

/** Hands on text once a frame; what is left at once on `flush`. */
class Collector {
    private text = "";
    private timer: ReturnType<typeof setTimeout> | undefined;

    constructor(private readonly take: (text: string) => void) {}

    add(text: string): void {
        this.text += text;
        this.timer ??= setTimeout(() => this.flush(), FRAME_MS);
    }

    flush(): void {
        clearTimeout(this.timer);
        this.timer = undefined;
        const { text } = this;
        this.text = "";
        if (text !== "") this.take(text);
    }
}
