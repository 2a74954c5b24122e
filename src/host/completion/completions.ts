/**
 * Ghost text in the window: the session with what it is shown and who asks it, and what is to be forgotten of it. Made at the start, so that
 * the first suggestion waits for nothing but the model.
 */

import { commands, Uri, window } from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { realClock } from "../../completion/clock";
import { PATIENCE_MS } from "../../completion/early";
import type { OutcomeRecord } from "../../completion/records";
import { CompletionSession } from "../../completion/session";
import { Gatherer } from "../context/gatherer";
import type { Core } from "../core";
import { ACCEPTED_COMMAND, CONTEXT_KEY, DISMISS_COMMAND } from "../manifest";
import { Asking, followAttention } from "./attention";
import { Growth } from "./grown";
import { registerCompletions } from "./provider";
import { documentKey } from "./snapshot";
import { forgetUnwanted } from "./unwanted";

export interface CompletionsOptions {
    /** A request has begun; disposed when it is answered. */
    onStart: () => Disposable;
    onAnswered: (record: OutcomeRecord | undefined) => void;
}

export class Completions implements Disposable {
    private readonly store = new DisposableStore();
    private readonly growth = new Growth();
    private readonly asking = new Asking();
    readonly gatherer: Gatherer;
    readonly session: CompletionSession;

    constructor(
        private readonly core: Core,
        private readonly options: CompletionsOptions,
    ) {
        const { engine, log, modes, settings, syntax } = core;
        this.gatherer = this.store.add(
            new Gatherer({ settings, syntax, log: log.child("context") }),
        );
        this.session = new CompletionSession({
            syntax,
            engine,
            clock: realClock,
            patienceMs: PATIENCE_MS,
            onGrown: (uri, version) => this.growth.show(uri, version),
            context: this.gatherer,
            log: log.child("completion"),
            settings: ({ languageId, uri }) => modes.for({ languageId, uri: Uri.parse(uri) }),
        });
        this.register();
    }

    /** The settings changed: nothing that was found under others is shown. */
    settingsChanged(): void {
        this.session.forget();
        this.forgetUnwanted();
    }

    /** What the engine keeps of documents that it may not keep any more. */
    forgetUnwanted(): void {
        const { engine, modes, log } = this.core;
        const stillShows = (file: Uri) => this.gatherer.stillShows(file);
        forgetUnwanted(engine, modes, stillShows).catch((error: unknown) =>
            log.warn("saved prompts not looked through", { error: String(error) }),
        );
    }

    dispose(): void {
        this.store.dispose();
    }

    private register(): void {
        const { store, session, asking } = this;
        const { state, modes, engine } = this.core;
        const { onStart, onAnswered } = this.options;
        store.add(commands.registerCommand(ACCEPTED_COMMAND, () => state.countAccepted()));
        store.add(commands.registerCommand(DISMISS_COMMAND, () => this.dismiss()));
        store.add(
            registerCompletions({
                session,
                isGrowth: (document) => this.growth.isOwn(document),
                onStart: () => {
                    asking.asked();
                    return onStart();
                },
                onOutcome: (outcome) => {
                    onAnswered(session.outcomes().at(-1));
                    if (outcome.kind === "suggestion") this.suggested();
                },
            }),
        );
        store.add(
            followAttention({ session, modes, asking, warm: () => engine.warm("completion") }),
        );
        store.add(
            this.gatherer.onDidWithdraw((files) => {
                session.withdraw(files);
                this.forgetUnwanted();
            }),
        );
        void commands.executeCommand("setContext", CONTEXT_KEY.hasSuggested, state.hasSuggested);
    }

    private dismiss(): Thenable<unknown> {
        const document = window.activeTextEditor?.document;
        if (document) this.session.dismiss(documentKey(document));
        return commands.executeCommand("editor.action.inlineSuggest.hide");
    }

    private suggested(): void {
        const { state } = this.core;
        if (state.hasSuggested) return;
        void state.rememberSuggested();
        void commands.executeCommand("setContext", CONTEXT_KEY.hasSuggested, true);
    }
}
