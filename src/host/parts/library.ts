/** Loaded at first use: the models of this computer. Their list, for the view and for VS Code's own Chat; choosing, getting and making them. */

import { homedir } from "node:os";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { makeAgent } from "../agent/make";
import type { AgentProvider } from "../agent/provider";
import type { CommandsOf } from "../commands";
import type { Core } from "../core";
import type { GgufInspector } from "../gguf/editor";
import { makeInspector } from "../gguf/make";
import type { ComparisonEditors } from "../lab/compareEditor";
import { makeCompare } from "../lab/make";
import { COMMAND } from "../manifest";
import { makePublish } from "../publish/make";
import { Catalog } from "../models/catalog";
import { imatrixOf, modelCommands, type ModelCommandOptions } from "../models/commands";
import { accessUi, currentToken, setHubToken, type TokenOptions } from "../models/hubToken";
import { watchModels } from "../models/folderWatch";
import { Jobs } from "../models/jobs";
import { modelRows, type Row } from "../models/rows";
import { startWorker } from "../models/startWorker";
import { Work } from "../models/work";

export class Library implements Disposable {
    private readonly store = new DisposableStore();
    private readonly catalog: Catalog;
    private readonly work: Work;
    readonly jobs: Jobs;
    /** Shows records of comparisons. */
    readonly comparisons: ComparisonEditors;
    /** Shows `*.gguf` files. */
    readonly inspector: GgufInspector;
    /** Answers VS Code's own Chat. */
    readonly agent: AgentProvider;
    readonly commands: CommandsOf<"library">;

    constructor(private readonly core: Core) {
        const { context, logging, settings, state, notify, engine, serving, agent, log } = core;
        const { jobsChanged, modelsChanged, agentListChanged } = core;
        this.catalog = new Catalog({ config: () => settings.current, serving });
        const { catalog, store } = this;
        this.jobs = store.add(
            new Jobs({
                startWorker: () => startWorker(context, logging),
                store: state,
                now: Date.now,
            }),
        );
        const { jobs } = this;
        store.add(jobs.onDidChange(() => jobsChanged.fire()));
        store.add(jobs.onDidEnd(() => catalog.forget()));
        this.agent = makeAgent(
            {
                catalog,
                engine,
                choice: agent,
                log: log.child("agent"),
                onDidChangeModels: modelsChanged.event,
                onOtherList: () => agentListChanged.fire(),
            },
            (part) => store.add(part),
        );
        const token: TokenOptions = {
            store: state,
            notify,
            endpoint: () => settings.current.hubEndpoint,
        };
        const access = accessUi(token);
        const hub = async () => ({
            endpoint: settings.current.hubEndpoint,
            token: await currentToken(token),
            homeFolder: homedir(),
        });
        const refresh = () => {
            catalog.forget();
            modelsChanged.fire();
        };
        store.add(watchModels({ folder: () => serving.modelsFolder, settings, onChange: refresh }));
        const exists = (path: string) => catalog.exists(path);
        // Not before everything is made.
        const makeImatrix = (file: string) => imatrixOf(models, file);
        const { inspector, inspect } = makeInspector({
            core,
            log: log.child("inspector"),
            catalog,
            jobs,
            hub,
            access,
            makeImatrix,
        });
        this.inspector = store.add(inspector);
        const { runs, editors, compare, askText } = makeCompare(
            { core, catalog, jobs, makeImatrix },
            (part) => store.add(part),
        );
        this.comparisons = editors;
        this.work = new Work({
            jobs,
            notify,
            hub,
            access,
            exists,
            resumeComparison: (job, id) => runs.resume(job, id),
            onMade: refresh,
        });
        const models: ModelCommandOptions = {
            catalog,
            jobs,
            notify,
            hub,
            access,
            work: this.work,
            askText,
            load: (role) => engine.load(role),
            refresh,
        };
        this.commands = {
            [COMMAND.compareQuantizations]: compare,
            [COMMAND.publish]: makePublish(
                { core, catalog, jobs, work: this.work, hub, access },
                (part) => store.add(part),
            ),
            [COMMAND.setHubToken]: (given) => setHubToken(token, given),
            [COMMAND.inspectGguf]: inspect,
            ...modelCommands(models),
        };
    }

    /** What the Models view shows. */
    async rows(): Promise<Row[]> {
        return modelRows({
            library: await this.catalog.list(),
            serving: this.core.serving.paths,
            engine: this.core.engine.status,
            running: this.jobs.running,
            finished: this.jobs.finished,
        });
    }

    /** Goes on with what a closed window left. Never rejects. */
    resume(): Promise<void> {
        return this.work.resume();
    }

    dispose(): void {
        this.store.dispose();
    }
}
