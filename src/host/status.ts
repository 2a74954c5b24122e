/**
 * What Ingot is doing, as one union, and the words for it. Pure: inputs in, text out; `statusBar.ts` paints it.
 * Order when several hold: a problem, a job, silence at this place, loading, thinking, ready.
 */

import { never } from "../base/errors";
import { formatBytes, formatDuration, formatRate } from "../base/format";
import type { NoSuggestionReason } from "../protocol/completion";
import type { ModelInfo } from "../protocol/engine";
import { COMMAND } from "./manifest";
import type { Button } from "./notify";

export type IngotStatus =
    | { kind: "starting"; model: string; fraction?: number | undefined }
    | { kind: "ready"; model: string; loaded?: LoadedModel | undefined }
    | { kind: "thinking"; what: string }
    | { kind: "silent"; why: string; mend?: Button | undefined }
    | { kind: "working"; job: JobProgress; nOthers: number }
    | { kind: "problem"; sentence: string; file?: string | undefined; mend?: Button | undefined };

export interface LoadedModel {
    info: ModelInfo;
    /** Resident memory of the engine process. */
    rssBytes: number;
}

/** How the last request ended, for the hover. */
export interface LastOutcome {
    /** A sentence without a final period. */
    words: string;
    totalMs: number;
}

export interface JobProgress {
    id: string;
    title: string;
    /** Short, for narrow places; default: the title. */
    what?: string | undefined;
    /** Undefined until the worker says it. */
    stage?:
        | "waiting"
        | "read"
        | "calibrate"
        | "convert"
        | "verify"
        | "list"
        | "download"
        | "measure"
        | "hash"
        | "upload"
        | "commit"
        | undefined;
    /** 0..1; undefined until the size of the work is known. */
    fraction?: number | undefined;
    bytesPerSecond?: number | undefined;
    secondsLeft?: number | undefined;
}

export interface StatusInputs {
    /** `file`: absolute path of the model it is about. */
    problem?:
        { sentence: string; file?: string | undefined; mend?: Button | undefined } | undefined;
    jobs: readonly JobProgress[];
    silent?: { why: string; mend?: Button | undefined } | undefined;
    /** Set while a model is loading. */
    loading?: { fraction?: number | undefined } | undefined;
    /** Set when a request has been running for more than 300 ms. */
    thinking?: string | undefined;
    /** Display name of the model that serves completions. */
    model: string;
    loaded?: LoadedModel | undefined;
}

export interface StatusText {
    /** With codicons, for the status bar. */
    text: string;
    /** First line of the hover: a sentence or a name. */
    title: string;
    /** Further lines of the hover. */
    details: string[];
    /** How the last request ended; leads to the inspector. */
    last?: Button | undefined;
    /** At most three. */
    actions: Button[];
    severity: "information" | "warning" | "error";
    busy: boolean;
}

export function deriveStatus(inputs: StatusInputs): IngotStatus {
    const { problem, jobs, silent, loading, thinking, model } = inputs;
    const job = jobs[0];
    if (problem) return { kind: "problem", ...problem };
    if (job) return { kind: "working", job, nOthers: jobs.length - 1 };
    if (silent) return { kind: "silent", ...silent };
    if (loading) return { kind: "starting", model, fraction: loading.fraction };
    if (thinking) return { kind: "thinking", what: thinking };
    return { kind: "ready", model, loaded: inputs.loaded };
}

const SELECT: Button = { label: "Select Model", command: COMMAND.selectModel };
const CHAT: Button = { label: "Open Chat", command: COMMAND.openChat };
const WHY: Button = { label: "Why No Suggestion?", command: COMMAND.whyNoSuggestion };
const LOG: Button = { label: "Show Log", command: COMMAND.showLog };
const OFF: Button = { label: "Turn Completions Off", command: COMMAND.toggleCompletions };

/** The line about the last request, which leads to the inspector. */
export function lastLink({ words, totalMs }: LastOutcome): Button {
    return {
        label: `Last request: ${words} (${Math.round(totalMs)} ms)`,
        command: COMMAND.whyNoSuggestion,
    };
}

/** The words of a status. `advice`: the quiet line that recommends a better model, if one fits. */
export function describeStatus(status: IngotStatus, advice: string | undefined): StatusText {
    const plain = { severity: "information", busy: false } as const;
    switch (status.kind) {
        case "starting":
            return {
                text: "$(loading~spin) Ingot",
                title: `Loading ${status.model}${percent(status.fraction)}`,
                details: [],
                actions: [LOG, SELECT],
                severity: "information",
                busy: true,
            };
        case "ready":
            return {
                text: "$(sparkle) Ingot",
                title: status.model,
                details: [...readyDetails(status), ...(advice ? [advice] : [])],
                actions: [SELECT, CHAT, OFF],
                ...plain,
            };
        case "thinking":
            return {
                text: "$(loading~spin) Ingot",
                title: status.what,
                details: [],
                actions: [WHY, SELECT],
                severity: "information",
                busy: true,
            };
        case "silent":
            return {
                text: "$(circle-slash) Ingot",
                title: `No completions here: ${status.why}`,
                details: [],
                actions: [...(status.mend ? [status.mend] : []), WHY],
                ...plain,
            };
        case "working":
            return working(status.job, status.nOthers);
        case "problem":
            return {
                text: "$(warning) Ingot",
                title: status.sentence,
                details: status.file === undefined ? [] : [status.file],
                actions: [...(status.mend ? [status.mend] : []), LOG],
                severity: "warning",
                busy: false,
            };
        default:
            return never(status);
    }
}

/** The words for a silence that is meant to end some time; undefined for any other. */
export function modeSilence(
    reason: NoSuggestionReason,
    snoozedUntilMs: number | undefined,
): StatusInputs["silent"] {
    if (reason === "snoozed") {
        const time = { hour: "2-digit", minute: "2-digit" } as const;
        const until = new Date(snoozedUntilMs ?? 0).toLocaleTimeString(undefined, time);
        const mend = { label: "End Snooze", command: COMMAND.endSnooze };
        return { why: `they are snoozed until ${until}`, mend };
    }
    if (reason === "quiet") {
        const mend = { label: "Turn Quiet Mode Off", command: COMMAND.toggleQuiet };
        return { why: "quiet mode, Alt+\\ brings one", mend };
    }
    if (reason === "on-battery") {
        const mend = { label: "Suggest on Battery Too", command: COMMAND.suggestOnBattery };
        return { why: "on the battery, Alt+\\ brings one", mend };
    }
    return undefined;
}

/** `offloaded 25/25 layers to NVIDIA ...` or `on the processor, 3 threads`. */
export function describeDevice(info: ModelInfo): string {
    if (info.nLayersOffloaded === 0) {
        return `on the processor, ${info.threads} ${info.threads === 1 ? "thread" : "threads"}`;
    }
    return `${info.nLayersOffloaded}/${info.nLayers + 1} layers on ${info.device}`;
}

/** ` 43 %`, or nothing when it is not known. */
export function percent(fraction: number | undefined): string {
    return fraction === undefined ? "" : `, ${Math.floor(fraction * 100)} %`;
}

function readyDetails({ loaded }: Extract<IngotStatus, { kind: "ready" }>): string[] {
    if (!loaded) return ["Not in memory; the next request loads it"];
    const { info, rssBytes } = loaded;
    return [
        `${info.fileType}, ${formatBytes(info.sizeBytes)}, ${describeDevice(info)}`,
        `Context of ${info.contextTokens} tokens; the engine uses ${formatBytes(rssBytes)} of memory`,
    ];
}

function working(job: JobProgress, nOthers: number): StatusText {
    const details: string[] = [];
    if (job.bytesPerSecond !== undefined) details.push(formatRate(job.bytesPerSecond));
    if (job.secondsLeft !== undefined) details.push(`${formatDuration(job.secondsLeft)} left`);
    if (nOthers > 0) details.push(`${nOthers} more ${nOthers === 1 ? "job" : "jobs"}`);
    const done = job.fraction === undefined ? "Ingot" : `${Math.floor(job.fraction * 100)} %`;
    return {
        text: `$(cloud-download) ${done}`,
        title: job.title,
        details,
        actions: [{ label: "Cancel", command: COMMAND.cancelJob, arguments: [job.id] }],
        severity: "information",
        busy: true,
    };
}
