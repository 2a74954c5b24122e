/** Which of the models on this computer makes vectors of texts for the search in a workspace. Pure. */

import type { OtherPurpose } from "../gguf/purpose";

interface Candidate {
    path: string;
    sizeBytes: number;
    purpose?: OtherPurpose | undefined;
    comparesTexts?: boolean | undefined;
    problem?: string | undefined;
}

/** A larger one would take hours for a workspace on a processor. */
const MAX_BYTES = 1.5e9;

/** The smallest that was made to compare texts: each piece of a workspace goes through it, with one thread. */
export function chooseEmbeddings<T extends Candidate>(models: readonly T[]): T | undefined {
    return models
        .filter(
            ({ purpose, comparesTexts, problem, sizeBytes }) =>
                purpose === "embeddings" &&
                comparesTexts === true &&
                problem === undefined &&
                sizeBytes <= MAX_BYTES,
        )
        .sort((a, b) => a.sizeBytes - b.sizeBytes || (a.path < b.path ? -1 : 1))[0];
}

/** Whether a model can be chosen for completions and chat, as far as its file says. */
export function writesText({ purpose }: Pick<Candidate, "purpose">): boolean {
    return purpose === undefined;
}
