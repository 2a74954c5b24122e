/**
 * One chat turn: the model's own template, turns left out when the context is full, streamed sampling; with tools, calls of them. The
 * prompt of a conversation only grows, so each turn evaluates little more than the new question.
 */

import { onAbort } from "../base/cancel";
import { isCancelled } from "../base/errors";
import type { GenerateChunk, GenerateResult, NativeModel } from "../node/native";
import { withAnswerStart } from "../prompt/answerStart";
import { fitChat } from "../prompt/chatTemplate";
import type {
    ChatLane,
    ChatMessage,
    ChatProgress,
    ChatRequest,
    ChatResult,
    CountRequest,
    ModelRole,
    PromptRecord,
} from "../protocol/engine";
import type { ContextSizes } from "../library/memory";
import { prefixOf, type AgentPrefixes } from "./agentPrefix";
import { plainMessage } from "./chatText";
import { ChatTurn, mostTokens } from "./chatTurn";
import type { SetAside } from "./setAside";
import { stopReason } from "./completion";
import { type LoadedModel } from "./loadedModel";
import type { Models } from "./models";
import { countsOf, sumOf, timesOf } from "./callFigures";
import { AGENT_SEQUENCE, CHAT_SEQUENCE, PRIORITY, UTILITY_SEQUENCE } from "./plan";

/** Guessed at a time; the native part takes fewer where more do not pay. */
const MAX_DRAFT_TOKENS = 16;

export interface ChatContext {
    signal: AbortSignal;
    progress: (value: ChatProgress) => void;
}

export interface ChatServices {
    record: (record: PromptRecord) => void;
    prefixes: AgentPrefixes;
    aside: SetAside;
}

interface Lane {
    role: ModelRole;
    sequence: number;
    priority: number;
    /** Tokens of context that prompt and answer may have together. */
    room: (sizes: ContextSizes) => number;
}

const LANES: Readonly<Record<ChatLane, Lane>> = {
    chat: {
        role: "chat",
        sequence: CHAT_SEQUENCE,
        priority: PRIORITY.chat,
        room: ({ chat }) => chat,
    },
    agent: {
        role: "agent",
        sequence: AGENT_SEQUENCE,
        priority: PRIORITY.chat,
        room: ({ agent }) => agent,
    },
    utility: {
        role: "agent",
        sequence: UTILITY_SEQUENCE,
        priority: PRIORITY.utility,
        room: ({ utility }) => utility,
    },
};

/** Answers to the newest message. A cancelled turn resolves with the text so far and stop `aborted`. */
export async function chat(
    models: Models,
    request: ChatRequest,
    { signal, progress }: ChatContext,
    services: ChatServices,
): Promise<ChatResult> {
    const startMs = performance.now();
    const onProgress = (fraction: number) => progress({ kind: "load", fraction });
    const { role } = LANES[request.lane ?? "chat"];
    try {
        return await models.use(role, { path: request.model, signal, onProgress }, (model) =>
            run(model, request, { signal, progress }, { startMs, ...services }),
        );
    } catch (error) {
        if (isCancelled(error)) return nothing(performance.now() - startMs);
        throw error;
    }
}

/** What the call of a tool that there is not has cost, before it is asked for again. */
interface Earlier {
    figures: GenerateResult;
    loadMs: number;
}

async function run(
    model: LoadedModel,
    request: ChatRequest,
    { signal, progress }: ChatContext,
    services: ChatServices & { startMs: number; earlier?: Earlier },
): Promise<ChatResult> {
    const { startMs, record, prefixes, aside, earlier } = services;
    const loadMs = earlier?.loadMs ?? performance.now() - startMs;
    const { native } = model;
    const lane = LANES[request.lane ?? "chat"];
    const room = lane.room(model.sizes);
    const maxTokens = Math.min(request.maxTokens, Math.floor(room / 2));
    const turn = new ChatTurn(model, request, progress);
    const fitted = fitChat(
        turn,
        request.messages.map((message) => plainMessage(native, message)),
        room - maxTokens,
        (text) => tokenizeChat(native, text).length,
    );
    const { answerStart = "", stopTexts = [], draftFrom } = request;
    const prompt = withAnswerStart(fitted.text, answerStart);
    const tokens = tokenizeChat(native, prompt);
    const reading = (chunk: GenerateChunk) => {
        if (chunk.promptTotal !== undefined)
            progress({ kind: "prompt", done: chunk.promptDone ?? 0, total: tokens.length });
    };
    const { sequence, priority } = lane;
    if (sequence === CHAT_SEQUENCE) await aside.enter(model, sequence, tokens);
    // The prompt's beginning, when it is read by a call of its own.
    let begun: GenerateResult | undefined;
    if (sequence === AGENT_SEQUENCE && !prefixes.isReady(model, sequence, tokens)) {
        const system = request.messages.filter(({ role }) => role === "system");
        const begin = (content: string) => {
            const messages: ChatMessage[] = [...system, { role: "user", content }];
            const text = turn.render(messages.map((message) => plainMessage(native, message)));
            return tokenizeChat(native, text);
        };
        const prefix = prefixOf(tokens, [begin("0"), begin("Why?")]);
        const read = (tokens: number[]) => {
            const options = { sequence, priority, tokens, maxTokens: 0, temperature: 0 };
            const task = model.context.generate(options, reading);
            return task.done.finally(onAbort(signal, () => task.abort()));
        };
        begun = await prefixes.prepare(model, sequence, prefix, read);
    }
    const task = model.context.generate(
        {
            sequence,
            priority,
            tokens,
            maxTokens: Math.min(maxTokens, mostTokens(request, model.template)),
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
            ...turn.held(prompt),
        },
        (chunk) => {
            reading(chunk);
            if (chunk.text !== "") turn.take(chunk.text);
            if (turn.isMisnamed) task.abort();
        },
    );
    const stopListening = onAbort(signal, () => task.abort());
    const result = await task.done.finally(stopListening);
    const own = begun ? sumOf(begun, result) : result;
    const all = earlier ? sumOf(earlier.figures, own) : own;
    if (turn.isMisnamed && !signal.aborted) {
        const held = { ...request, toolMode: "required" as const };
        const again = { ...services, earlier: { figures: all, loadMs } };
        return run(model, held, { signal, progress }, again);
    }
    record({
        kind: "chat",
        model: model.info.name,
        text: prompt,
        nTokens: fitted.nTokens,
        answer: result.text,
    });
    return {
        ...turn.finish(result.text),
        stop: stopReason(result.stop),
        tokens: countsOf(all),
        timings: timesOf(all, startMs, loadMs),
        nDropped: fitted.nDropped,
        contextTokens: room,
    };
}

/** Tokens of a text, or of a message with what the template writes around it. */
export async function countTokens(
    models: Models,
    { lane, model: path, of }: CountRequest,
    signal: AbortSignal,
): Promise<number> {
    return models.use(LANES[lane].role, { path, signal }, async (model) => {
        if (typeof of === "string") return model.native.tokenize(of).length;
        const turn = new ChatTurn(model, { tools: [] });
        const message = plainMessage(model.native, of);
        const count = (text: string) => tokenizeChat(model.native, text).length;
        const [before, after] = around(message);
        const whole = count(turn.render([...before, message, ...after]));
        return Math.max(0, whole - count(turn.render([...before, ...after])));
    });
}

/** A conversation in which the message can stand: templates write some things only once, and want turns in order. */
function around({ role, toolCallId = "" }: ChatMessage): [ChatMessage[], ChatMessage[]] {
    const question: ChatMessage = { role: "user", content: "?" };
    const call = { id: toolCallId, name: "f", arguments: {} };
    switch (role) {
        case "system":
            return [[], [question]];
        case "user":
            return [[question, { role: "assistant", content: "!" }], []];
        case "assistant":
            return [[question], []];
        case "tool":
            return [[question, { role: "assistant", content: "", toolCalls: [call] }], []];
    }
}

/** Templates usually write the beginning-of-sequence token themselves; it must not come twice. */
export function tokenizeChat(native: NativeModel, text: string): number[] {
    const { addBos, special } = native.info;
    const tokens = native.tokenize(text, { parseSpecial: true });
    return addBos && tokens[0] !== special.bos ? [special.bos, ...tokens] : tokens;
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
