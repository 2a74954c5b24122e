/**
 * Long operations: one worker child per job, which ends with it. Keeps what runs (progress, cancel) and what ended in the last
 * day. What a job does is the worker's; what is said about it is `convert.ts` and `tree.ts`.
 */

import { Emitter, type Event } from "../../base/event";
import { AppError, isCancelled, toWire } from "../../base/errors";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { onAbort } from "../../base/cancel";
import type { Channel } from "../../protocol/channel";
import type {
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
    Source,
    WorkerClientSide,
    WorkerSide,
} from "../../protocol/worker";
import type { FinishedJob } from "../state";
import type { JobProgress } from "../status";
import { sourceName } from "./source";

/** A worker child: typed requests; disposing ends the process. */
export type WorkerPort = Pick<Channel<WorkerClientSide, WorkerSide>, "request"> & Disposable;

export interface JobsOptions {
    startWorker: () => WorkerPort;
    /** Jobs that ended, kept between windows. */
    store: {
        finishedJobs: FinishedJob[];
        setFinishedJobs(jobs: readonly FinishedJob[]): Thenable<void>;
    };
    /** ms since 1970. */
    now: () => number;
}

type JobEvent = Pick<
    ConvertEvent,
    "doneBytes" | "totalBytes" | "bytesPerSecond" | "secondsLeft"
>;

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

    /** Downloads into the Hub cache as a job. Cancelled, it goes on where it was the next time. */
    download(
        params: HubFetchParams,
        signal: AbortSignal,
        onProgress: (progress: JobProgress) => void,
    ): Promise<HubFetchResult> {
        const titles = {
            running: `Downloading ${params.repo}`,
            done: `Downloaded ${params.repo}`,
            failed: `Not downloaded: ${params.repo}`,
        };
        return this.track(titles, signal, onProgress, {
            run: (worker, options) => worker.request("hub/fetch", params, options),
            kept: ({ files, snapshot }) => ({
                file: files[0]?.file ?? snapshot,
                bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
            }),
        });
    }

    /** Runs a conversion as a job. Rejects with the worker's AppError; cancelling leaves no file. */
    async convert(
        params: ConvertParams,
        signal: AbortSignal,
        onProgress: (progress: JobProgress) => void,
    ): Promise<ConvertResult> {
        const work = `${sourceName(params.source)} to ${params.type}`;
        const titles = {
            running: `Converting ${work}`,
            done: `Converted ${work}`,
            failed: `Not converted: ${work}`,
        };
        return this.track(titles, signal, onProgress, {
            run: (worker, options) => worker.request("convert/run", params, options),
            kept: ({ file, bytes }) => ({ file, bytes }),
        });
    }

    private async track<R>(
        titles: { running: string; done: string; failed: string },
        signal: AbortSignal,
        onProgress: (progress: JobProgress) => void,
        work: {
            run: (worker: WorkerPort, options: RunOptions) => Promise<R>;
            kept: (result: R) => { file: string; bytes: number };
        },
    ): Promise<R> {
        const id = `${this.options.now()}-${this.nextId++}`;
        const title = titles.running;
        const controller = new AbortController();
        const job: RunningJob = { progress: { id, title }, controller };
        this.jobs.set(id, job);
        this.changed.fire();
        const stop = onAbort(signal, () => controller.abort());
        const worker = this.start();
        try {
            const result = await work.run(worker, {
                signal: controller.signal,
                onProgress: (event) => {
                    job.progress = { id, title, ...toProgress(event) };
                    onProgress(job.progress);
                    this.changed.fire();
                },
            });
            const done = { kind: "done", ...work.kept(result) } as const;
            this.keep({ id, title: titles.done, result: done });
            return result;
        } catch (thrown) {
            const error = asJobError(thrown);
            const { message } = toWire(error);
            const failed = { kind: "failed", message } as const;
            if (!isCancelled(error)) this.keep({ id, title: titles.failed, result: failed });
            throw error;
        } finally {
            stop();
            this.end(worker);
            this.jobs.delete(id);
            this.ended.fire();
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
        fraction: event.totalBytes > 0 ? Math.min(1, event.doneBytes / event.totalBytes) : 0,
        bytesPerSecond: event.bytesPerSecond,
        secondsLeft: event.secondsLeft,
    };
}
