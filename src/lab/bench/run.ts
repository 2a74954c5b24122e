/** Measures how fast a model reads and writes, and what it takes in memory. Figures: figures.ts. */

import { AppError } from "../../base/errors";
import { physicalCores } from "../../node/threads";
import type { BenchParams, BenchResult } from "../../protocol/labBench";
import { runJob, TimeLeft } from "../job";
import { withModel, type LabEnvironment } from "../openModel";
import { BenchClock, rowOf, runsOf, singleOf } from "./figures";

/** llama.cpp's n_batch and n_ubatch, in every tool of its. */
const BATCH_TOKENS = 2048;
const MICRO_BATCH_TOKENS = 512;

/** Throws AppError `user/usage` (nothing to measure), `user/no-model`, `data/gguf`, `env/memory`, `engine/load`, `native/failed`, `cancelled`. */
export async function measureSpeed(
    params: BenchParams,
    environment: LabEnvironment,
): Promise<BenchResult> {
    const runs = runsOf(params);
    if (runs.length === 0) throw new AppError("user/usage", "There is nothing to measure");
    const isShared = params.isShared ?? false;
    const threads = params.threads ?? physicalCores();
    const whole = new TimeLeft();
    return withModel(params.model, environment, async (model) => {
        const loadSeconds = whole.seconds;
        const clock = new BenchClock(runs, isShared);
        const { total } = clock;
        environment.onProgress({ stage: "bench", done: 0, total });
        const times = await runJob(
            () =>
                model.benchmark(
                    {
                        runs,
                        isShared,
                        batchTokens: BATCH_TOKENS,
                        microBatchTokens: MICRO_BATCH_TOKENS,
                        threads,
                    },
                    (run, read, steps) =>
                        environment.onProgress({
                            stage: "bench",
                            total,
                            ...clock.tell(run, read, steps),
                        }),
                ),
            environment.signal,
        );
        const measured = runs.flatMap((run, i) => {
            const of = times[i];
            return of ? [{ run, of }] : [];
        });
        const alone = measured.find(({ run }) => run.parallel === 1);
        return {
            rows: measured.map(({ run, of }) => rowOf(run, of, isShared)),
            single: alone && singleOf(alone.run, alone.of),
            loadSeconds,
            memoryBytes: process.resourceUsage().maxRSS * 1024,
            threads,
            seconds: whole.seconds,
        };
    });
}
