/** Types of driver.mjs. */

import type { Prepared } from "./trace.mjs";

export interface Work {
    kind: string;
    promptTokens: number;
    reusedTokens: number;
    generatedTokens: number;
    ms: number;
    aborted?: boolean;
}

export interface Key {
    cause: string;
    atMs: number;
    gapMs: number;
    carried: boolean;
    flicker: boolean;
    isMid: boolean;
    isTypo: boolean;
    stop: boolean;
    superseded?: boolean;
    answerMs?: number;
    ghostMs?: number;
    hasGhost?: boolean;
    isExact?: boolean;
}

export interface PlayRecord {
    keys: Key[];
    requests: {
        id: number;
        sentMs?: number;
        answeredMs?: number;
        source?: string;
        empty?: boolean;
    }[];
    works: Work[];
    /** Accepted characters that are in the documents at the end. */
    keptCharacters: number;
    /** Of the chat that was answered beside, where there was one. */
    chatTokens?: number;
    accepts: { characters: number; keys: number; lines: number }[];
    late: { events: number; maxMs: number };
    durationMs: number;
}

/** What the driver needs of an engine; engine.mjs is one. */
export interface DriverEngine {
    listener: (message: never) => void;
    send(message: object): void;
    sync(): Promise<unknown>;
}

export interface DriverClock {
    kind: "real" | "virtual";
    now(): number;
    until(ms: number): { done: Promise<void>; wake: () => void };
}

export function play(
    prepared: Prepared,
    engine: DriverEngine,
    clock: DriverClock,
    options?: { accept?: "never" | "full-line-match"; stops?: number; readMs?: number },
): Promise<PlayRecord>;
