/**
 * The composition root: makes what a window has from its start, opens the doors to what is loaded later (`parts.ts`), connects them, owns
 * their lifetimes. No logic of its own beyond the wiring. INVARIANT: nothing here reads a disk, starts a process or waits before
 * `activate` has returned.
 */

import type { ExtensionContext } from "vscode";
import { DisposableStore, toDisposable } from "../base/lifecycle";
import type { OutcomeRecord } from "../completion/records";
import type { Snippet } from "../protocol/completion";
import type { EngineStatus } from "../protocol/engine";
import type { ChatViewState } from "../protocol/webview";
import { Completions } from "./completion/completions";
import type { ConfigChange } from "./config";
import { Core } from "./core";
import { openDoors } from "./doors";
import { resumeLeftovers } from "./leftovers";
import { adviceFor } from "./models/advice";
import type { Row } from "./models/rows";
import { ModelTree } from "./models/tree";
import { Parts } from "./parts";
import { activeSnapshot } from "./place";
import type { StatusText } from "./status";
import { StatusBar } from "./statusBar";
import { StatusWatch } from "./statusWatch";

/** What `activate` returns: for tests in a real VS Code. */
export interface IngotApi {
    readonly activationMs: number;
    outcomes(): readonly OutcomeRecord[];
    /** What of other files is worth showing at the active editor's cursor. */
    context(): Promise<readonly Snippet[]>;
    /** Process id of the running engine. */
    enginePid(): number | undefined;
    engineStatus(): Promise<EngineStatus | undefined>;
    modelRows(): Promise<Row[]>;
    /** Documents of which the running engine keeps something, in memory or on disk. */
    keptDocuments(): Promise<string[]>;
    status(): StatusText;
    nAccepted(): number;
    /** Parts that were loaded so far. */
    loaded(): string[];
    chat(): Promise<ChatViewState>;
    /** Asks in the chat; resolves when the answer is complete, stopped or failed. */
    ask(text: string): Promise<void>;
    stopChat(): void;
}

export class App {
    readonly api: IngotApi;
    private readonly store = new DisposableStore();
    private readonly core: Core;
    private readonly completions: Completions;
    private readonly parts: Parts;
    private readonly status: StatusWatch;
    private readonly tree: ModelTree;
    /** The engine process for which what earlier ones have saved was looked through. */
    private lookedThroughPid: number | undefined;
    /** The failure that was shown already: one message each. */
    private shownFailure: unknown;

    constructor(context: ExtensionContext) {
        const { store } = this;
        this.core = store.add(new Core(context));
        const { core } = this;
        this.completions = store.add(
            new Completions(core, {
                onStart: () => this.status.begin(),
                onAnswered: (record) => this.status.answered(record),
            }),
        );
        this.parts = store.add(
            new Parts({
                core,
                completions: this.completions,
                status: () => this.status.current,
            }),
        );
        this.status = store.add(this.watchStatus());
        this.tree = store.add(new ModelTree(() => this.readRows()));
        store.add(openDoors(core, this.parts));
        store.add(core.settings.onDidChange((change) => void this.settingsChanged(change)));
        store.add(core.engine.onDidChange(() => this.engineChanged()));
        store.add(core.jobsChanged.event(() => this.tree.refresh()));
        store.add(core.modelsChanged.event(() => this.tree.refresh()));
        this.api = this.makeApi();
    }

    /** Called once, when `activate` is about to return. */
    activated(activationMs: number): void {
        const { core, parts, store } = this;
        core.activationMs = activationMs;
        core.log.info("activated", { ms: activationMs });
        const soon = setImmediate(() => void resumeLeftovers(core, parts));
        store.add(toDisposable(() => clearImmediate(soon)));
    }

    /** Settles when the children are gone. */
    async dispose(): Promise<void> {
        const { engine } = this.core;
        const saved = this.parts.assistant.loaded?.save();
        this.store.dispose();
        await saved;
        await engine.save();
        await engine.dispose();
    }

    private watchStatus(): StatusWatch {
        const { engine, settings, modes, serving, jobsChanged } = this.core;
        const running = () => this.parts.library.loaded?.jobs.running ?? [];
        return new StatusWatch({
            bar: this.store.add(new StatusBar()),
            engine,
            jobs: { running, onDidChange: jobsChanged.event },
            settings,
            modes,
            modelName: () => serving.nameOf("completion"),
            advice: () =>
                serving.isStarter("completion") ? adviceFor(serving.memory()) : undefined,
        });
    }

    private async settingsChanged(change: ConfigChange): Promise<void> {
        const { log, modelsChanged, engine, notify } = this.core;
        log.info("settings changed", { keys: change.keys.join(",") });
        this.completions.settingsChanged();
        modelsChanged.fire();
        if (!change.engine && !change.keys.includes("library.folder")) return;
        try {
            await engine.reconfigure();
        } catch (error) {
            void notify.error(error);
        }
    }

    private engineChanged(): void {
        const { modelsChanged, engine, notify } = this.core;
        modelsChanged.fire();
        const { pid } = engine;
        if (pid !== undefined && pid !== this.lookedThroughPid) {
            this.lookedThroughPid = pid;
            this.completions.forgetUnwanted();
        }
        const { state } = engine;
        if (state.kind !== "failed" || state.reason === this.shownFailure) return;
        this.shownFailure = state.reason;
        void notify.error(state.reason);
    }

    private async readRows(): Promise<Row[]> {
        return (await this.parts.library.get()).rows();
    }

    private makeApi(): IngotApi {
        const { core, completions, parts } = this;
        const { session, gatherer } = completions;
        const chat = async () => (await parts.assistant.get()).chat;
        return {
            get activationMs() {
                return core.activationMs;
            },
            outcomes: () => session.outcomes(),
            context: async () => {
                const place = activeSnapshot();
                return place ? gatherer.gather(place) : [];
            },
            enginePid: () => core.engine.pid,
            engineStatus: () => core.engine.refresh(),
            modelRows: () => this.readRows(),
            keptDocuments: async () =>
                (await core.engine.request("prefill/kept", undefined)).map((one) => one.document),
            status: () => this.status.current,
            nAccepted: () => core.state.nAccepted,
            loaded: () => parts.loaded,
            chat: async () => (await chat()).state,
            ask: async (text) => (await chat()).send(text),
            stopChat: () => parts.assistant.loaded?.chat.stop(),
        };
    }
}
