/** Where a measurement is written, looked at before anything is measured. */

import { refuseOwnSource } from "../foundry/checkpoint/localFiles";
import { refuseExisting } from "../foundry/partFile";

/** Throws AppError `env/permission` (there already, a folder, a device) and `user/usage` (one of the files that it is made from). */
export async function refuseOut(
    out: string,
    overwrite: boolean | undefined,
    inputs: readonly string[],
): Promise<void> {
    await refuseExisting(out, overwrite === true);
    await refuseOwnSource({ localPaths: () => inputs }, [out]);
}
