/** Links of the inspector's page that run a command, and the one that mends a reason. Pure. */

import type { OutcomeRecord } from "../../../completion/records";
import type { NoSuggestionReason } from "../../../protocol/completion";
import { COMMAND } from "../../manifest";
import type { Button } from "../../notify";
import { html, type Markup } from "../../page/markup";

const SELECT: Button = { label: "Select Model...", command: COMMAND.selectModel };

/** Reasons that a person can do something about with one command. */
const MENDS: Partial<Record<NoSuggestionReason, Button>> = {
    disabled: { label: "Toggle Completions", command: COMMAND.toggleCompletions },
    snoozed: { label: "End Snooze", command: COMMAND.endSnooze },
    quiet: { label: "Toggle Quiet Mode", command: COMMAND.toggleQuiet },
    "on-battery": { label: "Suggest on Battery Too", command: COMMAND.suggestOnBattery },
    "no-model": SELECT,
    "model-cannot-fill": SELECT,
    "model-failed": { label: "Show Log", command: COMMAND.showLog },
    "engine-gone": { label: "Restart Engine", command: COMMAND.restartEngine },
};

/** What mends a reason, if a command does; `languageId`: of the document it is about. */
export function mendFor(reason: NoSuggestionReason, languageId?: string): Button | undefined {
    if (reason !== "language-off") return MENDS[reason];
    return {
        label: "Toggle Completions for This Language",
        command: COMMAND.toggleCompletionsForLanguage,
        ...(languageId === undefined ? {} : { arguments: [languageId] }),
    };
}

export function mendOf({ outcome, languageId }: OutcomeRecord): Button | undefined {
    return outcome.kind === "none" ? mendFor(outcome.reason, languageId) : undefined;
}

export function link({ label, command, arguments: given }: Button): Markup {
    const query = given ? `?${encodeURIComponent(JSON.stringify(given))}` : "";
    return html`<a href="command:${command}${query}">${label}</a>`;
}
