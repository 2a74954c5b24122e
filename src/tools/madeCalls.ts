/**
 * Calls that were made already since the last question. Small models do a thing again when it is done, and an edit that is made twice is one too many: what
 * changes something is not done again, nothing is looked up twice in a row, and the rest is not done a third time for the same result. Pure.
 */

import type { ChatMessage } from "../protocol/chat";
import type { ParsedCall } from "./callParser";
import { kindOf } from "./choice/intents";
import type { KindName } from "./choice/kinds";
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

interface MadeCall {
    key: string;
    /** Not there yet, of the answer that is being written. */
    result?: string | undefined;
}

export class MadeCalls {
    private readonly made: MadeCall[];

    constructor(messages: readonly ChatMessage[]) {
        const question = messages.findLastIndex(({ role }) => role === "user");
        const behind = messages.slice(question + 1);
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

    /** Whether a call that comes next only repeats what is there: a change that is made, or what is known. */
    repeats(call: ParsedCall): "change" | "lookup" | undefined {
        const key = keyOf(call);
        const kind = kindOf({ name: call.name, description: "" });
        if (CHANGES.has(kind))
            return this.made.some((earlier) => earlier.key === key) ? "change" : undefined;
        const [last, before] = this.made.slice(-2).toReversed();
        if (last?.key !== key) return undefined;
        const isKnown =
            LOOKS_UP.has(kind) || (before?.key === key && before.result === last.result);
        return isKnown ? "lookup" : undefined;
    }
}

const keyOf = (call: ParsedCall) => canonicalJson([call.name, call.arguments]);
