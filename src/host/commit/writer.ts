/**
 * Writes a commit message into the input box of a repository while the model answers. Whoever types into the box meanwhile wins;
 * a stop or a failure puts back what was there, and so does one undo after the end. One message at a time.
 */

import { cancelled, AppError } from "../../base/errors";
import type { Log } from "../../base/log";
import { commitMessageIn, commitMessages } from "../../prompt/commit/message";
import { SLASH } from "../../prompt/slash/table";
import { ask, type Asker } from "../slash/ask";
import type { Changes } from "./changes";

export interface InputBox {
    value: string;
}

export interface WriterOptions {
    asker: Asker;
    log: Log;
}

/** Reading this much takes a small processor some seconds; more says little more. */
const MAX_DIGEST_CHARACTERS = 6000;
/** For the second try, when the first one was a copy of an earlier message. */
const RETRY_TEMPERATURE = 0.5;

/** Resolves with the message that is in the box; throws AppError, `cancelled` also when the person typed into the box. */
export async function writeMessage(
    changes: Changes,
    box: InputBox,
    { asker, log }: WriterOptions,
    signal: AbortSignal,
): Promise<string> {
    const before = box.value;
    // VS Code tells of our own values again, late: only a value that is none of ours was typed.
    const own = new Set([before]);
    const typed = new AbortController();
    const put = (text: string) => {
        own.add(text);
        if (box.value !== text) box.value = text;
    };
    const isTyped = () => {
        if (!own.has(box.value)) typed.abort();
        return typed.signal.aborted;
    };
    const either = AbortSignal.any([signal, typed.signal]);
    const { hasBody } = changes.style;
    try {
        let message = "";
        for (const seed of [0, 1]) {
            let text = "";
            const result = await ask(asker, question(changes, seed), {
                signal: either,
                onText: (piece) => {
                    text += piece;
                    if (!isTyped())
                        put(commitMessageIn(text, { hasBody, isDone: false }) || before);
                },
            });
            if (result.stop === "aborted" || isTyped()) throw cancelled();
            message = commitMessageIn(result.text, { hasBody, isDone: true });
            const { tokens, timings } = result;
            log.info("commit message", { ...tokens, ms: timings.totalMs, seed });
            if (message !== "" && !changes.subjects.includes(message)) break;
        }
        if (message === "")
            throw new AppError(
                "user/usage",
                "The model gave no message; try again, or choose another model for chat",
            );
        // Every value is an undo step of the box: this makes the one before the message what was there.
        put(before);
        put(message);
        return message;
    } catch (error) {
        if (!isTyped()) put(before);
        throw error;
    }
}

function question(changes: Changes, seed: number) {
    return {
        conversation: "commit",
        maxTokens: SLASH.commit.maxTokens,
        temperature: seed === 0 ? 0 : RETRY_TEMPERATURE,
        seed,
        messages: (room: number) =>
            commitMessages(
                changes.digest(Math.min(room, MAX_DIGEST_CHARACTERS)).text,
                changes.style,
            ),
    };
}
