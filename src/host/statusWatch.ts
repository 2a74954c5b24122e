/**
 * Watches everything the status depends on and hands the status bar one status: engine, jobs, active editor, settings, requests
 * that take longer than 300 ms. The words are `status.ts`'.
 */

import { window, workspace } from "vscode";
import { DisposableStore, toDisposable, type Disposable } from "../base/lifecycle";
import type { OutcomeRecord } from "../completion/records";
import type { Settings } from "./config";
import { explainReason, REASON_SENTENCE } from "../completion/words";
import { isOvertaken } from "./debug/outcomes";
import type { Engine } from "./engine";
import { COMMAND } from "./manifest";
import type { Modes } from "./modes";
import type { Event } from "../base/event";
import { mendingButton, type Button } from "./notify";
import { silenceOf } from "./place";
import {
    deriveStatus,
    describeStatus,
    lastLink,
    modeSilence,
    type JobProgress,
    type LastOutcome,
    type StatusInputs,
    type StatusText,
} from "./status";
import type { StatusBar } from "./statusBar";

export interface StatusWatchOptions {
    bar: StatusBar;
    engine: Engine;
    jobs: { running: () => JobProgress[]; onDidChange: Event<void> };
    settings: Settings;
    modes: Modes;
    /** Display name of the model that serves completions. */
    modelName: () => string;
    /** The quiet line about a better model, while the starter serves. */
    advice: () => string | undefined;
}

const THINKING_AFTER_MS = 300;
const RESTART: Button = { label: "Restart Engine", command: COMMAND.restartEngine };
const SELECT: Button = { label: "Select Model", command: COMMAND.selectModel };

export class StatusWatch implements Disposable {
    private readonly store = new DisposableStore();
    private readonly waiting = new Map<number, NodeJS.Timeout | undefined>();
    private nextRequest = 1;
    private last: LastOutcome | undefined;
    private painting: NodeJS.Immediate | undefined;

    constructor(private readonly options: StatusWatchOptions) {
        const update = () => this.update();
        this.store.add(options.engine.onDidChange(update));
        this.store.add(options.jobs.onDidChange(update));
        this.store.add(options.settings.onDidChange(update));
        this.store.add(options.modes.onDidChange(update));
        this.store.add(window.onDidChangeActiveTextEditor(update));
        this.store.add(workspace.onDidOpenTextDocument(update));
        this.store.add(toDisposable(() => this.waiting.forEach((timer) => clearTimeout(timer))));
        this.store.add(toDisposable(() => clearImmediate(this.painting)));
        this.update();
    }

    /** As it is now, painted or not. */
    get current(): StatusText {
        const text = describeStatus(deriveStatus(this.inputs()), this.options.advice());
        return this.last ? { ...text, last: lastLink(this.last) } : text;
    }

    /** A request has begun; dispose when it is answered. */
    begin(): Disposable {
        const id = this.nextRequest++;
        const timer = setTimeout(() => {
            this.waiting.set(id, undefined);
            this.update();
        }, THINKING_AFTER_MS);
        this.waiting.set(id, timer);
        return toDisposable(() => {
            clearTimeout(timer);
            const wasShown = this.waiting.get(id) === undefined;
            this.waiting.delete(id);
            if (wasShown) this.update();
        });
    }

    /** A request that typing overtook says nothing. */
    answered(record: OutcomeRecord | undefined): void {
        if (!record || isOvertaken(record)) return;
        this.last = { words: explainReason(record), totalMs: record.totalMs };
        this.update();
    }

    dispose(): void {
        this.store.dispose();
    }

    /** Several changes at once are painted once; the first one after the window's start. */
    private update(): void {
        this.painting ??= setImmediate(() => {
            this.painting = undefined;
            this.options.bar.show(this.current);
        });
    }

    private inputs(): StatusInputs {
        const { engine, jobs, modelName } = this.options;
        const info = engine.loaded("completion");
        const { status, loading } = engine;
        return {
            problem: this.problem(),
            jobs: jobs.running(),
            silent: this.silence(),
            loading: loading === undefined ? undefined : { fraction: loading },
            thinking: [...this.waiting.values()].some((timer) => timer === undefined)
                ? "Waiting for a completion"
                : undefined,
            model: modelName(),
            loaded: info && status && { info, rssBytes: status.rssBytes },
        };
    }

    private problem(): StatusInputs["problem"] {
        const { state, loadFailure } = this.options.engine;
        if (state.kind === "crashed" || state.kind === "failed") {
            return { sentence: state.reason.message, mend: RESTART };
        }
        if (!loadFailure) return undefined;
        return {
            sentence: loadFailure.message,
            file: loadFailure.path,
            mend: mendingButton(loadFailure.code) ?? SELECT,
        };
    }

    private silence(): StatusInputs["silent"] {
        const { engine, modes } = this.options;
        const editor = window.activeTextEditor;
        const reason = editor && silenceOf(editor, modes);
        const mode = reason && modeSilence(reason, modes.snoozedUntilMs);
        if (mode) return mode;
        if (reason === "disabled") {
            const label = "Turn Completions On";
            return {
                why: "they are turned off",
                mend: { label, command: COMMAND.toggleCompletions },
            };
        }
        if (reason === "language-off") {
            const label = "Turn On for This Language";
            const mend = { label, command: COMMAND.toggleCompletionsForLanguage };
            return { why: `they are off for ${editor?.document.languageId ?? "it"}`, mend };
        }
        if (reason) return { why: REASON_SENTENCE[reason] };
        const fim = engine.loaded("completion")?.fim;
        return fim?.supported === false ? { why: fim.reason, mend: SELECT } : undefined;
    }
}
