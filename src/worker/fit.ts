/** The worker's request for a plan that fits a size: opens the source and the addon, ends what runs when the parent is gone. */

import { availableParallelism } from "node:os";
import type { Log } from "../base/log";
import { openSource } from "../foundry/openSource";
import { planFit } from "../lab/fit/plan";
import { nativeSha256 } from "../node/hash";
import type { CallContext } from "../protocol/channel";
import type { FitEvent, FitParams, FitPlan } from "../protocol/fit";
import { openNative } from "./native";

export class FitJobs {
    private readonly running = new Set<Promise<unknown>>();
    private readonly stopping = new AbortController();

    constructor(private readonly log: Log) {}

    readonly handlers = {
        "fit/plan": (params: FitParams, context: CallContext<FitEvent>): Promise<FitPlan> => {
            const work = this.run(params, context);
            const settled = work.catch(() => undefined).finally(() => this.running.delete(settled));
            this.running.add(settled);
            return work;
        },
    };

    /** Ends what runs; settles when its temporary files are gone. */
    async stop(): Promise<void> {
        this.stopping.abort();
        await Promise.all(this.running);
    }

    private async run(params: FitParams, context: CallContext<FitEvent>): Promise<FitPlan> {
        this.log.info("fitting started", { target: params.target });
        const native = openNative();
        const plan = await planFit(params, {
            native,
            openSource: (source, signal) =>
                openSource(source, this.log, signal, nativeSha256(native)),
            signal: AbortSignal.any([context.signal, this.stopping.signal]),
            threads: params.threads ?? availableParallelism(),
            onProgress: (event) => context.progress(event),
        });
        const { fileBytes, budgetBytes, type } = plan;
        this.log.info("fitting finished", { fileBytes, budgetBytes, type });
        return plan;
    }
}
