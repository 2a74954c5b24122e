/**
 * The engine child: channel over process IPC, log lines to the parent, native part opened on the first load. Ends with its parent.
 */

import { join } from "node:path";
import { Emitter } from "../base/event";
import { createLog } from "../base/log";
import { dataFolder } from "../node/dataFolder";
import { connectParent } from "../node/parent";
import type { Channel } from "../protocol/channel";
import type { EngineClientSide, EngineSide, EngineStatus } from "../protocol/engine";
import { createBackend, bundleFolder } from "./backend";
import { createHandlers } from "./handlers";

const log = createLog("engine", (entry) => channel.notify("log", entry));
const changed = new Emitter<EngineStatus>();
changed.event((status) => channel.notify("engine/changed", status));
const cacheFolder = join(dataFolder(), "cache");
const backend = createBackend({
    bundles: bundleFolder(),
    cacheFile: join(cacheFolder, "probe.json"),
    log: log.child("native"),
});

const channel: Channel<EngineSide, EngineClientSide> = connectParent({
    build: __BUILD__,
    handlers: createHandlers({
        backend: () => backend.open(),
        openBackend: () => backend.opened,
        log,
        cacheFolder,
        changed,
    }),
    listeners: {},
    onFault: (error) => log.error("listener failed", { error: String(error) }),
});
log.info("engine started", { pid: process.pid, node: process.version });
