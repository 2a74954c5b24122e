/**
 * One completion: windows of the document, fill-in-the-middle prompt, greedy generation that stops as soon as the answer is
 * complete, trimming. Policy is in src/prompt; this drives the model and measures.
 */

import { isCancelled } from "../base/errors";
import { onAbort, throwIfAborted } from "../base/cancel";
import type { GenerateResult } from "../node/native";
import { stopTextsOf, type ResolvedFim } from "../prompt/families";
import { MIN_PARAMETERS } from "../prompt/confidence";
import { isBelowAlready, reasonOf, trimAnswer, type FilterContext } from "../prompt/filters";
import { findStop, isMisplaced, type Stop } from "../prompt/stop";
import type {
    CompletionOutcome,
    CompletionRequest,
    Inspection,
    NoSuggestionReason,
    PrefillRequest,
    PrefillResult,
} from "../protocol/completion";
import type { PromptRecord } from "../protocol/engine";
import type { StopReason } from "../protocol/generation";
import type { Alternatives, Place, Written } from "./alternatives";
import { Answer } from "./answer";
import { countsOf, sumOf, timesOf } from "./callFigures";
import { inspect } from "./inspection";
import type { LoadedModel } from "./loadedModel";
import type { Models } from "./models";
import type { FilePrompts, PlacedPrompt } from "./filePrompts";
import { PRIORITY } from "./plan";

/** Most tokens guessed from the document at a time; the addon takes fewer, or none, where that is faster. */
const DRAFT_TOKENS = 8;

interface Call {
    signal: AbortSignal;
    onText: (text: string) => void;
    startMs: number;
    loadMs: number;
}

interface Generated {
    result: GenerateResult;
    stop: Stop | undefined;
    /** Of the result's tokens. */
    probabilities: number[];
    /** Until the answer was complete. */
    written: Written;
}

/** An answer of which nothing is left. */
interface First {
    silent: Extract<CompletionOutcome, { kind: "none" }>;
    inspection: Inspection;
    result: GenerateResult;
    written: Written;
}

export class Completions {
    constructor(
        private readonly models: Models,
        private readonly prompts: FilePrompts,
        private readonly record: (record: PromptRecord) => void,
        private readonly alternatives: Pick<Alternatives, "remember" | "instead">,
    ) {}

    /** A cancelled request is an outcome too: with the tokens it has cost. Rejects as Models.use. */
    async complete(
        request: CompletionRequest,
        signal: AbortSignal,
        onText: (text: string) => void,
    ): Promise<CompletionOutcome> {
        const startMs = performance.now();
        if (!this.models.isConfigured("completion"))
            return {
                kind: "none",
                reason: "no-model",
                stage: "gate",
                detail: "No model is chosen for completions; choose one first",
            };
        try {
            return await this.models.use("completion", { signal }, (model) => {
                const loadMs = performance.now() - startMs;
                if ("reason" in model.fim)
                    return Promise.resolve<CompletionOutcome>({
                        kind: "none",
                        reason: "model-cannot-fill",
                        stage: "prompt",
                        detail: model.fim.reason,
                    });
                return this.run(model, model.fim, request, { signal, onText, startMs, loadMs });
            });
        } catch (error) {
            if (isCancelled(error)) return { kind: "none", reason: "cancelled", stage: "load" };
            throw error;
        }
    }

    /** Never loads a model: one that is loading or loaded is waited for. Rejects as Models.use. */
    async prefill(
        request: PrefillRequest,
        signal: AbortSignal,
    ): Promise<PrefillResult | undefined> {
        const startMs = performance.now();
        if (!this.models.isStarted("completion")) return undefined;
        return this.models.use("completion", { signal }, async (model) => {
            const loadMs = performance.now() - startMs;
            if ("reason" in model.fim) return undefined;
            throwIfAborted(signal);
            const prompt = await this.prompts.place(model, model.fim, request);
            throwIfAborted(signal);
            const { nForgotten } = this.prompts;
            // Between keystrokes what is asked about reads its own prompt.
            const isAsked = request.idle === "typing";
            let result = isAsked ? undefined : await this.read(model, prompt, signal);
            let isDone = request.idle === undefined;
            while (!isDone && !signal.aborted && nForgotten === this.prompts.nForgotten) {
                const larger = this.prompts.larger(model, model.fim, request);
                if (!larger) break;
                const read = await this.read(model, larger, signal);
                result = result ? sumOf(result, read) : read;
                isDone = signal.aborted || larger.adopt();
            }
            if (!result) return undefined;
            return {
                tokens: countsOf(result),
                timings: timesOf(result, startMs, loadMs),
                aborted: signal.aborted,
            };
        });
    }

    /** Evaluates a prompt; what was begun is kept when the signal aborts. */
    private async read(
        model: LoadedModel,
        { tokens, sequence }: PlacedPrompt,
        signal: AbortSignal,
    ): Promise<GenerateResult> {
        const task = model.context.generate({
            sequence,
            priority: PRIORITY.ahead,
            tokens,
            maxTokens: 0,
            temperature: 0,
        });
        const stopListening = onAbort(signal, () => task.abort({ afterSlice: true }));
        try {
            const result = await task.done;
            model.speed.add(result);
            return result;
        } finally {
            stopListening();
        }
    }

    private async run(
        model: LoadedModel,
        fim: ResolvedFim,
        request: CompletionRequest,
        call: Call,
    ): Promise<CompletionOutcome> {
        const { signal, startMs, loadMs } = call;
        throwIfAborted(signal);
        const prompt = await this.prompts.place(model, fim, request);
        throwIfAborted(signal);
        const { result, stop, probabilities, written } = await this.generate(
            model,
            fim,
            prompt,
            request,
            call,
        );
        const answer = stop ? endOf(result.text, stop) : wholeLines(result);
        const inspection = inspect(model, prompt, {
            result,
            probabilities,
            stop: stop?.reason ?? stopReason(result.stop),
            kept: answer.length,
        });
        this.record({
            kind: "completion",
            model: model.info.name,
            text: inspection.parts.map(({ text }) => text).join(""),
            nTokens: prompt.tokens.length,
            answer: prompt.forcedPrefix + result.text,
        });
        const tokens = countsOf(result);
        const timings = timesOf(result, startMs, loadMs);
        if (signal.aborted) {
            const stage = result.generatedTokens > 0 ? "generate" : "prompt";
            return { kind: "none", reason: "cancelled", stage, tokens, timings, inspection };
        }
        const trimmed = trimAnswer(answer, filterContext(request), (cut) =>
            inspection.cuts.push(cut),
        );
        const filter = stop?.filter ?? trimmed.filter;
        if ("reason" in trimmed) {
            const isLeft = answer.trim() !== "";
            const emptied = isMisplaced(result.text, request) ? "statement-end" : emptiedBy(stop);
            const reason = isLeft ? trimmed.reason : emptied;
            const known = { filter, tokens, timings, inspection };
            const silent = { kind: "none", reason, stage: "filter", ...known } as const;
            // Whoever joins a call made ahead asks again.
            if (!isBelowAlready(filter, reason) || request.lane === "ahead") return silent;
            const place = { model, fim, prompt, request };
            return this.instead(place, { silent, inspection, result, written }, call);
        }
        return {
            kind: "suggestion",
            text: trimmed.text,
            source: "model",
            tokens,
            timings,
            confidence: result.confidence,
            stop: inspection.stop,
            filter,
            inspection,
        };
    }

    /** A suggestion in place of lines that are below the cursor already: there, the person is about to write something else. */
    private async instead(
        place: Place,
        first: First,
        { signal, startMs, loadMs }: Call,
    ): Promise<CompletionOutcome> {
        const { model, prompt } = place;
        const second = await this.alternatives.instead(place, first.written, signal);
        const { other, cost } = second;
        const result = cost ? sumOf(first.result, cost) : first.result;
        const tokens = countsOf(result);
        const timings = timesOf(result, startMs, loadMs);
        const called = { tokens, timings };
        if (second.isCancelled || signal.aborted)
            return { ...first.silent, reason: "cancelled", stage: "generate", ...called };
        if (!other || !cost) return { ...first.silent, ...called };
        const { text, confidence, written, answer, kept, cuts, filter } = other;
        const { probabilities } = written;
        const stop = written.stop?.reason ?? stopReason(cost.stop);
        const shown = { ...result, text: answer, tokens: written.tokens };
        const inspection = inspect(model, prompt, { result: shown, probabilities, stop, kept });
        this.record({
            kind: "completion",
            model: model.info.name,
            text: inspection.parts.map((part) => part.text).join(""),
            nTokens: prompt.tokens.length,
            answer: prompt.forcedPrefix + answer,
        });
        return {
            ...{ kind: "suggestion", text, source: "model", confidence, stop, filter, ...called },
            inspection: { ...inspection, cuts, instead: first.inspection.answer },
        };
    }

    private async generate(
        model: LoadedModel,
        fim: ResolvedFim,
        prompt: PlacedPrompt,
        request: CompletionRequest,
        { signal, onText }: Call,
    ): Promise<Generated> {
        const isGated = isHeldBack(request, model);
        const piece = (token: number) => model.native.piece(token);
        const context = { ...request, ...filterContext(request) };
        const written: Written = { tokens: [], probabilities: [] };
        const probabilities: number[] = [];
        const answer = new Answer(context, piece, isGated, request.prompt?.minProbability);
        const task = model.context.generate(
            {
                sequence: prompt.sequence,
                priority: PRIORITY[request.lane],
                tokens: prompt.tokens,
                maxTokens: request.maxTokens,
                temperature: 0,
                stopTokens: [...fim.stopTokens],
                stopTexts: stopTextsOf(fim),
                forcedPrefix: prompt.forcedPrefix,
                draftTokens: request.prompt?.drafts === false ? 0 : DRAFT_TOKENS,
            },
            (chunk) => {
                probabilities.push(...chunk.probabilities);
                if (answer.stop) return;
                const text = answer.push(chunk);
                written.tokens.push(...chunk.tokens);
                written.probabilities.push(...chunk.probabilities);
                if (text !== "") onText(text);
                if (answer.stop) task.abort();
            },
        );
        // What is read stays useful to whoever asks next; what is being written does not.
        const stopListening = onAbort(signal, () => task.abort({ afterSlice: !answer.isWriting }));
        try {
            const result = await task.done;
            model.speed.add(result);
            if (!signal.aborted) this.alternatives.remember(prompt.tokens, written);
            const stop = answer.stop ?? findStop(result.text, request);
            return { result, stop, probabilities, written };
        } finally {
            stopListening();
        }
    }
}

/** Whether an answer ends where the model only guesses. */
export function isHeldBack({ trigger, prompt }: CompletionRequest, { info }: LoadedModel): boolean {
    const isGated = trigger === "automatic" && prompt?.gating !== false;
    return isGated && info.nParameters >= MIN_PARAMETERS;
}

/** What the filters are told of a request. */
export function filterContext(request: CompletionRequest): FilterContext {
    const { prefix, suffix, languageId, trigger, prompt } = request;
    return { prefix, suffix, languageId, trigger, withoutFilters: prompt?.withoutFilters };
}

/** Why an answer was ended before it had anything to show. */
function emptiedBy(stop: Stop | undefined): NoSuggestionReason {
    if (stop?.filter) return reasonOf(stop.filter);
    return stop?.reason === "unsure" ? "unsure" : "empty-answer";
}

/** A block that the model becomes unsure of ends with its last whole line. */
export function endOf(text: string, { length, reason }: Stop): string {
    const answer = text.slice(0, length);
    const end = answer.lastIndexOf("\n");
    const isCut = reason === "unsure" && end > 0 && answer.slice(0, end).trim() !== "";
    return isCut ? answer.slice(0, end) : answer;
}

/** An answer that ran into the token limit ends with its last whole line, when it has one. */
export function wholeLines({ text, stop }: Pick<GenerateResult, "text" | "stop">): string {
    if (stop !== "max-tokens" && stop !== "context-full") return text;
    const end = text.lastIndexOf("\n");
    return end > 0 && text.slice(0, end).trim() !== "" ? text.slice(0, end) : text;
}

/** What ended the generation itself; `aborted` only when the caller wanted it. */
export function stopReason(stop: GenerateResult["stop"]): StopReason {
    switch (stop) {
        case "end-of-generation":
        case "stop-token":
            return "end-of-text";
        case "stop-text":
            return "stop-text";
        case "max-tokens":
        case "repetition":
        case "context-full":
            return "max-tokens";
        case "aborted":
            return "aborted";
    }
}
