/**
 * One conversation as data: a tree of questions and answers (a question that is edited and an answer that is asked for again get
 * siblings), of which one path is shown and sent. Knows neither VS Code nor the engine. INVARIANT: messages only grow at their end
 * while nothing is forgotten, so that the engine finds all but the new question in its KV cache.
 */

import { withoutReasoning } from "../../base/reasoning";
import type { ChatMessage } from "../../protocol/chat";
import type { ChatTurn } from "../../protocol/webview";
import { charactersOf, withoutText, type ContextBlock } from "./context";
import type { StoredChat, StoredTurn } from "./stored";
import {
    contentOf,
    shownTurn,
    sourcesOf,
    storedTurn,
    within,
    type Holder,
    type Node,
} from "./turnNode";

export interface Failure {
    /** Without a final period. */
    message: string;
    mend?: ChatTurn["mend"];
}

const MAX_TITLE = 60;
/** Of context that is never sent again unless its question is edited: a chat is written to the disk again and again. */
const MAX_FORGOTTEN_CHARACTERS = 200_000;
const INTERRUPTED = "The window was closed before this answer was complete.";

export class Conversation {
    private readonly root: Holder = { children: [], chosen: 0 };
    private nextTurn = 1;
    private givenTitle: string | undefined;
    private pinnedBlocks: readonly ContextBlock[] = [];
    private createdAt: number | undefined;
    private nNodes = 0;

    constructor(private currentId: string) {}

    /** As it was kept. An answer that was being written is marked as broken off. */
    static from(stored: StoredChat): Conversation {
        const made = new Conversation(stored.id);
        made.givenTitle = stored.isNamed ? stored.title : undefined;
        made.pinnedBlocks = stored.pinned;
        made.createdAt = stored.createdAt;
        const nodes = new Map<string, Node>();
        for (const turn of stored.turns) {
            const node = made.restore(turn, turn.parent ? nodes.get(turn.parent) : undefined);
            nodes.set(turn.id, node);
        }
        made.root.chosen = within(stored.chosen, made.root.children);
        for (const { id, chosen } of stored.turns) {
            const node = nodes.get(id);
            if (node) node.chosen = within(chosen, node.children);
        }
        return made;
    }

    get id(): string {
        return this.currentId;
    }

    get title(): string {
        if (this.givenTitle !== undefined) return this.givenTitle;
        const text = this.root.children[0]?.text.trim().split("\n")[0] ?? "";
        return text.length > MAX_TITLE ? `${text.slice(0, MAX_TITLE - 3)}...` : text;
    }

    /** Of all branches. */
    get nTurns(): number {
        return this.nNodes;
    }

    get turns(): ChatTurn[] {
        return this.path.map((node) => shownTurn(node, node.parent ?? this.root));
    }

    get isEmpty(): boolean {
        return this.nNodes === 0;
    }

    get isBusy(): boolean {
        return this.streaming !== undefined;
    }

    /** How often the last question was asked before; the seed of its answer. */
    get attempt(): number {
        return this.question?.attempt ?? 0;
    }

    /** Most tokens of an answer to the last question; undefined: it sets no limit. */
    get maxTokens(): number | undefined {
        return this.question?.maxTokens;
    }

    get pinned(): readonly ContextBlock[] {
        return this.pinnedBlocks;
    }

    /** Goes in front of every question. */
    set pinned(blocks: readonly ContextBlock[]) {
        this.pinnedBlocks = blocks;
    }

    rename(title: string): void {
        this.givenTitle = title.trim() === "" ? undefined : title.trim();
    }

    /** The conversation is kept under another name from now on. */
    moveTo(id: string): void {
        this.currentId = id;
    }

    /** Adds a question and an empty answer. A block the model can already see further up is not repeated. Returns the answer's id. */
    ask(text: string, blocks: readonly ContextBlock[], maxTokens?: number): string {
        const last = this.path.at(-1);
        const parent = last?.role === "user" ? last.parent : last;
        const question = this.addQuestion(text, blocks, parent);
        question.maxTokens = maxTokens;
        return this.add("assistant", question).id;
    }

    /**
     * Asks another question in place of one, on a branch of its own; with the same context, or without where the question brings its own.
     * Undefined when there is no such question.
     */
    edit(id: string, text: string, own?: { maxTokens?: number | undefined }): string | undefined {
        const node = this.path.find((one) => one.id === id);
        if (node?.role !== "user" || this.isBusy) return undefined;
        // A chat of before this was kept may only know what its context was called.
        const context = own ? [] : node.context.filter((block) => block.text !== "");
        const question = this.addQuestion(text, context, node.parent);
        question.maxTokens = own ? own.maxTokens : node.maxTokens;
        return this.add("assistant", question).id;
    }

    /** Shows the sibling before (-1) or after (1) a turn. */
    select(id: string, step: -1 | 1): boolean {
        const node = this.path.find((one) => one.id === id);
        if (!node || this.isBusy) return false;
        const holder = node.parent ?? this.root;
        const to = holder.chosen + step;
        if (to < 0 || to >= holder.children.length) return false;
        holder.chosen = to;
        return true;
    }

    /** Puts other context in front of the last question, or of that of an answer. */
    setContext(blocks: readonly ContextBlock[], answer?: string): void {
        const given = this.path.find((node) => node.id === answer)?.parent;
        const question = answer === undefined ? this.question : given;
        if (question) question.context = blocks;
    }

    /** Makes room for another answer beside the last one, or in place of one that failed. Undefined when there is none to ask for again. */
    retry(): string | undefined {
        const { question } = this;
        const last = question?.children[question.chosen];
        if (!question || last?.state === "streaming") return undefined;
        question.attempt++;
        if (last && last.text === "") {
            question.children.splice(question.chosen, 1);
            this.nNodes--;
        }
        return this.add("assistant", question).id;
    }

    /**
     * What the model reads, oldest first, without forgotten exchanges and without questions that were never answered. `draft`: as if that
     * were asked now.
     */
    messages(system: string, draft?: Pick<Node, "text" | "context">): ChatMessage[] {
        const known = new Set(this.pinnedBlocks.map(({ text }) => text));
        const question = draft ?? this.question;
        const past = this.visibleBefore(question).flatMap(({ asked, answer }): ChatMessage[] => [
            { role: "user", content: contentOf(asked, known) },
            { role: "assistant", content: withoutReasoning(answer.text).trim() },
        ]);
        const pinned = this.pinnedBlocks.map(({ text }) => text);
        return [
            { role: "system", content: [system, ...pinned].join("\n\n") },
            ...past,
            ...(question ? [{ role: "user" as const, content: contentOf(question, known) }] : []),
        ];
    }

    /** The place behind a source of an answer. */
    source(id: string, at: number): ContextBlock["place"] {
        const node = this.path.find((one) => one.id === id);
        return node && sourcesOf(node)[at]?.place;
    }

    append(text: string): void {
        if (this.streaming) this.streaming.text += text;
    }

    /** `note`: a sentence under the answer. */
    finish(text: string, note?: string): void {
        this.settle({ text, state: "done", note });
    }

    stop(): void {
        this.settle({ state: "stopped" });
    }

    fail({ message, mend }: Failure): void {
        this.settle({ state: "failed", error: message, mend });
    }

    /** The engine left out this many of the messages sent: they are not sent again. */
    forget(nMessages: number): void {
        const past = this.visibleBefore(this.question);
        for (const { asked } of past.slice(0, Math.ceil(nMessages / 2))) asked.isForgotten = true;
        // A question that is asked in other words has its context again, unless that was very long ago.
        let room = MAX_FORGOTTEN_CHARACTERS;
        for (const asked of this.path.toReversed()) {
            if (!asked.isForgotten) continue;
            room -= charactersOf(asked.context);
            if (room < 0) asked.context = withoutText(asked.context);
        }
    }

    /** `now`: ms since 1970. */
    stored(now: number): StoredChat {
        const turns: StoredTurn[] = [];
        const walk = (node: Node) => {
            turns.push(storedTurn(node));
            node.children.forEach(walk);
        };
        this.root.children.forEach(walk);
        this.createdAt ??= now;
        return {
            version: 1,
            id: this.id,
            title: this.title,
            isNamed: this.givenTitle !== undefined,
            createdAt: this.createdAt,
            updatedAt: now,
            pinned: [...this.pinnedBlocks],
            turns,
            chosen: this.root.chosen,
        };
    }

    /** The turns that are shown, first one first. */
    private get path(): Node[] {
        const found: Node[] = [];
        let at: Holder | undefined = this.root;
        while ((at = at.children[at.chosen])) found.push(at as Node);
        return found;
    }

    /** The last question of the path. */
    private get question(): Node | undefined {
        return this.path.findLast((node) => node.role === "user");
    }

    private get streaming(): Node | undefined {
        const last = this.path.at(-1);
        return last?.state === "streaming" ? last : undefined;
    }

    /** The exchanges before a question that the model sees: not forgotten, and answered at least in part. */
    private visibleBefore(question: object | undefined): { asked: Node; answer: Node }[] {
        const { path } = this;
        return path.flatMap((asked, i) => {
            const answer = path[i + 1];
            if (asked.role !== "user" || asked === question || !answer || asked.isForgotten)
                return [];
            return withoutReasoning(answer.text).trim() === "" ? [] : [{ asked, answer }];
        });
    }

    private settle(change: Partial<Node>): void {
        if (this.streaming) Object.assign(this.streaming, change);
    }

    private addQuestion(
        text: string,
        context: readonly ContextBlock[],
        parent: Node | undefined,
    ): Node {
        return Object.assign(this.add("user", parent), { text, context, state: "done" });
    }

    private add(role: Node["role"], parent: Node | undefined): Node {
        const node: Node = {
            id: `${this.id}.${this.nextTurn++}`,
            role,
            text: "",
            state: "streaming",
            parent,
            children: [],
            chosen: 0,
            context: [],
            attempt: 0,
            isForgotten: false,
        };
        this.link(node);
        return node;
    }

    private link(node: Node): void {
        const holder = node.parent ?? this.root;
        holder.chosen = holder.children.push(node) - 1;
        this.nNodes++;
    }

    private restore(turn: StoredTurn, parent: Node | undefined): Node {
        const isBroken = turn.state === "streaming";
        const node: Node = {
            id: turn.id,
            role: turn.role,
            text: turn.text,
            state: isBroken ? "stopped" : turn.state,
            parent,
            children: [],
            chosen: 0,
            error: turn.error,
            note: isBroken ? INTERRUPTED : turn.note,
            context: turn.context ?? [],
            attempt: turn.attempt ?? 0,
            maxTokens: turn.maxTokens,
            isForgotten: turn.isForgotten === true,
        };
        this.link(node);
        const n = Number(turn.id.split(".").at(-1));
        if (Number.isInteger(n)) this.nextTurn = Math.max(this.nextTurn, n + 1);
        return node;
    }
}
