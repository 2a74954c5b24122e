/**
 * One question to the engine's chat, for whoever is not the side bar: halves the context when it does not fit, keeps reasoning out of
 * the text, and does not wait for an engine that is still starting when it is stopped. Knows no VS Code.
 */

import { onAbort } from "../../base/cancel";
import { AppError, cancelled } from "../../base/errors";
import { AnswerReader } from "../../base/reasoning";
import type { ChatMessage, ChatProgress, ChatResult } from "../../protocol/chat";
import { contextCharacters } from "../chat/context";
import type { ChatEngine } from "../chat/asking";

/** The model that answers, as known without loading it. */
export interface AskedModel {
    name: string;
    /** Tokens. */
    contextTokens: number;
    /** Why it cannot answer; a sentence. */
    problem?: { text: string } | undefined;
}

export interface Asker {
    engine: Pick<ChatEngine, "chat">;
    model: () => AskedModel;
}

export interface Question {
    /** Requests with the same one share what the model has read. */
    conversation: string;
    /** Of the answer, without thoughts. */
    maxTokens: number;
    /** 0 = greedy. */
    temperature: number;
    seed: number;
    /** The messages with at most so many characters of context. */
    messages: (maxCharacters: number) => ChatMessage[];
}

export interface Listener {
    signal: AbortSignal;
    /** Text for the person, in pieces. */
    onText: (text: string) => void;
    onProgress?: ((progress: ChatProgress) => void) | undefined;
}

/** Context below this says nothing. */
const MIN_CONTEXT_CHARACTERS = 300;

/**
 * Resolves with the answer, also a stopped one (`stop` is `aborted`); `text` holds no reasoning. Throws AppError: cancelled before
 * the engine answered, no model, a context too small.
 */
export async function ask(
    asker: Asker,
    question: Question,
    listener: Listener,
): Promise<ChatResult> {
    const { contextTokens, problem } = asker.model();
    if (problem) throw new AppError("user/no-model", problem.text.replace(/\.$/, ""));
    for (let room = contextCharacters(contextTokens); ; room = Math.floor(room / 2)) {
        try {
            return await askOnce(asker, question, { listener, room });
        } catch (error) {
            const isTooLong = error instanceof AppError && error.code === "engine/context-full";
            if (!isTooLong || room / 2 < MIN_CONTEXT_CHARACTERS) throw error;
        }
    }
}

async function askOnce(
    { engine, model }: Asker,
    { conversation, maxTokens, temperature, seed, messages }: Question,
    { listener, room }: { listener: Listener; room: number },
): Promise<ChatResult> {
    const { signal, onText, onProgress } = listener;
    const reader = new AnswerReader();
    let shown = "";
    const show = (piece: string) => {
        // Nothing but white space stands before the first word.
        const text = shown === "" ? piece.trimStart() : piece;
        shown += text;
        if (text !== "") onText(text);
    };
    const limit = Math.max(64, Math.floor(model().contextTokens / 4));
    const answer = engine.chat(
        {
            conversation,
            messages: messages(room),
            maxTokens: limit,
            maxAnswerTokens: maxTokens,
            temperature,
            seed,
        },
        {
            signal,
            onProgress: (progress) => {
                if (signal.aborted) return;
                onProgress?.(progress);
                if (progress.kind === "text") show(reader.push(progress.text));
            },
        },
    );
    const result = await Promise.race([answer, rejectOnAbort(signal)]);
    if (!signal.aborted) show(reader.end());
    return { ...result, text: shown };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => onAbort(signal, () => reject(cancelled())));
}
