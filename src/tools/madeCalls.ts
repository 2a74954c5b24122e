/**
 * Calls behind the first one of a question. Small models do a thing again when it is done, and an edit that is made twice is one too many: what changes
 * something is not done again, nothing is looked up twice in a row, and the rest is not done a third time for the same result. They also go on with an edit
 * where something was only asked. Pure.
 */

import type { ChatMessage, ToolDefinition } from "../protocol/chat";
import type { ParsedCall } from "./callParser";
import { parameterNames } from "./choice/argumentsFit";
import { kindOf, kindsAsked } from "./choice/intents";
import { CHANGE, type KindName } from "./choice/kinds";
import { questionIn } from "./choice/request";
import { allWordsOf } from "./choice/words";
import { canonicalJson } from "./jsonText";

const CHANGES: ReadonlySet<KindName | undefined> = new Set<KindName>([
    "edit",
    "create",
    "delete",
    "rename",
    "makeFolder",
]);
const LOOKS_UP: ReadonlySet<KindName | undefined> = new Set<KindName>([
    "read",
    "list",
    "findFile",
    "search",
    "usages",
    "definition",
    "docs",
    "changes",
]);

/** Tools of which a call may do something else each time: they go on, go back, or have the purpose as an argument. Their kind says nothing. */
const OPEN_NAME =
    /\b(?:undo|redo|next|previous|more|terminal|stdin|input|output|process|editor|based|command)\b/;
const PURPOSE = /^(?:command|action|operation|mode|method)$/;
const FAILED =
    /\b(?:error|fail(?:ed|ure|s)?|not found|no match\w*|cannot|can't|could ?n[o']t|unable|denied|locked|invalid|refused|rejected)\b/i;
/** What has words of this kind may be meant as an order. */
const ORDER = new RegExp(
    String.raw`\b(?:${CHANGE}|creat|writ|generat|implement|resolv|improv|renam|updat|mov|remov|delet|replac|chang|clean|document|remember|run|install|sav)(?:e|es|ed|ing|s)?\b`,
    "i",
);
/** How sure a question's words are that something is to be looked up. */
const SURE = 3;

interface MadeCall {
    key: string;
    /** Not there yet, of the answer that is being written. */
    result?: string | undefined;
}

export class MadeCalls {
    private readonly made: MadeCall[];
    /** The question wants to know something, and nothing done. */
    private readonly isOnlyAsked: boolean;

    constructor(
        messages: readonly ChatMessage[],
        private readonly tools: readonly ToolDefinition[],
    ) {
        const last = messages.findLastIndex(({ role }) => role === "user");
        const behind = messages.slice(last + 1);
        this.isOnlyAsked = behind.length > 0 && isOnlyAsked(tools, messages[last]?.content ?? "");
        const results = new Map(
            behind.flatMap(({ role, toolCallId, content }) =>
                role === "tool" && toolCallId !== undefined ? [[toolCallId, content] as const] : [],
            ),
        );
        // Without a result it may not have been done.
        this.made = behind
            .flatMap(({ toolCalls = [] }) => toolCalls)
            .filter(({ id }) => results.has(id))
            .map((call) => ({ key: keyOf(call), result: results.get(call.id) }));
    }

    /** A call of the answer that is being written. */
    add(call: ParsedCall): void {
        this.made.push({ key: keyOf(call) });
    }

    /** A tool by its name that changes something, where something was only asked. */
    isUnasked(name: string): boolean {
        if (!this.isOnlyAsked) return false;
        const tool = this.tools.find((one) => one.name === name);
        return CHANGES.has(plainKindOf(name, tool ? parameterNames(tool) : []));
    }

    /** Why a call that comes next is not to be made: the change is made, or all is known that was asked. */
    needless(call: ParsedCall): "made" | "known" | undefined {
        if (this.isUnasked(call.name)) return "known";
        const key = keyOf(call);
        const kind = plainKindOf(call.name, Object.keys(call.arguments));
        const [last, before] = this.made.slice(-2).toReversed();
        const isDone = ({ key: of, result = "" }: MadeCall) => of === key && !FAILED.test(result);
        if (CHANGES.has(kind) && this.made.some(isDone)) return "made";
        if (last?.key !== key) return undefined;
        // What has failed may be tried again after something else.
        if (CHANGES.has(kind)) return "known";
        const isKnown =
            LOOKS_UP.has(kind) || (before?.key === key && before.result === last.result);
        return isKnown ? "known" : undefined;
    }
}

/** Undefined also of one that is open; `argumentNames`: those that it has, or may have. */
function plainKindOf(name: string, argumentNames: readonly string[]): KindName | undefined {
    const isOpen =
        OPEN_NAME.test(allWordsOf(name).join(" ")) ||
        argumentNames.some((one) => PURPOSE.test(one));
    return isOpen ? undefined : kindOf({ name });
}

function isOnlyAsked(tools: readonly ToolDefinition[], request: string): boolean {
    const question = questionIn(request);
    if (ORDER.test(question)) return false;
    const asked = [...kindsAsked(tools, question)];
    return asked.every(([kind]) => LOOKS_UP.has(kind)) && asked.some(([, sure]) => sure >= SURE);
}

const keyOf = (call: ParsedCall) => canonicalJson([call.name, call.arguments]);
