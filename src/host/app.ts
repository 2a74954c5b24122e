/**
 * The composition root: makes every part with plain constructors, connects them, owns their lifetimes. No logic of its own beyond
 * the wiring. INVARIANT: nothing here reads a disk, starts a process or waits; parts do that on first use.
 */

import { homedir } from "node:os";
import { commands, Uri, window, workspace, type ExtensionContext } from "vscode";
import { Emitter } from "../base/event";
import { DisposableStore } from "../base/lifecycle";
import { PATIENCE_MS } from "../completion/early";
import type { OutcomeRecord } from "../completion/records";
import { CompletionSession } from "../completion/session";
import { realClock } from "../completion/clock";
import { startChild } from "../node/child";
import { FileGrammars } from "../node/grammars";
import type { EngineStatus, Snippet } from "../protocol/engine";
import type { ChatViewState } from "../protocol/webview";
import type { WorkerClientSide, WorkerSide } from "../protocol/worker";
import { TreeSyntax } from "../syntax/syntax";
import { Assist } from "./assist";
import { chatCommands } from "./chat/commands";
import { ChatView, type ChatModel } from "./chat/view";
import { codebaseAttachment } from "./codebase/attachment";
import type { Codebase } from "./codebase/codebase";
import { makeCodebase } from "./codebase/make";
import { AgentChoice } from "./agent/models";
import { registerAgent } from "./agent/register";
import { setUpAgent } from "./agent/setUp";
import { registerCommands, type CommandTable } from "./commands";
import { modeCommands } from "./completion/modeCommands";
import { registerCompletions } from "./completion/provider";
import { Asking, followAttention } from "./completion/attention";
import { forgetUnwanted } from "./completion/unwanted";
import { Growth } from "./completion/grown";
import { documentKey } from "./completion/snapshot";
import { Settings, type ConfigChange } from "./config";
import { globPath } from "./context/globPath";
import { Gatherer } from "./context/gatherer";
import { SourceFiles } from "./context/sourceFiles";
import { debugCommands } from "./debug/commands";
import { VirtualDocuments } from "./debug/documents";
import { Inspector } from "./debug/inspector";
import { Edits } from "./edit/edits";
import { SavedReviews } from "./edit/savedReviews";
import { editorSettings } from "./editorSettings";
import { Engine } from "./engine";
import { Logging } from "./logging";
import { ACCEPTED_COMMAND, COMMAND, CONTEXT_KEY, DISMISS_COMMAND } from "./manifest";
import { Catalog } from "./models/catalog";
import { modelCommands } from "./models/commands";
import { proxyEnvironment } from "./models/hubAccess";
import { accessUi, currentToken, setHubToken, type TokenOptions } from "./models/hubToken";
import { Jobs } from "./models/jobs";
import { modelRows, type Row } from "./models/rows";
import { adviceFor } from "./models/select";
import { ModelTree } from "./models/tree";
import { Work } from "./models/work";
import type { WorkerPort } from "./models/workers";
import { mendingButton, Notify } from "./notify";
import { Battery } from "./battery";
import { Modes } from "./modes";
import { activeSnapshot } from "./place";
import { State } from "./state";
import type { StatusText } from "./status";
import { StatusBar } from "./statusBar";
import { StatusWatch } from "./statusWatch";
import { windowCommands } from "./windowCommands";

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
    status(): StatusText | undefined;
    nAccepted(): number;
    chat(): ChatViewState;
    /** Asks in the chat; resolves when the answer is complete, stopped or failed. */
    ask(text: string): Promise<void>;
    stopChat(): void;
}

/** The longest that parsing may hold up a keystroke; more is done between other work. */
const PARSE_MS = 6;

export class App {
    readonly api: IngotApi;
    private readonly store = new DisposableStore();
    private readonly logging = this.store.add(new Logging());
    private readonly settings = this.store.add(new Settings(editorSettings));
    private readonly modes = this.store.add(
        new Modes(this.settings, this.store.add(new Battery()), globPath),
    );
    private readonly growth = new Growth();
    private readonly asking = new Asking();
    private readonly agent = new AgentChoice();
    private readonly notify = new Notify(this.logging.log);
    private readonly state: State;
    private readonly engine: Engine;
    private readonly catalog: Catalog;
    private readonly jobs: Jobs;
    private readonly gatherer: Gatherer;
    private readonly session: CompletionSession;
    private readonly status: StatusWatch;
    private readonly tree: ModelTree;
    private readonly codebase: Codebase;
    private readonly chat: ChatView;
    private readonly edits: Edits;
    private readonly chatModelChanged = this.store.add(new Emitter<void>());
    private activationMs = 0;
    /** The engine process for which what earlier ones have saved was looked through. */
    private lookedThroughPid: number | undefined;
    /** The failure that was shown already: one message each. */
    private shownFailure: unknown;

    constructor(private readonly context: ExtensionContext) {
        const { log } = this.logging;
        this.state = new State(context);
        this.catalog = new Catalog({
            config: () => this.settings.current,
            starterPath: context.asAbsolutePath("models/starter/starter-q8_0.gguf"),
            engineStatus: () => this.engine.status,
        });
        this.engine = new Engine({
            entry: context.asAbsolutePath("dist/engine.mjs"),
            log: log.child("engine"),
            writeLog: (entry) => this.logging.write(entry),
            config: () => this.agent.configured(this.catalog.engineConfig()),
        });
        this.jobs = this.store.add(
            new Jobs({ startWorker: () => this.startWorker(), store: this.state, now: Date.now }),
        );
        const syntax = this.store.add(
            new TreeSyntax(new FileGrammars(context.asAbsolutePath("dist/syntax"), log), {
                log,
                budgetMs: PARSE_MS,
                now: () => performance.now(),
                later: setImmediate,
            }),
        );
        this.gatherer = this.store.add(
            new Gatherer({ settings: this.settings, syntax, log: log.child("context") }),
        );
        this.session = new CompletionSession({
            syntax,
            engine: this.engine,
            clock: realClock,
            patienceMs: PATIENCE_MS,
            onGrown: (uri, version) => this.growth.show(uri, version),
            context: this.gatherer,
            log: log.child("completion"),
            settings: ({ languageId, uri }) => this.modes.for({ languageId, uri: Uri.parse(uri) }),
        });
        this.status = this.store.add(
            new StatusWatch({
                bar: this.store.add(new StatusBar()),
                engine: this.engine,
                jobs: this.jobs,
                settings: this.settings,
                modes: this.modes,
                modelName: () => this.catalog.nameOf("completion"),
                advice: () =>
                    this.catalog.servesStarter("completion")
                        ? adviceFor(this.catalog.memory())
                        : undefined,
            }),
        );
        this.tree = this.store.add(new ModelTree(() => this.readRows()));
        this.edits = this.store.add(
            new Edits({
                source: this.engine,
                syntax,
                log: log.child("edit"),
                model: () => this.chatModel(),
                history: {
                    read: () => this.state.editInstructions,
                    write: (instructions) => void this.state.setEditInstructions(instructions),
                },
                notify: this.notify,
                saved: new SavedReviews({
                    folder: Uri.joinPath(context.storageUri ?? context.globalStorageUri, "reviews")
                        .fsPath,
                    log: log.child("edit"),
                    now: Date.now,
                }),
            }),
        );
        const chatFiles = this.store.add(new SourceFiles(this.settings));
        this.codebase = makeCodebase(
            {
                context,
                files: chatFiles,
                log: log.child("codebase"),
                writeLog: (entry) => this.logging.write(entry),
            },
            (part) => this.store.add(part),
        );
        this.chat = this.store.add(
            new ChatView({
                extensionUri: context.extensionUri,
                build: __BUILD__,
                log: log.child("chat"),
                engine: this.engine,
                model: () => this.chatModel(),
                onDidChangeModel: this.chatModelChanged.event,
                folder: Uri.joinPath(context.storageUri ?? context.globalStorageUri, "chats")
                    .fsPath,
                lastChat: () => this.state.lastChat,
                setLastChat: (id) => void this.state.setLastChat(id),
                files: chatFiles,
                codebase: codebaseAttachment(this.codebase),
                confirm: (question, yes, detail) => this.notify.confirm(question, yes, detail),
                showError: (error) => void this.notify.error(error),
                applyCode: (editor, code) => this.edits.applying.apply(editor, code),
                mend: mendingButton,
            }),
        );
        this.register();
        this.api = this.makeApi();
    }

    /** Called once, when `activate` is about to return. */
    activated(activationMs: number): void {
        this.activationMs = activationMs;
        this.logging.log.info("activated", { ms: activationMs });
    }

    /** Settles when the children are gone. */
    async dispose(): Promise<void> {
        const saved = Promise.all([this.chat.save(), this.edits.save()]);
        this.store.dispose();
        await saved;
        await this.engine.save();
        await this.engine.dispose();
    }

    private register(): void {
        const documents = this.store.add(new VirtualDocuments());
        const { chat } = this;
        const hubToken: TokenOptions = {
            store: this.state,
            notify: this.notify,
            endpoint: () => this.settings.current.hubEndpoint,
        };
        const refresh = () => {
            this.catalog.forget();
            this.tree.refresh();
        };
        const hub = async () => ({
            endpoint: this.settings.current.hubEndpoint,
            token: await currentToken(hubToken),
            homeFolder: homedir(),
        });
        const access = accessUi(hubToken);
        const work = new Work({
            jobs: this.jobs,
            notify: this.notify,
            hub,
            access,
            exists: (path) => this.catalog.exists(path),
            onMade: refresh,
        });
        const assist = this.store.add(
            new Assist({
                extensionUri: this.context.extensionUri,
                engine: this.engine,
                model: () => this.chatModel(),
                chat,
                applying: this.edits.applying,
                codebase: this.codebase,
                settings: this.settings,
                notify: this.notify,
                log: this.logging.log,
            }),
        );
        const table: CommandTable = {
            ...assist.commands,
            [COMMAND.setHubToken]: (given) => setHubToken(hubToken, given),
            ...chatCommands(chat),
            [COMMAND.setUpAgent]: () => setUpAgent(),
            ...windowCommands({
                engine: this.engine,
                settings: this.settings,
                status: () => this.status.current,
                extensionId: this.context.extension.id,
            }),
            ...this.edits.commands(),
            ...modeCommands(this.modes, this.settings),
            ...modelCommands({
                catalog: this.catalog,
                jobs: this.jobs,
                notify: this.notify,
                hub,
                access,
                work,
                load: (role) => this.engine.load(role),
                refresh,
            }),
            ...debugCommands({
                session: this.session,
                engine: this.engine,
                settings: this.settings,
                modes: this.modes,
                logging: this.logging,
                notify: this.notify,
                inspector: this.store.add(
                    new Inspector({
                        extensionUri: this.context.extensionUri,
                        session: this.session,
                        engine: this.engine,
                        modes: this.modes,
                    }),
                ),
                documents,
                state: this.state,
                extensionVersion: (this.context.extension.packageJSON as { version: string })
                    .version,
                activationMs: () => this.activationMs,
            }),
        };
        this.store.add(registerCommands(table, this.notify));
        this.store.add(
            commands.registerCommand(ACCEPTED_COMMAND, () => this.state.countAccepted()),
        );
        this.store.add(commands.registerCommand(DISMISS_COMMAND, () => this.dismiss()));
        this.store.add(
            registerCompletions({
                session: this.session,
                isGrowth: (document) => this.growth.isOwn(document),
                onStart: () => {
                    this.asking.asked();
                    return this.status.begin();
                },
                onOutcome: (outcome) => {
                    this.status.answered(this.session.outcomes().at(-1));
                    if (outcome.kind === "suggestion") this.suggested();
                },
            }),
        );
        this.store.add(
            registerAgent({
                catalog: this.catalog,
                engine: this.engine,
                choice: this.agent,
                log: this.logging.log.child("agent"),
                onDidChangeModels: this.chatModelChanged.event,
            }),
        );
        this.store.add(
            followAttention({
                session: this.session,
                modes: this.modes,
                asking: this.asking,
                warm: () => this.engine.warm("completion"),
            }),
        );
        this.store.add(this.settings.onDidChange((change) => void this.settingsChanged(change)));
        this.store.add(this.gatherer.onDidWithdraw((files) => this.withdraw(files)));
        this.store.add(this.jobs.onDidChange(() => this.tree.refresh()));
        this.store.add(this.jobs.onDidEnd(() => this.catalog.forget()));
        this.store.add(this.engine.onDidChange(() => this.engineChanged()));
        void commands.executeCommand(
            "setContext",
            CONTEXT_KEY.hasSuggested,
            this.state.hasSuggested,
        );
        void work.resume();
    }

    private async settingsChanged(change: ConfigChange): Promise<void> {
        this.logging.log.info("settings changed", { keys: change.keys.join(",") });
        this.session.forget();
        this.forgetUnwanted();
        this.modelsChanged();
        if (!change.engine && !change.keys.includes("library.folder")) return;
        try {
            await this.engine.reconfigure();
        } catch (error) {
            void this.notify.error(error);
        }
    }

    private modelsChanged(): void {
        this.tree.refresh();
        this.chatModelChanged.fire();
    }

    private forgetUnwanted(): void {
        const stillShows = (file: Uri) => this.gatherer.stillShows(file);
        forgetUnwanted(this.engine, this.modes, stillShows).catch((error: unknown) =>
            this.logging.log.warn("saved prompts not looked through", { error: String(error) }),
        );
    }

    private withdraw(files: readonly string[]): void {
        this.session.withdraw(files);
        this.forgetUnwanted();
    }

    private engineChanged(): void {
        this.modelsChanged();
        const { pid } = this.engine;
        if (pid !== undefined && pid !== this.lookedThroughPid) {
            this.lookedThroughPid = pid;
            this.forgetUnwanted();
        }
        const { state } = this.engine;
        if (state.kind !== "failed" || state.reason === this.shownFailure) return;
        this.shownFailure = state.reason;
        void this.notify.error(state.reason);
    }

    private dismiss(): Thenable<unknown> {
        const document = window.activeTextEditor?.document;
        if (document) this.session.dismiss(documentKey(document));
        return commands.executeCommand("editor.action.inlineSuggest.hide");
    }

    private suggested(): void {
        if (this.state.hasSuggested) return;
        void this.state.rememberSuggested();
        void commands.executeCommand("setContext", CONTEXT_KEY.hasSuggested, true);
    }

    private startWorker(): WorkerPort {
        const http = workspace.getConfiguration("http");
        const child = startChild<WorkerClientSide, WorkerSide>({
            name: "worker",
            env: proxyEnvironment(process.env, http.get("proxy"), http.get("noProxy")),
            entry: this.context.asAbsolutePath("dist/worker.mjs"),
            build: __BUILD__,
            handlers: {},
            listeners: { log: (entry) => this.logging.write(entry) },
            onOutput: (line) => this.logging.log.debug("worker output", { line }),
        });
        return {
            request: (method, params, options) => child.channel.request(method, params, options),
            dispose: () => void child.dispose(),
        };
    }

    private chatModel(): ChatModel {
        const loaded = this.engine.loaded("chat");
        const failure = this.engine.loadFailure;
        const action = { action: "Select Model", command: COMMAND.selectModel };
        const text =
            failure?.path === this.catalog.serving().chat
                ? failure.message
                : loaded && !loaded.hasChatTemplate
                  ? `${loaded.name} has no chat template, so it cannot hold a conversation; choose another model for chat`
                  : undefined;
        return {
            name: this.catalog.nameOf("chat"),
            contextTokens: loaded?.contextTokens ?? this.settings.current.engineContextTokens,
            problem: text === undefined ? undefined : { text: `${text}.`, ...action },
        };
    }

    private async readRows(): Promise<Row[]> {
        return modelRows({
            library: await this.catalog.list(),
            serving: this.catalog.serving(),
            engine: this.engine.status,
            running: this.jobs.running,
            finished: this.jobs.finished,
        });
    }

    private makeApi(): IngotApi {
        const activationMs = () => this.activationMs;
        return {
            get activationMs() {
                return activationMs();
            },
            outcomes: () => this.session.outcomes(),
            context: async () => {
                const place = activeSnapshot();
                return place ? this.gatherer.gather(place) : [];
            },
            enginePid: () => this.engine.pid,
            engineStatus: () => this.engine.refresh(),
            modelRows: () => this.readRows(),
            keptDocuments: async () =>
                (await this.engine.request("prefill/kept", undefined)).map((one) => one.document),
            status: () => this.status.current,
            nAccepted: () => this.state.nAccepted,
            chat: () => this.chat.state,
            ask: (text) => this.chat.send(text),
            stopChat: () => this.chat.stop(),
        };
    }
}
