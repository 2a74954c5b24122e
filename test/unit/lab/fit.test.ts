// Sizes as they are written, candidates with every fallback, sensitivities and probes, the plan's arithmetic on the starter's headers.
import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/base/errors";
import { openFolder } from "../../../src/foundry/checkpoint/source";
import { planFile } from "../../../src/foundry/fileLayout";
import type { GgmlTypeName } from "../../../src/gguf/types";
import { candidatesFor } from "../../../src/lab/fit/candidates";
import { Costs } from "../../../src/lab/fit/costs";
import { countOf, listOpenTensors, openFitModel, sizeOf } from "../../../src/lab/fit/model";
import { measureErrors } from "../../../src/lab/fit/measure";
import {
    correctByProbes,
    probeGroups,
    sensitivitiesByRule,
} from "../../../src/lab/fit/sensitivity";
import { groupTensors, labelOf, nearestMixture } from "../../../src/lab/fit/summary";
import { budgetOf, readTarget } from "../../../src/lab/fit/target";
import { isFitTarget, type FitParams } from "../../../src/protocol/fit";

describe("a target", () => {
    it.each([
        ["fit:6GiB", 6 * 2 ** 30],
        ["fit:800MB", 800e6],
        ["FIT:1.5gb", 1.5e9],
        ["fit: 12 KiB", 12 * 1024],
        ["fit:4000000B", 4e6],
        ["bpw:4.5", 4500],
    ])("%s", (text, bytes) => {
        expect(isFitTarget(text)).toBe(true);
        expect(budgetOf(readTarget(text), 8000)).toBe(bytes);
    });

    it.each(["fit:", "fit:6", "fit:6TiB", "bpw:4.5GB", "bpw:0", "fit:-1GB", "fit:0MB", "bpw:1e9"])(
        "%s is refused with how to write it",
        (text) => {
            expect(() => readTarget(text)).toThrow(/write fit:6GiB, fit:800MB or bpw:4\.5/);
        },
    );

    it("is no file type", () => {
        expect(["Q4_K_M", "COPY", "bf16", ""].some(isFitTarget)).toBe(false);
    });
});

describe("candidates", () => {
    const wide = { shape: [512, 4], source: "BF16" as const };
    const of = (rowLength: number, hasImportances: boolean, source: GgmlTypeName = "BF16") =>
        candidatesFor({ shape: [rowLength, 4], source, hasImportances });

    it("need importances where llama.cpp needs them", () => {
        const few = of(512, false);
        const all = of(512, true);
        expect(all.filter((type) => !few.includes(type))).toEqual([
            "IQ1_S",
            "IQ1_M",
            "IQ2_XXS",
            "IQ2_XS",
            "IQ2_S",
            "IQ3_XXS",
        ]);
        expect(few).toContain("Q2_K");
        expect(few).toContain("IQ3_S");
    });

    it("have blocks that divide the rows", () => {
        expect(of(896, true)).toEqual(["IQ4_NL", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "BF16"]);
        expect(of(100, true)).toEqual(["BF16"]);
        expect(of(100, true, "F16")).toEqual(["F16"]);
        expect(of(100, true, "F32")).toEqual(["BF16"]);
    });

    it("never have more bits than the source", () => {
        expect(of(512, true, "Q4_K").at(-1)).toBe("Q4_K");
        expect(of(512, true, "Q4_K")).not.toContain("Q5_K");
        expect(of(512, true, "F16").at(-1)).toBe("F16");
    });

    it("leave out types far below the budget, but never all", () => {
        const all = candidatesFor({ ...wide, hasImportances: true });
        const few = candidatesFor({ ...wide, hasImportances: true }, 4);
        expect(few.length).toBeLessThan(all.length);
        expect(few[0]).toBe("IQ4_XS");
        expect(candidatesFor({ ...wide, hasImportances: true }, 99)).toEqual(["Q8_0", "BF16"]);
    });
});

const names = [
    "token_embd.weight",
    ...[0, 1, 2, 3].flatMap((n) => [`blk.${n}.attn_v.weight`, `blk.${n}.ffn_up.weight`]),
];

describe("sensitivities", () => {
    it("know whether the embedding is the output too", () => {
        const tied = sensitivitiesByRule(names);
        const untied = sensitivitiesByRule([...names, "output.weight"]);
        expect(tied[0]).toBe(untied.at(-1));
        expect(untied[0]).toBeLessThan(tied[0] ?? 0);
    });

    it("are a block's share of the category", () => {
        const four = sensitivitiesByRule(names);
        const one = sensitivitiesByRule(["token_embd.weight", "blk.0.attn_v.weight"]);
        expect(four[1]).toBeCloseTo((one[1] ?? 0) / 4, 12);
        expect(four[1]).toBeGreaterThan(four[2] ?? 0);
    });

    it("are probed one by one where that is few, and in bands where it is not", () => {
        const flat = (groups: { members: number[] }[]) =>
            groups.flatMap(({ members }) => members).sort((a, b) => a - b);
        const all = names.map((_, i) => i);
        for (const most of [1, 4, 6, 7, 12, 100])
            expect(flat(probeGroups(names, most))).toEqual(all);
        expect(probeGroups(names, 100)).toHaveLength(names.length);
        expect(probeGroups(names, 6)).toHaveLength(5);
        expect(probeGroups(names, 1)).toHaveLength(3);
    });

    it("become what the probes found", () => {
        const rule = [1, 2, 3];
        const probes = [
            { name: "a", members: [0, 1], errors: [0.01, 0.02], divergence: 0.1 },
            { name: "c", members: [2], errors: [0], divergence: 0.5 },
        ];
        const found = correctByProbes(rule, probes);
        expect(found[0]).toBeCloseTo(2, 12);
        expect(found[1]).toBeCloseTo(4, 12);
        expect(found[2]).toBe(3);
    });

    it("are not thrown off by a probe that found nothing", () => {
        const probes = [{ name: "a", members: [0], errors: [0.01], divergence: -1e-9 }];
        expect(correctByProbes([1], probes)[0]).toBe(0.01);
    });
});

const params = (recipe?: FitParams["recipe"]): FitParams => ({
    model: { kind: "checkpoint", source: { kind: "folder", path: "models/starter" }, via: "auto" },
    target: "bpw:5",
    recipe,
});
const open = (recipe?: FitParams["recipe"]) =>
    openFitModel(params(recipe), () => openFolder("models/starter"), new AbortController().signal);

describe("the starter", () => {
    it("has 29 open tensors, fewer when the recipe says what some are", async () => {
        expect(listOpenTensors(await open())).toHaveLength(29);
        const recipe = { tensorTypes: ["attn_v=q8_0"], embeddingType: "Q6_K" };
        const left = listOpenTensors(await open(recipe)).map(({ name }) => name);
        expect(left).toHaveLength(24);
        expect(left.some((name) => /attn_v|token_embd/.test(name))).toBe(false);
    });

    it("has the size that its plan says, whatever the types", async () => {
        const model = await open();
        const tensors = listOpenTensors(model);
        const cycle: GgmlTypeName[] = ["Q4_K", "Q8_0", "IQ4_NL", "BF16", "Q3_K"];
        const types = new Map(tensors.map(({ name }, i) => [name, cycle[i % 5] ?? "Q8_0"]));
        const plan = planFile(model.layout, model.request("Q4_K_M", types));
        expect(sizeOf(model)(types)).toBe(plan.fileBytes);
        for (const { tensor, type } of plan.jobs)
            expect(types.get(tensor.name) ?? "F32").toBe(type);
    });

    it("is described in groups, and beside a mixture", async () => {
        const model = await open();
        const tensors = listOpenTensors(model);
        const all: GgmlTypeName[] = ["Q4_K", "Q5_K", "Q6_K"];
        const errors = tensors.map(() => new Map(all.map((type, i) => [type, 0.01 / 4 ** i])));
        const costs = new Costs(errors, sensitivitiesByRule(tensors.map(({ name }) => name)));
        const chosen = tensors.map(() => "Q4_K" as const);
        const groups = groupTensors(tensors, chosen, costs);
        expect(groups).toHaveLength(8);
        expect(groups.reduce((sum, { nTensors }) => sum + nTensors, 0)).toBe(29);
        expect(groups.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
        expect(groups.reduce((sum, { nElements }) => sum + nElements, 0)).toBe(
            tensors.reduce((sum, tensor) => sum + countOf(tensor), 0),
        );
        expect(labelOf(tensors, chosen)).toBe("Q4_K_M");
        const fileBytes = planFile(model.layout, model.request("Q4_K_M")).fileBytes;
        const beside = nearestMixture(model, tensors, costs, { fileBytes, cost: 0.001 });
        expect(beside?.type).toBe("Q4_K_M");
        expect(beside?.fileBytes).toBe(fileBytes);
        expect(nearestMixture(model, tensors, costs, { fileBytes: 1e9, cost: 1 })).toBeUndefined();
    });

    it("cannot be of one type and fitted", async () => {
        await expect(open({ pure: true })).rejects.toThrow(AppError);
    });
});

it("a tensor with values that are not finite is named when its errors are measured", async () => {
    const [first] = listOpenTensors(await open());
    if (!first) throw new Error("the starter has no tensors");
    const said = "The value at row 58, column 3 is not a number";
    const work = measureErrors([{ job: first.job, types: ["Q4_K"] }], {
        source: await openFolder("models/starter"),
        native: { rowErrors: () => Promise.reject(new Error(said)) } as never,
        threads: 1,
        signal: new AbortController().signal,
        onProgress: () => undefined,
    });
    const name = first.job.tensor.parts[0]?.source.name ?? "";
    await expect(work).rejects.toMatchObject({
        code: "data/checkpoint",
        message: `${name} has values that are not finite, so the model is damaged; download it again`,
    });
});
