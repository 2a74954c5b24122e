// One moment (`ingot-moment/1`, made by `Ingot: Record This Moment...`) asked again: the same text, settings and windows, a new process.
import { recorder } from "./recorder.mjs";

const LAYOUT = { append: "append", psm: "documented" };

/** The settings of a moment as the engine takes them; nobody waits for a pause in the typing. */
export function settingsOf({ settings, call }) {
    const { layout, maxPrefixTokens, pieces = [] } = call?.inspection ?? {};
    const maxPieceTokens = pieces.reduce((sum, { nTokens }) => sum + nTokens, 0);
    return {
        ...settings,
        debounceMs: 0,
        inspect: true,
        ...(layout ? { layout: LAYOUT[layout], maxPrefixTokens, maxPieceTokens } : {}),
        ...(maxPieceTokens > 0 ? { snippets: call.snippets } : {}),
    };
}

/** `{ then, now, ... }`; `engine` has been started with `settingsOf`. */
export async function replayMoment(moment, engine) {
    const recording = recorder(engine);
    recording.listener = () => undefined;
    const { path, languageId, text, cursor } = moment.document;
    const trigger = moment.trigger === "explicit" ? "manual" : "automatic";
    engine.send({ type: "open", t: 0, path, languageId, text, cursor });
    engine.send({ type: "request", t: 0, id: 1, path, offset: cursor, trigger });
    await engine.sync();
    const [result] = recording.results;
    if (!result?.record) throw new Error("the engine gave no record of its answer");
    return compare(moment, result);
}

/** Then and now; `isSame` is about what a person saw. */
export function compare(moment, { record, call, words }) {
    const then = moment.then.outcome;
    const now = record.outcome;
    const partsOf = (inspection) => inspection?.parts.map(({ text }) => text).join("");
    const both = moment.call?.inspection && call?.inspection;
    return {
        then: { ...sum(then, moment.call), ms: moment.then.totalMs },
        now: { ...sum(now, call), ms: record.totalMs, words },
        isSame: isSame(then, now),
        samePrompt: both ? partsOf(moment.call.inspection) === partsOf(call.inspection) : null,
        sameModel: both ? moment.call.inspection.fingerprint === call.inspection.fingerprint : null,
    };
}

function isSame(then, now) {
    if (then.kind !== now.kind) return false;
    if (then.kind === "none") return then.reason === now.reason;
    // What was on the screen while the model still wrote is the beginning of what it wrote.
    const isBeginning = then.source === "model" && then.tokens.generated === 0;
    return isBeginning ? now.text.startsWith(then.text) : now.text === then.text;
}

function sum(outcome, call) {
    const shown = outcome.kind === "suggestion";
    return {
        outcome: shown ? `suggested (${outcome.source})` : outcome.reason,
        stage: shown ? null : outcome.stage,
        text: shown ? outcome.text : null,
        tokens: call?.outcome.tokens ?? outcome.tokens ?? null,
    };
}
