// The model that ships with Ingot, converted from its Hugging Face folder: every tensor equals llama.cpp's converter and quantizer.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { planConversion } from "../../src/foundry/pipeline";
import { makeTempFolder, readFile, runConvert } from "./runConvert";

interface StarterGolden {
    files: Record<
        string,
        {
            file_size: number;
            tensors: [name: string, shape: number[], type: string, sha256: string][];
        }
    >;
}
const golden = JSON.parse(readFileSync("test/golden/starter/golden.json", "utf8")) as StarterGolden;
const folder = "models/starter";

describe("starter", () => {
    const temp = makeTempFolder();
    afterAll(() => temp.remove());

    it.each(Object.entries(golden.files))("%s", async (label, expected) => {
        const [type = "", via = "auto"] = label.split("@");
        const out = join(temp.path, `${label}.gguf`);
        const result = await runConvert({ folder, type, via: via as "f16" | "auto", out });
        const { tensors } = await readFile(out);
        expect(
            tensors.map(({ name, shape, type: kind, sha256 }) => [name, shape, kind, sha256]),
        ).toEqual(expected.tensors);
        expect(result.bytes).toBe(statSync(out).size);
    });

    it("has exactly the size that the plan promised", async () => {
        const plan = await planConversion(await openFolder(folder));
        const size = (type: string) => plan.types.find((entry) => entry.type === type)?.sizeBytes;
        for (const type of ["F32", "BF16", "Q2_K", "Q4_0", "Q8_0", "IQ4_NL", "TQ2_0"]) {
            const out = join(temp.path, `${type}-size.gguf`);
            await runConvert({ folder, type, via: "auto", out });
            expect({ type, bytes: statSync(out).size }).toEqual({ type, bytes: size(type) });
        }
        expect(plan.types.filter((entry) => entry.recommended).map((entry) => entry.type)).toEqual([
            "Q8_0",
        ]);
        expect(plan.types.find((entry) => entry.type === "IQ2_XS")?.needsImatrix).toBe(true);
        // Without experts it would be Q8_0 under another name.
        expect(size("MXFP4_MOE")).toBeUndefined();
    });
});
