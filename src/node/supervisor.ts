/**
 * Keeps one child available: starts it on demand, starts it again after a crash with growing waits, and after four crashes in a row
 * asks a person instead. Knows nothing of what the child does.
 */

import { SingleFlight } from "../base/async";
import { delay } from "../base/cancel";
import { AppError, isCancelled } from "../base/errors";
import { Emitter } from "../base/event";
import type { Log } from "../base/log";
import type { Side } from "../protocol/channel";
import type { Child } from "./child";

export type SupervisorState =
    | { kind: "stopped" }
    | { kind: "starting" }
    | { kind: "running"; pid: number | undefined }
    /** Died; the next request starts it. */
    | { kind: "crashed"; reason: AppError }
    /** Died too often; only `restart` starts it. */
    | { kind: "failed"; reason: AppError };

export interface SupervisorOptions<Mine extends Side, Theirs extends Side> {
    start: () => Child<Mine, Theirs>;
    /** Runs after each (re)start, before anybody may use the child. */
    prepare: (child: Child<Mine, Theirs>) => Promise<void>;
    log: Log;
    now?: () => number;
    wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Waits before the 1st, 2nd ... restart in a row. */
const BACK_OFF_MS = [0, 500, 2000];
const MAX_CRASHES = 4;
/** A child that has lived this long has proved itself: crashes are counted anew. */
const PROVED_MS = 60_000;

export class Supervisor<Mine extends Side, Theirs extends Side> {
    private readonly states = new Emitter<SupervisorState>();
    readonly onState = this.states.event;
    private readonly flight = new SingleFlight<"start", Child<Mine, Theirs>>();
    private readonly stopping = new AbortController();
    private child: Child<Mine, Theirs> | undefined;
    private current: SupervisorState = { kind: "stopped" };
    private nCrashes = 0;

    constructor(private readonly options: SupervisorOptions<Mine, Theirs>) {}

    get state(): SupervisorState {
        return this.current;
    }

    /** The child when it runs now. */
    get running(): Child<Mine, Theirs> | undefined {
        return this.current.kind === "running" ? this.child : undefined;
    }

    /** The running child; starts it when there is none. */
    async get(): Promise<Child<Mine, Theirs>> {
        if (this.stopping.signal.aborted)
            throw new AppError("engine/gone", "The engine was stopped");
        if (this.current.kind === "failed") throw this.current.reason;
        if (this.current.kind === "running" && this.child) return this.child;
        return this.flight.run("start", () => this.start());
    }

    /** Ends what runs and starts anew; the way out of `failed`. */
    async restart(): Promise<void> {
        this.nCrashes = 0;
        await this.stop();
        await this.get();
    }

    /** Ends the child; the next `get` starts another. */
    async stop(): Promise<void> {
        const { child } = this;
        this.child = undefined;
        this.set({ kind: "stopped" });
        await child?.dispose();
    }

    async dispose(): Promise<void> {
        this.stopping.abort();
        await this.stop();
        this.states.dispose();
    }

    private async start(): Promise<Child<Mine, Theirs>> {
        const { start, prepare, wait = delay, now = Date.now } = this.options;
        this.set({ kind: "starting" });
        const pause = BACK_OFF_MS[Math.min(this.nCrashes, BACK_OFF_MS.length) - 1] ?? 0;
        if (pause > 0) await wait(pause, this.stopping.signal);
        const startedMs = now();
        const child = start();
        this.child = child;
        void child.exited.then((reason) => {
            if (this.child !== child) return;
            this.crashed(reason, now() - startedMs);
        });
        try {
            await child.ready;
            await prepare(child);
        } catch (error) {
            await this.failedStart(child, error);
            throw this.current.kind === "failed" ? this.current.reason : error;
        }
        if (this.child !== child) throw await child.exited;
        this.set({ kind: "running", pid: child.pid });
        return child;
    }

    /** A child that did not come up counts as a crash, also when its process is still there. */
    private async failedStart(child: Child<Mine, Theirs>, error: unknown): Promise<void> {
        if (this.child !== child) return;
        this.child = undefined;
        await child.dispose();
        if (isCancelled(error)) return;
        const reason =
            error instanceof AppError ? error : new AppError("engine/gone", String(error));
        this.crashed(reason, 0);
    }

    private crashed(reason: AppError, livedMs: number): void {
        this.child = undefined;
        this.nCrashes = livedMs >= PROVED_MS ? 1 : this.nCrashes + 1;
        this.options.log.error("child died", {
            reason: reason.message,
            detail: reason.detail,
            inARow: this.nCrashes,
        });
        if (this.nCrashes < MAX_CRASHES) return this.set({ kind: "crashed", reason });
        const message = `${reason.message.replace(/; it starts again.*$/, "")}; it died ${MAX_CRASHES} times in a row, restart it by hand`;
        this.set({
            kind: "failed",
            reason: new AppError(reason.code, message, {
                cause: reason,
                detail: reason.detail ?? "",
            }),
        });
    }

    private set(state: SupervisorState): void {
        this.current = state;
        this.states.fire(state);
    }
}
