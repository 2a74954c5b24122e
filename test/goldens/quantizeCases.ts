/**
 * The cases of test/golden/quantize, files that llama.cpp's own tools wrote: what each was made from and with. Shared by the suites that make
 * them from files and in one pass.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { recipeOptions, splitOptions, RECIPE_ARGS } from "../../src/cli/recipe";
import { readArgs } from "../../src/cli/args";

export interface Case {
    model: string;
    from: string;
    type: string;
    args: string[];
    sha256?: string;
    refused?: boolean;
}
interface Split {
    model: string;
    from: string;
    args: string[];
    files: [name: string, sha256: string][];
}
const FOLDER = "test/golden/quantize";

export const { models, cases, splits } = JSON.parse(
    readFileSync(join(FOLDER, "golden.json"), "utf8"),
) as {
    models: Record<string, string>;
    cases: Case[];
    splits: Split[];
};

export const FLOATS = ["f16", "bf16", "f32"];

/** The options as a person types them, the importance matrix named as the reference was given it. */
export function options(args: readonly string[]) {
    const { values } = readArgs(args, {
        ...RECIPE_ARGS,
        "allow-requantize": { type: "boolean" },
    });
    const recipe = recipeOptions(values);
    const imatrix = values.imatrix === undefined ? undefined : join(FOLDER, values.imatrix);
    return {
        recipe: recipe && { ...recipe, imatrix },
        allowRequantize: values["allow-requantize"],
        split: splitOptions(values),
    };
}

export const named = (list: readonly Case[]) =>
    list.map((one) => [`${one.model} ${one.from} ${one.type} ${one.args.join(" ")}`, one] as const);
