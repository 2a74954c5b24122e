/** Error feedback beside a type: on which text, and what it costs in time, in words. What it does is the worker's (src/lab/feedback). */

import { formatDuration } from "../../base/format";
import { physicalCores } from "../../node/threads";
import { textOf, type AskText, type TextChoice } from "../lab/textPick";

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

/** Chunks of a text that was given, when not how many: the most that brings much. */
const DEFAULT_CHUNKS = 200;

/** Of a command's arguments. */
export async function textGiven(given: {
    calibrate?: readonly string[] | undefined;
    chunks?: number | undefined;
}): Promise<TextChoice | undefined> {
    const { calibrate, chunks = DEFAULT_CHUNKS } = given;
    return calibrate && textOf(calibrate, chunks);
}

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

/** Chosen again, it is done without. `note`: what it takes beside time. */
export function calibrationRow(
    chosen: TextChoice | undefined,
    nParameters: number,
    note?: string,
): { label: string; detail: string } {
    const also = note === undefined ? "" : `, and ${note}`;
    if (chosen)
        return {
            label: `$(check) Error Feedback on ${chosen.label}`,
            detail: `Takes ${feedbackCost(nParameters, chosen.chunks)}${also}; choose this to do without`,
        };
    const [quick, , thorough] = AMOUNTS.map(({ chunks }) =>
        formatDuration(feedbackSeconds(nParameters, chunks)),
    );
    return {
        label: "$(beaker) Use Error Feedback...",
        detail: `Loses about half as much at the same size (0.42 to 0.67 times, as measured): errors make up for each other on a text. Takes from ${quick} to ${thorough} on this computer, by what other models took${also}`,
    };
}
