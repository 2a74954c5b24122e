/**
 * The second look at which tool a call is of, for one turn of a small model: when there is one, what it reads, and what it costs. What the
 * model thinks of the names anyway is found out once for the same instructions and tools, before the sequence holds the question.
 */

import { createHash } from "node:crypto";
import { onAbort } from "../base/cancel";
import { Lru } from "../base/lru";
import type { GenerateOptions, GenerateResult } from "../node/native";
import type { ChatMessage, ChatRequest } from "../protocol/chat";
import { wantedBy } from "../tools/choice/suited";
import type { ChatTurn } from "./chatTurn";
import type { LoadedModel } from "./loadedModel";
import { chanceOf, chosenOf, isWeak, scoresOf, type ChoiceModel, type Scores } from "./toolChoice";

/** A question that says nothing. */
const NEUTRAL = "N/A";
/** Of other instructions or tools, that are kept. */
const MAX_LEANINGS = 8;

const leanings = new WeakMap<LoadedModel, Lru<string, Scores>>();

export interface ChooserOptions {
    lane: Pick<GenerateOptions, "sequence" | "priority">;
    signal: AbortSignal;
    render: (messages: readonly ChatMessage[]) => string;
    /** Of a prompt. */
    tokenize: (text: string) => number[];
    /** What a call of the model has cost. */
    onSpent: (figures: GenerateResult) => void;
}

export interface Choice {
    /** The model may well mean to call something. */
    isCall: boolean;
    /** Whatever the model means to do, it is to answer in words. */
    isWords?: boolean;
    /** Where a call is required: of this tool. */
    tool?: string | undefined;
}

/** Undefined where the model's own choice counts: a larger model, one tool only, an answer to a tool's result. */
export function chooserFor(
    model: LoadedModel,
    { messages, answerStart }: ChatRequest,
    turn: ChatTurn,
    options: ChooserOptions,
): ToolChooser | undefined {
    const isQuestion = messages.at(-1)?.role === "user" && answerStart === undefined;
    if (!isQuestion || turn.callable.length < 2 || !isWeak(model.native.info)) return undefined;
    return new ToolChooser(model, messages, turn, options);
}

class ToolChooser {
    private readonly choice: ChoiceModel;

    constructor(
        private readonly model: LoadedModel,
        private readonly messages: readonly ChatMessage[],
        private readonly turn: ChatTurn,
        private readonly options: ChooserOptions,
    ) {
        const { native, context } = model;
        const { signal, lane, onSpent } = options;
        const always = { ...lane, temperature: 0, maxTokens: 1, shownTokens: turn.shownTokens() };
        this.choice = {
            tokenize: (text) => native.tokenize(text),
            piece: (token) => native.piece(token),
            next: async (more, onChunk) => {
                const task = context.generate({ ...always, ...more }, onChunk);
                onSpent(await task.done.finally(onAbort(signal, () => task.abort())));
            },
        };
    }

    /** What is to be done about a prompt, which `read` makes the sequence hold. */
    async decide(prompt: string, read: () => Promise<unknown>): Promise<Choice> {
        // Before that: afterwards the question would have to be read again.
        const leaning = await this.leaning();
        await read();
        const { turn, messages } = this;
        const tools = turn.callable;
        const request = messages.at(-1)?.content ?? "";
        if (turn.isRequired) {
            const asked = { tools, request, leaning };
            return {
                isCall: true,
                tool: await chosenOf(this.choice, this.callBegun(prompt), asked),
            };
        }
        const chance = await chanceOf(this.choice, this.options.tokenize(prompt), turn.callStarts);
        // Small models make up what a file says as readily as they read it.
        const wanted = wantedBy(tools, request, chance);
        return { isCall: wanted === "call", isWords: wanted === "words" };
    }

    private async leaning(): Promise<Scores> {
        const { model, turn, options } = this;
        const tools = turn.callable;
        const known = leanings.get(model) ?? new Lru<string, Scores>(MAX_LEANINGS);
        leanings.set(model, known);
        const system = this.messages.filter(({ role }) => role === "system");
        const key = createHash("sha256")
            .update(JSON.stringify([system, tools]))
            .digest("hex");
        const found = known.get(key);
        if (found) return found;
        const prompt = options.render([...system, { role: "user", content: NEUTRAL }]);
        const names = tools.map(({ name }) => name);
        const scores = await scoresOf(this.choice, this.callBegun(prompt), names);
        if (!options.signal.aborted) known.set(key, scores);
        return scores;
    }

    /** A call behind a prompt, up to the tool's name. */
    private callBegun(prompt: string): number[] {
        return this.options.tokenize(prompt + this.turn.callOpening);
    }
}
