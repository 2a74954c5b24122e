/**
 * Long operations: one job at a time, the others wait; a worker child per job, which ends with it. Knows what runs (progress, cancel); what is
 * kept of it between windows is `jobRecords.ts`. What a job does is the worker's; what is said about it is `convert.ts` and `tree.ts`.
 */

import { Emitter, type Event } from "../../base/event";
import { cancelled, isCancelled, toWire } from "../../base/errors";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { onAbort } from "../../base/cancel";
import type { CompareEvent, Comparison } from "../../protocol/compare";
import type { FitEvent, FitParams, FitPlan } from "../../protocol/fit";
import type {
    HubFetchEvent,
    HubFetchParams,
    HubFetchResult,
    HubPage,
    HubPageParams,
    HubSearchParams,
    HubSearchResult,
} from "../../protocol/hub";
import type { ImatrixParams, ImatrixResult } from "../../protocol/lab";
import type {
    PublishEvent,
    PublishParams,
    PublishPlan,
    PublishPlanParams,
    PublishResult,
} from "../../protocol/publish";
import type {
    ConvertEvent,
    ConvertParams,
    ConvertPlan,
    ConvertResult,
    FamilyChoice,
    PlanParams,
    QuantizeParams,
    QuantizePlanParams,
    Source,
} from "../../protocol/worker";
import type { FinishedJob } from "../state";
import type { JobProgress } from "../status";
import { JobRecords, type JobStore } from "./jobRecords";
import { titlesOf } from "./jobRequest";
import type { CompareJob, JobRequest, PendingJob } from "./pendingJob";
import { WaitingLine } from "./waitingLine";
import { Workers, type WorkerPort } from "./workers";

export interface JobsOptions {
    startWorker: () => WorkerPort;
    store: JobStore;
    /** ms since 1970. */
    now: () => number;
}

type JobEvent = Pick<
    ConvertEvent,
    "doneBytes" | "totalBytes" | "bytesPerSecond" | "secondsLeft"
> & { stage: ConvertEvent["stage"] | HubFetchEvent["stage"] | PublishEvent["stage"] | "measure" };

export type OnProgress = (progress: JobProgress) => void;

interface RunOptions {
    signal: AbortSignal;
    onProgress: (event: JobEvent) => void;
}

interface TrackOptions {
    signal: AbortSignal;
    onProgress: OnProgress;
    /** Of a job that an earlier window left. */
    id?: string | undefined;
}

interface RunningJob {
    progress: JobProgress;
    controller: AbortController;
}

/** The time of less is that of asking, not of the line. */
const LEAST_MEASURED_BYTES = 1e6;

export class Jobs implements Disposable {
    private readonly store = new DisposableStore();
    private readonly changed = this.store.add(new Emitter<void>());
    readonly onDidChange: Event<void> = this.changed.event;
    private readonly ended = this.store.add(new Emitter<void>());
    /** A job is over, and files may have come. */
    readonly onDidEnd: Event<void> = this.ended.event;
    private readonly jobs = new Map<string, RunningJob>();
    private readonly records: JobRecords;
    private readonly workers: Workers;
    /** Quantizing takes all cores and a download the whole line: one after the other is as fast, and each is done sooner. */
    private readonly line = new WaitingLine();
    /** Of this session. */
    private readonly downloaded = { bytes: 0, seconds: 0 };
    private isDisposed = false;
    private nextId = 1;

    constructor(private readonly options: JobsOptions) {
        this.workers = this.store.add(new Workers(options.startWorker));
        this.records = new JobRecords(options.store, options.now, () => this.changed.fire());
    }

    get running(): JobProgress[] {
        return [...this.jobs.values()].map((job) => job.progress);
    }

    /** Bytes per second of this session's downloads; undefined until they say something about the line. */
    get downloadRate(): number | undefined {
        const { bytes, seconds } = this.downloaded;
        return bytes >= LEAST_MEASURED_BYTES && seconds > 0 ? bytes / seconds : undefined;
    }

    get finished(): FinishedJob[] {
        return this.records.finished;
    }

    /** What a conversion would write, without running it. Reads headers only. */
    async plan(params: PlanParams, signal: AbortSignal): Promise<ConvertPlan> {
        return this.workers.with((worker) => worker.request("convert/plan", params, { signal }));
    }

    /** Families to choose from when the plan lacks rules for the architecture. */
    families(source: Source, signal: AbortSignal): Promise<FamilyChoice[]> {
        return this.workers.with((worker) =>
            worker.request("convert/families", { source }, { signal }),
        );
    }

    search(params: HubSearchParams, signal: AbortSignal): Promise<HubSearchResult> {
        return this.workers.with((worker) => worker.request("hub/search", params, { signal }));
    }

    page(params: HubPageParams, signal: AbortSignal): Promise<HubPage> {
        return this.workers.with((worker) => worker.request("hub/page", params, { signal }));
    }

    /** What would be published where. Nothing is sent. */
    publishPlan(params: PublishPlanParams, signal: AbortSignal): Promise<PublishPlan> {
        return this.workers.with((worker) => worker.request("publish/plan", params, { signal }));
    }

    /** What a quantization of a file would write. Reads headers only. */
    async quantizePlan(params: QuantizePlanParams, signal: AbortSignal): Promise<ConvertPlan> {
        return this.workers.with((worker) => worker.request("quantize/plan", params, { signal }));
    }

    /** Which types fit a size; reads and measures weights. */
    async fitPlan(
        params: FitParams,
        signal: AbortSignal,
        onProgress: (event: FitEvent) => void,
    ): Promise<FitPlan> {
        return this.workers.with((worker) =>
            worker.request("fit/plan", params, { signal, onProgress }),
        );
    }

    /** Downloads into the Hub cache as a job. Cancelled, it goes on where it was the next time. */
    download(
        params: HubFetchParams,
        signal: AbortSignal,
        onProgress: OnProgress,
        id?: string,
    ): Promise<HubFetchResult> {
        return this.track(
            { kind: "download", params },
            { signal, onProgress, id },
            {
                run: async (worker, options) => {
                    const result = await worker.request("hub/fetch", params, options);
                    this.downloaded.bytes += result.bytes;
                    this.downloaded.seconds += result.seconds;
                    return result;
                },
                kept: ({ files, snapshot }) => ({
                    file: files[0]?.file ?? snapshot,
                    bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
                }),
            },
        );
    }

    /** Publishes as a job. Cancelled, what has arrived is not sent again the next time. */
    publish(
        params: PublishParams,
        signal: AbortSignal,
        onProgress: OnProgress,
        id?: string,
    ): Promise<PublishResult> {
        return this.track(
            { kind: "publish", params },
            { signal, onProgress, id },
            {
                run: (worker, options) => worker.request("publish/run", params, options),
                kept: ({ url, pullRequestUrl, files }) => ({
                    file: pullRequestUrl ?? url,
                    bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
                }),
            },
        );
    }

    /** Runs a conversion as a job. Rejects with the worker's AppError; cancelling leaves no file. */
    convert(
        params: ConvertParams,
        signal: AbortSignal,
        onProgress: OnProgress,
        id?: string,
    ): Promise<ConvertResult> {
        return this.track(
            { kind: "convert", params },
            { signal, onProgress, id },
            {
                run: (worker, options) => worker.request("convert/run", params, options),
                kept: ({ file, bytes }) => ({ file, bytes }),
            },
        );
    }

    /** The same from a GGUF file. */
    quantize(
        params: QuantizeParams,
        signal: AbortSignal,
        onProgress: OnProgress,
        id?: string,
    ): Promise<ConvertResult> {
        return this.track(
            { kind: "quantize", params },
            { signal, onProgress, id },
            {
                run: (worker, options) => worker.request("quantize/run", params, options),
                kept: ({ file, bytes }) => ({ file, bytes }),
            },
        );
    }

    /** Measures an importance matrix. Cancelled, it goes on where it was the next time. */
    imatrix(
        params: ImatrixParams,
        signal: AbortSignal,
        onProgress: OnProgress,
        id?: string,
    ): Promise<ImatrixResult> {
        return this.track(
            { kind: "imatrix", params },
            { signal, onProgress, id },
            {
                run: (worker, { signal: stop, onProgress: report }) =>
                    worker.request("lab/imatrix", params, {
                        signal: stop,
                        onProgress: ({ stage, done, total, secondsLeft }) =>
                            report({
                                stage: stage === "evaluate" ? "measure" : "read",
                                doneBytes: done,
                                totalBytes: total,
                                secondsLeft,
                            }),
                    }),
                kept: ({ file, bytes }) => ({ file, bytes }),
            },
        );
    }

    /** Measures and compares. `onEvent`: every row as soon as it is known. */
    compare(
        params: CompareJob,
        signal: AbortSignal,
        onEvent: (event: CompareEvent) => void,
        id?: string,
    ): Promise<Comparison> {
        return this.track(
            { kind: "compare", params },
            { signal, onProgress: () => undefined, id },
            {
                run: (worker, { signal: stop, onProgress }) =>
                    worker.request("compare/run", params, {
                        signal: stop,
                        onProgress: (event) => {
                            onEvent(event);
                            const { fraction, secondsLeft } = event;
                            onProgress({
                                stage: "measure",
                                doneBytes: fraction,
                                totalBytes: 1,
                                secondsLeft,
                            });
                        },
                    }),
                kept: ({ rows }) => ({
                    file: params.record,
                    bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
                }),
            },
        );
    }

    /**
     * Jobs that the last window of this workspace left behind; each is given once. They stay in the store until they end, under the id that
     * `convert` and the others take, or until `forget`: a window that dies in between loses none.
     */
    takeInterrupted(): PendingJob[] {
        return this.records.takeInterrupted((id) => this.jobs.has(id));
    }

    /** It need not go on. A window that closes leaves its jobs to the next one. */
    forget(id: string): void {
        if (!this.isDisposed) this.records.forget(id);
    }

    private async track<R>(
        request: JobRequest,
        { signal, onProgress, id = `${this.options.now()}-${this.nextId++}` }: TrackOptions,
        work: {
            run: (worker: WorkerPort, options: RunOptions) => Promise<R>;
            kept: (result: R) => { file: string; bytes: number };
        },
    ): Promise<R> {
        const titles = titlesOf(request);
        const { what, running: title } = titles;
        const controller = new AbortController();
        const job: RunningJob = { progress: { id, title, what }, controller };
        this.jobs.set(id, job);
        this.records.begin(id, request);
        const stop = onAbort(signal, () => controller.abort());
        const show = (change: Omit<JobProgress, "id" | "title" | "what">) => {
            job.progress = { id, title, what, ...change };
            onProgress(job.progress);
            this.changed.fire();
        };
        const leave = this.line.enter();
        try {
            if (!this.line.isFirst(leave)) {
                show({ stage: "waiting" });
                await this.line.turn(leave, controller.signal);
                show({});
            }
            const result = await this.workers.with((worker) =>
                work.run(worker, {
                    signal: controller.signal,
                    onProgress: (event) => show(toProgress(event)),
                }),
            );
            const done = { kind: "done", ...work.kept(result) } as const;
            this.records.keep({ id, what, title: titles.done, result: done });
            return result;
        } catch (error) {
            const { message } = toWire(error);
            const failed = { kind: "failed", message } as const;
            if (!isCancelled(error) && !this.isDisposed)
                this.records.keep({ id, what, title: titles.failed, result: failed });
            throw this.isDisposed ? cancelled() : error;
        } finally {
            stop();
            leave();
            this.jobs.delete(id);
            this.forget(id);
            if (!this.isDisposed) this.ended.fire();
            this.changed.fire();
        }
    }

    cancel(id: string): void {
        this.jobs.get(id)?.controller.abort();
    }

    /** Takes a finished job off the list. */
    dismiss(id: string): void {
        this.records.dismiss(id);
    }

    dispose(): void {
        this.isDisposed = true;
        for (const { progress, controller } of this.jobs.values())
            if (progress.stage === "waiting") controller.abort();
        this.store.dispose();
    }
}

function toProgress(event: JobEvent): Omit<JobProgress, "id" | "title" | "what"> {
    return {
        stage: event.stage,
        fraction: event.totalBytes > 0 ? Math.min(1, event.doneBytes / event.totalBytes) : 0,
        bytesPerSecond: event.bytesPerSecond,
        secondsLeft: event.secondsLeft,
    };
}
