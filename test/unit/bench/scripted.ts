/** An engine that says what the test wants, a clock without waiting, and a short trace: what the typing bench is tested with. */

import type { DriverClock, DriverEngine } from "../../../bench/typing/driver.mjs";
import { applyEdits, prepare, type Edit, type Prepared } from "../../../bench/typing/trace.mjs";

export interface Sent {
    type: string;
    t?: number;
    id?: number;
    path?: string;
    offset?: number;
    cursor?: number;
    cause?: string;
    text?: string;
    edits?: Edit[];
}

export interface Answer {
    text?: string;
    /** Of what is replaced; default: the cursor. */
    end?: number;
    source?: string;
    /** After the request, on a real clock. */
    afterMs?: number;
}

/** Moves only when the driver waits; what is due on the way happens on the way. */
export class SteppedClock implements DriverClock {
    readonly kind = "real";
    private nowMs = 0;
    private timers: { atMs: number; run: () => void }[] = [];

    now(): number {
        return this.nowMs;
    }

    after(ms: number, run: () => void): void {
        this.timers.push({ atMs: this.nowMs + ms, run });
        this.timers.sort((a, b) => a.atMs - b.atMs);
    }

    until(ms: number): { done: Promise<void>; wake: () => void } {
        let isWoken = false;
        const wake = () => {
            isWoken = true;
        };
        // In a microtask, so that the driver has `wake` first.
        const done = Promise.resolve().then(() => {
            for (;;) {
                const next = this.timers[0];
                if (isWoken || !next || next.atMs > ms) break;
                this.timers.shift();
                this.nowMs = Math.max(this.nowMs, next.atMs);
                next.run();
            }
            if (!isWoken) this.nowMs = Math.max(this.nowMs, ms);
        });
        return { done, wake };
    }
}

/** Keeps its documents from the lines it gets, as an engine must. Without a clock it answers at once. */
export class ScriptedEngine implements DriverEngine {
    listener: (message: never) => void = () => undefined;
    readonly sent: Sent[] = [];
    readonly documents = new Map<string, string>();

    constructor(
        private readonly answer: (request: Sent, text: string) => Answer | undefined,
        private readonly clock?: SteppedClock,
    ) {}

    send(message: object): void {
        const line = message as Sent;
        this.sent.push(line);
        const { type, path = "" } = line;
        if (type === "open") this.documents.set(path, line.text ?? "");
        const text = this.documents.get(path) ?? "";
        if (type === "change") this.documents.set(path, applyEdits(text, line.edits ?? []));
        if (type !== "request") return;
        const answer = this.answer(line, text) ?? {};
        const say = () => this.say(line, answer);
        if (this.clock) this.clock.after(answer.afterMs ?? 0, say);
        else say();
    }

    async sync(): Promise<object> {
        // Nothing is under way.
        return {};
    }

    /** The lines of one type. */
    of(type: string): Sent[] {
        return this.sent.filter((line) => line.type === type);
    }

    private say({ id, offset = 0 }: Sent, { text, end = offset, source = "model" }: Answer): void {
        const items = text === undefined ? [] : [{ text, start: offset, end }];
        const result = { type: "result", id, items, source };
        this.listener(result as never);
    }
}

/** Keystrokes at the end of `before`, which is one line or none; `after` follows the cursor. */
export function typed(before: string, keys: [t: number, text: string][], after = ""): Prepared {
    let at = before.length;
    const events = keys.map(([t, text]) => {
        const edits = [{ start: at, end: at, text }];
        at += text.length;
        const cause = text.startsWith("\n") ? "enter" : "type";
        return { t, type: "change" as const, path: "a.ts", edits, cursor: at, cause };
    });
    const hole = keys.map(([, text]) => text).join("");
    return prepare({
        format: "typing-trace/1",
        name: "short",
        files: [{ path: "a.ts", languageId: "typescript", text: before + after }],
        // A hole begins at the end of a line, with the line's end.
        truth: [{ path: "a.ts", line: before === "" ? 0 : 1, lines: 1, text: hole }],
        events: [{ t: 0, type: "open", path: "a.ts", cursor: before.length }, ...events],
    });
}
