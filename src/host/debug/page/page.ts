/**
 * The inspector's page, `Ingot: Why No Suggestion?`: one sentence for the place of the cursor, then the last requests. It runs no script:
 * what unfolds is HTML's own, what acts is a link to a command. INVARIANT: nothing is fetched but our style sheet. Pure.
 */

import type { OutcomeRecord } from "../../../completion/records";
import { COMMAND } from "../../manifest";
import type { Button } from "../../notify";
import { explainPlace, isAt, isOvertaken, runsOf, type Place } from "../outcomes";
import { link, mendFor } from "./link";
import { html, type Markup } from "../../page/markup";
import { staticPage, type StaticPageOptions } from "../../page/staticPage";
import { requestItem, type Lookup } from "./request";

export interface PageOptions extends Lookup, StaticPageOptions {
    place: Place;
    records: readonly OutcomeRecord[];
    now: string;
}

/** Commands that the page's links may run. */
export const PAGE_COMMANDS: readonly string[] = [
    COMMAND.whyNoSuggestion,
    COMMAND.recordMoment,
    COMMAND.selectModel,
    COMMAND.toggleCompletions,
    COMMAND.toggleCompletionsForLanguage,
    COMMAND.endSnooze,
    COMMAND.toggleQuiet,
    COMMAND.suggestOnBattery,
    COMMAND.restartEngine,
    COMMAND.showLog,
];

const REFRESH: Button = { label: "Refresh", command: COMMAND.whyNoSuggestion };
const RECORD: Button = { label: "Record This Moment...", command: COMMAND.recordMoment };

export function inspectorPage(options: PageOptions): string {
    const { place, records, now } = options;
    const mend = mendOfPlace(place, records);
    const content = html`<h1>${explainPlace(place, records)}</h1>
        <p class="links">${mend && link(mend)} ${link(REFRESH)} ${link(RECORD)}</p>
        ${list(options, now)}`;
    return staticPage("Why No Suggestion?", options, content);
}

function list(options: PageOptions, now: string): Markup {
    const { records } = options;
    if (records.length === 0)
        return html`<p class="empty">
            No request was made yet. Type in a file, or run Trigger Inline Suggestion there, and
            refresh this page.
        </p>`;
    const runs = runsOf([...records].reverse());
    const title = records.length === 1 ? "The last request" : `The last ${records.length} requests`;
    return html`<h2>${title}, newest first</h2>
        <p class="note">
            As of ${now}: ${summary(records)}. The page holds text of your files; it stays in this
            window.
        </p>
        <ol class="requests" reversed>
            ${runs.map((run) => requestItem(run, options))}
        </ol>`;
}

function summary(records: readonly OutcomeRecord[]): string {
    const count = (wanted: (record: OutcomeRecord) => boolean) => records.filter(wanted).length;
    const nShown = count(({ outcome }) => outcome.kind === "suggestion");
    const nOvertaken = count(isOvertaken);
    const nSilent = records.length - nShown - nOvertaken;
    return `${nShown} suggested, ${nOvertaken} typed over, ${nSilent} silent`;
}

function mendOfPlace(place: Place, records: readonly OutcomeRecord[]): Button | undefined {
    if (!place.isServed) return undefined;
    if (place.gate) return mendFor(place.gate, place.languageId);
    if (place.model) return mendFor("no-model");
    const last = records.findLast((record) => isAt(record, place));
    return last?.outcome.kind === "none"
        ? mendFor(last.outcome.reason, place.languageId)
        : undefined;
}
