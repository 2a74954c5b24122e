/** How fast a model reads on this computer now, from the calls it was used for. */

import type { GenerateResult } from "../node/native";

/** Shorter prompts say little: the first tokens cost more. */
const MIN_TOKENS = 16;
const WEIGHT = 0.3;

export class Speed {
    /** `expected`: tokens per second until something was measured. */
    constructor(private expected: number) {}

    get promptTokensPerSecond(): number {
        return this.expected;
    }

    add({ promptTokens, promptMs }: Pick<GenerateResult, "promptTokens" | "promptMs">): void {
        if (promptTokens < MIN_TOKENS || promptMs <= 0) return;
        this.expected += WEIGHT * ((promptTokens * 1000) / promptMs - this.expected);
    }
}
