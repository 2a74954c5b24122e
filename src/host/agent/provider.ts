/**
 * VS Code's own Chat, agent mode and other extensions on the models of this computer: answers and calls of tools as they stream, exact
 * counts. Short requests without tools (titles and the like) run beside the conversation at low priority.
 */

import { randomUUID } from "node:crypto";
import {
    LanguageModelChatToolMode,
    LanguageModelTextPart,
    LanguageModelToolCallPart,
    ProgressLocation,
    window,
    type CancellationToken,
    type LanguageModelChatProvider,
    type LanguageModelChatRequestMessage,
    type LanguageModelResponsePart,
    type Progress,
    type ProvideLanguageModelChatResponseOptions,
} from "vscode";
import { isCancelled } from "../../base/errors";
import type { Log } from "../../base/log";
import type {
    ChatLane,
    ChatMessage,
    ChatProgress,
    ChatRequest,
    ChatResult,
} from "../../protocol/chat";
import type { Engine } from "../engine";
import { toSignal } from "../signal";
import { percent } from "../status";
import { engineMessages, engineTools } from "./messages";
import type { AgentModel } from "./models";

export interface AgentProviderOptions {
    list: () => Promise<AgentModel[]>;
    /** Runs one request of the engine with this model, which the request names. */
    run: <T>(model: AgentModel, send: () => Promise<T>) => Promise<T>;
    engine: Pick<Engine, "chat" | "request">;
    log: Log;
}

/** Characters of a request that is answered beside the conversation. */
const UTILITY_CHARACTERS = 2000;
/** Small models often end without a word once their tools have done what was asked, and VS Code calls that an error. */
const SILENCE = "(The model has nothing to add.)";
/** Which is as good: they also ask for the same again when it is done. */
const MADE_ONCE = "(The model asked for the same change again. It was made once.)";
const TEMPERATURE = 0.2;
const SEED = 1;

export class AgentProvider implements LanguageModelChatProvider<AgentModel> {
    constructor(private readonly options: AgentProviderOptions) {}

    async provideLanguageModelChatInformation(): Promise<AgentModel[]> {
        return this.options.list();
    }

    async provideLanguageModelChatResponse(
        model: AgentModel,
        messages: readonly LanguageModelChatRequestMessage[],
        options: ProvideLanguageModelChatResponseOptions,
        progress: Progress<LanguageModelResponsePart>,
        token: CancellationToken,
    ): Promise<void> {
        const request = requestOf(model, messages, options);
        const cancelling = toSignal(token);
        const { signal } = cancelling;
        let isSilent = true;
        const show = (value: ChatProgress) => {
            if (value.kind === "call" || (value.kind === "text" && value.text.trim() !== ""))
                isSilent = false;
            if (value.kind === "text") progress.report(new LanguageModelTextPart(value.text));
            if (value.kind === "call")
                progress.report(
                    new LanguageModelToolCallPart(randomUUID(), value.name, value.arguments),
                );
        };
        try {
            const result = await withReading(model.name, (reading) =>
                this.options.run(model, () =>
                    this.options.engine.chat(request, {
                        signal,
                        onProgress: (value) => {
                            reading(value);
                            show(value);
                        },
                    }),
                ),
            );
            this.note(request, result);
            const text = noteOf(request, result, isSilent);
            if (text !== undefined) progress.report(new LanguageModelTextPart(text));
        } catch (error) {
            if (!isCancelled(error)) throw error;
        } finally {
            cancelling.dispose();
        }
    }

    async provideTokenCount(
        model: AgentModel,
        text: string | LanguageModelChatRequestMessage,
        token: CancellationToken,
    ): Promise<number> {
        const cancelling = toSignal(token);
        const { signal } = cancelling;
        const count = (of: string | ChatMessage) =>
            this.options.run(model, () =>
                this.options.engine.request(
                    "chat/count",
                    { lane: "agent", model: model.path, of },
                    { signal },
                ),
            );
        try {
            if (typeof text === "string") return await count(text);
            const counts = await Promise.all(engineMessages([text]).map(count));
            return counts.reduce((sum, n) => sum + n, 0);
        } finally {
            cancelling.dispose();
        }
    }

    private note({ lane, tools }: ChatRequest, { stop, tokens, timings }: ChatResult): void {
        this.options.log.info("answered", {
            lane,
            tools: tools?.length ?? 0,
            stop,
            prompt: tokens.prompt,
            reused: tokens.reused,
            generated: tokens.generated,
            promptMs: timings.promptMs,
            generateMs: timings.generateMs,
        });
    }
}

function requestOf(
    model: AgentModel,
    given: readonly LanguageModelChatRequestMessage[],
    { tools, toolMode, modelOptions }: ProvideLanguageModelChatResponseOptions,
): ChatRequest {
    const messages = engineMessages(given);
    const option = (name: string) => {
        const value: unknown = modelOptions?.[name];
        return typeof value === "number" && Number.isFinite(value) && value >= 0
            ? value
            : undefined;
    };
    const nCharacters = messages.reduce((sum, { content }) => sum + content.length, 0);
    const isShort = !tools?.length && nCharacters <= UTILITY_CHARACTERS;
    const lane: ChatLane = isShort ? "utility" : "agent";
    return {
        conversation: lane,
        lane,
        model: model.path,
        messages,
        tools: engineTools(tools),
        toolMode: toolMode === LanguageModelChatToolMode.Required ? "required" : "auto",
        separateReasoning: true,
        maxTokens: Math.min(option("max_tokens") ?? Infinity, model.maxOutputTokens),
        temperature: Math.min(option("temperature") ?? TEMPERATURE, 2),
        seed: SEED,
    };
}

/**
 * What a person has to know of an answer. Who asks without tools may be a program: its answer is the model's words and nothing else.
 */
function noteOf({ tools }: ChatRequest, result: ChatResult, isSilent: boolean): string | undefined {
    if (!tools?.length) return undefined;
    if (isSilent && result.isRepeatedChange) return MADE_ONCE;
    const silence = isSilent && result.stop !== "aborted" ? SILENCE : undefined;
    return cutNote(result) ?? repetitionNote(result) ?? silence;
}

function cutNote({ stop, tokens, isCallBroken }: ChatResult): string | undefined {
    if (stop !== "max-tokens") return undefined;
    const count = tokens.generated.toLocaleString("en-US");
    return isCallBroken
        ? `\n\n(The answer was cut at ${count} tokens inside of a tool call, which was not made.)`
        : `\n\n(The answer was cut at ${count} tokens.)`;
}

function repetitionNote({ repeatedTokens }: ChatResult): string | undefined {
    if (!repeatedTokens) return undefined;
    const count = repeatedTokens.toLocaleString("en-US");
    return `\n\n(The model repeated itself in this call; ${count} tokens of that were left out.)`;
}

/** The API has no progress of its own before the first word: a long prompt shows in the status bar. */
async function withReading<T>(
    name: string,
    work: (onProgress: (value: ChatProgress) => void) => Promise<T>,
): Promise<T> {
    return window.withProgress({ location: ProgressLocation.Window }, (progress) =>
        work((value) => {
            if (value.kind === "load")
                progress.report({ message: `Ingot: loading ${name}${percent(value.fraction)}` });
            else if (value.kind === "prompt" && value.total > 0)
                progress.report({
                    message: `Ingot: reading ${value.total.toLocaleString("en-US")} tokens${percent(value.done / value.total)}`,
                });
            else progress.report({ message: `Ingot: ${name} answers` });
        }),
    );
}
