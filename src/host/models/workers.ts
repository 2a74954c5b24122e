/** Worker children: one per question or job, which ends with it; all of them end with the window. */

import { AppError } from "../../base/errors";
import type { Disposable } from "../../base/lifecycle";
import type { Channel } from "../../protocol/channel";
import type { WorkerClientSide, WorkerSide } from "../../protocol/worker";

/** A worker child: typed requests; disposing ends the process. */
export type WorkerPort = Pick<Channel<WorkerClientSide, WorkerSide>, "request"> & Disposable;

export class Workers implements Disposable {
    private readonly open = new Set<WorkerPort>();

    constructor(private readonly start: () => WorkerPort) {}

    /** Rejects with the worker's AppError. */
    async with<T>(work: (worker: WorkerPort) => Promise<T>): Promise<T> {
        const worker = this.start();
        this.open.add(worker);
        try {
            return await work(worker);
        } catch (error) {
            throw asJobError(error);
        } finally {
            this.open.delete(worker);
            worker.dispose();
        }
    }

    dispose(): void {
        for (const worker of this.open) worker.dispose();
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
