/** The AppError that a call ends with, to look at its code and sentence. Anything else fails the test. */

import { AppError } from "../../src/base/errors";

export function failure(run: () => unknown): AppError {
    try {
        run();
    } catch (error) {
        if (error instanceof AppError) return error;
        throw error;
    }
    throw new Error("nothing was thrown");
}

export async function rejection(promise: Promise<unknown>): Promise<AppError> {
    const result = await promise.then(
        () => new Error("nothing was thrown"),
        (error: unknown) => error,
    );
    if (result instanceof AppError) return result;
    throw result;
}
