/** One request on the inspector's page: a line that says how it ended, and under it the figures and the call. Pure. */

import { formatMs } from "../../../base/format";
import type { CallRecord } from "../../../completion/calls";
import type { OutcomeRecord } from "../../../completion/records";
import {
    explainReason,
    placeOf,
    REASON_SENTENCE,
    sentence,
    STAGE_WORDS,
} from "../../../completion/words";
import type { CompletionOutcome } from "../../../protocol/completion";
import type { Timings, TokenCounts } from "../../../protocol/generation";
import { countedTokens, isOvertaken } from "../outcomes";
import { callDetails } from "./call";
import { link, mendOf } from "./link";
import { html, NOTHING, type Markup } from "../../page/markup";

export interface Lookup {
    call: (id: number) => CallRecord | undefined;
    /** `Clock.now()` as the time of day. */
    time: (atMs: number) => string;
}

/** Characters of a line's words and place; all of both stand under it. */
const MAX_HEADLINE = 80;
const MAX_PLACE = 40;

/** One request, or several that typing overtook. */
export function requestItem(run: readonly OutcomeRecord[], lookup: Lookup): Markup {
    const [newest] = run;
    if (!newest) return NOTHING;
    if (run.length === 1) return html`<li>${request(newest, lookup)}</li>`;
    return html`<li>
        <details>
            ${line(lookup.time(newest.atMs), "overtaken", `${run.length} typed over`, newest.path, "")}
            <ol reversed>
                ${run.map((record) => html`<li>${request(record, lookup)}</li>`)}
            </ol>
        </details>
    </li>`;
}

function request(record: OutcomeRecord, lookup: Lookup): Markup {
    const { outcome } = record;
    const kind =
        outcome.kind === "suggestion" ? "shown" : isOvertaken(record) ? "overtaken" : "none";
    const ms = formatMs(record.totalMs);
    const mend = mendOf(record);
    return html`<details>
        ${line(lookup.time(record.atMs), kind, headline(outcome), placeOf(record), ms)}
        <div class="body">
            <p>${sentence(explainReason(record))}${where(outcome)}</p>
            ${mend && html`<p>${link(mend)}</p>`} ${figures(record, lookup)}
        </div>
    </details>`;
}

function line(
    time: string,
    kind: string,
    words: Markup | string,
    place: string,
    ms: string,
): Markup {
    // The end of a long path says most.
    const end = place.length > MAX_PLACE ? `\u2026${place.slice(-MAX_PLACE)}` : place;
    return html`<summary class="${kind}">
        <span class="time">${time}</span> <span class="words">${words}</span>
        <span class="place">${end}</span> <span class="ms">${ms}</span>
    </summary>`;
}

function headline(outcome: CompletionOutcome): Markup {
    if (outcome.kind === "none")
        return html`${REASON_SENTENCE[outcome.reason].split(";", 1)[0] ?? outcome.reason}`;
    const first = outcome.text.trim().split("\n", 1)[0] ?? "";
    const text = first.length > MAX_HEADLINE ? `${first.slice(0, MAX_HEADLINE)}\u2026` : first;
    return html`Suggested${outcome.source === "cache" ? " (known)" : ""}: <code>${text}</code>`;
}

function where(outcome: CompletionOutcome): string {
    return outcome.kind === "none" ? ` It ended ${STAGE_WORDS[outcome.stage]}.` : "";
}

function figures(record: OutcomeRecord, { call: callOf }: Lookup): Markup {
    const { outcome, trigger, languageId, totalMs } = record;
    const call = record.call === undefined ? undefined : callOf(record.call);
    // A call that answered early, or one whose answer was known: its own figures are the whole ones. A part that came early has none.
    const told = call?.outcome ?? outcome;
    const tokens = countedTokens(told);
    const rows = [
        row("Place", placeOf(record)),
        row("Asked", `${trigger === "explicit" ? "by hand" : "while typing"}, ${languageId}`),
        row("Waited", formatMs(totalMs)),
        call && row("Call", callWords(call, outcome)),
        tokens && row("Tokens", tokenWords(tokens)),
        tokens && told.timings && row("Time of the call", timeWords(told.timings)),
        tokens && told.kind === "suggestion" && told.source === "model"
            ? row("Confidence", `${Math.round(100 * told.confidence)} %`)
            : undefined,
    ];
    return html`<dl>${rows}</dl>
        ${call ? callDetails(call) : html`<p>${withoutCall(record)}</p>`}`;
}

function row(name: string, value: string): Markup {
    return html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
    </div>`;
}

function callWords({ id, lane, outcome }: CallRecord, asked: CompletionOutcome): string {
    const ahead = lane === "ahead" ? ", made before anybody asked" : "";
    const isRest = asked.kind === "suggestion" && asked.source === "cache";
    const shown =
        outcome.kind === "suggestion" && asked.kind === "suggestion" && outcome.text !== asked.text
            ? isRest
                ? "; what was typed since is taken off its answer"
                : "; a part of its answer"
            : "";
    return `${id}${ahead}${shown}`;
}

function tokenWords({ prompt, reused, generated, drafted, accepted }: TokenCounts): string {
    const drafts = drafted ? `; ${accepted ?? 0} of ${drafted} drafted ones were right` : "";
    return `${prompt} read, ${reused} reused, ${generated} generated${drafts}`;
}

function timeWords({ loadMs, promptMs, generateMs, totalMs }: Timings): string {
    const waitMs = Math.max(0, totalMs - loadMs - promptMs - generateMs);
    const phases = [
        ["waiting", waitMs],
        ["loading", loadMs],
        ["reading", promptMs],
        ["writing", generateMs],
    ] as const;
    return phases.map(([name, ms]) => `${name} ${formatMs(ms)}`).join(", ");
}

/** Why there is no prompt to show. */
export function withoutCall({ call, outcome }: OutcomeRecord): string {
    if (call === undefined) return "The model was not asked.";
    if (!countedTokens(outcome) && outcome.kind === "suggestion")
        return "The call went on after this part of its answer. When it has ended, refresh the page to see what the model was sent, as long as that is kept.";
    return outcome.kind === "none"
        ? "The call to the model ended without an answer, or is no longer kept."
        : "What the model was sent is no longer kept.";
}
