/** Runs one request in a worker child: forked for it, gone after it. */

import { join } from "node:path";
import { formatEntry } from "../base/log";
import type { CallOptions } from "../protocol/channel";
import type { WorkerClientSide, WorkerSide } from "../protocol/worker";
import { startChild } from "../node/child";
import type { CliContext } from "./context";

type Requests = WorkerSide["requests"];
type ProgressOf<K extends keyof Requests> = Requests[K] extends { progress: infer P } ? P : never;

export async function askWorker<K extends keyof Requests>(
    { root, build, note, signal }: CliContext,
    method: K,
    params: Requests[K]["params"],
    onProgress?: (value: ProgressOf<K>) => void,
): Promise<Requests[K]["result"]> {
    const child = startChild<WorkerClientSide, WorkerSide>({
        name: "worker",
        entry: join(root, "dist", "worker.mjs"),
        build,
        handlers: {},
        listeners: {
            log: (entry) => {
                if (entry.level === "warn" || entry.level === "error") note(formatEntry(entry));
            },
        },
    });
    try {
        await child.ready;
        const options: CallOptions<ProgressOf<K>> = { signal, onProgress };
        // The maps agree by K; TypeScript cannot see that through the channel's conditional types.
        const result: unknown = await child.channel.request(method, params as never, options);
        return result as Requests[K]["result"];
    } finally {
        await child.dispose();
    }
}
