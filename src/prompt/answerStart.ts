/**
 * The beginning of an answer that is written for the model, so that it goes on with code instead of sentences. A template that opens
 * the thoughts of a thinking model gets them closed first. Pure.
 */

/** The rendered prompt with `start` as the answer's beginning; without one the prompt as it is, thoughts included. */
export function withAnswerStart(prompt: string, start: string): string {
    if (start === "") return prompt;
    const thought = /<(think|thinking|reasoning)>\s*$/.exec(prompt)?.[1];
    return thought === undefined
        ? prompt + start
        : `${prompt.trimEnd()}\n\n</${thought}>\n\n${start}`;
}
