/** How an edit ended, in the words that a person is told when there is nothing, or not all, to review. Pure. */

import { never } from "../../base/errors";
import type { EditOutcome } from "./editRun";

export interface OutcomeMessage {
    text: string;
    isWarning: boolean;
}

/** Characters of a model's words that are shown. */
const MAX_SAID = 240;

/** Undefined: the changes, or the person's own act, say it. */
export function outcomeMessage(outcome: EditOutcome): OutcomeMessage | undefined {
    switch (outcome.kind) {
        case "changes":
        case "stopped":
            return undefined;
        case "cut": {
            const tokens = outcome.nTokens.toLocaleString("en-US");
            return warning(
                `The answer was cut at ${tokens} tokens, and the lines behind that place stay as they were; select fewer lines to edit all of them`,
            );
        }
        case "unchanged":
            return info(
                "The model wrote the same lines again, so nothing was changed; say more exactly what should be different",
            );
        case "words":
            return info(
                `The model wrote no code, so nothing was changed; it said: ${shortened(outcome.text)}`,
            );
        case "refused":
            return warning(
                `The edit was not made: ${outcome.reason}; select fewer lines, or ask in other words`,
            );
        case "empty":
            return info(
                "The model gave an empty answer, so nothing was changed; ask in other words",
            );
        default:
            return never(outcome);
    }
}

function info(text: string): OutcomeMessage {
    return { text, isWarning: false };
}

function warning(text: string): OutcomeMessage {
    return { text, isWarning: true };
}

function shortened(text: string): string {
    return text.length > MAX_SAID ? `${text.slice(0, MAX_SAID).trimEnd()}...` : text;
}
