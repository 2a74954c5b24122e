/**
 * Every tensor's type, against what llama-quantize itself chose for 12 models (test/golden/quant). With INGOT_PLANS=FOLDER against the
 * records that scripts/golden-plans.mjs packed.
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/base/errors";
import {
    chooseTypes,
    compareTensorNames,
    isQuantizable,
    type QuantChoice,
    type QuantModel,
} from "../../../src/foundry/quant/rules";
import { tensorBytes } from "../../../src/gguf/write";
import type { FileTypeName, GgmlTypeName } from "../../../src/gguf/types";

interface GoldenModel extends QuantModel {
    name: string;
    tensors: [name: string, shape: number[], type: GgmlTypeName, kept?: "kept"][];
    /** Types as `TYPE*count` runs; null: refused. */
    plans: Record<string, string | null>;
    plansWithImatrix: Record<string, string | null>;
    bitsPerWeight: Record<string, number>;
}

async function readModels(): Promise<GoldenModel[]> {
    const records = process.env["INGOT_PLANS"];
    if (records) {
        const script = new URL("../../../scripts/golden-plans.mjs", import.meta.url).href;
        const { packPlans } = (await import(script)) as {
            packPlans: (folder: string) => GoldenModel[];
        };
        return packPlans(records);
    }
    const golden = new URL("../../golden/quant/plans.json.gz", import.meta.url);
    return JSON.parse(gunzipSync(readFileSync(golden)).toString()) as GoldenModel[];
}
const MODELS = await readModels();

describe("the plans", () => {
    it("cover 12 models, 32 recipes each, 9 of them with an importance matrix", () => {
        expect(MODELS.map((model) => Object.keys(model.plans).length)).toEqual(Array(12).fill(32));
        expect(MODELS.map((model) => Object.keys(model.plansWithImatrix).length)).toEqual(
            Array(12).fill(9),
        );
    });
});

describe.each(MODELS)("$name", (model) => {
    const names = Object.keys(model.plans) as FileTypeName[];

    it("leaves alone what llama-quantize leaves alone", () => {
        const kept = model.tensors.filter((tensor) => !isQuantizable(toTensor(tensor)));
        expect(kept.map(([name]) => name)).toEqual(
            model.tensors.filter((tensor) => tensor[3] === "kept").map(([name]) => name),
        );
    });

    it("is quantized in the order of compareTensorNames", () => {
        const names = model.tensors.filter((tensor) => tensor[3] !== "kept").map(([name]) => name);
        expect(names.toSorted(compareTensorNames)).toEqual(names);
    });

    it.each(names)("%s", (fileType) => {
        expect(choose(model, fileType, false)).toEqual(expected(model, model.plans[fileType]));
    });

    it.each(Object.keys(model.plansWithImatrix) as FileTypeName[])("%s with imatrix", (type) => {
        expect(choose(model, type, true)).toEqual(expected(model, model.plansWithImatrix[type]));
    });

    it("has the sizes that llama-quantize gives", () => {
        const sizes = names
            .filter((type) => model.plans[type] !== null)
            .map((type) => [
                type,
                bitsPerWeight(
                    model,
                    chooseTypes(model, ordered(model), { fileType: type, hasImatrix: false }),
                ),
            ]);
        expect(Object.fromEntries(sizes)).toEqual(
            Object.fromEntries(sizes.map(([type]) => [type, model.bitsPerWeight[type as string]])),
        );
    });
});

function toTensor([name, shape, type]: GoldenModel["tensors"][number]) {
    return { name, shape, type };
}

function ordered(model: GoldenModel) {
    return model.tensors.map(toTensor).sort((a, b) => compareTensorNames(a.name, b.name));
}

/** Name to type of what is quantized; the refusal's code when it is refused. */
function choose(model: GoldenModel, fileType: FileTypeName, hasImatrix: boolean): unknown {
    try {
        const choices = chooseTypes(model, ordered(model), { fileType, hasImatrix });
        const types = new Map(choices.map(({ name, type }) => [name, type]));
        const planned = model.tensors.filter((tensor) => tensor[3] !== "kept");
        return Object.fromEntries(planned.map(([name]) => [name, types.get(name)]));
    } catch (error) {
        return error instanceof AppError ? error.code : error;
    }
}

function expected(model: GoldenModel, plan: string | null | undefined): unknown {
    if (plan === null || plan === undefined) return "data/unsupported";
    const types = plan.split(" ").flatMap((run) => {
        const [type = "", count = "1"] = run.split("*");
        return Array<string>(Number(count)).fill(type);
    });
    const planned = model.tensors.filter((tensor) => tensor[3] !== "kept");
    expect(types.length).toBe(planned.length);
    return Object.fromEntries(planned.map(([name], index) => [name, types[index]]));
}

function bitsPerWeight(model: GoldenModel, choices: QuantChoice[]): number {
    const shapes = new Map(model.tensors.map(([name, shape]) => [name, shape]));
    let bytes = 0;
    let values = 0;
    for (const { name, type } of choices) {
        const shape = shapes.get(name) ?? [];
        bytes += tensorBytes({ name, shape, type });
        values += shape.reduce((product, size) => product * size, 1);
    }
    return Math.round((bytes * 800) / values) / 100;
}
