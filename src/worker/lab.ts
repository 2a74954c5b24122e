/** The worker's requests of the lab: opens the addon, passes progress on, ends what runs when the parent is gone. */

import type { Log } from "../base/log";
import { measureSpeed } from "../lab/bench/run";
import { makeImatrix } from "../lab/imatrix/run";
import { scoreInfill } from "../lab/infill/run";
import type { LabEnvironment } from "../lab/openModel";
import { compareScores, scorePerplexity } from "../lab/scores/run";
import type { CallContext } from "../protocol/channel";
import type {
    CompareScoresParams,
    CompareScoresResult,
    ImatrixParams,
    ImatrixResult,
    LabEvent,
    PerplexityParams,
    PerplexityResult,
} from "../protocol/lab";
import type { BenchParams, BenchResult } from "../protocol/labBench";
import type { InfillParams, InfillResult } from "../protocol/labInfill";
import { openNative } from "./native";
import { Running } from "./running";

type Run<P, R> = (params: P, context: CallContext<LabEvent>) => Promise<R>;

export class LabJobs {
    private readonly log: Log;
    private readonly running = new Running();

    constructor(log: Log) {
        this.log = log.child("lab");
    }

    readonly handlers = {
        "lab/bench": this.job<BenchParams, BenchResult>("benchmark", measureSpeed),
        "lab/infill": this.job<InfillParams, InfillResult>("infilling", scoreInfill),
        "lab/imatrix": this.job<ImatrixParams, ImatrixResult>("imatrix", makeImatrix),
        "lab/perplexity": this.job<PerplexityParams, PerplexityResult>(
            "perplexity",
            scorePerplexity,
        ),
        "lab/compareScores": this.job<CompareScoresParams, CompareScoresResult>(
            "comparison of scores",
            compareScores,
        ),
    };

    /** Ends what runs; settles when all files are closed. */
    stop(): Promise<void> {
        return this.running.stop();
    }

    private job<P extends { model: string }, R extends { seconds: number }>(
        name: string,
        run: (params: P, environment: LabEnvironment) => Promise<R>,
    ): Run<P, R> {
        return async (params, context) => {
            this.log.info(`${name} started`, { model: params.model });
            const result = await this.running.run(context.signal, (signal) =>
                run(params, {
                    native: openNative(),
                    signal,
                    onProgress: (event) => context.progress(event),
                }),
            );
            this.log.info(`${name} finished`, { seconds: result.seconds });
            return result;
        };
    }
}
