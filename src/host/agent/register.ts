/** Offers the models of this computer to VS Code's own Chat. Nothing is read before VS Code asks for the list. */

import { lm } from "vscode";
import { Emitter, type Event } from "../../base/event";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import { readHeader } from "../../library/header";
import type { Engine } from "../engine";
import type { Catalog } from "../models/catalog";
import { agentModels, VENDOR, type AgentChoice, type AgentModel } from "./models";
import { AgentProvider } from "./provider";

export interface AgentOptions {
    catalog: Catalog;
    engine: Engine;
    choice: AgentChoice;
    log: Log;
    /** Models may have come or gone. */
    onDidChangeModels: Event<void>;
}

export function registerAgent(options: AgentOptions): Disposable {
    const { engine, choice, log } = options;
    const store = new DisposableStore();
    const changed = store.add(new Emitter<void>());
    let shown = "";
    const list = async () => {
        const models = await listAgentModels(options.catalog);
        shown = namesOf(models);
        return models;
    };
    const provider = new AgentProvider({
        list,
        run: (model, send) => choice.run(model, () => engine.reconfigure(), send),
        engine,
        log,
        onDidChange: changed.event,
    });
    store.add(lm.registerLanguageModelChatProvider(VENDOR, provider));
    store.add(
        options.onDidChangeModels(() => {
            // Before the first question nobody has seen a list that could be out of date.
            if (shown === "") return;
            listAgentModels(options.catalog).then(
                (models) => {
                    if (namesOf(models) !== shown) changed.fire();
                },
                (error: unknown) => log.warn("models not listed", { error: String(error) }),
            );
        }),
    );
    // VS Code asks nobody for models who does not say that there are some.
    changed.fire();
    return store;
}

async function listAgentModels(catalog: Catalog): Promise<AgentModel[]> {
    // A new chat takes the first one: that is the model which was chosen for chat.
    const { chat } = catalog.serving();
    const models = (await catalog.list()).sort(
        (a, b) => Number(b.path === chat) - Number(a.path === chat),
    );
    const candidates = await Promise.all(
        models
            .filter(({ problem }) => problem === undefined)
            .map(async ({ name, path }) => ({ name, path, facts: await readHeader(path, false) })),
    );
    return agentModels(
        candidates.flatMap(({ facts, ...model }) => (facts ? [{ ...model, facts }] : [])),
        catalog.memory(),
    );
}

function namesOf(models: readonly AgentModel[]): string {
    return JSON.stringify(models.map(({ id, contextTokens }) => [id, contextTokens]));
}
