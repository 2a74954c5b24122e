/** One entry per request of `EngineSide`: wires the protocol to models, completion and chat. No logic of its own. */

import { join } from "node:path";
import type { Emitter } from "../base/event";
import type { Log } from "../base/log";
import type { Handlers } from "../protocol/channel";
import type { EngineSide, EngineStatus, PromptRecord } from "../protocol/engine";
import { AgentPrefixes } from "./agentPrefix";
import { Alternatives } from "./alternatives";
import { chat, countTokens } from "./chat";
import { ChatPrefill } from "./chatPrefill";
import { Completions } from "./completion";
import { Embeddings } from "./embeddings/embeddings";
import { Foreground } from "./embeddings/foreground";
import type { Backend } from "./loadedModel";
import { FilePrompts } from "./filePrompts";
import { Layouts } from "./layouts";
import { Models } from "./models";
import { SavedPrompts } from "./savedPrompts";
import { SetAside } from "./setAside";

export interface EngineOptions {
    /** Opens the native part on first use. */
    backend: () => Promise<Backend>;
    /** The native part when it is open already. */
    openBackend: () => Backend | undefined;
    log: Log;
    /** For what is measured or computed once. */
    cacheFolder: string;
    /** Fires when a model was loaded or freed. */
    changed: Emitter<EngineStatus>;
}

export function createHandlers(options: EngineOptions): Handlers<EngineSide> {
    const { log, changed } = options;
    const models = new Models(options.backend, log);
    let lastPrompt: PromptRecord | undefined;
    const record = (prompt: PromptRecord) => {
        lastPrompt = prompt;
    };
    const layouts = new Layouts(join(options.cacheFolder, "layouts.json"), log);
    const saved = new SavedPrompts(join(options.cacheFolder, "kv"), log);
    const prompts = new FilePrompts({ layouts, saved });
    const alternatives = new Alternatives(models, prompts);
    const completions = new Completions(models, prompts, record, alternatives);
    const prefixes = new AgentPrefixes(join(options.cacheFolder, "agent-kv"), log);
    const aside = new SetAside();
    const chatPrefill = new ChatPrefill(models, aside);
    const foreground = new Foreground();
    const embeddings = new Embeddings({ backend: options.backend, log, foreground });
    const status = () => engineStatus(options.openBackend(), models);
    models.onChanged(() => changed.fire(status()));
    models.onIdle(async (model, role, signal) => {
        if (role !== "completion" || "reason" in model.fim) return;
        await prompts.save(model);
        await layouts.learn(model, model.fim, signal);
    });
    return {
        "engine/configure": (config) => {
            saved.configure(config);
            models.configure(config);
        },
        "engine/status": status,
        "model/load": ({ role }, context) =>
            models.use(
                role,
                {
                    signal: context.signal,
                    onProgress: (fraction) => context.progress({ fraction }),
                },
                (model) => Promise.resolve(model.info),
            ),
        "model/unload": ({ role }) => models.unload(role),
        complete: (request, context) =>
            foreground.during(() =>
                completions.complete(request, context.signal, (text) => context.progress({ text })),
            ),
        alternatives: (request, context) =>
            foreground.during(() => alternatives.find(request, context.signal)),
        prefill: (request, context) => completions.prefill(request, context.signal),
        "prefill/save": async () => {
            await prefixes.written();
            if (models.isStarted("completion"))
                await models.use("completion", {}, (model) => prompts.save(model));
        },
        "prefill/kept": async () => [...prompts.documents(), ...(await saved.list())],
        "prefill/forget": async ({ documents }) => {
            prompts.forget(documents);
            await saved.forget(documents);
        },
        chat: (request, context) => {
            chatPrefill.giveWay();
            return foreground.during(() =>
                chat(
                    models,
                    request,
                    { signal: context.signal, progress: (value) => context.progress(value) },
                    { record, prefixes, aside },
                ),
            );
        },
        "chat/prefill": (request, context) => chatPrefill.read(request, context.signal),
        "chat/count": (request, context) => countTokens(models, request, context.signal),
        embed: (request, context) => embeddings.embed(request, context.signal),
        "debug/lastPrompt": () => lastPrompt,
    };
}

function engineStatus(backend: Backend | undefined, models: Models): EngineStatus {
    return {
        release: backend?.release,
        variant: backend && (backend.variant || "cpu"),
        devices: backend?.addon.devices() ?? [],
        models: models.list(),
        rssBytes: process.memoryUsage.rss(),
    };
}
