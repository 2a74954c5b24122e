// `--reference`: what llama.cpp's converter gets wrong is written as it does, and said; everything else stays the same.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTempFolder, matching, readFile, runConvert } from "../goldens/runConvert";

const GOLDENS = "test/golden/conversion";
const F16 = { type: "F16", via: "auto" } as const;
let temp: ReturnType<typeof makeTempFolder>;
beforeEach(() => (temp = makeTempFolder()));
afterEach(() => temp.remove());

const out = (name: string) => join(temp.path, `${name}.gguf`);
async function both(folder: string) {
    const ours = await runConvert({ ...F16, folder, out: out("ours") });
    const reference = await runConvert({ ...F16, folder, out: out("ref"), reference: true });
    const [a, b] = [await readFile(out("ours")), await readFile(out("ref"))];
    expect(b.tensors).toEqual(a.tensors);
    const keysOf = ({ file }: typeof a) => [...file.metadata.keys()];
    const missing = keysOf(a).filter((key) => !b.file.metadata.has(key));
    expect(keysOf(b)).toEqual(keysOf(a).filter((key) => !missing.includes(key)));
    return { ours, reference, missing };
}

describe("--reference", () => {
    it("leaves the rotation base out where the reference forgets it, and says so", async () => {
        const folder = join(temp.path, "phi");
        cpSync(join(GOLDENS, "small-phi-1-5"), folder, { recursive: true });
        const path = join(folder, "config.json");
        const config = JSON.parse(readFileSync(path, "utf8")) as object;
        writeFileSync(path, JSON.stringify({ ...config, rope_theta: 500000 }));
        const { ours, reference, missing } = await both(folder);
        expect(missing).toEqual(["phi2.rope.freq_base"]);
        const added = reference.warnings.filter((warning) => !ours.warnings.includes(warning));
        expect(added).toEqual([matching(/^The rotation base 500000 is left out/)]);
    });

    it("writes the reference's scores: its file, byte for byte", async () => {
        const folder = join(GOLDENS, "spm-json-only");
        const golden = JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")) as {
            files: Record<string, { file_sha256: string }>;
        };
        const { ours, reference, missing } = await both(folder);
        expect(missing).toEqual(["ingot.tokenizer.scores"]);
        expect(reference.sha256).toBe(golden.files["f16"]?.file_sha256);
        expect(reference.sha256).not.toBe(ours.sha256);
    });

    it("changes nothing where the reference is right", async () => {
        const { ours, reference, missing } = await both("models/starter");
        expect(missing).toEqual([]);
        expect(reference.sha256).toBe(ours.sha256);
        expect(reference.warnings).toEqual(ours.warnings);
    });
});
