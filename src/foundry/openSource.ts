/** Opens what the user named: a folder on this computer, or a Hub repository. */

import type { Log } from "../base/log";
import type { Source } from "../protocol/worker";
import { openFolder, type CheckpointSource } from "./checkpoint/source";
import { openHubCheckpoint } from "./hub/checkpoint";

export async function openSource(
    source: Source,
    log: Log,
    signal: AbortSignal,
): Promise<CheckpointSource> {
    if (source.kind === "folder") return openFolder(source.path);
    return openHubCheckpoint(source, log, signal);
}
