/**
 * Other answers than the greedy one, for a place whose answer is on the screen, or where the greedy one is in the document already: each
 * leaves the greedy one at a token that the model was least sure of, takes the second best there and goes on greedily. The prompt and
 * the text up to that token are in the KV cache, so that one costs its own tokens only.
 */

import { onAbort, throwIfAborted } from "../base/cancel";
import { isCancelled } from "../base/errors";
import type { GenerateChunk, GenerateOptions, GenerateResult } from "../node/native";
import { stopTextsOf, type ResolvedFim } from "../prompt/families";
import { MIN_PROBABILITY } from "../prompt/confidence";
import { trimAnswer } from "../prompt/filters";
import { findStop, type Stop } from "../prompt/stop";
import type {
    Alternative,
    CompletionRequest,
    FilterName,
    Inspection,
} from "../protocol/completion";
import { Answer } from "./answer";
import { sumOf } from "./callFigures";
import { endOf, filterContext, isHeldBack, wholeLines } from "./completion";
import type { FilePrompts, PlacedPrompt } from "./filePrompts";
import type { LoadedModel } from "./loadedModel";
import type { Models } from "./models";
import { PRIORITY } from "./plan";

/** How many are looked for; the editor shows them one at a time. */
const MOST = 3;
/** Where the model is surer than this, there is nothing else to say. */
const SURE = 0.9;

/** What the model wrote: its tokens, those that only spell what was typed included, and their probabilities. */
export interface Written {
    tokens: number[];
    probabilities: number[];
    /** Where it ended before the model did. */
    stop?: Stop | undefined;
    /** What ended the generation itself. */
    ended?: GenerateResult["stop"] | undefined;
}

/** What may be shown of an answer, and how it came about. */
interface Shown extends Alternative {
    /** As generated, without what was typed already; so many characters of it counted. */
    answer: string;
    kept: number;
    cuts: Inspection["cuts"];
    filter: FilterName | undefined;
}

/** The answer in place of one that the document has already, and what looking for it cost. */
export interface Instead {
    other?: (Shown & { written: Written }) | undefined;
    /** Undefined: the model was not asked. */
    cost: GenerateResult | undefined;
    isCancelled: boolean;
}

export class Alternatives {
    private last: { prompt: readonly number[]; greedy: Written } | undefined;

    constructor(
        private readonly models: Models,
        private readonly prompts: FilePrompts,
    ) {}

    /** The greedy answer to a prompt is known: alternatives to it need not write it again. */
    remember(prompt: readonly number[], greedy: Written): void {
        this.last = { prompt, greedy };
    }

    /** Distinct ones without the greedy answer, surest first. Rejects as Models.use, and as cancelled when the signal aborts. */
    async find(request: CompletionRequest, signal: AbortSignal): Promise<Alternative[]> {
        return this.models.use("completion", { signal }, async (model) => {
            if ("reason" in model.fim) return [];
            const prompt = await this.prompts.place(model, model.fim, request);
            throwIfAborted(signal);
            const { last } = this;
            const isKnown =
                last?.prompt.length === prompt.tokens.length &&
                last.prompt.every((token, i) => token === prompt.tokens[i]);
            const branches = new Branches(model, model.fim, prompt, request, signal);
            return branches.find(isKnown ? last.greedy : undefined);
        });
    }

    /**
     * What the model writes when it may not write `greedy`, whose prompt was evaluated just now; nothing when that would be a guess, or
     * nothing of it can be shown.
     */
    async instead(
        { model, fim, prompt, request }: Place,
        greedy: Written,
        signal: AbortSignal,
    ): Promise<Instead> {
        return new Branches(model, fim, prompt, request, signal).instead(greedy);
    }
}

/** Where an answer was asked for. */
export interface Place {
    model: LoadedModel;
    fim: ResolvedFim;
    prompt: PlacedPrompt;
    request: CompletionRequest;
}

class Branches {
    private cost: GenerateResult | undefined;

    constructor(
        private readonly model: LoadedModel,
        private readonly fim: ResolvedFim,
        private readonly prompt: PlacedPrompt,
        private readonly request: CompletionRequest,
        private readonly signal: AbortSignal,
    ) {}

    async find(known: Written | undefined): Promise<Alternative[]> {
        const greedy = known ?? (await this.write({ tokens: [], probabilities: [] }));
        const first = this.shown(greedy);
        const found = new Map<string, Alternative>();
        for (const at of this.leastSure(greedy)) {
            const second = await this.second(greedy, at);
            if (!second) continue;
            const other = this.shown(await this.write(second));
            if (other && other.text !== first?.text && !found.has(other.text))
                found.set(other.text, { text: other.text, confidence: other.confidence });
        }
        return [...found.values()].sort((a, b) => b.confidence - a.confidence);
    }

    async instead(greedy: Written): Promise<Instead> {
        try {
            const other = await this.otherThan(greedy);
            return { other, cost: this.cost, isCancelled: false };
        } catch (error) {
            if (!isCancelled(error)) throw error;
            return { cost: this.cost, isCancelled: true };
        }
    }

    private async otherThan(greedy: Written): Promise<Instead["other"]> {
        const minProbability = this.request.prompt?.minProbability ?? MIN_PROBABILITY;
        const isGated = isHeldBack(this.request, this.model);
        const [at] = this.leastSure(greedy);
        if (at === undefined) return undefined;
        const second = await this.second(greedy, at);
        if (!second) return undefined;
        // Its probability, given that the greedy token is not meant.
        const left = 1 - (greedy.probabilities[at] ?? 0);
        const isGuess = (second.probabilities[at] ?? 0) < minProbability * left;
        if (isGated && isGuess) return undefined;
        const written = await this.write(second, { isGated });
        const shown = this.shown(written);
        return shown && { ...shown, written };
    }

    /** `greedy` up to a token, and the second best there; undefined when the model ends instead. */
    private async second(greedy: Written, at: number): Promise<Written | undefined> {
        const head = {
            tokens: greedy.tokens.slice(0, at),
            probabilities: greedy.probabilities.slice(0, at),
        };
        const second = await this.write(head, { banned: greedy.tokens[at], maxTokens: 1 });
        return second.tokens.length > at ? { ...second, stop: undefined } : undefined;
    }

    /** Positions of tokens on the answer's first line, the least sure first. Those that only spell what was typed are no place to leave it. */
    private leastSure({ tokens, probabilities }: Written): number[] {
        const { forcedPrefix } = this.prompt;
        const pieces = tokens.map((token) => this.model.native.piece(token));
        let text = "";
        let nTyped = 0;
        const onFirstLine = pieces.findIndex((piece) => {
            const isOver = text.slice(forcedPrefix.length).trim() !== "" && text.includes("\n");
            text += piece;
            if (text.length <= forcedPrefix.length) nTyped++;
            return isOver;
        });
        const end = onFirstLine < 0 ? tokens.length : onFirstLine;
        return probabilities
            .slice(0, end)
            .map((probability, at) => ({ probability, at }))
            .filter(({ probability, at }) => at >= nTyped && probability < SURE)
            .sort((a, b) => a.probability - b.probability)
            .slice(0, MOST)
            .map(({ at }) => at);
    }

    /** Goes on after `head`, to the end of the answer or by `maxTokens`. */
    private async write(
        head: Written,
        {
            banned,
            maxTokens,
            isGated = false,
        }: { banned?: number | undefined; maxTokens?: number; isGated?: boolean } = {},
    ): Promise<Written> {
        throwIfAborted(this.signal);
        const { native, context, speed } = this.model;
        const before = native.detokenize(head.tokens);
        const { forcedPrefix } = this.prompt;
        const answer = new Answer(
            { ...this.request, ...filterContext(this.request) },
            (token) => native.piece(token),
            isGated,
            this.request.prompt?.minProbability,
        );
        answer.push({ text: before.slice(forcedPrefix.length), tokens: [], probabilities: [] });
        const written = { tokens: [...head.tokens], probabilities: [...head.probabilities] };
        if (answer.stop) return { ...written, stop: answer.stop };
        const options: GenerateOptions = {
            sequence: this.prompt.sequence,
            priority: PRIORITY.keystroke,
            tokens: [...this.prompt.tokens, ...head.tokens],
            maxTokens: maxTokens ?? Math.max(1, this.request.maxTokens - head.tokens.length),
            temperature: 0,
            stopTokens: [...this.fim.stopTokens],
            stopTexts: stopTextsOf(this.fim),
            forcedPrefix: forcedPrefix.slice(before.length),
            draftTokens: 0,
            bannedTokens: banned === undefined ? [] : [banned],
        };
        const task = context.generate(options, (chunk: GenerateChunk) => {
            if (answer.stop) return;
            answer.push(chunk);
            written.tokens.push(...chunk.tokens);
            written.probabilities.push(...chunk.probabilities);
            if (answer.stop) task.abort();
        });
        const stopListening = onAbort(this.signal, () => task.abort());
        let ended: GenerateResult["stop"] | undefined;
        try {
            const result = await task.done;
            ended = result.stop;
            speed.add(result);
            this.cost = this.cost ? sumOf(this.cost, result) : result;
        } finally {
            stopListening();
        }
        throwIfAborted(this.signal);
        return { ...written, stop: answer.stop, ended };
    }

    /** What of a written answer is worth showing. */
    private shown({ tokens, probabilities, stop, ended }: Written): Shown | undefined {
        const whole = this.model.native.detokenize(tokens);
        const { forcedPrefix } = this.prompt;
        if (!whole.startsWith(forcedPrefix)) return undefined;
        const answer = whole.slice(forcedPrefix.length);
        const found = stop ?? findStop(answer, this.request);
        const counted = found
            ? endOf(answer, found)
            : wholeLines({ text: answer, stop: ended ?? "end-of-generation" });
        const cuts: Shown["cuts"] = [];
        const trimmed = trimAnswer(counted, filterContext(this.request), (cut) => cuts.push(cut));
        if ("reason" in trimmed) return undefined;
        const sum = probabilities.reduce((total, p) => total + Math.log(Math.max(p, 1e-9)), 0);
        return {
            text: trimmed.text,
            confidence: Math.exp(sum / probabilities.length),
            ...{ answer, cuts, kept: counted.length, filter: found?.filter ?? trimmed.filter },
        };
    }
}
