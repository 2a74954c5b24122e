/** Native jobs as the rest of the code knows work: ended by an AbortSignal, failing with AppErrors, with the time that is left. */

import { onAbort } from "../base/cancel";
import { AppError, cancelled, type ErrorCode } from "../base/errors";
import type { NativeJob } from "../node/nativeLab";

/** Throws AppError `cancelled`, `data/gguf`, `data/unsupported`, `native/failed`. */
export async function runJob<T>(start: () => NativeJob<T>, signal: AbortSignal): Promise<T> {
    let stop: (() => void) | undefined;
    try {
        const job = start();
        stop = onAbort(signal, () => job.abort());
        return await job.done;
    } catch (error) {
        throw toAppError(error);
    } finally {
        stop?.();
    }
}

/** The addon's errors carry a code beside their sentence. */
function toAppError(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const code = (error as { code?: ErrorCode }).code ?? "bug/internal";
    if (code === "cancelled") return cancelled();
    return new AppError(code, error instanceof Error ? error.message : String(error), {
        cause: error,
    });
}

/** Of work that goes at an even pace; undefined until a second has passed. */
export class TimeLeft {
    private readonly startMs: number;

    constructor(private readonly now: () => number = () => performance.now()) {
        this.startMs = now();
    }

    get seconds(): number {
        return (this.now() - this.startMs) / 1000;
    }

    left(done: number, total: number): number | undefined {
        const { seconds } = this;
        return seconds < 1 || done <= 0 ? undefined : (seconds * (total - done)) / done;
    }
}
