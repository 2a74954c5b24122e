// "Fit to a Size...": what a person may write, and what becomes of a plan.
import { describe, expect, it, vi } from "vitest";
import type { Jobs } from "../../../../src/host/models/jobs";
import type { FitParams, FitPlan } from "../../../../src/protocol/fit";

const shown: string[] = [];
vi.mock("vscode", () => ({
    ProgressLocation: { Notification: 15 },
    window: {
        withProgress: (
            { title }: { title: string },
            task: (progress: unknown, token: unknown) => unknown,
        ) => {
            shown.push(title);
            return task(
                { report: ({ message }: { message: string }) => shown.push(message) },
                {
                    isCancellationRequested: false,
                    onCancellationRequested: () => ({ dispose: () => undefined }),
                },
            );
        },
    },
}));

const { fitType, targetOf } = await import("../../../../src/host/models/fit");

describe("a size", () => {
    it.each([
        ["6GiB", "fit:6GiB"],
        [" 800 mb ", "fit:800mb"],
        ["4.5", "bpw:4.5"],
    ])("%s", (text, target) => {
        expect(targetOf(text)).toBe(target);
    });

    it.each(["", "0", "-3", "six", "4.5 bits", "6TiB", "1e9"])("%s means nothing", (text) => {
        expect(targetOf(text)).toBeUndefined();
    });
});

const plan: FitPlan = {
    type: "Q4_K_M",
    types: { "output.weight": "Q6_K" },
    fileBytes: 1000,
    budgetBytes: 1001,
    bitsPerWeight: 4.567,
    groups: [],
};
const params = (target: string): FitParams => ({
    model: { kind: "gguf", file: "/m.gguf" },
    target,
    recipe: { imatrix: "/i.gguf" },
});

describe("fitType", () => {
    it("asks the worker, shows what is measured, and gives the types by name", async () => {
        const jobs: Pick<Jobs, "fitPlan"> = {
            fitPlan: (_, __, onProgress) => {
                onProgress({ stage: "measure", done: 1, total: 2, detail: "blk.0" });
                return Promise.resolve(plan);
            },
        };
        expect(await fitType(jobs, params("fit:6GiB"), false)).toEqual({
            type: "Q4_K_M",
            label: "4.57bpw",
            recipe: { imatrix: "/i.gguf", types: plan.types },
        });
        expect(shown).toEqual(["Fitting to 6GiB", "blk.0"]);
    });

    it("leaves every other type as it is", async () => {
        const jobs: Pick<Jobs, "fitPlan"> = { fitPlan: () => Promise.reject(new Error("asked")) };
        expect(await fitType(jobs, params("Q5_K_M"), true)).toEqual({
            type: "Q5_K_M",
            label: "Q5_K_M",
            recipe: { imatrix: "/i.gguf" },
        });
    });
});
