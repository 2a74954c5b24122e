/**
 * Failures that keep what was done: of the network, of a server, of access. Time or the person mends them, and the same work started again goes
 * on where it was. A wrong hash, another version or a full disk is no beginning of anything.
 */

import { AppError } from "../base/errors";

export function isMendable(error: unknown): error is AppError {
    return error instanceof AppError && error.code.startsWith("net/");
}

/** The same failure, saying that nothing is lost. */
export function keptError(error: AppError): AppError {
    const { code, message, detail, retry, page } = error;
    return new AppError(
        code,
        `${message}; what is done is kept, and the same work started again goes on from there`,
        {
            cause: error,
            retry,
            ...(detail === undefined ? {} : { detail }),
            ...(page === undefined ? {} : { page }),
        },
    );
}
