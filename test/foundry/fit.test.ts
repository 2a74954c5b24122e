// Fitting the starter to sizes: measured natively, planned, written; the file has exactly the bytes that the plan says.
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isCancelled } from "../../src/base/errors";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { quantizeFile } from "../../src/foundry/quantizeFile";
import { planFit, type FitEnvironment } from "../../src/lab/fit/plan";
import type { FitEvent, FitParams } from "../../src/protocol/fit";
import { makeTempFolder, openNative, runConvert } from "../goldens/runConvert";

const folder = "models/starter";
let temp: ReturnType<typeof makeTempFolder>;
beforeEach(() => {
    temp = makeTempFolder();
});
afterEach(() => temp.remove());

const environment = (more: Partial<FitEnvironment> = {}): FitEnvironment => ({
    native: openNative(),
    openSource: () => openFolder(folder),
    signal: new AbortController().signal,
    threads: 2,
    sampleElements: 16_384,
    onProgress: () => undefined,
    ...more,
});
const fromFolder = (target: string): FitParams => ({
    model: { kind: "checkpoint", source: { kind: "folder", path: folder }, via: "auto" },
    target,
});

describe("fitting the starter", () => {
    it("gives a file of exactly the planned size, under the budget, in the types of the plan", async () => {
        const events: FitEvent[] = [];
        const plan = await planFit(
            fromFolder("bpw:5.2"),
            environment({ onProgress: (event) => events.push(event) }),
        );
        expect(events.map(({ done }) => done)).toEqual(Array.from({ length: 29 }, (_, i) => i + 1));
        expect(plan.fileBytes).toBeLessThanOrEqual(plan.budgetBytes);
        expect(plan.fileBytes).toBeGreaterThan(0.995 * plan.budgetBytes);
        expect(new Set(Object.values(plan.types)).size).toBeGreaterThan(2);
        expect(plan.beside?.lossRatio).toBeLessThan(1);
        const out = join(temp.path, "fitted.gguf");
        const result = await runConvert({
            folder,
            type: plan.type,
            via: "auto",
            out,
            recipe: { types: plan.types },
        });
        expect(statSync(out).size).toBe(plan.fileBytes);
        expect(result.bytes).toBe(plan.fileBytes);
    });

    it("says what the smallest file is, and when nothing has to be quantized", async () => {
        await expect(planFit(fromFolder("fit:1MB"), environment())).rejects.toThrow(
            /smallest file .* has 2\.\d+ MB.*importance matrix/,
        );
        await expect(planFit(fromFolder("fit:1GiB"), environment())).rejects.toThrow(
            /nothing quantized/,
        );
    });

    it("ends when it is cancelled", async () => {
        const controller = new AbortController();
        const work = planFit(
            fromFolder("bpw:5"),
            environment({
                signal: controller.signal,
                onProgress: ({ done }) => done === 3 && controller.abort(),
            }),
        );
        await expect(work).rejects.toSatisfy(isCancelled);
    });

    it("does the same from a GGUF file, with probes on a text in place of the rule", async () => {
        const file = join(temp.path, "starter.gguf");
        await runConvert({ folder, type: "BF16", via: "auto", out: file });
        const stages: string[] = [];
        const plan = await planFit(
            {
                model: { kind: "gguf", file },
                target: "bpw:6.8",
                // The attention keeps its type, so that few probes are left.
                recipe: { tensorTypes: ["attn_|ffn_(up|gate)=q8_0"] },
                probe: {
                    texts: [{ path: join(folder, "README.md"), name: "README.md" }],
                    contextTokens: 64,
                    chunks: 2,
                },
            },
            environment({ onProgress: ({ stage }) => stages.push(stage) }),
        );
        expect(Object.keys(plan.types)).toHaveLength(5);
        expect(stages.filter((stage) => stage === "probe")).toHaveLength(5 + 2);
        expect(plan.fileBytes).toBeLessThanOrEqual(plan.budgetBytes);
        const out = join(temp.path, "fitted.gguf");
        const work = quantizeFile(
            {
                file,
                type: plan.type,
                out,
                recipe: { tensorTypes: ["attn_|ffn_(up|gate)=q8_0"], types: plan.types },
            },
            new AbortController().signal,
            { native: openNative() },
        );
        while (!(await work.next()).done);
        expect(statSync(out).size).toBe(plan.fileBytes);
    });

    it("does not quantize again what is quantized, unless it may", async () => {
        const file = "models/starter/starter-q8_0.gguf";
        await expect(
            planFit({ model: { kind: "gguf", file }, target: "bpw:5" }, environment()),
        ).rejects.toThrow(/--allow-requantize/);
    });
});
