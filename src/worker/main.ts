/** The worker child: one long operation for the parent that forked it. Ends when the parent is gone or has its result. */

import { createLog } from "../base/log";
import { connectParent } from "../node/parent";
import type { WorkerClientSide, WorkerSide } from "../protocol/worker";
import { Parts } from "./parts";

const log = createLog("worker", (entry) => channel.notify("log", entry));
const parts = new Parts();
const channel = connectParent<WorkerSide, WorkerClientSide>({
    build: __BUILD__,
    handlers: {
        ...parts.of(["inspect"], async () => {
            const { inspect } = await import("./inspect");
            return { handlers: { inspect: ({ path }) => inspect(path) }, stop: () => undefined };
        }),
        ...parts.of(
            [
                ...(["convert/plan", "convert/families", "convert/run"] as const),
                ...(["quantize/plan", "quantize/run", "lora/run"] as const),
            ],
            async () => new (await import("./convert")).ConvertJobs(log),
        ),
        ...parts.of(
            ["hub/search", "hub/page", "hub/fetch", "publish/plan", "publish/run"],
            async () => new (await import("./hub")).HubJobs(log),
        ),
        ...parts.of(
            ["lab/imatrix", "lab/perplexity", "lab/compareScores", "lab/bench", "lab/infill"],
            async () => new (await import("./lab")).LabJobs(log),
        ),
        ...parts.of(["compare/run"], async () => new (await import("./compare")).CompareJobs(log)),
        ...parts.of(["fit/plan"], async () => new (await import("./fit")).FitJobs(log)),
        ...parts.of(
            [
                ...(["inspector/open", "inspector/keys", "inspector/value"] as const),
                ...(["inspector/tokens", "inspector/template", "inspector/tensors"] as const),
                ...(["inspector/block", "inspector/values", "inspector/methods"] as const),
                ...(["inspector/needs", "inspector/copy"] as const),
            ],
            async () => new (await import("./inspector")).Inspectors(log),
        ),
    },
    listeners: {},
    onFault: (error) => log.error("listener failed", { error: String(error) }),
    onGone: () => parts.stop(),
});
