/**
 * One chat turn: the model's own template, turns left out when the context is full, streamed sampling; with tools, calls of them. The
 * prompt of a conversation only grows, so each turn evaluates little more than the new question.
 */

import { onAbort } from "../base/cancel";
import { isCancelled } from "../base/errors";
import {
    loadNative,
    type GenerateChunk,
    type GenerateOptions,
    type GenerateResult,
    type NativeModel,
} from "../node/native";
import { withAnswerStart } from "../prompt/answerStart";
import { fitChat } from "../prompt/chatTemplate";
import type {
    ChatLane,
    ChatMessage,
    ChatProgress,
    ChatRequest,
    ChatResult,
    CountRequest,
} from "../protocol/chat";
import type { ModelRole, PromptRecord } from "../protocol/engine";
import type { ContextSizes } from "../library/memory";
import type { AgentPrefixes } from "./agentPrefix";
import { plainMessage } from "./chatText";
import { ChatTurn, mostTokens } from "./chatTurn";
import { chooserFor, type Choice } from "./toolChooser";
import type { SetAside } from "./setAside";
import { stopReason } from "./completion";
import { type LoadedModel } from "./loadedModel";
import type { Models } from "./models";
import { countsOf, sumOf, timesOf } from "./callFigures";
import { writeWithoutRepetition, type RepetitionModel, type Resumed } from "./repetition";
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

const IN_WORDS: Choice = { isCall: false, isWords: true };

/**
 * What an answer has cost before another one is asked for: it was a call of a tool that there is not, one that a small model's call is to be held to, or one
 * that is not needed.
 */
interface Earlier {
    figures: GenerateResult;
    loadMs: number;
}

async function run(
    model: LoadedModel,
    request: ChatRequest,
    { signal, progress }: ChatContext,
    services: ChatServices & { startMs: number; earlier?: Earlier; isInWords?: boolean },
): Promise<ChatResult> {
    const { startMs, record, prefixes, aside, earlier, isInWords } = services;
    const loadMs = earlier?.loadMs ?? performance.now() - startMs;
    const { native } = model;
    const { sequence, priority, ...lane } = LANES[request.lane ?? "chat"];
    const room = lane.room(model.sizes);
    const maxTokens = Math.min(request.maxTokens, Math.floor(room / 2));
    const turn = new ChatTurn(model, request, progress);
    const fitted = fitChat(
        turn,
        request.messages.map((message) => plainMessage(native, message)),
        room - maxTokens,
        (text) => tokenizeChat(native, text).length,
    );
    const prompt = withAnswerStart(fitted.text, request.answerStart ?? "");
    const tokens = tokenizeChat(native, prompt);
    const reading = readingOf(tokens, progress);
    if (sequence === CHAT_SEQUENCE) await aside.enter(model, sequence, tokens);
    // What the turn has cost, call by call of the model.
    const spent = earlier ? [earlier.figures] : [];
    const render = (messages: readonly ChatMessage[]) =>
        turn.render(messages.map((message) => plainMessage(native, message)));
    const read = (tokens: number[]) => {
        const options = { sequence, priority, tokens, maxTokens: 0, temperature: 0 };
        const task = model.context.generate(options, reading);
        return task.done.finally(onAbort(signal, () => task.abort()));
    };
    const again = async (way: "call" | "words") => {
        const more = { ...services, earlier: { figures: spent.reduce(sumOf), loadMs } };
        if (way === "call")
            return run(model, { ...request, toolMode: "required" }, { signal, progress }, more);
        // Behind what was said before the call that is not made.
        const said = turn.saidText === "" ? "" : `${turn.saidText}\n\n`;
        if (said !== "") progress({ kind: "text", text: "\n\n" });
        const result = await run(
            model,
            request,
            { signal, progress },
            { ...more, isInWords: true },
        );
        return { ...result, text: said + result.text };
    };
    if (sequence === AGENT_SEQUENCE) {
        const system = request.messages.filter(({ role }) => role === "system");
        const begin = (content: string) =>
            tokenizeChat(native, render([...system, { role: "user", content }]));
        const begun = await prefixes.begin(model, sequence, { prompt: tokens, begin, read });
        if (begun) spent.push(begun);
    }
    const chooser = chooserFor(model, request, turn, {
        lane: { sequence, priority },
        signal,
        render,
        tokenize: (text) => tokenizeChat(native, text),
        onSpent: (figures) => spent.push(figures),
    });
    const decide = async () =>
        isInWords ? IN_WORDS : chooser?.decide(prompt, async () => spent.push(await read(tokens)));
    const choice = await decide();
    if (choice?.isCall && !turn.isRequired) return again("call");
    let end: EarlyEnd | undefined;
    const options = {
        sequence,
        priority,
        tokens,
        maxTokens: Math.min(maxTokens, mostTokens(request, model.template)),
        ...writingOf(native, request),
        ...turn.held(prompt, choice),
    };
    const write = async (resumed?: Resumed) => {
        const more = resumed && { ...resumed, tokens: [...tokens, ...resumed.tokens] };
        const task = model.context.generate({ ...options, ...more }, (chunk) => {
            reading(chunk);
            if (end) return;
            if (chunk.text !== "") turn.take(chunk.text);
            end = endOf(turn, choice);
            if (end || turn.falseEnd() !== undefined) task.abort();
        });
        const part = await task.done.finally(onAbort(signal, () => task.abort()));
        spent.push(part);
        return part;
    };
    const { result, repeatedTokens } = await writeWithoutRepetition(
        repetitionModel(native),
        turn,
        options,
        write,
    );
    if (end && end !== "done" && !signal.aborted) return again(end);
    const all = spent.reduce(sumOf);
    record({
        kind: "chat",
        model: model.info.name,
        text: prompt,
        nTokens: fitted.nTokens,
        answer: result.text,
    });
    return {
        ...turn.finish(result.text),
        repeatedTokens,
        isRepeatedChange: turn.leftOut === "made",
        stop: end === "done" ? "end-of-text" : stopReason(result.stop),
        tokens: countsOf(all),
        timings: timesOf(all, startMs, loadMs),
        nDropped: fitted.nDropped,
        contextTokens: room,
    };
}

/** Why an answer is ended: another one is held to a call, or to words, or all is said. */
type EarlyEnd = "call" | "words" | "done";

function endOf(turn: ChatTurn, choice: Choice | undefined): EarlyEnd | undefined {
    const isChosen = choice !== undefined && choice !== IN_WORDS;
    if (turn.isMisnamed || (isChosen && turn.isUndecidedCall)) return "call";
    if (!turn.leftOut) return undefined;
    // Nothing is left to be done, or it cannot be held to words, as it thinks first.
    const isDone = turn.leftOut === "made" || turn.hasCalled || choice === IN_WORDS;
    return isDone ? "done" : "words";
}

function repetitionModel(native: NativeModel): RepetitionModel {
    return {
        tokenize: (text) => native.tokenize(text),
        detokenize: (tokens) => native.detokenize(tokens, { special: true }),
        shortestEnds: (heldTo, pieces) =>
            loadNative()
                .shortestEnds(heldTo, pieces)
                .map((end) => end?.toString()),
    };
}

/** Tells how far the prompt is read. */
function readingOf({ length: total }: readonly number[], progress: ChatContext["progress"]) {
    return ({ promptDone = 0, promptTotal }: GenerateChunk): void => {
        if (promptTotal !== undefined) progress({ kind: "prompt", done: promptDone, total });
    };
}

/** How the answer is written. */
function writingOf(
    native: NativeModel,
    { temperature, seed, answerStart = "", stopTexts = [], draftFrom }: ChatRequest,
): Omit<GenerateOptions, "sequence" | "priority" | "tokens" | "maxTokens"> {
    return {
        temperature,
        topK: 40,
        topP: 0.95,
        minP: 0.05,
        seed,
        stopTexts: [...stopTexts],
        ...(draftFrom !== undefined && {
            draftTokens: MAX_DRAFT_TOKENS,
            // With what stands before it, so that the first line is guessed too.
            lookup: native.tokenize(answerStart + draftFrom),
        }),
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
