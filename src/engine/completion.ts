/**
 * One completion: windows of the document, fill-in-the-middle prompt, greedy generation that stops as soon as the answer is
 * complete, trimming. Policy is in src/prompt; this drives the model and measures.
 */

import { cancelled, isCancelled } from "../base/errors";
import { onAbort } from "../base/cancel";
import { Lru } from "../base/lru";
import { COMPLETION_SEQUENCES } from "../library/memory";
import type { GenerateResult } from "../node/native";
import {
    CPU_BUDGET,
    fitBudget,
    GPU_BUDGET,
    prefixWindow,
    suffixWindow,
    type PrefixAnchor,
} from "../prompt/budget";
import type { ResolvedFim } from "../prompt/families";
import { buildFimPrompt, type FimPrompt } from "../prompt/fim";
import { findStop, type Stop, type StopContext } from "../prompt/stop";
import { isDecided, trimAnswer } from "../prompt/trim";
import type {
    CompletionOutcome,
    CompletionRequest,
    PromptRecord,
    StopReason,
    Timings,
    TokenCounts,
} from "../protocol/engine";
import type { LoadedModel } from "./loadedModel";
import type { Models } from "./models";
import { PRIORITY } from "./plan";

interface FileState {
    prefix: PrefixAnchor;
    suffix: string;
}

interface Call {
    signal: AbortSignal;
    onText: (text: string) => void;
    startMs: number;
    loadMs: number;
}

/** Remembers per file where its windows began, and which sequence holds which file. */
export class Completions {
    private readonly files = new Lru<string, FileState>(64);
    /** Paths by sequence, most recently used last. */
    private holders: { sequence: number; path: string | undefined }[] = COMPLETION_SEQUENCES.map(
        (sequence) => ({ sequence, path: undefined }),
    );

    constructor(
        private readonly models: Models,
        private readonly record: (record: PromptRecord) => void,
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

    private async run(
        model: LoadedModel,
        fim: ResolvedFim,
        request: CompletionRequest,
        call: Call,
    ): Promise<CompletionOutcome> {
        const { signal, startMs, loadMs } = call;
        if (signal.aborted) throw cancelled();
        const prompt = this.prompt(model, fim, request);
        const { result, stop } = await this.generate(model, fim, prompt, request, call);
        this.record({
            kind: "completion",
            model: model.info.name,
            text: model.native.detokenize(prompt.tokens, { special: true }),
            nTokens: prompt.tokens.length,
            answer: prompt.forcedPrefix + result.text,
        });
        const tokens: TokenCounts = {
            prompt: result.promptTokens,
            reused: result.reusedTokens,
            generated: result.generatedTokens,
        };
        const timings: Timings = {
            loadMs,
            promptMs: result.promptMs,
            generateMs: result.generateMs,
            totalMs: performance.now() - startMs,
        };
        if (signal.aborted) {
            const stage = result.generatedTokens > 0 ? "generate" : "prompt";
            return { kind: "none", reason: "cancelled", stage, tokens, timings };
        }
        const answer = stop ? result.text.slice(0, stop.length) : wholeLines(result);
        const trimmed = trimAnswer(answer, request);
        if ("reason" in trimmed)
            return { kind: "none", reason: trimmed.reason, stage: "filter", tokens, timings };
        return {
            kind: "suggestion",
            text: trimmed.text,
            source: "model",
            tokens,
            timings,
            confidence: result.confidence,
            stop: stop?.reason ?? stopReason(result.stop),
        };
    }

    private prompt(model: LoadedModel, fim: ResolvedFim, request: CompletionRequest): FimPrompt {
        const budget = fitBudget(
            model.info.nLayersOffloaded > 0 ? GPU_BUDGET : CPU_BUDGET,
            model.sizes.completion,
            request.maxTokens,
        );
        const count = (text: string) => model.native.tokenize(text).length;
        const known = this.files.get(request.path);
        const prefix = prefixWindow(request.prefix, budget.maxPrefixTokens, count, known?.prefix);
        const suffix = suffixWindow(request.suffix, budget.maxSuffixTokens, count, known?.suffix);
        this.files.set(request.path, { prefix: prefix.anchor, suffix });
        return buildFimPrompt({
            fim,
            layout: "append",
            prefix: prefix.text,
            suffix,
            bos: model.native.info.addBos ? model.native.info.special.bos : undefined,
            tokenizer: model.native,
        });
    }

    private async generate(
        model: LoadedModel,
        fim: ResolvedFim,
        prompt: FimPrompt,
        request: CompletionRequest,
        { signal, onText }: Call,
    ): Promise<{ result: GenerateResult; stop: Stop | undefined }> {
        const context: StopContext = request;
        let text = "";
        let stop: Stop | undefined;
        const task = model.context.generate(
            {
                sequence: this.sequenceFor(request.path),
                priority: PRIORITY.completion,
                tokens: prompt.tokens,
                maxTokens: request.maxTokens,
                temperature: 0,
                stopTokens: [...fim.stopTokens],
                forcedPrefix: prompt.forcedPrefix,
            },
            (chunk) => {
                if (stop || chunk.text === "") return;
                text += chunk.text;
                onText(chunk.text);
                if (chunk.text.includes("\n")) stop = findStop(text, context);
                if (isDecided(text, context)) stop ??= { length: text.length, reason: "scope-end" };
                if (stop) task.abort();
            },
        );
        const stopListening = onAbort(signal, () => task.abort());
        try {
            const result = await task.done;
            return { result, stop: stop ?? findStop(result.text, context) };
        } finally {
            stopListening();
        }
    }

    /** The sequence that holds this file's prompt, else the one that was not used for the longest time. */
    private sequenceFor(path: string): number {
        const holder = this.holders.find((h) => h.path === path) ?? this.holders[0];
        if (!holder) return 0;
        holder.path = path;
        this.holders = [...this.holders.filter((h) => h !== holder), holder];
        return holder.sequence;
    }
}

/** An answer that ran into the token limit ends with its last whole line, when it has one. */
function wholeLines({ text, stop }: GenerateResult): string {
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
        case "context-full":
            return "max-tokens";
        case "aborted":
            return "aborted";
    }
}
