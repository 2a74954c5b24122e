/** The worker's request for a plan that fits a size: opens the source and the addon, ends what runs when the parent is gone. */

import { availableParallelism } from "node:os";
import type { Log } from "../base/log";
import { openSource } from "../foundry/openSource";
import { planFit } from "../lab/fit/plan";
import { nativeSha256 } from "../node/hash";
import type { CallContext } from "../protocol/channel";
import type { FitEvent, FitParams, FitPlan } from "../protocol/fit";
import { openNative } from "./native";
import { Running } from "./running";

export class FitJobs {
    private readonly running = new Running();

    constructor(private readonly log: Log) {}

    readonly handlers = {
        "fit/plan": (params: FitParams, context: CallContext<FitEvent>): Promise<FitPlan> => {
            return this.running.run(context.signal, (signal) => this.run(params, context, signal));
        },
    };

    /** Ends what runs; settles when its temporary files are gone. */
    stop(): Promise<void> {
        return this.running.stop();
    }

    private async run(
        params: FitParams,
        context: CallContext<FitEvent>,
        signal: AbortSignal,
    ): Promise<FitPlan> {
        this.log.info("fitting started", { target: params.target });
        const native = openNative();
        const plan = await planFit(params, {
            native,
            openSource: (source, ending) =>
                openSource(source, this.log, ending, nativeSha256(native)),
            signal,
            threads: params.threads ?? availableParallelism(),
            onProgress: (event) => context.progress(event),
        });
        const { fileBytes, budgetBytes, type } = plan;
        this.log.info("fitting finished", { fileBytes, budgetBytes, type });
        return plan;
    }
}
