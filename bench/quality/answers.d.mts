/** Types of answers.mjs. */

export interface Answer {
    text?: string;
    reason?: string;
    filter?: string;
    isSecond?: boolean;
    /** Kinds of the pieces in the prompt. */
    pieces?: string[];
}

export interface AskedCase {
    path: string;
    languageId: string;
    before: string;
    after: string;
    trigger: "manual" | "automatic";
    settings?: Record<string, unknown>;
    variants?: Record<string, unknown>[];
    repository?: string;
}

export function answersOf(options: {
    candidate: {
        name: string;
        command: string[];
        settings: Record<string, unknown>;
        variants?: Record<string, unknown>[];
    };
    cases: readonly AskedCase[];
    model: string;
    modelHash: string;
    folder: string;
    isOffline?: boolean;
}): Promise<{ answers: (Answer | undefined)[][]; nNew: number }>;
