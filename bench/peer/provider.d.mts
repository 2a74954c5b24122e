/** Types of provider.mjs. */

export interface InfillBody {
    input_prefix: string;
    input_suffix: string;
    prompt: string;
    n_cmpl: number;
    n_indent?: number;
    t_max_predict_ms?: number;
}

export interface ProviderTokens {
    promptTokens: number;
    reusedTokens: number;
    generatedTokens: number;
}

export class Provider {
    constructor(options: {
        ring: { extra: object[]; lastCompletionMs: number; pickNear: () => void };
        call: (
            kind: string,
            body: InfillBody,
            id?: number,
        ) => Promise<{ texts: string[]; tokens: ProviderTokens }>;
        alternatives: number;
        predictMs: number;
        later: (work: () => Promise<void>) => void;
        delay: (ms: number) => Promise<void>;
    });
    provide(request: {
        id: number;
        document: { text: string };
        offset: number;
        isAutomatic: boolean;
        isCancelled: () => boolean;
        now: () => number;
    }): Promise<{ text?: string; source?: string; reason?: string }>;
}
