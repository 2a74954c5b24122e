/** Error feedback beside a type: on which text, and what it costs in time, in words. What it does is the worker's (src/lab/feedback). */

import { formatDuration } from "../../base/format";
import { physicalCores } from "../../node/threads";
import type { AskText, TextChoice } from "../lab/textPick";

/**
 * Processor seconds of a weight for each token of the text, and for the choice of its blocks: what the starter (5 million weights, 102,400
 * tokens, 50 s) and a model of 0.5 billion (12,288 tokens, 22 min) took on one core (docs/measuring.md).
 */
const SECONDS_PER_TOKEN = 1e-10;
const SECONDS_OF_CHOICE = 1.5e-6;
const CHUNK_TOKENS = 512;

/** Estimated, when all cores do nothing else. */
export function feedbackSeconds(
    nParameters: number,
    chunks: number,
    cores: number = physicalCores(),
): number {
    const perWeight = chunks * CHUNK_TOKENS * SECONDS_PER_TOKEN + SECONDS_OF_CHOICE;
    return (nParameters * perWeight) / Math.max(1, cores);
}

/** `about 40 min on this computer, by what other models took`. */
export function feedbackCost(nParameters: number, chunks: number): string {
    return `${formatDuration(feedbackSeconds(nParameters, chunks))} on this computer, by what other models took`;
}

const AMOUNTS = [
    { name: "Quick", chunks: 24 },
    { name: "Usual", chunks: 100 },
    { name: "Thorough", chunks: 200 },
];

/** Undefined when the person stopped. */
export function askCalibration(ask: AskText, nParameters: number): Promise<TextChoice | undefined> {
    return ask({
        title: "Error Feedback: Text",
        purpose: "Errors are made up for as the code of this workspace shows it",
        verb: "Learn From It",
        amounts: AMOUNTS.map((amount) => ({
            ...amount,
            detail: feedbackCost(nParameters, amount.chunks),
        })),
    });
}

/** Chosen again, it is done without. */
export function calibrationRow(chosen: TextChoice | undefined, nParameters: number) {
    if (chosen)
        return {
            label: `$(check) Error Feedback on ${chosen.label}`,
            detail: `Takes ${feedbackCost(nParameters, chosen.chunks)}; choose this to do without`,
        };
    const [quick, , thorough] = AMOUNTS.map(({ chunks }) =>
        formatDuration(feedbackSeconds(nParameters, chunks)),
    );
    return {
        label: "$(beaker) Use Error Feedback...",
        detail: `Loses less at the same size: errors make up for each other on a text. Not seconds: from ${quick} to ${thorough} on this computer, by what other models took`,
    };
}
