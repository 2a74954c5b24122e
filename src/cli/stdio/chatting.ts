/**
 * For measurements: a chat that is answered all the while, as beside a person who types and has asked something. Each question is a
 * conversation of its own, so that there is always a prompt to read or an answer to write.
 */

import type { EngineClient } from "../../node/engineClient";

/** Of an answer: with its prompt some seconds of work. */
const MAX_TOKENS = 400;
const QUESTION = "Explain in detail, with an example for each case, what this code does:\n\n";

export interface Chatting {
    /** Tokens of all answers so far, those of stopped ones too. */
    readonly nTokens: number;
}

/** Asks about a text again and again until it is aborted. What fails is told once and ends it. */
export function keepChatting(
    engine: Pick<EngineClient, "request">,
    { about, signal, onFailure }: ChattingOptions,
): Chatting {
    const chatting = { nTokens: 0 };
    const onProgress = ({ kind }: { kind: string }) => {
        if (kind === "text") chatting.nTokens++;
    };
    const ask = async () => {
        for (let n = 1; !signal.aborted; n++)
            await engine.request(
                "chat",
                {
                    conversation: `bench-${n}`,
                    messages: [{ role: "user", content: `${n}. ${QUESTION}${about()}` }],
                    maxTokens: MAX_TOKENS,
                    temperature: 0,
                    seed: 1,
                },
                { signal, onProgress },
            );
    };
    ask().catch((error: unknown) => {
        if (!signal.aborted) onFailure(error);
    });
    return chatting;
}

export interface ChattingOptions {
    /** Read at each question. */
    about: () => string;
    signal: AbortSignal;
    onFailure: (error: unknown) => void;
}
