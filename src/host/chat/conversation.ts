/**
 * One conversation as data: its turns, the answer that is being written, what was asked with which context, and the messages the
 * model gets. Knows neither VS Code nor the engine. INVARIANT: messages only grow at their end while nothing is forgotten, so that
 * the engine finds all but the new question in its KV cache.
 */

import type { ChatMessage } from "../../protocol/engine";
import type { ChatTurn } from "../../protocol/webview";
import type { ContextBlock } from "./context";

export interface Failure {
    /** Without a final period. */
    message: string;
    mend?: { label: string; command: string } | undefined;
}

interface Exchange {
    question: ChatTurn;
    answer: ChatTurn;
    /** What the model reads: context blocks, then the question. */
    content: string;
    blocks: readonly ContextBlock[];
    /** How often this question was asked; the seed of the answer. */
    attempt: number;
}

export class Conversation {
    private exchanges: Exchange[] = [];
    /** Exchanges at the beginning that no longer fit the model's context. */
    private nForgotten = 0;
    private nextTurn = 1;

    constructor(readonly id: string) {}

    get turns(): ChatTurn[] {
        return this.exchanges.flatMap(({ question, answer }) => [question, answer]);
    }

    get isEmpty(): boolean {
        return this.exchanges.length === 0;
    }

    get isBusy(): boolean {
        return this.streaming !== undefined;
    }

    /** How often the last question was asked before. */
    get attempt(): number {
        return this.exchanges.at(-1)?.attempt ?? 0;
    }

    /** Adds a question and an empty answer. A block the model can already see further up is not repeated. Returns the answer's id. */
    ask(text: string, blocks: readonly ContextBlock[]): string {
        const question: ChatTurn = { id: this.newId(), role: "user", text, state: "done" };
        const answer = this.newAnswer();
        this.exchanges.push({ question, answer, content: text, blocks: [], attempt: 0 });
        this.setContext(blocks);
        return answer.id;
    }

    /** Puts other context in front of the last question. */
    setContext(blocks: readonly ContextBlock[]): void {
        const last = this.exchanges.at(-1);
        if (!last) return;
        const past = this.visible.filter((exchange) => exchange !== last);
        const known = new Set(past.flatMap((exchange) => exchange.blocks.map(({ text }) => text)));
        last.blocks = blocks.filter((block) => !known.has(block.text));
        last.content = [...last.blocks.map((block) => block.text), last.question.text].join("\n\n");
        last.question.context = blocks.length > 0 ? blocks.map((block) => block.label) : undefined;
    }

    /** Drops the last answer and makes room for another. Undefined when there is none to ask for again. */
    retry(): string | undefined {
        const last = this.exchanges.at(-1);
        if (!last || last.answer.state === "streaming") return undefined;
        last.attempt++;
        last.answer = this.newAnswer();
        return last.answer.id;
    }

    /** What the model reads, oldest first, without forgotten exchanges and without questions that were never answered. */
    messages(system: string): ChatMessage[] {
        const last = this.exchanges.at(-1);
        const past = this.visible.filter((exchange) => exchange !== last);
        return [
            { role: "system", content: system },
            ...past.flatMap(({ content, answer }): ChatMessage[] => [
                { role: "user", content },
                { role: "assistant", content: answer.text },
            ]),
            ...(last ? [{ role: "user" as const, content: last.content }] : []),
        ];
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
        const past = this.visible.filter((exchange) => exchange !== this.exchanges.at(-1));
        const gone = past[Math.ceil(nMessages / 2) - 1];
        if (gone) this.nForgotten = this.exchanges.indexOf(gone) + 1;
    }

    private get streaming(): ChatTurn | undefined {
        const answer = this.exchanges.at(-1)?.answer;
        return answer?.state === "streaming" ? answer : undefined;
    }

    /** The exchanges the model sees: not forgotten, and answered at least in part. */
    private get visible(): Exchange[] {
        return this.exchanges.slice(this.nForgotten).filter(({ answer }) => answer.text !== "");
    }

    private settle(change: Partial<ChatTurn>): void {
        if (this.streaming) Object.assign(this.streaming, change);
    }

    private newAnswer(): ChatTurn {
        return { id: this.newId(), role: "assistant", text: "", state: "streaming" };
    }

    private newId(): string {
        return `${this.id}.${this.nextTurn++}`;
    }
}
