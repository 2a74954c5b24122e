/**
 * A part of the extension that is loaded when it is first needed: once, whoever asks. A load that failed is not remembered, the next one
 * tries again; a part that arrives after the end of the window is disposed at once.
 */

import { AppError, cancelled } from "../base/errors";
import type { Disposable } from "../base/lifecycle";

export class Lazy<T extends Disposable> implements Disposable {
    private value: T | undefined;
    private loading: Promise<T> | undefined;
    private isDisposed = false;

    /** `what` completes "... could not be loaded". */
    constructor(
        private readonly what: string,
        private readonly load: () => Promise<T>,
    ) {}

    /** What is there, without loading it. */
    get loaded(): T | undefined {
        return this.value;
    }

    /** Rejects with AppError: it could not be loaded, or the window ends. */
    get(): Promise<T> {
        this.loading ??= this.begin().catch((error: unknown) => {
            this.loading = undefined;
            throw error;
        });
        return this.loading;
    }

    dispose(): void {
        this.isDisposed = true;
        this.value?.dispose();
    }

    private async begin(): Promise<T> {
        if (this.isDisposed) throw cancelled();
        const value = await this.load().catch((cause: unknown) => {
            throw this.failure(cause);
        });
        if (this.isDisposed) {
            value.dispose();
            throw cancelled();
        }
        this.value = value;
        return value;
    }

    private failure(cause: unknown): unknown {
        if (cause instanceof AppError) return cause;
        const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
        const text = `${this.what} could not be loaded; reload the window, or install the extension again`;
        return new AppError("bug/internal", text, { cause, detail, retry: true });
    }
}
