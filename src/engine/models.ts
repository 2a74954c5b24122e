/**
 * Which models are in memory: loads on first use, shares one load among callers and one set of weights among roles, frees models
 * that nobody has used for a while or that the configuration no longer names. Never frees a model in use.
 */

import { AppError, cancelled } from "../base/errors";
import { onAbort, throwIfAborted } from "../base/cancel";
import { Emitter } from "../base/event";
import type { Log } from "../base/log";
import type { EngineConfig, ModelInfo, ModelRole } from "../protocol/engine";
import { loadModel, type Backend, type LoadedModel } from "./loadedModel";
import { planLoads, type LoadPlan } from "./plan";

interface Entry {
    plan: LoadPlan;
    loading: Promise<LoadedModel>;
    loaded: LoadedModel | undefined;
    cancel: AbortController;
    progress: Emitter<number>;
    nUses: number;
    /** Uses by whoever waits for nothing: idle work. */
    idleWork: AbortController | undefined;
    idleWorkTimer: NodeJS.Timeout | undefined;
    /** No longer wanted: closed after the last use. */
    retired: boolean;
    idleTimer: NodeJS.Timeout | undefined;
}

/** Something for the time in which a model is loaded and nobody uses it; ends when the signal aborts. Never rejects. */
export type IdleWork = (model: LoadedModel, role: ModelRole, signal: AbortSignal) => Promise<void>;

/** A model unused for so long is idle. */
const IDLE_MS = 5000;

export interface UseOptions {
    /** The file that is meant: roles change hands while requests are on their way. */
    path?: string | undefined;
    signal?: AbortSignal | undefined;
    onProgress?: ((fraction: number) => void) | undefined;
}

export class Models {
    private readonly changes = new Emitter<void>();
    readonly onChanged = this.changes.event;
    private readonly entries = new Map<string, Entry>();
    private readonly idleWorks: IdleWork[] = [];
    private config: EngineConfig = { idleUnloadMs: 0 };
    private plans: Partial<Record<ModelRole, LoadPlan>> = {};

    constructor(
        private readonly backend: () => Promise<Backend>,
        private readonly log: Log,
    ) {}

    /** Runs each time a model has been idle for a while, once for each role it serves. Does not keep the model from being used. */
    onIdle(work: IdleWork): void {
        this.idleWorks.push(work);
    }

    configure(config: EngineConfig): void {
        this.config = config;
        this.plans = planLoads(config);
        const wanted = new Set(Object.values(this.plans).map((plan) => plan.key));
        for (const entry of [...this.entries.values()])
            if (!wanted.has(entry.plan.key)) void this.retire(entry);
            else this.restartIdleTimer(entry);
    }

    isConfigured(role: ModelRole): boolean {
        return this.plans[role] !== undefined;
    }

    /** Whether the model of a role is in memory or on its way there. */
    isStarted(role: ModelRole): boolean {
        const plan = this.plans[role];
        return plan !== undefined && this.entries.has(plan.key);
    }

    /**
     * Lends the model of a role for the length of `work`; loads it first when needed. Throws AppError `user/no-model` (with `retry` where
     * the role has another file than is meant), or as loadModel.
     */
    async use<T>(
        role: ModelRole,
        { path, signal, onProgress }: UseOptions,
        work: (model: LoadedModel) => Promise<T>,
    ): Promise<T> {
        throwIfAborted(signal);
        const plan = this.plans[role];
        if (!plan)
            throw new AppError("user/no-model", `No model is chosen for ${role}; choose one first`);
        if (path !== undefined && plan.path !== path)
            throw new AppError(
                "user/no-model",
                `Another model was chosen for ${role} meanwhile; ask again`,
                { retry: true },
            );
        const entry = this.entries.get(plan.key) ?? this.startLoad(plan);
        entry.nUses++;
        clearTimeout(entry.idleTimer);
        clearTimeout(entry.idleWorkTimer);
        const listening = onProgress && entry.progress.event(onProgress);
        try {
            const model = entry.loaded ?? (await raceAbort(entry.loading, signal));
            return await work(model);
        } finally {
            listening?.dispose();
            entry.nUses--;
            this.released(entry);
        }
    }

    /** Frees the model of a role as soon as nobody uses it. */
    async unload(role: ModelRole): Promise<void> {
        const plan = this.plans[role];
        const entry = plan && this.entries.get(plan.key);
        if (entry) await this.retire(entry);
    }

    list(): (ModelInfo & { roles: ModelRole[] })[] {
        return [...this.entries.values()].flatMap(({ loaded, plan }) =>
            loaded ? [{ ...loaded.info, roles: Object.keys(plan.roles) as ModelRole[] }] : [],
        );
    }

    private startLoad(plan: LoadPlan): Entry {
        const cancel = new AbortController();
        const progress = new Emitter<number>();
        const loading = loadModel(plan, {
            backend: this.backend,
            log: this.log,
            signal: cancel.signal,
            onProgress: (fraction) => progress.fire(fraction),
        });
        const entry: Entry = {
            plan,
            loading,
            loaded: undefined,
            cancel,
            progress,
            nUses: 0,
            idleWork: undefined,
            idleWorkTimer: undefined,
            retired: false,
            idleTimer: undefined,
        };
        this.entries.set(plan.key, entry);
        loading.then(
            (model) => {
                entry.loaded = model;
                if (!entry.retired) this.changes.fire();
                this.released(entry);
            },
            (error: unknown) => {
                this.log.error("model not loaded", { path: plan.path, error: String(error) });
                if (this.entries.get(plan.key) === entry) this.entries.delete(plan.key);
            },
        );
        return entry;
    }

    private released(entry: Entry): void {
        if (entry.nUses > 0) return;
        if (entry.retired) void this.close(entry);
        else {
            this.restartIdleTimer(entry);
            this.restartIdleWork(entry);
        }
    }

    private restartIdleWork(entry: Entry): void {
        clearTimeout(entry.idleWorkTimer);
        const { loaded } = entry;
        if (!this.config.idleWork || !loaded || entry.idleWork || this.idleWorks.length === 0)
            return;
        entry.idleWorkTimer = setTimeout(() => {
            this.workIdly(entry, loaded).catch((error: unknown) =>
                this.log.warn("idle work failed", { error: String(error) }),
            );
        }, IDLE_MS);
    }

    private async workIdly(entry: Entry, model: LoadedModel): Promise<void> {
        const controller = new AbortController();
        entry.idleWork = controller;
        // Not a use: those who ask meanwhile come first. But it must have ended before the model is closed.
        entry.nUses++;
        try {
            for (const role of Object.keys(entry.plan.roles) as ModelRole[])
                for (const work of this.idleWorks) await work(model, role, controller.signal);
        } finally {
            entry.idleWork = undefined;
            if (--entry.nUses === 0) {
                if (entry.retired) void this.close(entry);
                else this.restartIdleTimer(entry);
            }
        }
    }

    private restartIdleTimer(entry: Entry): void {
        clearTimeout(entry.idleTimer);
        if (this.config.idleUnloadMs <= 0 || entry.nUses > 0 || !entry.loaded) return;
        entry.idleTimer = setTimeout(() => {
            this.log.info("model freed, it was idle", { name: entry.loaded?.info.name });
            void this.retire(entry);
        }, this.config.idleUnloadMs);
    }

    private async retire(entry: Entry): Promise<void> {
        clearTimeout(entry.idleTimer);
        clearTimeout(entry.idleWorkTimer);
        entry.idleWork?.abort();
        entry.retired = true;
        if (this.entries.get(entry.plan.key) === entry) this.entries.delete(entry.plan.key);
        if (entry.nUses > 0) return;
        if (!entry.loaded) entry.cancel.abort();
        else await this.close(entry);
    }

    private async close(entry: Entry): Promise<void> {
        const { loaded } = entry;
        if (!loaded) return;
        entry.loaded = undefined;
        await loaded.close();
        this.changes.fire();
    }
}

/** A caller that gives up does not end a load that others may wait for. */
function raceAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
        const stop = onAbort(signal, () => reject(cancelled()));
        promise.then(resolve, reject).finally(stop);
    });
}
