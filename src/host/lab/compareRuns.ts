/**
 * Comparisons of this window: what runs, its record on the disk after every row, and what pages show of either. A record outlives the window,
 * and a run that a closed window left goes on where it was.
 */

import { mkdir, readFile, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Queue } from "../../base/async";
import { AppError, isCancelled } from "../../base/errors";
import { Emitter } from "../../base/event";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { advise } from "../../compare/advice";
import { MAX_RECORD_BYTES, parseComparison } from "../../compare/record";
import { jsonOf } from "../../compare/tables";
import { mostMemory, neededMemory, type MachineMemory } from "../../library/memory";
import type { CompareProgress, CompareView, Comparison } from "../../protocol/compare";
import type { Jobs } from "../models/jobs";
import type { CompareJob } from "../models/pendingJob";
import { writeWhole } from "../../node/wholeFile";

export interface RunsOptions {
    jobs: Pick<Jobs, "compare">;
    memory: () => MachineMemory;
}

interface Run {
    controller: AbortController;
    comparison: Comparison;
    progress: CompareProgress;
}

export interface RunChange {
    /** Of the record. */
    file: string;
    /** The record is another, not only how far it is. */
    isRecord: boolean;
}

const BEGINNING: CompareProgress = { step: "Waiting for its turn", fraction: 0 };

export class ComparisonRuns implements Disposable {
    private readonly store = new DisposableStore();
    private readonly changed = this.store.add(new Emitter<RunChange>());
    readonly onDidChange = this.changed.event;
    private readonly runs = new Map<string, Run>();
    private readonly writing = new Queue();

    constructor(private readonly options: RunsOptions) {}

    /** Resolves with the whole; rejects as `cancelled` after a stop. `id`: of a job that an earlier window left. */
    async start(job: CompareJob, id?: string): Promise<Comparison> {
        const { record } = job;
        const comparison = job.earlier ?? beginning(job);
        const run: Run = { controller: new AbortController(), comparison, progress: BEGINNING };
        this.runs.set(record, run);
        // A page can only be opened on a file that is there.
        await this.write(record, comparison);
        this.changed.fire({ file: record, isRecord: true });
        try {
            const whole = await this.options.jobs.compare(
                job,
                run.controller.signal,
                ({ comparison, ...progress }) => {
                    run.progress = progress;
                    if (comparison) run.comparison = comparison;
                    if (comparison) void this.write(record, comparison);
                    this.changed.fire({ file: record, isRecord: comparison !== undefined });
                },
                id,
            );
            run.comparison = whole;
            return whole;
        } finally {
            const state = run.comparison.state === "done" ? "done" : "stopped";
            await this.write(record, { ...run.comparison, state });
            this.runs.delete(record);
            this.changed.fire({ file: record, isRecord: true });
        }
    }

    /** Goes on with what an earlier window left: what it had measured is not measured again. */
    async resume(job: CompareJob, id: string): Promise<void> {
        const earlier = await this.read(job.record).catch(() => undefined);
        try {
            await this.start({ ...job, earlier }, id);
        } catch (error) {
            if (!isCancelled(error)) throw error;
        }
    }

    stop(record: string): void {
        this.runs.get(record)?.controller.abort();
    }

    isRunning(record: string): boolean {
        return this.runs.has(record);
    }

    /** Undefined when nothing runs for the record. */
    progressOf(record: string): CompareProgress | undefined {
        return this.runs.get(record)?.progress;
    }

    /** What a page shows. Rejects with AppError when there is no such record. */
    async view(record: string): Promise<CompareView> {
        const run = this.runs.get(record);
        const comparison = run?.comparison ?? (await this.read(record));
        return { comparison, advice: this.adviceOf(comparison), progress: run?.progress };
    }

    adviceOf(comparison: Comparison): { file?: string | undefined; sentences: string[] } {
        const memory = this.options.memory();
        const { cache } = comparison;
        const contextTokens = memory.contextTokens ?? comparison.machine.contextTokens;
        return advise(comparison, {
            needed: (sizeBytes) => neededMemory({ sizeBytes, cache }, contextTokens),
            most: mostMemory(memory),
            contextTokens,
        });
    }

    dispose(): void {
        this.store.dispose();
    }

    private async read(record: string): Promise<Comparison> {
        const name = basename(record);
        const status = await stat(record).catch(() => undefined);
        if (!status?.isFile())
            throw new AppError("user/usage", `There is no comparison ${record}; run it again`);
        if (status.size > MAX_RECORD_BYTES)
            throw new AppError("user/usage", `${name} is too large for a comparison`);
        return parseComparison(await readFile(record, "utf8"), name);
    }

    /** One after the other, each whole before it has its name. */
    private write(record: string, comparison: Comparison): Promise<void> {
        return this.writing.add(async () => {
            await mkdir(dirname(record), { recursive: true });
            await writeWhole(record, jsonOf(comparison));
        });
    }
}

/** Until the worker has read the headers. */
function beginning({ files, machine }: CompareJob): Comparison {
    return {
        ingotComparison: 1,
        model: basename(files[0] ?? "").replace(/\.gguf$/i, ""),
        nParameters: 0,
        startedAt: new Date().toISOString(),
        state: "running",
        machine,
        rows: [],
    };
}
