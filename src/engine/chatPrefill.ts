/**
 * Reads a question of the chat while it is typed, so that little is left to read when it is sent. Never loads a model and never
 * stands in the way: it runs when no keystroke and no answer does, and gives way to the question itself.
 */

import { onAbort, throwIfAborted } from "../base/cancel";
import type { NativeTask } from "../node/native";
import { fitChat } from "../prompt/chatTemplate";
import type { ChatPrefillRequest, ChatPrefillResult } from "../protocol/chat";
import { countsOf } from "./callFigures";
import { tokenizeChat } from "./chat";
import { plainMessage } from "./chatText";
import { ChatTurn } from "./chatTurn";
import type { LoadedModel } from "./loadedModel";
import type { Models } from "./models";
import { CHAT_SEQUENCE, PRIORITY } from "./plan";
import type { SetAside } from "./setAside";

export class ChatPrefill {
    private running: NativeTask | undefined;
    /** Another one with each question: what waits for the model meanwhile is not begun. */
    private turn = 0;

    constructor(
        private readonly models: Models,
        private readonly aside: SetAside,
    ) {}

    /** Ends what is being read; what has been read stays. */
    giveWay(): void {
        this.turn++;
        this.running?.abort({ afterSlice: true });
    }

    /** Undefined when no model is loaded or on its way, or the question itself came while it was loading. Throws AppError as `chat` does (a question that is too long, a template). */
    async read(
        request: ChatPrefillRequest,
        signal: AbortSignal,
    ): Promise<ChatPrefillResult | undefined> {
        this.giveWay();
        if (!this.models.isStarted("chat")) return undefined;
        const { turn } = this;
        return this.models.use("chat", { signal }, async (model) =>
            turn === this.turn ? this.run(model, request, signal) : undefined,
        );
    }

    private async run(
        model: LoadedModel,
        request: ChatPrefillRequest,
        signal: AbortSignal,
    ): Promise<ChatPrefillResult | undefined> {
        throwIfAborted(signal);
        const { tokens, nTokens } = stablePrompt(model, request);
        const { turn } = this;
        await this.aside.enter(model, CHAT_SEQUENCE, tokens);
        throwIfAborted(signal);
        if (turn !== this.turn) return undefined;
        const task = model.context.generate({
            sequence: CHAT_SEQUENCE,
            priority: PRIORITY.utility,
            tokens,
            maxTokens: 0,
            temperature: 0,
        });
        this.running = task;
        const stopListening = onAbort(signal, () => task.abort({ afterSlice: true }));
        const result = await task.done.finally(() => {
            stopListening();
            if (this.running === task) this.running = undefined;
        });
        return {
            tokens: countsOf(result),
            nTokens,
            contextTokens: model.sizes.chat,
            aborted: result.stop === "aborted",
        };
    }
}

/** The tokens that the prompt will begin with however the question goes on: those that it has in common with one continuation. */
function stablePrompt(
    model: LoadedModel,
    request: ChatPrefillRequest,
): { tokens: number[]; nTokens: number } {
    const { native, sizes } = model;
    const template = new ChatTurn(model, {});
    const tokenize = (text: string) => tokenizeChat(native, text);
    const messages = request.messages.map((message) => plainMessage(native, message));
    const room = sizes.chat - Math.min(request.maxTokens, Math.floor(sizes.chat / 2));
    const fitted = fitChat(template, messages, room, (text) => tokenize(text).length);
    const system = messages.filter(({ role }) => role === "system");
    const kept = messages.filter(({ role }) => role !== "system").slice(fitted.nDropped);
    const last = kept.at(-1);
    const longer = last ? [...kept.slice(0, -1), { ...last, content: `${last.content}\n0` }] : kept;
    const now = tokenize(fitted.text);
    const later = tokenize(template.render([...system, ...longer]));
    const n = now.findIndex((token, i) => token !== later[i]);
    return { tokens: n < 0 ? now : now.slice(0, n), nTokens: fitted.nTokens };
}
