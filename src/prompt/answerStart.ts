/**
 * The beginning of an answer that is written for the model, so that it goes on with code instead of sentences. A template that opens
 * the thoughts of a thinking model gets them closed first. Pure.
 */

import { thoughtBegunIn } from "../base/reasoning";

/** The rendered prompt with `start` as the answer's beginning; without one the prompt as it is, thoughts included. */
export function withAnswerStart(prompt: string, start: string): string {
    if (start === "") return prompt;
    const thought = thoughtBegunIn(prompt);
    return thought ? `${prompt.trimEnd()}\n\n${thought.close}\n\n${start}` : prompt + start;
}
