/**
 * What one turn of a chat does with tools: how they are shown to the model by its template, what its answer is held to, and the answer
 * taken apart while it streams.
 */

import { Lru } from "../base/lru";
import { mayThink, openingOf, thoughtBegunIn, thoughtIn, THOUGHTS } from "../base/reasoning";
import type { GenerateOptions } from "../node/native";
import type { ChatTemplate } from "../prompt/chatTemplate";
import type {
    ChatMessage,
    ChatProgress,
    ChatRequest,
    ChatResult,
    ToolDefinition,
} from "../protocol/chat";
import { callGrammar, type CallGrammar } from "../tools/callGrammar";
import { CallParser, type AnswerPart, type ParsedCall } from "../tools/callParser";
import { tooDeep } from "../tools/schema";
import { callOpening, callStarts, formOf, GENERIC, type CallForm } from "../tools/forms";
import { templateMessages, templateTools } from "../tools/messages";
import { MadeCalls } from "../tools/madeCalls";
import { wordsGrammar } from "../tools/wordsGrammar";
import { plainTools } from "./chatText";
import { chatTemplateOf, type LoadedModel } from "./loadedModel";
import { isWeak } from "./toolChoice";

interface Ready {
    template: ChatTemplate;
    form: CallForm;
}

const ready = new WeakMap<LoadedModel, Ready>();
/** Grammars by form and tools: an agent sends the same forty with each turn. */
const grammars = new Lru<string, CallGrammar>(4);

export class ChatTurn {
    private readonly template: ChatTemplate;
    private readonly form: CallForm;
    private readonly tools: readonly ToolDefinition[];
    private readonly grammar: CallGrammar | undefined;
    private readonly isApart: boolean;
    /** Of a small model that may also say something: it makes calls that are not needed. */
    private readonly made: MadeCalls | undefined;
    private nCalls = 0;
    private left: "made" | "known" | undefined;
    private parser: CallParser | undefined;
    /** Some templates begin the reasoning themselves; whoever shows the answer needs to see where it begins. */
    private opening = "";
    private text = "";

    /** Throws AppError `data/unsupported` for schemas that are too much, `data/template`. */
    constructor(
        private readonly model: LoadedModel,
        private readonly request: Pick<
            ChatRequest,
            "tools" | "toolMode" | "separateReasoning" | "lane"
        > &
            Partial<Pick<ChatRequest, "messages">>,
        private readonly progress: (value: ChatProgress) => void = () => {},
    ) {
        const { template, form } = readyFor(model);
        this.template = template;
        this.form = form;
        // Before anything else looks at schemas that may be too much.
        this.grammar = request.tools?.length ? grammarFor(form, request.tools) : undefined;
        this.tools = plainTools(model.native, request.tools ?? []);
        this.isApart = this.tools.length > 0 || request.separateReasoning === true;
        const mayLeaveOut = !this.isRequired && isWeak(model.native.info);
        if (mayLeaveOut) this.made = new MadeCalls(request.messages ?? [], this.tools);
    }

    /** The prompt of a conversation. */
    render(messages: readonly ChatMessage[]): string {
        const usesTools = messages.some(({ role }) => role === "tool");
        if (this.tools.length === 0 && !usesTools && this.request.tools === undefined)
            return this.template.render(
                messages.map(({ role, content }) => ({ role, content })),
                this.variables(),
            );
        const inForm = templateMessages(messages, this.form, this.tools);
        const isTold = this.form.name === "generic" || this.tools.length === 0;
        const text = this.template.render(inForm, {
            ...(isTold ? {} : { tools: templateTools(this.tools) }),
            ...this.variables(),
        });
        // Where a call is wanted at once there is nothing to think about first.
        const begun = thoughtBegunIn(text);
        return this.isRequired && begun ? `${text}\n${begun.close}\n\n` : text;
    }

    /** Those that can have arguments. */
    get callable(): readonly ToolDefinition[] {
        return this.tools.filter(({ name }) => this.grammar?.requiredOf.has(name));
    }

    /** What an answer begins with that is a call, up to the tool's name. */
    get callOpening(): string {
        return callOpening(this.form);
    }

    /** What answers begin with that are most likely calls, in tokens. */
    get callStarts(): number[][] {
        const { native } = this.model;
        return callStarts(this.form).map((text) => native.tokenize(text, { parseSpecial: true }));
    }

    /** What the answer is held to: where a call is required, `tool` is the one of the first call. */
    held(
        prompt: string,
        { tool, isWords = false }: { tool?: string | undefined; isWords?: boolean } = {},
    ): Pick<GenerateOptions, "heldTo" | "shownTokens"> {
        const begun = thoughtBegunIn(prompt);
        // Thoughts come first, and begin as calls may.
        const isHeldToWords = isWords && !mayThink(this.model.template ?? "");
        if (this.isApart) {
            const tools = isHeldToWords ? [] : this.tools;
            const form = tools.length > 0 ? this.form : { ...this.form, marks: [] };
            const names = new Set(tools.map(({ name }) => name));
            this.parser = new CallParser(form, names, begun);
        } else this.opening = openingOf(prompt);
        if (!this.grammar) return {};
        const { numbers, required, requiredOf, triggers } = this.grammar;
        const endsRepetition = isWeak(this.model.native.info);
        if (isHeldToWords) return { heldTo: wordsGrammar(), shownTokens: this.shownTokens() };
        const thinking = begun ?? thoughtIn(this.model.template ?? "") ?? THOUGHTS[0];
        const heldTo = this.isRequired
            ? { numbers, root: requiredOf.get(tool ?? "") ?? required, endsRepetition }
            : { numbers, triggers, thinking, isThinking: begun !== undefined, endsRepetition };
        return { heldTo, shownTokens: this.shownTokens() };
    }

    /** More of the answer: what it is becomes progress. */
    take(text: string): void {
        if (this.parser) {
            this.deliver(this.parser.push(text));
            // Before it is written to its end.
            if (this.made?.isUnasked(this.parser.toolName ?? "")) this.left ??= "known";
            return;
        }
        const isFirst = this.text === "";
        this.text += isFirst ? this.opening + text : text;
        this.progress({ kind: "text", text: isFirst ? this.text : text });
    }

    /** Of the call that the answer is in: the open string of its JSON without so many last characters. */
    openString(nDropped: number): number | undefined {
        return this.parser?.openString(nDropped);
    }

    /** See CallParser; only where the model is a small one. */
    falseEnd(): number | undefined {
        return isWeak(this.model.native.info) ? this.parser?.falseEnd() : undefined;
    }

    /** Takes so many last characters of a call back, and goes on with others. */
    rewrite(nDropped: number, text: string): void {
        if (this.parser) this.deliver(this.parser.rewrite(nDropped, text));
    }

    /** The answer calls a tool that there is not: it is worth asking for a call that is held to those there are. */
    get isMisnamed(): boolean {
        return this.parser?.isMisnamed ?? false;
    }

    /** Why a call of a small model was left out. */
    get leftOut(): "made" | "known" | undefined {
        return this.left;
    }

    get hasCalled(): boolean {
        return this.nCalls > 0;
    }

    /** What was given out of it as text. */
    get saidText(): string {
        return this.text;
    }

    /** The answer is a call, nothing of it was given out yet, and its tool may still be chosen. */
    get isUndecidedCall(): boolean {
        return !this.isRequired && (this.parser?.isBegunCall ?? false);
    }

    /** `whole`: the answer as generated. */
    finish(whole: string): Pick<ChatResult, "text" | "isCallBroken"> {
        if (!this.parser) return { text: whole === "" ? "" : this.opening + whole };
        this.deliver(this.parser.finish());
        const { isBroken } = this.parser;
        return { text: this.text, ...(isBroken ? { isCallBroken: true } : {}) };
    }

    get isRequired(): boolean {
        return this.tools.length > 0 && this.request.toolMode === "required";
    }

    /** Models that think on request are not asked to for a title. */
    private variables(): Record<string, unknown> {
        return this.request.lane === "utility" ? { enable_thinking: false } : {};
    }

    private deliver(parts: readonly AnswerPart[]): void {
        for (const part of parts) {
            if (part.kind === "call") this.call(part.call);
            else this.progress(part);
            if (part.kind === "text") this.text += part.text;
        }
    }

    private call(call: ParsedCall): void {
        this.left ??= this.made?.needless(call);
        // What comes behind it is more of the same.
        if (this.left) return;
        this.made?.add(call);
        this.nCalls++;
        this.progress({ kind: "call", ...call });
    }

    /** Control tokens that are part of a call's text. */
    shownTokens(): number[] {
        const { native } = this.model;
        return this.form.shown.flatMap((text) => {
            const tokens = native.tokenize(text, { parseSpecial: true });
            const [only] = tokens;
            return tokens.length === 1 && only !== undefined && native.isControl(only)
                ? [only]
                : [];
        });
    }
}

/** Most tokens of an answer. Thoughts count too, so that whoever may think gets the greater of two limits. */
export function mostTokens(
    { maxTokens, maxAnswerTokens = maxTokens }: Pick<ChatRequest, "maxTokens" | "maxAnswerTokens">,
    template = "",
): number {
    return mayThink(template) ? maxTokens : Math.min(maxTokens, maxAnswerTokens);
}

/** How the template of a model writes calls, when it has one. */
export function toolFormOf(template: ChatTemplate, source: string): CallForm {
    const form = formOf(source);
    if (form === GENERIC) return form;
    const tool = { name: "ingot_probe", description: "A probe." };
    const messages = templateMessages([{ role: "user", content: "?" }], form, [tool]);
    try {
        const text = template.render(messages, { tools: templateTools([tool]) });
        return text.includes(tool.name) ? form : GENERIC;
    } catch {
        return GENERIC;
    }
}

function readyFor(model: LoadedModel): Ready {
    const known = ready.get(model);
    if (known) return known;
    const template = chatTemplateOf(model);
    const made = { template, form: toolFormOf(template, model.template ?? "") };
    ready.set(model, made);
    return made;
}

function grammarFor(form: CallForm, tools: readonly ToolDefinition[]): CallGrammar {
    const key = keyOf([form.name, tools.map(({ name, parameters }) => [name, parameters])]);
    const known = grammars.get(key);
    if (known) return known;
    const made = callGrammar(form, tools);
    grammars.set(key, made);
    return made;
}

function keyOf(value: unknown): string {
    try {
        return JSON.stringify(value);
    } catch (error) {
        throw tooDeep(error);
    }
}
