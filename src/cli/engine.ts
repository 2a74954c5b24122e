/** The engine for one command: started as a child, its warnings on stderr, ended with the command. */

import { join } from "node:path";
import { createLog, formatEntry, type LogEntry } from "../base/log";
import { EngineClient } from "../node/engineClient";
import type { EngineConfig } from "../protocol/engine";
import type { CliContext } from "./context";

/** Starts on the first request. `verbose`: all log lines, not only warnings. */
export function cliEngine(
    { root, build, note }: CliContext,
    config: EngineConfig,
    verbose: boolean,
): EngineClient {
    const write = (entry: LogEntry) => {
        // Errors are not shown here: the request that they belong to fails with one sentence.
        if (verbose || entry.level === "warn") note(formatEntry(entry));
    };
    const client = new EngineClient({
        entry: join(root, "dist", "engine.mjs"),
        build,
        log: createLog("cli", verbose ? write : () => undefined),
        config,
    });
    client.onLog((entry) => {
        if (verbose || entry.topic !== "engine.native") write(entry);
    });
    return client;
}
