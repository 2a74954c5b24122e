/** What is said when an editor refuses a change, as that of a read-only file does. */

import { AppError } from "../base/errors";

export function notTaken(): AppError {
    return new AppError(
        "user/usage",
        "The editor did not take the change; check that the file can be written",
    );
}
