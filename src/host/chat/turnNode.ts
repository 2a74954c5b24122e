/** A question or an answer in the tree of a conversation, and what it is to the page, the model and the disk. */

import type { ChatTurn } from "../../protocol/webview";
import type { ContextBlock } from "./context";
import type { StoredTurn } from "./stored";

/** What turns hang on: another turn, or the conversation. */
export interface Holder {
    children: Node[];
    /** Index of the child that is shown. */
    chosen: number;
}

export interface Node extends Holder {
    id: string;
    role: "user" | "assistant";
    text: string;
    state: ChatTurn["state"];
    parent: Node | undefined;
    error?: string | undefined;
    note?: string | undefined;
    mend?: ChatTurn["mend"];
    /** Of a question: everything that was to go along. */
    context: readonly ContextBlock[];
    attempt: number;
    /** Of a question: most tokens of its answers, when it has a limit of its own. */
    maxTokens?: number | undefined;
    isForgotten: boolean;
}

/** For the page. */
export function shownTurn(node: Node, { children }: Holder): ChatTurn {
    const sources = node.role === "assistant" ? sourcesOf(node) : [];
    const { id, role, text, state, error, note, mend, context } = node;
    const of = children.length;
    return {
        id,
        role,
        text,
        state,
        error,
        note,
        mend,
        context: context.length > 0 ? labelsOf(context) : undefined,
        sources: sources.length > 0 ? sources.map(({ label }) => label) : undefined,
        version: of > 1 ? { at: children.indexOf(node) + 1, of } : undefined,
    };
}

/** What was found in the workspace for the question of an answer. */
export function sourcesOf({ parent }: Pick<Node, "parent">): ContextBlock[] {
    return (parent?.context ?? []).filter(({ place }) => place !== undefined);
}

/** What was found is told by the answer. */
function labelsOf(context: readonly ContextBlock[]): string[] {
    const given = context.filter(({ place }) => !place).map(({ label }) => label);
    const nFound = context.length - given.length;
    return nFound === 0 ? given : [...given, `codebase, ${nFound} found`];
}

/** What the model reads of a question: the blocks it has not seen yet, then the words. */
export function contentOf(
    { context, text }: Pick<Node, "text" | "context">,
    known: Set<string>,
): string {
    const fresh = context.map((block) => block.text).filter((one) => one !== "" && !known.has(one));
    for (const one of fresh) known.add(one);
    return [...fresh, text].join("\n\n");
}

/** As it is kept. */
export function storedTurn(node: Node): StoredTurn {
    const { id, parent, role, text, state, error, note, context, isForgotten } = node;
    const { attempt, maxTokens } = node;
    return {
        id,
        parent: parent?.id,
        role,
        text,
        state,
        error,
        note,
        context: context.length > 0 ? [...context] : undefined,
        attempt: attempt > 0 ? attempt : undefined,
        maxTokens,
        isForgotten: isForgotten || undefined,
        chosen: node.children.length > 1 ? node.chosen : undefined,
    };
}

/** The last one unless another one is named. */
export function within(chosen: number | undefined, { length }: readonly unknown[]): number {
    const last = Math.max(0, length - 1);
    return Number.isInteger(chosen) ? Math.min(Math.max(0, chosen ?? 0), last) : last;
}
