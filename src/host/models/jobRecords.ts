/**
 * What is kept of jobs between windows: those that have not ended, for the next window to go on with, and those that ended in the last day, to be
 * looked at. Which of them run is the business of `jobs.ts`.
 */

import type { FinishedJob } from "../state";
import { withoutToken } from "./jobRequest";
import type { JobRequest, PendingJob } from "./pendingJob";

export interface JobStore {
    finishedJobs: FinishedJob[];
    setFinishedJobs(jobs: readonly FinishedJob[]): Thenable<void>;
    /** Jobs of this workspace that have not ended. */
    pendingJobs: PendingJob[];
    setPendingJobs(jobs: readonly PendingJob[]): Thenable<void>;
}

const KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_KEPT = 20;

export class JobRecords {
    /** Ids of jobs of an earlier window that this one goes on with. */
    private readonly taken = new Set<string>();

    constructor(
        private readonly store: JobStore,
        /** ms since 1970. */
        private readonly now: () => number,
        private readonly onChange: () => void,
    ) {}

    get finished(): FinishedJob[] {
        const oldest = this.now() - KEPT_MS;
        return this.store.finishedJobs.filter((job) => job.endedAt > oldest);
    }

    /** Without its secret. One of an earlier window is there already. */
    begin(id: string, request: JobRequest): void {
        const { pendingJobs } = this.store;
        if (!pendingJobs.some((pending) => pending.id === id))
            this.setPending([...pendingJobs, { id, request: withoutToken(request) }]);
    }

    /** It need not go on. */
    forget(id: string): void {
        const { pendingJobs } = this.store;
        if (pendingJobs.some((job) => job.id === id))
            this.setPending(pendingJobs.filter((job) => job.id !== id));
    }

    /** Each is given once; `isOurs`: begun by this window. */
    takeInterrupted(isOurs: (id: string) => boolean): PendingJob[] {
        const left = this.store.pendingJobs.filter(({ id }) => !isOurs(id) && !this.taken.has(id));
        for (const { id } of left) this.taken.add(id);
        return left;
    }

    keep(job: Omit<FinishedJob, "endedAt">): void {
        this.write([{ ...job, endedAt: this.now() }, ...this.finished].slice(0, MAX_KEPT));
    }

    dismiss(id: string): void {
        this.write(this.finished.filter((job) => job.id !== id));
    }

    private setPending(jobs: readonly PendingJob[]): void {
        void this.store.setPendingJobs(jobs);
        this.onChange();
    }

    private write(jobs: readonly FinishedJob[]): void {
        void this.store.setFinishedJobs(jobs);
        this.onChange();
    }
}
