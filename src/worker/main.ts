/** The worker child: one long operation for the parent that forked it. Ends when the parent is gone or has its result. */

import { createLog } from "../base/log";
import { connectParent } from "../node/parent";
import type { WorkerClientSide, WorkerSide } from "../protocol/worker";
import { ConvertJobs } from "./convert";
import { inspect } from "./inspect";

const log = createLog("worker", (entry) => channel.notify("log", entry));
const jobs = new ConvertJobs(log);
const channel = connectParent<WorkerSide, WorkerClientSide>({
    build: __BUILD__,
    handlers: { inspect: ({ path }) => inspect(path), ...jobs.handlers },
    listeners: {},
    onFault: (error) => log.error("listener failed", { error: String(error) }),
    onGone: () => jobs.suspend(),
});
