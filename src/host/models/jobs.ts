/**
 * Long operations: one job at a time, the others wait; a worker child per job, which ends with it. Keeps what runs (progress, cancel),
 * what a closed window left to be gone on with, and what ended in the last day. What a job does is the worker's; what is said
 * about it is `convert.ts` and `tree.ts`.
 */

import { Emitter, type Event } from "../../base/event";
import { AppError, cancelled, isCancelled, toWire } from "../../base/errors";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { onAbort } from "../../base/cancel";
import type { Channel } from "../../protocol/channel";
import type {
    HubFetchEvent,
    HubFetchParams,
    HubFetchResult,
    HubPage,
    HubPageParams,
    HubSearchParams,
    HubSearchResult,
} from "../../protocol/hub";
import type {
    ConvertEvent,
    ConvertParams,
    ConvertPlan,
    ConvertResult,
    QuantizeParams,
    QuantizePlanParams,
    Source,
    WorkerClientSide,
    WorkerSide,
} from "../../protocol/worker";
import type { FinishedJob } from "../state";
import type { JobProgress } from "../status";
import { titlesOf, withoutToken, type JobRequest, type PendingJob } from "./jobRequest";
import { WaitingLine } from "./waitingLine";

/** A worker child: typed requests; disposing ends the process. */
export type WorkerPort = Pick<Channel<WorkerClientSide, WorkerSide>, "request"> & Disposable;

export interface JobsOptions {
    startWorker: () => WorkerPort;
    /** Jobs that ended, kept between windows. */
    store: {
        finishedJobs: FinishedJob[];
        setFinishedJobs(jobs: readonly FinishedJob[]): Thenable<void>;
        /** Jobs of this workspace that have not ended. */
        pendingJobs: PendingJob[];
        setPendingJobs(jobs: readonly PendingJob[]): Thenable<void>;
    };
    /** ms since 1970. */
    now: () => number;
}

type JobEvent = Pick<
    ConvertEvent,
    "doneBytes" | "totalBytes" | "bytesPerSecond" | "secondsLeft"
> & { stage: ConvertEvent["stage"] | HubFetchEvent["stage"] };

export type OnProgress = (progress: JobProgress) => void;

interface RunOptions {
    signal: AbortSignal;
    onProgress: (event: JobEvent) => void;
}

interface RunningJob {
    progress: JobProgress;
    controller: AbortController;
}

const KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_KEPT = 20;

export class Jobs implements Disposable {
    private readonly store = new DisposableStore();
    private readonly changed = this.store.add(new Emitter<void>());
    readonly onDidChange: Event<void> = this.changed.event;
    private readonly ended = this.store.add(new Emitter<void>());
    /** A job is over, and files may have come. */
    readonly onDidEnd: Event<void> = this.ended.event;
    private readonly jobs = new Map<string, RunningJob>();
    private readonly workers = new Set<WorkerPort>();
    /** Quantizing takes all cores and a download the whole line: one after the other is as fast, and each is done sooner. */
    private readonly line = new WaitingLine();
    private isDisposed = false;
    private nextId = 1;

    constructor(private readonly options: JobsOptions) {}

    get running(): JobProgress[] {
        return [...this.jobs.values()].map((job) => job.progress);
    }

    get finished(): FinishedJob[] {
        const oldest = this.options.now() - KEPT_MS;
        return this.options.store.finishedJobs.filter((job) => job.endedAt > oldest);
    }

    /** What a conversion would write, without running it. Reads headers only. */
    async plan(source: Source, signal: AbortSignal): Promise<ConvertPlan> {
        return this.ask((worker) => worker.request("convert/plan", { source }, { signal }));
    }

    search(params: HubSearchParams, signal: AbortSignal): Promise<HubSearchResult> {
        return this.ask((worker) => worker.request("hub/search", params, { signal }));
    }

    page(params: HubPageParams, signal: AbortSignal): Promise<HubPage> {
        return this.ask((worker) => worker.request("hub/page", params, { signal }));
    }

    private async ask<T>(work: (worker: WorkerPort) => Promise<T>): Promise<T> {
        const worker = this.start();
        try {
            return await work(worker);
        } catch (error) {
            throw asJobError(error);
        } finally {
            this.end(worker);
        }
    }

    /** What a quantization of a file would write. Reads headers only. */
    async quantizePlan(params: QuantizePlanParams, signal: AbortSignal): Promise<ConvertPlan> {
        return this.ask((worker) => worker.request("quantize/plan", params, { signal }));
    }

    /** Downloads into the Hub cache as a job. Cancelled, it goes on where it was the next time. */
    download(
        params: HubFetchParams,
        signal: AbortSignal,
        onProgress: OnProgress,
    ): Promise<HubFetchResult> {
        return this.track({ kind: "download", params }, signal, onProgress, {
            run: (worker, options) => worker.request("hub/fetch", params, options),
            kept: ({ files, snapshot }) => ({
                file: files[0]?.file ?? snapshot,
                bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
            }),
        });
    }

    /** Runs a conversion as a job. Rejects with the worker's AppError; cancelling leaves no file. */
    convert(
        params: ConvertParams,
        signal: AbortSignal,
        onProgress: OnProgress,
    ): Promise<ConvertResult> {
        return this.track({ kind: "convert", params }, signal, onProgress, {
            run: (worker, options) => worker.request("convert/run", params, options),
            kept: ({ file, bytes }) => ({ file, bytes }),
        });
    }

    /** The same from a GGUF file. */
    quantize(
        params: QuantizeParams,
        signal: AbortSignal,
        onProgress: OnProgress,
    ): Promise<ConvertResult> {
        return this.track({ kind: "quantize", params }, signal, onProgress, {
            run: (worker, options) => worker.request("quantize/run", params, options),
            kept: ({ file, bytes }) => ({ file, bytes }),
        });
    }

    /** Jobs that the last window of this workspace left behind. The list is empty afterwards. */
    takeInterrupted(): JobRequest[] {
        const own = new Set(this.jobs.keys());
        const { store } = this.options;
        const left = store.pendingJobs.filter(({ id }) => !own.has(id));
        if (left.length > 0)
            void store.setPendingJobs(store.pendingJobs.filter(({ id }) => own.has(id)));
        return left.map(({ request }) => request);
    }

    private async track<R>(
        request: JobRequest,
        signal: AbortSignal,
        onProgress: OnProgress,
        work: {
            run: (worker: WorkerPort, options: RunOptions) => Promise<R>;
            kept: (result: R) => { file: string; bytes: number };
        },
    ): Promise<R> {
        const id = `${this.options.now()}-${this.nextId++}`;
        const titles = titlesOf(request);
        const title = titles.running;
        const controller = new AbortController();
        const job: RunningJob = { progress: { id, title }, controller };
        this.jobs.set(id, job);
        this.setPending([...this.options.store.pendingJobs, { id, request: withoutToken(request) }]);
        const stop = onAbort(signal, () => controller.abort());
        const show = (change: Omit<JobProgress, "id" | "title">) => {
            job.progress = { id, title, ...change };
            onProgress(job.progress);
            this.changed.fire();
        };
        let worker: WorkerPort | undefined;
        const leave = this.line.enter();
        try {
            if (!this.line.isFirst(leave)) {
                show({ stage: "waiting" });
                await this.line.turn(leave, controller.signal);
                show({});
            }
            worker = this.start();
            const result = await work.run(worker, {
                signal: controller.signal,
                onProgress: (event) => show(toProgress(event)),
            });
            const done = { kind: "done", ...work.kept(result) } as const;
            this.keep({ id, title: titles.done, result: done });
            return result;
        } catch (thrown) {
            const error = asJobError(thrown);
            const { message } = toWire(error);
            const failed = { kind: "failed", message } as const;
            if (!isCancelled(error) && !this.isDisposed)
                this.keep({ id, title: titles.failed, result: failed });
            throw this.isDisposed ? cancelled() : error;
        } finally {
            stop();
            leave();
            if (worker) this.end(worker);
            this.jobs.delete(id);
            // A window that closes leaves its jobs to the next one.
            if (!this.isDisposed) {
                this.setPending(this.options.store.pendingJobs.filter((one) => one.id !== id));
                this.ended.fire();
            }
            this.changed.fire();
        }
    }

    cancel(id: string): void {
        this.jobs.get(id)?.controller.abort();
    }

    /** Takes a finished job off the list. */
    dismiss(id: string): void {
        this.write(this.finished.filter((job) => job.id !== id));
    }

    dispose(): void {
        this.isDisposed = true;
        for (const { progress, controller } of this.jobs.values())
            if (progress.stage === "waiting") controller.abort();
        for (const worker of this.workers) worker.dispose();
        this.store.dispose();
    }

    private start(): WorkerPort {
        const worker = this.options.startWorker();
        this.workers.add(worker);
        return worker;
    }

    private end(worker: WorkerPort): void {
        this.workers.delete(worker);
        worker.dispose();
    }

    private keep(job: Omit<FinishedJob, "endedAt">): void {
        this.write([{ ...job, endedAt: this.options.now() }, ...this.finished].slice(0, MAX_KEPT));
    }

    private setPending(jobs: readonly PendingJob[]): void {
        void this.options.store.setPendingJobs(jobs);
        this.changed.fire();
    }

    private write(jobs: readonly FinishedJob[]): void {
        void this.options.store.setFinishedJobs(jobs);
        this.changed.fire();
    }
}

/** A worker that died is not the engine: nothing starts it again, and restarting the engine mends nothing. */
function asJobError(error: unknown): unknown {
    if (!(error instanceof AppError) || error.code !== "engine/gone") return error;
    const what = error.message.replace(/; it starts again.*$/, "");
    return new AppError("native/failed", `${what}; run the command again or see the log`, {
        cause: error,
        ...(error.detail === undefined ? {} : { detail: error.detail }),
    });
}

function toProgress(event: JobEvent): Omit<JobProgress, "id" | "title"> {
    return {
        stage: event.stage,
        fraction: event.totalBytes > 0 ? Math.min(1, event.doneBytes / event.totalBytes) : 0,
        bytesPerSecond: event.bytesPerSecond,
        secondsLeft: event.secondsLeft,
    };
}
