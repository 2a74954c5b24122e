/** Hashes of bytes, for comparisons that should not print megabytes when they fail. */

import { createHash } from "node:crypto";

export function hashOf(bytes: Uint8Array): string {
    return createHash("sha256").update(bytes).digest("hex");
}
