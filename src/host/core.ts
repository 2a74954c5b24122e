/**
 * What every window has from its start, made with plain constructors: log, settings, what is remembered, the engine, grammars. The parts
 * that are loaded later get all of it. INVARIANT: nothing here reads a disk, starts a process or waits; it does that on first use.
 */

import { Uri, type ExtensionContext } from "vscode";
import { Emitter } from "../base/event";
import { DisposableStore, type Disposable } from "../base/lifecycle";
import { FileGrammars } from "../node/grammars";
import { TreeSyntax } from "../syntax/syntax";
import { AgentChoice } from "./agent/choice";
import { Battery } from "./battery";
import { TerminalLog } from "./chat/attach/terminalLog";
import type { ChatModel } from "./chat/view";
import { Settings } from "./config";
import { globPath } from "./context/globPath";
import { VirtualDocuments } from "./debug/documents";
import { editorSettings } from "./editorSettings";
import { Engine } from "./engine";
import { LastEditor } from "./lastEditor";
import { Logging } from "./logging";
import { COMMAND } from "./manifest";
import { Serving } from "./models/serving";
import { Modes } from "./modes";
import { Notify } from "./notify";
import { State } from "./state";

/** The longest that parsing may hold up a keystroke; more is done between other work. */
const PARSE_MS = 6;

export class Core implements Disposable {
    private readonly store = new DisposableStore();
    readonly logging = this.store.add(new Logging());
    readonly log = this.logging.log;
    readonly settings = this.store.add(new Settings(editorSettings));
    readonly modes = this.store.add(
        new Modes(this.settings, this.store.add(new Battery()), globPath),
    );
    readonly notify = new Notify(this.log);
    /** Which model serves VS Code's own Chat. */
    readonly agent = new AgentChoice();
    readonly documents = this.store.add(new VirtualDocuments());
    /** From the start: VS Code tells what a terminal said only while it says it. */
    readonly terminals = this.store.add(new TerminalLog());
    readonly lastEditor = this.store.add(new LastEditor());
    /** Fires when models, or what is known of them, may be others. */
    readonly modelsChanged = this.store.add(new Emitter<void>());
    /** Fires when a job begins, goes on or ends. */
    readonly jobsChanged = this.store.add(new Emitter<void>());
    /** Fires when the list that VS Code's own Chat has is out of date. */
    readonly agentListChanged = this.store.add(new Emitter<void>());
    readonly state: State;
    readonly serving: Serving;
    /** Disposed by the application, after everything that may still ask it. */
    readonly engine: Engine;
    readonly syntax: TreeSyntax;
    /** How long `activate` took. */
    activationMs = 0;

    constructor(readonly context: ExtensionContext) {
        const { log, logging, settings } = this;
        const { storageUri } = context;
        this.state = new State(context, storageUri && Uri.joinPath(storageUri, "jobs.json").fsPath);
        this.serving = new Serving({
            config: () => settings.current,
            starterPath: context.asAbsolutePath("models/starter/starter-q8_0.gguf"),
            engineStatus: () => this.engine.status,
        });
        this.engine = new Engine({
            entry: context.asAbsolutePath("dist/engine.mjs"),
            log: log.child("engine"),
            writeLog: (entry) => logging.write(entry),
            config: () => this.agent.configured(this.serving.engineConfig()),
        });
        this.syntax = this.store.add(
            new TreeSyntax(new FileGrammars(context.asAbsolutePath("dist/syntax"), log), {
                log,
                budgetMs: PARSE_MS,
                now: () => performance.now(),
                later: setImmediate,
            }),
        );
    }

    /** Absolute path of a folder for what this workspace keeps. */
    folder(name: string): string {
        const { storageUri, globalStorageUri } = this.context;
        return Uri.joinPath(storageUri ?? globalStorageUri, name).fsPath;
    }

    chatModel(): ChatModel {
        const loaded = this.engine.loaded("chat");
        const failure = this.engine.loadFailure;
        const action = { action: "Select Model", command: COMMAND.selectModel };
        const text =
            failure?.path === this.serving.paths.chat
                ? failure.message
                : loaded && !loaded.hasChatTemplate
                  ? `${loaded.name} has no chat template, so it cannot hold a conversation; choose another model for chat`
                  : undefined;
        return {
            name: this.serving.nameOf("chat"),
            contextTokens: loaded?.contextTokens ?? this.settings.current.engineContextTokens,
            problem: text === undefined ? undefined : { text: `${text}.`, ...action },
        };
    }

    dispose(): void {
        this.store.dispose();
    }
}
