/**
 * Measurements that are cancelled: how many steps are computed afterwards, and what is left on the disk. A step is a node of the graph or a scored
 * token; a whole batch has hundreds of them.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { measureSpeed } from "../../src/lab/bench/run";
import { makeImatrix } from "../../src/lab/imatrix/run";
import { scoreInfill } from "../../src/lab/infill/run";
import { closeModel, withModel, type LabEnvironment } from "../../src/lab/openModel";
import { compareScores, scorePerplexity } from "../../src/lab/scores/run";
import { chunksOf } from "../../src/lab/texts";
import type { NativeAddon, NativeContext, NativeModel } from "../../src/node/native";
import type { NativeJob } from "../../src/node/nativeLab";
import type { LabEvent } from "../../src/protocol/lab";
import { labText } from "../support/labText";
import { temporaryFolder } from "../support/temporaryFolder";
import { loadStarter, openAddon, starter } from "./addon";

const home = temporaryFolder("lab-cancel");
const at = (name: string) => join(home(), name);
let logits: Buffer;
beforeAll(async () => {
    const model = await loadStarter();
    const text = labText().repeat(6);
    const tokens = (await model.tokenizeText(text).done).slice(0, 24 * 256);
    const saveLogits = join(tmpdir(), `ingot-lab-cancel-${process.pid}.logits`);
    await model.scorePerplexity({ tokens, contextTokens: 256, threads: 2, saveLogits }).done;
    logits = readFileSync(saveLogits);
    rmSync(saveLogits);
    await model.close();
});
beforeEach(() => {
    writeFileSync(at("code.py"), labText().repeat(20));
    writeFileSync(at("logits"), logits);
});

/** After the abort: the node that ran, the batch it was of, a thread each that scored. */
const MOST_STEPS_AFTER = 4;
const MEASURES = [
    "collectImatrix",
    "scorePerplexity",
    "scoreDivergence",
    "benchmark",
] as const satisfies readonly (keyof NativeModel)[];

/** The addon, with the jobs and answers that were begun with its models. */
class Watched {
    readonly jobs: NativeJob<unknown>[] = [];
    readonly answers: ReturnType<NativeContext["generate"]>[] = [];
    private readonly originals = new Map<unknown, NativeModel>();
    readonly native: NativeAddon;

    constructor(private readonly onText: () => void = () => undefined) {
        this.native = {
            ...openAddon(),
            loadModel: (options, onProgress) => {
                const task = openAddon().loadModel(options, onProgress);
                const done = task.done.then((model) => this.watch(model));
                return { ...task, done };
            },
        };
    }

    private watch(model: NativeModel): NativeModel {
        const watched = { ...model };
        for (const name of MEASURES) {
            const start = model[name] as (options: object, onProgress: unknown) => NativeJob<never>;
            watched[name] = (options: object, onProgress: unknown) => {
                const { reference } = options as { reference?: unknown };
                const own = this.originals.get(reference);
                const job = start(own ? { ...options, reference: own } : options, onProgress);
                this.jobs.push(job);
                return job;
            };
        }
        watched.createContext = (options) => {
            const context = model.createContext(options);
            const generate: NativeContext["generate"] = (request, onChunk) => {
                const task = context.generate(request, (chunk) => {
                    onChunk?.(chunk);
                    if (chunk.text !== "") this.onText();
                });
                this.answers.push(task);
                return task;
            };
            return { ...context, generate };
        };
        this.originals.set(watched, model);
        return watched;
    }
}

type Work = (environment: LabEnvironment) => Promise<unknown>;

const evaluate = () => ({
    model: starter,
    texts: [{ path: at("code.py"), name: "code.py" }],
    contextTokens: 256,
    threads: 2,
});
const keep = () => ({ folder: at("kept"), everyMs: 0 });
const WORKS: Record<string, Work> = {
    "an importance matrix": (environment) =>
        makeImatrix({ ...evaluate(), out: at("x.gguf"), format: "gguf" }, environment, keep()),
    perplexity: (environment) => scorePerplexity(evaluate(), environment),
    "perplexity with its logits": (environment) =>
        scorePerplexity({ ...evaluate(), saveLogits: at("out") }, environment),
    "divergence in lockstep": (environment) => {
        const { model, texts, ...options } = evaluate();
        return compareScores({ ...options, model, base: { reference: model, texts } }, environment);
    },
    "divergence from a file": (environment) =>
        compareScores({ model: starter, base: { logits: at("logits") }, threads: 2 }, environment),
    "speed, as it reads": (environment) =>
        measureSpeed({ ...sizes, promptTokens: [8192], threads: 2 }, environment),
    "speed, as it writes": (environment) => measureSpeed({ ...sizes, threads: 2 }, environment),
};
const sizes = { model: starter, promptTokens: [64], generateTokens: [400], parallel: [4] };

/** Runs and cancels at the first event for which `isDue`. */
async function cancelled(work: Work, isDue: (event: LabEvent) => boolean) {
    const watched = new Watched();
    const controller = new AbortController();
    let stepsThen: number | undefined;
    const onProgress = (event: LabEvent) => {
        if (stepsThen !== undefined || !isDue(event)) return;
        controller.abort();
        stepsThen = watched.jobs[0]?.steps() ?? 0;
    };
    const { native } = watched;
    const run = work({ native, signal: controller.signal, onProgress });
    await expect(run).rejects.toMatchObject({ code: "cancelled", message: "Cancelled" });
    const steps = watched.jobs[0]?.steps() ?? 0;
    return { nJobs: watched.jobs.length, steps, after: steps - (stepsThen ?? NaN) };
}
const left = () =>
    readdirSync(home()).filter((name) => !["code.py", "logits", "kept"].includes(name));

describe("a measurement that is cancelled", () => {
    it.each(Object.entries(WORKS))("of %s ends within a step", async (_, work) => {
        const isDue = ({ stage, done }: LabEvent) =>
            ["evaluate", "bench"].includes(stage) && done > 0;
        const { nJobs, steps, after } = await cancelled(work, isDue);
        expect(nJobs).toBe(1);
        expect(steps).toBeGreaterThan(60);
        expect(after).toBeLessThanOrEqual(MOST_STEPS_AFTER);
        expect(left()).toEqual([]);
    });

    it("keeps what an importance matrix goes on with, and nothing half-written", async () => {
        const work = WORKS["an importance matrix"] ?? (() => Promise.reject(new Error("none")));
        await cancelled(work, ({ stage, done }) => stage === "evaluate" && done >= 4 * 256);
        expect(left()).toEqual([]);
        expect(readdirSync(at("kept"))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.sums$/)]);
    });

    it("before its first batch begins none", async () => {
        for (const stage of ["load", "tokenize"])
            for (const work of Object.values(WORKS).slice(0, 4))
                expect(await cancelled(work, (event) => event.stage === stage)).toMatchObject({
                    nJobs: 0,
                });
    });

    it("of filled holes ends the answer that is written and begins no other", async () => {
        const controller = new AbortController();
        let nThen: number | undefined;
        const watched = new Watched(() => {
            if (watched.answers.length < 2) return;
            nThen ??= watched.answers.length;
            controller.abort();
        });
        const { signal } = controller;
        const environment = { native: watched.native, signal, onProgress: () => undefined };
        const texts = [{ path: at("code.py"), name: "code.py" }];
        const work = scoreInfill({ model: starter, texts, holes: 40, threads: 1 }, environment);
        await expect(work).rejects.toMatchObject({ code: "cancelled" });
        expect(nThen).toBe(2);
        expect(watched.answers).toHaveLength(2);
    });
});

describe("a text that is cut into tokens", () => {
    it("is not waited for by who cancels, nor is the model that does it", async () => {
        const controller = new AbortController();
        const never = new Promise<never>(() => undefined);
        const tokenizeText = () => ({ done: never, abort: () => undefined, steps: () => 0 });
        const model = { tokenizeText, close: () => never } as unknown as NativeModel;
        const loadModel = () => ({ done: Promise.resolve(model), abort: () => undefined });
        const work = withModel(
            starter,
            {
                native: { ...openAddon(), loadModel },
                signal: controller.signal,
                onProgress: () => undefined,
            },
            (opened) => {
                setImmediate(() => controller.abort());
                return chunksOf(opened, "text", {}, controller.signal);
            },
        );
        await expect(work).rejects.toMatchObject({ code: "cancelled" });
    });

    it("any other model is closed before its work has ended", async () => {
        let isClosed = false;
        const close = async () => {
            await Promise.resolve();
            isClosed = true;
        };
        await closeModel({ close }, new Error("another"));
        expect(isClosed).toBe(true);
    });
});
