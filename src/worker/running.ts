/** The jobs that a worker runs: each ends when who asked for it cancels and when the parent is gone, and the worker waits until all have ended. */

export class Running {
    private readonly jobs = new Set<Promise<unknown>>();
    private readonly controller = new AbortController();

    /** Aborted by `stop`. */
    get stopping(): AbortSignal {
        return this.controller.signal;
    }

    /** Begins `work` with a signal for both ends. */
    run<T>(cancelling: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
        return this.track(work(AbortSignal.any([cancelling, this.stopping])));
    }

    /** Work that has begun. */
    track<T>(job: Promise<T>): Promise<T> {
        const settled = job.catch(() => undefined).finally(() => this.jobs.delete(settled));
        this.jobs.add(settled);
        return job;
    }

    /** Ends what runs; settles when all of it has. */
    async stop(): Promise<void> {
        this.controller.abort();
        await Promise.all(this.jobs);
    }
}
