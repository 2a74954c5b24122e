/**
 * Calls behind the first one of a question. Small models do a thing again when it is done, and an edit that is made twice is one too many: what changes
 * something is not done again, nothing is looked up twice in a row, and the rest is not done a third time for the same result. They also go on with an edit
 * where something was only asked. Pure.
 */

import type { ChatMessage, ToolDefinition } from "../protocol/chat";
import type { ParsedCall } from "./callParser";
import { kindOf, kindsAsked } from "./choice/intents";
import { CHANGE, type KindName } from "./choice/kinds";
import { questionIn } from "./choice/request";
import { canonicalJson } from "./jsonText";

const CHANGES: ReadonlySet<KindName | undefined> = new Set<KindName>([
    "edit",
    "create",
    "delete",
    "rename",
    "makeFolder",
    "memory",
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

    constructor(messages: readonly ChatMessage[], tools: readonly ToolDefinition[]) {
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
        return this.isOnlyAsked && CHANGES.has(kindOf({ name, description: "" }));
    }

    /** Why a call that comes next is not to be made: the change is made, or all is known that was asked. */
    needless(call: ParsedCall): "made" | "known" | undefined {
        const key = keyOf(call);
        const kind = kindOf({ name: call.name, description: "" });
        if (this.isUnasked(call.name)) return "known";
        if (CHANGES.has(kind))
            return this.made.some((earlier) => earlier.key === key) ? "made" : undefined;
        const [last, before] = this.made.slice(-2).toReversed();
        if (last?.key !== key) return undefined;
        const isKnown =
            LOOKS_UP.has(kind) || (before?.key === key && before.result === last.result);
        return isKnown ? "known" : undefined;
    }
}

function isOnlyAsked(tools: readonly ToolDefinition[], request: string): boolean {
    const question = questionIn(request);
    if (ORDER.test(question)) return false;
    const asked = [...kindsAsked(tools, question)];
    return asked.every(([kind]) => LOOKS_UP.has(kind)) && asked.some(([, sure]) => sure >= SURE);
}

const keyOf = (call: ParsedCall) => canonicalJson([call.name, call.arguments]);
