/** The worker child: one long operation for the parent that forked it. Ends when the parent is gone or has its result. */

import { createLog } from "../base/log";
import { connectParent } from "../node/parent";
import type { WorkerClientSide, WorkerSide } from "../protocol/worker";
import { CompareJobs } from "./compare";
import { ConvertJobs } from "./convert";
import { FitJobs } from "./fit";
import { HubJobs } from "./hub";
import { inspect } from "./inspect";
import { LabJobs } from "./lab";
import { Inspectors } from "./inspector";

const log = createLog("worker", (entry) => channel.notify("log", entry));
const jobs = new ConvertJobs(log);
const hub = new HubJobs(log);
const lab = new LabJobs(log);
const comparisons = new CompareJobs(log);
const fits = new FitJobs(log);
const inspectors = new Inspectors(log);
const channel = connectParent<WorkerSide, WorkerClientSide>({
    build: __BUILD__,
    handlers: {
        inspect: ({ path }) => inspect(path),
        ...jobs.handlers,
        ...hub.handlers,
        ...lab.handlers,
        ...comparisons.handlers,
        ...fits.handlers,
        ...inspectors.handlers,
    },
    listeners: {},
    onFault: (error) => log.error("listener failed", { error: String(error) }),
    onGone: async () => {
        inspectors.stop();
        const stops = [jobs.suspend(), hub.stop(), lab.stop(), comparisons.stop(), fits.stop()];
        await Promise.all(stops);
    },
});
