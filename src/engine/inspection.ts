/** What there is to say about a finished call of the model: prompt by parts, probability of each token. Measures nothing again. */

import type { GenerateResult } from "../node/native";
import type { Inspection } from "../protocol/completion";
import type { StopReason } from "../protocol/generation";
import type { PlacedPrompt } from "./filePrompts";
import type { LoadedModel } from "./loadedModel";

export interface Written {
    result: GenerateResult;
    /** Of the result's tokens. */
    probabilities: readonly number[];
    stop: StopReason;
    /** Characters of the answer that the stop rule left. */
    kept: number;
}

/** Without the filters' cuts, which come after. */
export function inspect(
    { info, native, fingerprint }: Pick<LoadedModel, "info" | "native" | "fingerprint">,
    prompt: PlacedPrompt,
    { result, probabilities, stop, kept }: Written,
): Inspection {
    let at = 0;
    const parts = prompt.parts.map(({ part, nTokens }) => {
        const tokens = prompt.tokens.slice(at, (at += nTokens));
        return { part, nTokens, text: native.detokenize(tokens, { special: true }) };
    });
    return {
        model: info.name,
        fingerprint,
        layout: prompt.layout,
        parts,
        pieces: prompt.pieces,
        ...prompt.budget,
        forced: prompt.forcedPrefix,
        written: result.tokens.map((token, i) => ({
            text: native.piece(token),
            probability: probabilities[i] ?? 1,
        })),
        answer: result.text,
        stop,
        kept,
        cuts: [],
    };
}
