/** Opens what the user named: a folder on this computer, or a Hub repository. */

import type { Log } from "../base/log";
import type { StartSha256 } from "../node/hash";
import type { Source } from "../protocol/worker";
import { openFolder, type CheckpointSource } from "./checkpoint/source";
import { openHubCheckpoint } from "./hub/checkpoint";
import { realIo } from "./hub/http";

export async function openSource(
    source: Source,
    log: Log,
    signal: AbortSignal,
    startSha256?: StartSha256,
): Promise<CheckpointSource> {
    if (source.kind === "folder") return openFolder(source.path);
    return openHubCheckpoint(source, log, signal, realIo, startSha256 && { startSha256 });
}
