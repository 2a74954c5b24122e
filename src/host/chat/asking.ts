/**
 * One question of a conversation to the engine: with less context when it is too long, read ahead while it is typed, and what its
 * answer means for the conversation. Holds nothing.
 */

import { onAbort } from "../../base/cancel";
import { AppError, cancelled } from "../../base/errors";
import type { Log } from "../../base/log";
import { withoutReasoning } from "../../base/reasoning";
import type {
    ChatPrefillRequest,
    ChatPrefillResult,
    ChatProgress,
    ChatRequest,
    ChatResult,
} from "../../protocol/chat";
import type { TokenUsage } from "../../protocol/webview";
import { contextCharacters, type ContextBlock } from "./context";
import type { Conversation } from "./conversation";
import { noteFor, SYSTEM_PROMPT } from "./prompt";

/** The engine's chat methods; `Engine` has them. */
export interface ChatEngine {
    chat(
        request: ChatRequest,
        options: { signal: AbortSignal; onProgress: (progress: ChatProgress) => void },
    ): Promise<ChatResult>;
    /** Undefined when no model is there; may begin to load one. */
    prefillChat(
        request: ChatPrefillRequest,
        signal: AbortSignal,
    ): Promise<ChatPrefillResult | undefined>;
}

/** Whom is asked. */
export interface AskedEngine {
    engine: ChatEngine;
    log: Log;
    /** The model of the chat at this moment. */
    model: () => { name: string; contextTokens: number };
}

/** What goes along with a question, in at most so many characters. */
export type ContextSource = (
    maxCharacters: number,
    options: { signal: AbortSignal; onActivity?: ((text: string) => void) | undefined },
) => readonly ContextBlock[] | Promise<readonly ContextBlock[]>;

/** A question that is being typed. */
export interface Draft {
    text: string;
    context: ContextSource;
}

export interface SentContext {
    context: ContextSource;
    maxCharacters: number;
    /** Other context stands in front of the question now. */
    onChange: () => void;
}

/** Context below this says nothing. */
const MIN_CONTEXT_CHARACTERS = 300;
const TEMPERATURE = 0.2;

/**
 * Puts what goes along in front of the question of an answer. Throws `cancelled` when it is stopped before all was gathered; what comes
 * late is there when it is asked again.
 */
export function giveContext(
    conversation: Conversation,
    answer: string,
    { context, maxCharacters, onChange }: SentContext,
    options: Parameters<ContextSource>[1],
): Promise<void> | undefined {
    const give = (blocks: readonly ContextBlock[]) => {
        conversation.setContext(blocks, answer);
        if (blocks.length > 0) onChange();
    };
    const found = context(maxCharacters, options);
    if (found instanceof Promise)
        return Promise.race([found.then(give), rejectOnAbort(options.signal)]);
    give(found);
    return undefined;
}

/** Context is measured in characters before the model is known exactly; when it turns out too long, half of it is tried. */
export async function askEngine(
    { engine, log, model }: AskedEngine,
    conversation: Conversation,
    options: Parameters<ChatEngine["chat"]>[1],
    sent: SentContext | undefined,
): Promise<ChatResult> {
    let maxCharacters = sent?.maxCharacters ?? 0;
    for (;;) {
        const answer = engine.chat(
            {
                conversation: conversation.id,
                messages: conversation.messages(SYSTEM_PROMPT),
                maxTokens: answerTokens(model().contextTokens),
                maxAnswerTokens: conversation.maxTokens,
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
            const blocks = await sent.context(maxCharacters, { signal: options.signal });
            if (blocks.length === 0) throw error;
            log.debug("context halved", { maxCharacters });
            conversation.setContext(blocks);
            sent.onChange();
        }
    }
}

/** The model reads a question that is not sent yet; undefined: it did not. */
export async function readAhead(
    { engine, model }: AskedEngine,
    conversation: Conversation,
    { text, context }: Draft,
    signal: AbortSignal,
): Promise<TokenUsage | undefined> {
    const { contextTokens } = model();
    const blocks = await context(contextCharacters(contextTokens), { signal });
    if (signal.aborted) return undefined;
    const result = await engine.prefillChat(
        {
            conversation: conversation.id,
            messages: conversation.messages(SYSTEM_PROMPT, { text, context: blocks }),
            maxTokens: answerTokens(contextTokens),
        },
        signal,
    );
    return result && { used: result.nTokens, of: result.contextTokens };
}

/** Puts an answer into its conversation. Returns what it takes of the context; undefined for a stopped one, which was not counted. */
export function complete(
    log: Log,
    conversation: Conversation,
    result: ChatResult,
): TokenUsage | undefined {
    const { stop, text, tokens, timings, nDropped } = result;
    log.info("answered", {
        stop,
        ...tokens,
        promptMs: timings.promptMs,
        generateMs: timings.generateMs,
        nDropped,
    });
    if (stop === "aborted") conversation.stop();
    else if (withoutReasoning(text).trim() === "" && stop !== "max-tokens")
        conversation.fail({
            message: "The model gave no answer; ask in other words or choose another model",
        });
    else conversation.finish(text, noteFor(result));
    conversation.forget(nDropped);
    const used = tokens.prompt + tokens.reused + tokens.generated;
    return stop === "aborted" ? undefined : { used, of: result.contextTokens };
}

/** Room that is kept for the answer. */
function answerTokens(contextTokens: number): number {
    return Math.min(2048, Math.max(64, Math.floor(contextTokens / 4)));
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => onAbort(signal, () => reject(cancelled())));
}
