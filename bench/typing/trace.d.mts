/** Types of trace.mjs. */

export interface Edit {
    start: number;
    end: number;
    text: string;
}

export interface TraceEvent {
    t: number;
    type: "open" | "cursor" | "change" | "pause" | "accept" | "reject";
    path: string;
    cursor?: number;
    edits?: Edit[];
    cause?: string;
    auto?: number[];
    ms?: number;
    text?: string;
}

export interface Trace {
    format: string;
    name: string;
    stats?: { keystrokes: number };
    files: { path: string; languageId: string; text: string }[];
    truth: { path: string; line: number; lines: number; text: string }[];
    events: TraceEvent[];
}

export interface Step {
    event: TraceEvent;
    text?: string;
    user?: string;
    userCursor?: number;
    line?: { start: number; before: string; after: string; full: string };
    isLineEnd?: boolean;
}

export interface Prepared {
    trace: Trace;
    steps: Step[];
}

export function traceFiles(path: string): string[];
export function readTrace(file: string): Prepared;
export function prepare(trace: Trace): Prepared;
export function applyEdits(text: string, edits: readonly Edit[]): string;
