/**
 * A comparison from beginning to end: makes the types one after the other, measures each, tells of every row as soon as it is known. What fails
 * ends its own row only. Types that are not kept are removed after their measuring, so the disk needs room for one of them.
 */

import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { throwIfAborted } from "../../base/cancel";
import { isCancelled, toWire } from "../../base/errors";
import { questionOf } from "../../node/comparisonQuestion";
import {
    DIVERGENCE,
    SCORES,
    SPEEDS,
    type CompareEvent,
    type CompareParams,
    type CompareRow,
    type Comparison,
    type MeasureName,
} from "../../protocol/compare";
import { checkDisk, prepareKeeping, type DiskOptions } from "./disk";
import { Estimate, type StepKind } from "./estimate";
import {
    chooseReference,
    existingRow,
    fittedRows,
    inOrder,
    isDone,
    measuredBefore,
    OWN_REFERENCE,
    plannedRows,
    wantedTypes,
    withMissing,
    withoutType,
    type Described,
} from "./rows";
import type { CompareSteps, FittedSize, StepOptions } from "./steps";
import { openTemporaryFolder } from "./temporary";

export interface CompareOptions extends DiskOptions {
    signal: AbortSignal;
    onEvent: (event: CompareEvent) => void;
    /** ms of a clock that only goes on. */
    now?: () => number;
    /** ms since 1970. */
    date?: () => number;
}

/** Rejects with AppError: `cancelled`, `env/disk`, `user/usage`, or why no file could be read. */
export async function compare(
    params: CompareParams,
    steps: CompareSteps,
    options: CompareOptions,
): Promise<Comparison> {
    const run = new Run(params, steps, options);
    await run.prepare();
    return run.measureAll();
}

class Run {
    private comparison: Comparison;
    private reference: Described | undefined;
    private estimate = new Estimate([], () => 0);
    /** By what was asked for. */
    private fits: ReadonlyMap<string, FittedSize> = new Map();

    constructor(
        private readonly params: CompareParams,
        private readonly steps: CompareSteps,
        private readonly options: CompareOptions,
    ) {
        const { date = Date.now } = options;
        this.comparison = {
            ingotComparison: 1,
            model: "",
            nParameters: 0,
            startedAt: new Date(date()).toISOString(),
            state: "running",
            machine: params.machine,
            imatrix: params.imatrix && (params.imatrixName ?? basename(params.imatrix)),
            rows: [],
        };
    }

    /** Headers, and rows of tensors where a size is fitted to: which rows there will be, how large, and whether the disk has room. */
    async prepare(): Promise<void> {
        const { params, steps } = this;
        const { signal } = this.options;
        const described: Described[] = [];
        for (const file of new Set(params.files)) {
            throwIfAborted(signal);
            described.push({ file, facts: await steps.describe(file, signal) });
        }
        const reference = chooseReference(described);
        this.reference = reference;
        const plan = params.types.length > 0 ? await steps.planTypes(reference.file, signal) : [];
        const { names, targets } = wantedTypes(params.types);
        const planned = plannedRows(reference, plan, names, params);
        this.fits = await this.fitSizes(reference.file, targets);
        const rows = inOrder([
            ...described.map((one) => existingRow(one, one === reference)),
            ...planned,
            ...fittedRows(reference, this.fits, params),
        ]);
        await checkDisk(rows, params, this.options);
        await prepareKeeping(rows, params);
        const { text, contextTokens } = params;
        const { name, model = withoutType(name), nParameters, cache } = reference.facts;
        const question = await questionOf(params);
        const earlier = params.earlier?.question === question ? params.earlier : undefined;
        this.comparison = {
            ...this.comparison,
            question,
            ...(earlier && {
                startedAt: earlier.startedAt,
                bench: earlier.bench,
                infill: earlier.infill,
            }),
            model,
            nParameters,
            cache,
            text: earlier?.text ?? {
                label: text.label,
                bytes: text.bytes,
                nChunks: 0,
                contextTokens,
            },
            rows: rows.map((row) => measuredBefore(row, earlier) ?? row),
        };
        const { now = () => performance.now() } = this.options;
        this.estimate = new Estimate(
            this.comparison.rows.flatMap((row) => this.stepsOf(row)),
            now,
        );
        this.tell("Read the headers");
    }

    /** Before there are rows, because how large each is is part of them. */
    private async fitSizes(
        file: string,
        targets: readonly string[],
    ): Promise<Map<string, FittedSize>> {
        const { signal, onEvent } = this.options;
        const fits = new Map<string, FittedSize>();
        for (const target of targets) {
            throwIfAborted(signal);
            const onFraction = (fraction: number) => {
                const percent = Math.round(100 * fraction);
                onEvent({ step: `${target}: choosing types, ${percent} %`, fraction: 0 });
            };
            onFraction(0);
            fits.set(target, await this.steps.fit({ file, target }, { signal, onFraction }));
        }
        return fits;
    }

    async measureAll(): Promise<Comparison> {
        const { keepIn } = this.params;
        const { temporaryParent } = this.options;
        const temporary =
            keepIn === undefined ? await openTemporaryFolder(temporaryParent) : undefined;
        try {
            for (const row of this.comparison.rows)
                if (!isDone(row)) await this.measure(row, temporary?.path);
            await this.referenceAlone();
        } finally {
            await temporary?.remove().catch(() => undefined);
        }
        this.comparison = { ...this.comparison, state: "done" };
        this.tell("Done");
        return this.comparison;
    }

    private async measure(row: CompareRow, folder: string | undefined): Promise<void> {
        const isMade = this.isMade(row);
        const file = isMade && folder !== undefined ? join(folder, row.file) : row.file;
        if (isMade && !(await this.make(row, file))) return;
        try {
            this.change(row, { state: "measuring" });
            if (!row.isReference) await this.score(row, file);
            await this.bench(row, file);
            await this.infill(row, file);
            // The reference is scored along with the first of the others.
            const isOpen = row.isReference && this.rowOf(row)?.ppl === undefined;
            if (!isOpen) this.change(row, { state: "done" });
        } finally {
            if (isMade && !row.isKept) await rm(file, { force: true }).catch(() => undefined);
        }
    }

    private async make(row: CompareRow, out: string): Promise<boolean> {
        const { type, types } = this.fits.get(row.type) ?? { type: row.type };
        this.change(row, { state: "making" });
        const file = this.reference?.file ?? "";
        const failure = await this.step("make", row, `making it`, (options) =>
            this.steps.quantize(
                { file, type, types, out, overwrite: this.params.earlier !== undefined },
                options,
            ),
        );
        if (failure === undefined) return true;
        for (const kind of this.stepsOf(row)) if (kind !== "make") this.estimate.drop(kind);
        this.change(row, { state: "failed", problem: failure });
        return false;
    }

    private async score(row: CompareRow, file: string): Promise<void> {
        const reference = this.reference?.file ?? "";
        const failure = await this.step(
            "scores",
            row,
            "perplexity and divergence",
            async (options) => {
                const {
                    file: own,
                    reference: base,
                    nChunks,
                } = await this.steps.scores({ file, reference }, options);
                this.learnText(nChunks);
                this.change(row, own);
                const first = this.comparison.rows.find(({ isReference }) => isReference);
                if (first && first.ppl === undefined)
                    this.change(first, { ...base, state: "done" });
            },
        );
        if (failure !== undefined) this.lack(row, SCORES, failure);
    }

    private async bench(row: CompareRow, file: string): Promise<void> {
        const { bench } = this.steps;
        if (!this.params.bench || !bench) return;
        const failure = await this.step("bench", row, "speed and memory", async (options) => {
            const { facts, measures } = await bench(file, options);
            this.comparison = { ...this.comparison, bench: facts };
            this.change(row, measures);
        });
        if (failure !== undefined) this.lack(row, SPEEDS, failure);
    }

    private async infill(row: CompareRow, file: string): Promise<void> {
        const { infill } = this.params;
        const { infill: fill } = this.steps;
        if (!infill || !fill) return;
        const failure = await this.step("infill", row, "infilling", async (options) => {
            const { infill: share, nHoles } = await fill(file, options);
            this.comparison = { ...this.comparison, infill: { label: infill.label, nHoles } };
            this.change(row, { infill: share });
        });
        if (failure !== undefined) this.lack(row, ["infill"], failure);
    }

    /** With nothing beside it the reference still has a perplexity. */
    private async referenceAlone(): Promise<void> {
        const row = this.comparison.rows.find(({ isReference }) => isReference);
        if (!row) return;
        if (row.ppl === undefined) {
            const failure = await this.step("scores", row, "perplexity", async (options) => {
                const { nChunks, ...own } = await this.steps.perplexity(row.file, options);
                this.learnText(nChunks);
                this.change(row, own);
            });
            if (failure !== undefined) this.lack(row, ["ppl", "pplError"], failure);
        }
        this.lack(row, DIVERGENCE, OWN_REFERENCE);
        if (this.rowOf(row)?.state !== "done") this.change(row, { state: "done" });
    }

    /** Why it failed, as a sentence without a period; undefined when it did not. Rejects when the whole is cancelled. */
    private async step(
        kind: StepKind,
        row: CompareRow,
        what: string,
        work: (options: StepOptions) => Promise<void>,
    ): Promise<string | undefined> {
        const { signal } = this.options;
        throwIfAborted(signal);
        const name = `${row.label}: ${what}`;
        this.estimate.start(kind);
        this.tell(name);
        const onFraction = (fraction: number) => {
            this.estimate.advance(fraction);
            this.show(name);
        };
        try {
            await work({ signal, onFraction });
            return undefined;
        } catch (error) {
            if (isCancelled(error) || signal.aborted || this.isOfTheText(kind, error)) throw error;
            return toWire(error).message;
        } finally {
            this.estimate.end();
        }
    }

    /** The text that one model cannot be measured on serves none: the others are not made in vain. */
    private isOfTheText(kind: StepKind, error: unknown): boolean {
        const isFirst = this.comparison.rows.every(({ ppl }) => ppl === undefined);
        return kind === "scores" && isFirst && toWire(error).code === "user/usage";
    }

    private isMade({ isReference, file }: CompareRow): boolean {
        return !isReference && !this.params.files.includes(file);
    }

    private stepsOf(row: CompareRow): StepKind[] {
        if (isDone(row)) return [];
        const isMade = this.isMade(row);
        const { bench, infill } = this.params;
        return [
            ...(isMade ? (["make"] as const) : []),
            ...(row.isReference ? [] : (["scores"] as const)),
            ...(bench ? (["bench"] as const) : []),
            ...(infill ? (["infill"] as const) : []),
        ];
    }

    private rowOf({ file }: CompareRow): CompareRow | undefined {
        return this.comparison.rows.find((one) => one.file === file);
    }

    private change(row: CompareRow, change: Partial<CompareRow>): void {
        const rows = this.comparison.rows.map((one) =>
            one.file === row.file ? { ...one, ...change } : one,
        );
        this.comparison = { ...this.comparison, rows };
        this.tell(`${row.label}: ${change.state ?? "measured"}`);
    }

    private lack(row: CompareRow, measures: readonly MeasureName[], why: string): void {
        const rows = this.comparison.rows.map((one) =>
            one.file === row.file ? withMissing(one, measures, why) : one,
        );
        this.comparison = { ...this.comparison, rows };
        this.tell(row.label);
    }

    private learnText(nChunks: number): void {
        const { text } = this.comparison;
        if (text) this.comparison = { ...this.comparison, text: { ...text, nChunks } };
    }

    /** With the record, because something of it is another. */
    private tell(step: string): void {
        this.options.onEvent({ ...this.progress(step), comparison: this.comparison });
    }

    private show(step: string): void {
        this.options.onEvent(this.progress(step));
    }

    private progress(step: string): CompareEvent {
        const { fraction, secondsLeft } = this.estimate;
        return { step, fraction, secondsLeft };
    }
}
