/**
 * One chat turn: the model's own template, turns left out when the context is full, streamed sampling. The prompt of a conversation
 * only grows, so each turn evaluates little more than the new question.
 */

import { onAbort } from "../base/cancel";
import { isCancelled } from "../base/errors";
import { openingOf } from "../base/reasoning";
import type { NativeModel } from "../node/native";
import { withAnswerStart } from "../prompt/answerStart";
import { fitChat } from "../prompt/chatTemplate";
import type {
    ChatMessage,
    ChatProgress,
    ChatRequest,
    ChatResult,
    PromptRecord,
} from "../protocol/engine";
import { stopReason } from "./completion";
import { chatTemplateOf, type LoadedModel } from "./loadedModel";
import type { Models } from "./models";
import { countsOf, timesOf } from "./callFigures";
import { CHAT_SEQUENCE, PRIORITY } from "./plan";

/** Guessed at a time; the native part takes fewer where more do not pay. */
const MAX_DRAFT_TOKENS = 16;

export interface ChatContext {
    signal: AbortSignal;
    progress: (value: ChatProgress) => void;
}

/** Answers to the newest message. A cancelled turn resolves with the text so far and stop `aborted`. */
export async function chat(
    models: Models,
    request: ChatRequest,
    { signal, progress }: ChatContext,
    record: (record: PromptRecord) => void,
): Promise<ChatResult> {
    const startMs = performance.now();
    const onProgress = (fraction: number) => progress({ kind: "load", fraction });
    try {
        return await models.use("chat", { signal, onProgress }, (model) =>
            run(model, request, { signal, progress }, { startMs, record }),
        );
    } catch (error) {
        if (isCancelled(error)) return nothing(performance.now() - startMs);
        throw error;
    }
}

async function run(
    model: LoadedModel,
    request: ChatRequest,
    { signal, progress }: ChatContext,
    { startMs, record }: { startMs: number; record: (record: PromptRecord) => void },
): Promise<ChatResult> {
    const loadMs = performance.now() - startMs;
    const { native, sizes } = model;
    const maxTokens = Math.min(request.maxTokens, Math.floor(sizes.chat / 2));
    const tokenize = (text: string) => tokenizeChat(native, text);
    const messages = request.messages.map((message) => asPlainText(native, message));
    const fitted = fitChat(
        chatTemplateOf(model),
        messages,
        sizes.chat - maxTokens,
        (text) => tokenize(text).length,
    );
    const { answerStart = "", stopTexts = [], draftFrom } = request;
    const prompt = withAnswerStart(fitted.text, answerStart);
    // Some templates begin the reasoning themselves; whoever shows the answer needs to see where it begins.
    let opening = openingOf(prompt);
    const task = model.context.generate(
        {
            sequence: CHAT_SEQUENCE,
            priority: PRIORITY.chat,
            tokens: tokenize(prompt),
            maxTokens,
            temperature: request.temperature,
            topK: 40,
            topP: 0.95,
            minP: 0.05,
            seed: request.seed,
            stopTexts: [...stopTexts],
            ...(draftFrom !== undefined && {
                draftTokens: MAX_DRAFT_TOKENS,
                // With what stands before it, so that the first line is guessed too.
                lookup: native.tokenize(answerStart + draftFrom),
            }),
        },
        (chunk) => {
            if (chunk.promptTotal !== undefined)
                progress({ kind: "prompt", done: chunk.promptDone ?? 0, total: chunk.promptTotal });
            if (chunk.text === "") return;
            progress({ kind: "text", text: opening + chunk.text });
            opening = "";
        },
    );
    const stopListening = onAbort(signal, () => task.abort());
    const result = await task.done.finally(stopListening);
    record({
        kind: "chat",
        model: model.info.name,
        text: prompt,
        nTokens: fitted.nTokens,
        answer: result.text,
    });
    return {
        text: result.text === "" ? "" : openingOf(fitted.text) + result.text,
        stop: stopReason(result.stop),
        tokens: countsOf(result),
        timings: timesOf(result, startMs, loadMs),
        nDropped: fitted.nDropped,
        contextTokens: sizes.chat,
    };
}

/** Templates usually write the beginning-of-sequence token themselves; it must not come twice. */
export function tokenizeChat(native: NativeModel, text: string): number[] {
    const { addBos, special } = native.info;
    const tokens = native.tokenize(text, { parseSpecial: true });
    return addBos && tokens[0] !== special.bos ? [special.bos, ...tokens] : tokens;
}

/** Control tokens in what people write (code about chat templates, say) must not end their turn: an invisible character splits them. */
export function asPlainText(native: NativeModel, message: ChatMessage): ChatMessage {
    let { content } = message;
    const tokens = native.tokenize(content, { parseSpecial: true });
    for (const token of new Set(tokens)) {
        if (!native.isControl(token)) continue;
        const piece = native.piece(token);
        if (piece.length > 1)
            content = content.replaceAll(piece, `${piece.slice(0, 1)}\u2060${piece.slice(1)}`);
    }
    return { ...message, content };
}

function nothing(totalMs: number): ChatResult {
    return {
        text: "",
        stop: "aborted",
        tokens: { prompt: 0, reused: 0, generated: 0 },
        timings: { loadMs: 0, promptMs: 0, generateMs: 0, totalMs },
        nDropped: 0,
        contextTokens: 0,
    };
}
