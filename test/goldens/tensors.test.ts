// Every recorded file of every golden checkpoint: each tensor's shape, type and bytes, and the whole file where it is reproducible.
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FAMILIES } from "../../src/foundry/family/registry";
import { goldenTensors, listGoldens, type Golden, type GoldenTensor } from "./golden";
import { isOurs } from "./ours";
import { makeTempFolder, readFile, runConvert } from "./runConvert";

/** A label of a golden as arguments: `f16` is the converter's file, `Q4_K_M@bf16` the quantizer's from that one. */
function request(label: string) {
    const [type = "", via] = label.split("@");
    if (via) return { type, via: via as "f16" | "bf16", layout: "quantizer" as const };
    return { type, via: "auto" as const, layout: "converter" as const };
}

/** Not reproducible, or refused by us where the reference writes something that does not run. */
function skipsFile(golden: Golden, label: string): string | undefined {
    if (golden.name === "f16-overflow" && label === "f16") return "has infinities";
    return undefined;
}

function byName(tensors: readonly GoldenTensor[]): GoldenTensor[] {
    return [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where our file differs from the reference's on purpose. */
const RENAMED: Record<string, [from: string, to: string]> = {
    "tied-only-lm-head": ["output.weight", "token_embd.weight"],
};

/**
 * Mamba's A = -exp(A_log): the reference's torch takes a vendor's vectorized exp, which rounds a few values in the last place otherwise
 * than to the nearest; ours are the nearest. Compared without the bytes.
 */
const INEXACT = /\.ssm_a$/;

function withoutInexact(tensors: readonly GoldenTensor[]): GoldenTensor[] {
    return tensors.map((tensor) =>
        INEXACT.test(tensor.name) ? { ...tensor, sha256: "" } : tensor,
    );
}

describe("tensors", () => {
    const temp = makeTempFolder();
    afterAll(() => temp.remove());
    const cases = listGoldens((golden, folder) => isOurs(golden, folder, FAMILIES)).flatMap(
        ({ golden, folder }) =>
            Object.keys(golden.files)
                .filter((label) => !label.includes(":") && skipsFile(golden, label) === undefined)
                .map((label) => [`${golden.name} ${label}`, { golden, folder, label }] as const),
    );

    it.each(cases)("%s", async (_, { golden, folder, label }) => {
        const { type, via, layout } = request(label);
        const out = join(temp.path, "out.gguf");
        const result = await runConvert(
            {
                folder,
                type,
                via,
                out,
                overwrite: true,
                pre: golden.pre_forced ?? undefined,
                reference: true,
            },
            { layout },
        );
        const tensors = withoutInexact((await readFile(out)).tensors);
        const rename = RENAMED[golden.name];
        const expected = withoutInexact(goldenTensors(golden, label)).map((tensor) =>
            tensor.name === rename?.[0] ? { ...tensor, name: rename[1] } : tensor,
        );
        if (rename) expect(byName(tensors)).toEqual(byName(expected));
        else expect(tensors).toEqual(expected);
        const whole = golden.files[label];
        const isExact = !rename && !tensors.some(({ name }) => INEXACT.test(name));
        if (isExact && golden.nondeterministic === undefined) {
            expect({ sha256: result.sha256, bytes: result.bytes }).toEqual({
                sha256: whole?.file_sha256,
                bytes: whole?.file_size,
            });
        }
    });
});
