/** A fit in words and figures: its file type, its tensors in groups, and the standard mixture that comes nearest to it. Pure. */

import { AppError } from "../../base/errors";
import { measureFiles, planFile } from "../../foundry/fileLayout";
import { categoryOf, type Category } from "../../foundry/quant/mixture";
import { baseType, WRITABLE_FILE_TYPES } from "../../foundry/quant/rules";
import type { FileTypeName, GgmlTypeName } from "../../gguf/types";
import type { FitGroup, FitPlan } from "../../protocol/fit";
import type { Costs } from "./costs";
import { countOf, tensorBytes, type FitModel, type OpenTensor } from "./model";

/** Of the mixtures with one base type the one that is usually meant. */
const USUAL: readonly FileTypeName[] = [
    "Q3_K_M",
    "Q4_K_M",
    "Q5_K_M",
    "Q2_K",
    "IQ2_XS",
    "IQ2_M",
    "IQ3_S",
];

/** What a file of these types is labelled with: the usual mixture of the type that most bytes have. */
export function labelOf(
    tensors: readonly OpenTensor[],
    chosen: readonly GgmlTypeName[],
): FileTypeName {
    const bytes = new Map<GgmlTypeName, number>();
    tensors.forEach(({ shape }, i) => {
        const type = chosen[i] ?? "F16";
        bytes.set(type, (bytes.get(type) ?? 0) + tensorBytes(shape, type));
    });
    const [most] = [...bytes].sort(([, a], [, b]) => b - a)[0] ?? ["F16"];
    const order = [...USUAL, ...WRITABLE_FILE_TYPES];
    return order.find((type) => baseType(type) === most) ?? "Q8_0";
}

const NAMES: Readonly<Record<Category, string>> = {
    output: "output",
    "token-embedding": "token embedding",
    "attention-qkv": "attention, queries to values",
    "attention-kv-b": "attention, keys and values",
    "attention-v": "attention, values",
    "attention-k": "attention, keys",
    "attention-q": "attention, queries",
    "attention-output": "attention, output",
    "ffn-up": "feed-forward, up",
    "ffn-gate": "feed-forward, gate",
    "ffn-down": "feed-forward, down",
    other: "other",
};

/** In the order in which they come in the file. */
export function groupTensors(
    tensors: readonly OpenTensor[],
    chosen: readonly GgmlTypeName[],
    costs: Costs,
): FitGroup[] {
    const groups = new Map<Category, number[]>();
    tensors.forEach(({ name }, i) => {
        const category = categoryOf(name);
        groups.set(category, [...(groups.get(category) ?? []), i]);
    });
    const costOf = (i: number) => costs.of(i, chosen[i] ?? "F16") ?? 0;
    const all = sum(tensors.map((_, i) => costOf(i)));
    return [...groups].map(([category, members]): FitGroup => {
        const types = new Map<string, number>();
        for (const i of members) {
            const type = chosen[i] ?? "F16";
            types.set(type, (types.get(type) ?? 0) + 1);
        }
        return {
            name: NAMES[category],
            nTensors: members.length,
            nElements: sum(members.map((i) => countOf(tensors[i]))),
            bytes: sum(
                members.map((i) => tensorBytes(tensors[i]?.shape ?? [], chosen[i] ?? "F16")),
            ),
            types: [...types]
                .map(([type, nTensors]) => ({ type, nTensors }))
                .sort((a, b) => b.nTensors - a.nTensors),
            share: all > 0 ? sum(members.map(costOf)) / all : 0,
        };
    });
}

/** How far a mixture's size may be from the fit's to be compared with it. */
const NEAR = 0.1;

/** The mixture of nearest size whose errors are all known, by the same measure. */
export function nearestMixture(
    model: FitModel,
    tensors: readonly OpenTensor[],
    costs: Costs,
    fit: { fileBytes: number; cost: number },
): FitPlan["beside"] {
    const measure = measureFiles(model.layout);
    const near = WRITABLE_FILE_TYPES.flatMap((type) => {
        const size = unlessImpossible(() => measure(model.request(type)));
        if (!size || size.needImatrix.length > 0) return [];
        const distance = Math.abs(size.fileBytes - fit.fileBytes);
        return distance > NEAR * fit.fileBytes ? [] : [{ type, distance }];
    }).sort((a, b) => a.distance - b.distance);
    for (const { type } of near) {
        const { jobs, fileBytes } = planFile(model.layout, model.request(type));
        const types = new Map(jobs.map((job) => [job.tensor.name, job.type as GgmlTypeName]));
        const own = tensors.map(({ name }, i) => costs.of(i, types.get(name) ?? "F32"));
        if (own.includes(undefined)) continue;
        const cost = sum(own.map((one) => one ?? 0));
        if (cost > 0) return { type, fileBytes, lossRatio: fit.cost / cost };
    }
    return undefined;
}

/** Undefined when the model cannot have that type. */
function unlessImpossible<T>(plan: () => T): T | undefined {
    try {
        return plan();
    } catch (error) {
        if (error instanceof AppError && error.code === "data/unsupported") return undefined;
        throw error;
    }
}

function sum(values: readonly number[]): number {
    return values.reduce((all, value) => all + value, 0);
}
