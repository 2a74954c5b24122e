/**
 * The one error class that crosses layers and processes, and its wire form.
 * `message` says what happened and what to do, without a final period, for a person to read; `detail` is for the log.
 * Expected absence ("no suggestion") is a value, never an error.
 */

export type ErrorCode =
    | "cancelled"
    | "user/setting"
    | "user/usage"
    | "user/no-model"
    | "user/license"
    | "env/memory"
    | "env/disk"
    | "env/permission"
    | "env/gpu"
    | "env/binary"
    | "net/offline"
    | "net/http"
    | "net/not-found"
    | "net/auth"
    | "net/rate"
    | "data/gguf"
    | "data/checkpoint"
    | "data/tokenizer"
    | "data/unsupported"
    | "data/architecture"
    | "data/hash"
    | "data/template"
    | "engine/gone"
    | "engine/load"
    | "engine/context-full"
    | "native/failed"
    | "bug/internal";

export interface AppErrorOptions {
    /** Extra text for the log: paths, stderr tail, native message. Never shown as the main sentence. */
    detail?: string;
    cause?: unknown;
    /** True when trying the same thing again can help. */
    retry?: boolean;
    /** Address of the page where the person can mend it. */
    page?: string;
}

export class AppError extends Error {
    readonly code: ErrorCode;
    readonly detail: string | undefined;
    readonly retry: boolean;
    readonly page: string | undefined;

    constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
        super(message, options.cause === undefined ? undefined : { cause: options.cause });
        this.name = "AppError";
        this.code = code;
        this.detail = options.detail;
        this.retry = options.retry ?? false;
        this.page = options.page;
    }
}

/** Plain data: classes do not survive process boundaries. */
export interface WireError {
    code: ErrorCode;
    message: string;
    detail?: string;
    retry?: boolean;
    page?: string;
}

export function toWire(error: unknown): WireError {
    if (error instanceof AppError) {
        return {
            code: error.code,
            message: error.message,
            ...(error.detail === undefined ? {} : { detail: error.detail }),
            ...(error.retry ? { retry: true } : {}),
            ...(error.page === undefined ? {} : { page: error.page }),
        };
    }
    if (isAbortError(error)) return { code: "cancelled", message: "Cancelled" };
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const message = error instanceof Error ? error.message : String(error);
    return {
        code: "bug/internal",
        message: `Something went wrong inside Ingot: ${message}`,
        detail,
    };
}

export function fromWire(error: WireError): AppError {
    return new AppError(error.code, error.message, {
        ...(error.detail === undefined ? {} : { detail: error.detail }),
        ...(error.page === undefined ? {} : { page: error.page }),
        retry: error.retry ?? false,
    });
}

export function isAbortError(error: unknown): boolean {
    return error instanceof Error && error.name === "AbortError";
}

export function isCancelled(error: unknown): boolean {
    return isAbortError(error) || (error instanceof AppError && error.code === "cancelled");
}

export function cancelled(): AppError {
    return new AppError("cancelled", "Cancelled");
}

/** Ends a `switch` over a union: a new member becomes a compile error here. */
export function never(value: never): never {
    throw new AppError("bug/internal", `Unexpected value: ${JSON.stringify(value)}`);
}
