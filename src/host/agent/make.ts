/** The models of this computer for VS Code's own Chat. Nothing is read before VS Code asks for the list. */

import type { Event } from "../../base/event";
import type { Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import { writesText } from "../../library/embeddings";
import { readHeader } from "../../library/header";
import type { Engine } from "../engine";
import type { Catalog } from "../models/catalog";
import type { AgentChoice } from "./choice";
import { agentModels, type AgentModel } from "./models";
import { AgentProvider } from "./provider";

export interface AgentOptions {
    catalog: Catalog;
    engine: Engine;
    choice: AgentChoice;
    log: Log;
    /** Models may have come or gone. */
    onDidChangeModels: Event<void>;
    /** The list that VS Code has is out of date. */
    onOtherList: () => void;
}

export function makeAgent(
    options: AgentOptions,
    own: (disposable: Disposable) => void,
): AgentProvider {
    const { catalog, engine, choice, log, onDidChangeModels, onOtherList } = options;
    let shown = "";
    const list = async () => {
        const models = await listAgentModels(catalog);
        shown = namesOf(models);
        return models;
    };
    own(
        onDidChangeModels(() => {
            // Before the first question nobody has seen a list that could be out of date.
            if (shown === "") return;
            listAgentModels(catalog).then(
                (models) => {
                    if (namesOf(models) !== shown) onOtherList();
                },
                (error: unknown) => log.warn("models not listed", { error: String(error) }),
            );
        }),
    );
    return new AgentProvider({
        list,
        run: (model, send) => choice.run(model, () => engine.reconfigure(), send),
        engine,
        log,
    });
}

async function listAgentModels(catalog: Catalog): Promise<AgentModel[]> {
    // A new chat takes the first one: that is the model which was chosen for chat.
    const { chat } = catalog.serving.paths;
    const models = (await catalog.list()).sort(
        (a, b) => Number(b.path === chat) - Number(a.path === chat),
    );
    const candidates = await Promise.all(
        models
            .filter((model) => model.problem === undefined && writesText(model))
            .map(async ({ name, path }) => ({ name, path, facts: await readHeader(path, false) })),
    );
    return agentModels(
        candidates.flatMap(({ facts, ...model }) => (facts ? [{ ...model, facts }] : [])),
        catalog.serving.memory(),
    );
}

function namesOf(models: readonly AgentModel[]): string {
    return JSON.stringify(models.map(({ id, contextTokens }) => [id, contextTokens]));
}
