/** Jobs: one worker each, ended whatever happens; progress, cancel, and what is kept of ended ones. */

import { describe, expect, it, vi } from "vitest";
import { AppError, cancelled } from "../../../../src/base/errors";
import { Deferred } from "../../../../src/base/async";
import { onAbort } from "../../../../src/base/cancel";
import type { PendingJob } from "../../../../src/host/models/pendingJob";
import { Jobs } from "../../../../src/host/models/jobs";
import type { WorkerPort } from "../../../../src/host/models/workers";
import type { FinishedJob } from "../../../../src/host/state";
import type { ConvertEvent, ConvertResult } from "../../../../src/protocol/worker";

const params = {
    source: { kind: "folder", path: "/models/tiny" },
    type: "Q4_K_M",
    via: "auto",
    out: "/lib/tiny-Q4_K_M.gguf",
} as const;
const done: ConvertResult = {
    file: params.out,
    type: "Q4_K_M",
    bytes: 1000,
    sha256: "00",
    seconds: 1,
    warnings: [],
    files: [],
    resumedBytes: 0,
};
const DAY_MS = 24 * 60 * 60 * 1000;

class FakeWorker {
    readonly answer = new Deferred<unknown>();
    nDisposed = 0;
    report: (event: ConvertEvent) => void = () => undefined;
    readonly port: WorkerPort;

    constructor() {
        const request = (
            _method: string,
            _params: unknown,
            options: { signal?: AbortSignal; onProgress?: (event: ConvertEvent) => void } = {},
        ) => {
            this.report = (event) => options.onProgress?.(event);
            onAbort(options.signal, () => this.answer.reject(cancelled()));
            return this.answer.promise;
        };
        this.port = {
            request: request as WorkerPort["request"],
            dispose: () => void this.nDisposed++,
        };
    }
}

function setUp() {
    const workers: FakeWorker[] = [];
    const store = {
        finishedJobs: [] as FinishedJob[],
        async setFinishedJobs(jobs: readonly FinishedJob[]) {
            this.finishedJobs = [...jobs];
        },
        pendingJobs: [] as PendingJob[],
        async setPendingJobs(jobs: readonly PendingJob[]) {
            this.pendingJobs = [...jobs];
        },
    };
    const clock = { now: 1_000_000 };
    const jobs = new Jobs({
        startWorker: () => {
            const worker = new FakeWorker();
            workers.push(worker);
            return worker.port;
        },
        store,
        now: () => clock.now,
    });
    const convert = (signal = new AbortController().signal) =>
        jobs.convert(params, signal, () => undefined);
    return { jobs, workers, clock, convert, store };
}

describe("Jobs", () => {
    it("shows progress while it runs and the result afterwards", async () => {
        const { jobs, workers, convert } = setUp();
        const running = convert();
        expect(jobs.running).toMatchObject([{ title: "Converting tiny to Q4_K_M" }]);
        workers[0]?.report({ stage: "convert", doneBytes: 25, totalBytes: 100, secondsLeft: 3 });
        expect(jobs.running).toMatchObject([{ fraction: 0.25, secondsLeft: 3 }]);
        workers[0]?.answer.resolve(done);
        await expect(running).resolves.toEqual(done);
        expect(jobs.running).toEqual([]);
        expect(jobs.finished).toMatchObject([
            { result: { kind: "done", file: params.out, bytes: 1000 } },
        ]);
        expect(workers[0]?.nDisposed).toBe(1);
    });

    it("downloads as a job too, and says where the file is and that it is over", async () => {
        const { jobs, workers } = setUp();
        let nEnded = 0;
        jobs.onDidEnd(() => nEnded++);
        const { signal } = new AbortController();
        const running = jobs.download({ repo: "a/b", files: ["m.gguf"] }, signal, () => undefined);
        expect(jobs.running).toMatchObject([{ title: "Downloading a/b", what: "b" }]);
        const file = { path: "m.gguf", file: "/hub/m.gguf", sizeBytes: 7, isNew: true };
        workers[0]?.answer.resolve({ files: [file], snapshot: "/hub", bytes: 7, seconds: 1 });
        await running;
        expect(jobs.finished).toMatchObject([
            { title: "Downloaded a/b", result: { kind: "done", file: "/hub/m.gguf", bytes: 7 } },
        ]);
        expect([workers[0]?.nDisposed, nEnded]).toEqual([1, 1]);
    });

    it("knows the line's rate from this session's downloads, once they were large enough", async () => {
        const { jobs, workers } = setUp();
        const { signal } = new AbortController();
        const fetched = async (bytes: number, seconds: number) => {
            const running = jobs.download({ repo: "a/b", files: [] }, signal, () => undefined);
            workers.at(-1)?.answer.resolve({ files: [], snapshot: "/hub", bytes, seconds });
            await running;
        };
        expect(jobs.downloadRate).toBeUndefined();
        await fetched(999_999, 1);
        expect(jobs.downloadRate).toBeUndefined();
        await fetched(8_000_001, 2);
        expect(jobs.downloadRate).toBe(3e6);
    });

    it("asks a worker of its own for a search and a page, and ends it", async () => {
        const { jobs, workers } = setUp();
        const { signal } = new AbortController();
        const asked = [jobs.search({ text: "x" }, signal), jobs.page({ repo: "a/b" }, signal)];
        for (const worker of workers) worker.answer.resolve({ models: [] });
        await Promise.all(asked);
        expect(workers.map(({ nDisposed }) => nDisposed)).toEqual([1, 1]);
        expect(jobs.running).toEqual([]);
    });

    it("keeps the sentence of a failure", async () => {
        const { jobs, workers, convert } = setUp();
        const running = convert();
        workers[0]?.answer.reject(new AppError("env/disk", "The disk is full; free 2.1 GB"));
        await expect(running).rejects.toMatchObject({ code: "env/disk" });
        expect(jobs.finished).toMatchObject([
            { result: { kind: "failed", message: "The disk is full; free 2.1 GB" } },
        ]);
        expect(workers[0]?.nDisposed).toBe(1);
    });

    it("does not blame the engine when the worker dies", async () => {
        const { workers, convert } = setUp();
        const running = convert();
        const why = "The worker stopped unexpectedly: it crashed (SIGSEGV)";
        const detail = "last words";
        workers[0]?.answer.reject(
            new AppError("engine/gone", `${why}; it starts again with the next request`, {
                detail,
            }),
        );
        const message = `${why}; run the command again or see the log`;
        await expect(running).rejects.toMatchObject({ code: "native/failed", message, detail });
    });

    it("keeps nothing of a cancelled job, by id or by signal", async () => {
        const { jobs, workers, convert } = setUp();
        const controller = new AbortController();
        const byId = convert();
        const bySignal = convert(controller.signal);
        const [first] = jobs.running;
        jobs.cancel(first?.id ?? "none");
        controller.abort();
        await expect(byId).rejects.toMatchObject({ code: "cancelled" });
        await expect(bySignal).rejects.toMatchObject({ code: "cancelled" });
        expect(jobs.finished).toEqual([]);
        // The second one had not come to its turn: nothing was started for it.
        expect(workers.map((worker) => worker.nDisposed)).toEqual([1]);
    });

    it("runs one at a time, in order, and says who waits; a waiting one can be cancelled", async () => {
        const { jobs, workers, convert } = setUp();
        const first = convert();
        const second = convert();
        const third = convert();
        expect(workers).toHaveLength(1);
        expect(jobs.running.map(({ stage }) => stage)).toEqual([undefined, "waiting", "waiting"]);
        jobs.cancel(jobs.running[1]?.id ?? "none");
        await expect(second).rejects.toMatchObject({ code: "cancelled" });
        expect(workers).toHaveLength(1);
        workers[0]?.answer.reject(new AppError("env/disk", "The disk is full; free 2.1 GB"));
        await expect(first).rejects.toMatchObject({ code: "env/disk" });
        await vi.waitFor(() => expect(workers).toHaveLength(2));
        expect(jobs.running.map(({ stage }) => stage)).toEqual([undefined]);
        workers[1]?.answer.resolve(done);
        await expect(third).resolves.toEqual(done);
    });

    it("leaves what runs and what waits to the next window, without the token", async () => {
        const { jobs, workers, store } = setUp();
        const { signal } = new AbortController();
        const hub = { kind: "hub", repo: "a/b", endpoint: "http://h", token: "secret" } as const;
        const ended = Promise.allSettled([
            jobs.convert({ ...params, source: hub }, signal, () => undefined),
            jobs.download({ repo: "c/d", files: [], token: "secret" }, signal, () => undefined),
        ]);
        expect(JSON.stringify(store.pendingJobs)).not.toContain("secret");
        jobs.dispose();
        workers[0]?.answer.reject(new AppError("engine/gone", "The worker was stopped"));
        await expect(ended).resolves.toMatchObject([
            { reason: { code: "cancelled" } },
            { reason: { code: "cancelled" } },
        ]);
        expect(workers).toHaveLength(1);
        expect(store.finishedJobs).toEqual([]);

        const next = new Jobs({ startWorker: () => new FakeWorker().port, store, now: () => 2e6 });
        expect(next.takeInterrupted().map(({ request }) => request)).toEqual([
            {
                kind: "convert",
                params: { ...params, source: { kind: "hub", repo: "a/b", endpoint: "http://h" } },
            },
            { kind: "download", params: { repo: "c/d", files: [] } },
        ]);
        expect(next.takeInterrupted()).toEqual([]);
    });

    it("keeps what was left until it ends, whatever happens to the windows in between", async () => {
        const { store } = setUp();
        const request = { kind: "convert", params } as const;
        store.pendingJobs = ["a", "b", "c"].map((id) => ({ id, request }));
        const ids = () => store.pendingJobs.map(({ id }) => id);
        const open = () => {
            const worker = new FakeWorker();
            const startWorker = () => worker.port;
            return { worker, jobs: new Jobs({ startWorker, store, now: () => 2e6 }) };
        };
        // A window that dies as soon as it has looked, and one that dies with a job under way.
        expect(open().jobs.takeInterrupted()).toHaveLength(3);
        expect(ids()).toEqual(["a", "b", "c"]);
        const second = open();
        const { signal } = new AbortController();
        const [left] = second.jobs.takeInterrupted();
        const lost = second.jobs.convert(params, signal, () => undefined, left?.id);
        second.jobs.dispose();
        second.jobs.forget("a");
        second.worker.answer.reject(new AppError("engine/gone", "The worker was stopped"));
        await expect(lost).rejects.toMatchObject({ code: "cancelled" });
        expect(ids()).toEqual(["a", "b", "c"]);

        const { jobs, worker } = open();
        expect(jobs.takeInterrupted()).toHaveLength(3);
        const running = jobs.convert(params, signal, () => undefined, "a");
        expect(jobs.running).toMatchObject([{ id: "a" }]);
        expect(ids()).toEqual(["a", "b", "c"]);
        worker.answer.resolve(done);
        await running;
        expect(ids()).toEqual(["b", "c"]);
        jobs.forget("b");
        expect(ids()).toEqual(["c"]);
    });

    it("leaves nothing of a job that ended or was cancelled", async () => {
        const { jobs, workers, convert, store } = setUp();
        const first = convert();
        expect(store.pendingJobs).toHaveLength(1);
        workers[0]?.answer.resolve(done);
        await first;
        const second = convert();
        jobs.cancel(jobs.running[0]?.id ?? "none");
        await expect(second).rejects.toMatchObject({ code: "cancelled" });
        expect(store.pendingJobs).toEqual([]);
    });

    it("forgets ended jobs after a day, or when dismissed", async () => {
        const { jobs, workers, clock, convert } = setUp();
        for (const index of [0, 1]) {
            const running = convert();
            workers[index]?.answer.resolve(done);
            await running;
        }
        const [newest] = jobs.finished;
        jobs.dismiss(newest?.id ?? "none");
        expect(jobs.finished).toHaveLength(1);
        clock.now += DAY_MS;
        expect(jobs.finished).toEqual([]);
    });

    it("ends every worker when the window closes", () => {
        const { jobs, workers, convert } = setUp();
        convert().catch(() => undefined);
        jobs.plan({ source: params.source }, new AbortController().signal).catch(() => undefined);
        jobs.dispose();
        expect(workers.map((worker) => worker.nDisposed)).toEqual([1, 1]);
    });
});
