/** The figures of a benchmark from its times, and the time that is left of one. Pure. */

import type { BenchRun, BenchTimes } from "../../node/nativeLab";
import type { BenchParams, BenchRow, SingleStream } from "../../protocol/labBench";
import { quantilesOf } from "../scores/statistics";

/** In llama-batched-bench's order. */
export function runsOf({ promptTokens, generateTokens, parallel }: BenchParams): BenchRun[] {
    return promptTokens.flatMap((prompt) =>
        generateTokens.flatMap((generate) =>
            parallel.map((sequences) => ({
                promptTokens: prompt,
                generateTokens: generate,
                parallel: sequences,
            })),
        ),
    );
}

/** Tokens of a run that are read, and that are written. */
function tokensOf(run: BenchRun, isShared: boolean): { read: number; written: number } {
    const { promptTokens, generateTokens, parallel } = run;
    return {
        read: isShared ? promptTokens : promptTokens * parallel,
        written: generateTokens * parallel,
    };
}

export function rowOf(
    run: BenchRun,
    { promptSeconds, stepSeconds }: BenchTimes,
    isShared: boolean,
): BenchRow {
    const { read, written } = tokensOf(run, isShared);
    const generateSeconds = stepSeconds.reduce((sum, one) => sum + one, 0);
    const seconds = promptSeconds + generateSeconds;
    return {
        ...run,
        // A copied prompt takes cells for every sequence.
        cacheTokens: run.parallel * (run.promptTokens + run.generateTokens),
        promptSeconds,
        promptSpeed: read / promptSeconds,
        generateSeconds,
        generateSpeed: written / generateSeconds,
        seconds,
        speed: (read + written) / seconds,
    };
}

export function singleOf(run: BenchRun, times: BenchTimes): SingleStream {
    const { promptTokens, generateTokens } = run;
    const { promptSpeed, generateSpeed } = rowOf(run, times, false);
    const [p95 = NaN, p50 = NaN] = quantilesOf(times.stepSeconds, [95, 50]).map(
        ({ value }) => value * 1000,
    );
    return {
        promptTokens,
        generateTokens,
        firstTokenSeconds: times.promptSeconds,
        tokenMsP50: p50,
        tokenMsP95: p95,
        promptSpeed,
        generateSpeed,
    };
}

/** What is left of a benchmark, by the speeds so far of its two kinds of work: reading tokens, and steps of writing. */
export class BenchClock {
    private readonly spent = { read: 0, steps: 0 };
    private readonly done = { read: 0, steps: 0 };
    private lastMs: number;
    private last = { run: 0, read: 0, steps: 0 };

    constructor(
        private readonly runs: readonly BenchRun[],
        private readonly isShared: boolean,
        private readonly now: () => number = () => performance.now(),
    ) {
        this.lastMs = now();
    }

    /** Tokens of all runs. */
    get total(): number {
        return this.sum((run) => this.tokens(run));
    }

    /** After an evaluation: tokens done, and seconds left as soon as both kinds of work were seen. */
    tell(run: number, read: number, steps: number): { done: number; secondsLeft?: number } {
        const nowMs = this.now();
        const isSame = run === this.last.run;
        const kind = steps > 0 ? "steps" : "read";
        this.spent[kind] += (nowMs - this.lastMs) / 1000;
        this.done.read += read - (isSame ? this.last.read : 0);
        this.done.steps += steps - (isSame ? this.last.steps : 0);
        this.lastMs = nowMs;
        this.last = { run, read, steps };
        const before = this.runs.slice(0, run);
        const tokensBefore = before.reduce((sum, one) => sum + this.tokens(one), 0);
        const done = tokensBefore + read + steps * (this.runs[run]?.parallel ?? 0);
        if (this.done.read === 0 || this.done.steps === 0) return { done };
        const readLeft = this.sum((one) => tokensOf(one, this.isShared).read) - this.done.read;
        const stepsLeft = this.sum(({ generateTokens }) => generateTokens) - this.done.steps;
        const secondsLeft =
            (readLeft * this.spent.read) / this.done.read +
            (stepsLeft * this.spent.steps) / this.done.steps;
        return { done, secondsLeft };
    }

    private tokens(run: BenchRun): number {
        const { read, written } = tokensOf(run, this.isShared);
        return read + written;
    }

    private sum(of: (run: BenchRun) => number): number {
        return this.runs.reduce((sum, run) => sum + of(run), 0);
    }
}
