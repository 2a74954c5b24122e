/** The lab through the CLI: what the commands say and write, and a run that is interrupted. */
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readImatrixFile } from "../../src/foundry/quant/imatrix";
import { readGguf } from "../../src/gguf/read";
import type { Comparison } from "../../src/protocol/compare";
import type { CompareScoresResult, ImatrixResult, PerplexityResult } from "../../src/protocol/lab";
import type { BenchResult } from "../../src/protocol/labBench";
import type { InfillResult } from "../../src/protocol/labInfill";
import type { ConvertResult } from "../../src/protocol/worker";
import { ingot, type CliOptions } from "../support/cliProcess";
import { ROOT, STARTER } from "../support/engineProcess";
import { KNOWN_CHUNKS, KNOWN_DIVERGENCE, KNOWN_PERPLEXITY, labText } from "../support/labText";

let home: string;
let text: string;
const chunks = ["--ctx", `${KNOWN_CHUNKS.contextTokens}`, "--chunks", `${KNOWN_CHUNKS.chunks}`];
beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "ingot-lab-cli-"));
    text = join(home, "code.txt");
    writeFileSync(text, labText());
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const run = (args: readonly string[], more: Omit<CliOptions, "home"> = {}) =>
    ingot([...args, ...(args.includes("--threads") ? [] : ["--threads", "1"])], { home, ...more });

describe("ingot perplexity", () => {
    it("says what llama-perplexity says, and the same against a saved reference as in lockstep", async () => {
        const bf16 = join(home, "bf16.gguf");
        const source = join(ROOT, "models/starter");
        await run(["convert", source, "--type", "BF16", "--out", bf16]);
        const logits = join(home, "logits");
        const saving = ["perplexity", bf16, "--text", text, ...chunks, "--save-logits", logits];
        const alone = await run([...saving, "--json"]);
        const { perplexity, nScored } = JSON.parse(alone.out) as PerplexityResult;
        expect(perplexity.value / KNOWN_DIVERGENCE.perplexityBase).toBeCloseTo(1, 2);
        expect(nScored).toBe(762);

        const reference = ["--reference", bf16, "--text", text, ...chunks];
        const lockstep = await run(["perplexity", STARTER, ...reference, "--json"]);
        const compared = JSON.parse(lockstep.out) as CompareScoresResult;
        expect(compared.perplexity.value / KNOWN_PERPLEXITY.value).toBeCloseTo(1, 2);
        expect((compared.perplexity.error ?? 0) / KNOWN_PERPLEXITY.error).toBeCloseTo(1, 1);
        // By the processor's kernels: llama-perplexity itself says 0.000268 on an AMD one with AVX-512.
        expect(Math.abs(compared.kld.mean.value / KNOWN_DIVERGENCE.meanKld - 1)).toBeLessThan(0.15);
        expect(compared.perplexityBase.value / KNOWN_DIVERGENCE.perplexityBase).toBeCloseTo(1, 2);
        expect(Math.abs(compared.sameTop.value - KNOWN_DIVERGENCE.sameTop)).toBeLessThan(0.01);

        const stored = await run(["perplexity", STARTER, "--logits", logits, "--json"]);
        const fromFile = JSON.parse(stored.out) as CompareScoresResult;
        expect({ ...fromFile, seconds: 0 }).toEqual({ ...compared, seconds: 0 });
        expect(readdirSync(home).filter((name) => name.endsWith(".part"))).toEqual([]);
    });
});

describe("ingot bench and ingot infill", () => {
    it("measure speed and memory, and fill holes of a folder's code", async () => {
        const sizes = ["--pp", "32", "--tg", "4", "--parallel", "1,2"];
        const measured = await run(["bench", STARTER, ...sizes, "--json"]);
        const { rows, single, memoryBytes } = JSON.parse(measured.out) as BenchResult;
        expect(rows.map(({ parallel, cacheTokens }) => [parallel, cacheTokens])).toEqual([
            [1, 36],
            [2, 72],
        ]);
        expect(single?.firstTokenSeconds).toBe(rows[0]?.promptSeconds);
        expect(memoryBytes).toBeGreaterThan(statSync(STARTER).size);

        const folder = join(home, "project");
        mkdirSync(join(folder, ".git"), { recursive: true });
        writeFileSync(join(folder, ".gitignore"), "made.py\n");
        for (const name of ["own.py", "made.py"]) writeFileSync(join(folder, name), labText());
        const filled = await run(["infill", STARTER, "--text", folder, "--holes", "4", "--json"]);
        const result = JSON.parse(filled.out) as InfillResult;
        expect(result).toMatchObject({ nHoles: 4, nFiles: 1, layout: "append" });
        // Lines like those above and below a hole: also the smallest model copies some of their text.
        expect(result.similarity.value).toBeGreaterThan(0.2);
        expect(result.kinds.map(({ kind, nHoles }) => [kind, nHoles])).toEqual([
            ["line", 2],
            ["lines", 2],
        ]);
    });
});

describe("ingot imatrix", () => {
    it("writes a file that quantize takes", async () => {
        const out = join(home, "one.gguf");
        const measuring = ["imatrix", STARTER, "--text", text, ...chunks, "--out", out];
        const made = await run([...measuring, "--json"]);
        const result = JSON.parse(made.out) as ImatrixResult;
        expect(result).toMatchObject({ file: out, nEntries: 28, nChunks: 6, nTokens: 1536 });
        const file = await readImatrixFile(out);
        expect(file).toMatchObject({ datasets: ["code.txt"], nChunks: 6 });

        const small = join(home, "small.gguf");
        const type = ["--type", "Q2_K_S", "--imatrix", out, "--allow-requantize", "--out", small];
        expect(await run(["quantize", STARTER, ...type])).toMatchObject({ code: 0 });
    });

    it("that is interrupted leaves what it had saved and no other file", async () => {
        const long = join(home, "long.txt");
        writeFileSync(long, labText().repeat(60));
        const out = join(home, "long.gguf");
        const args = ["imatrix", STARTER, "--text", long, "--ctx", "512", "--out", out];
        const { code } = await run([...args, "--save-every", "1", "--progress", "json"], {
            interruptAt: '"done":4096',
        });
        expect(code).toBe(130);
        expect(existsSync(out)).toBe(true);
        const { nChunks } = await readImatrixFile(out);
        expect(nChunks).toBeGreaterThan(0);
        expect(nChunks).toBeLessThan(400);
        expect(readdirSync(home).filter((name) => name.endsWith(".part"))).toEqual([]);
    });
});

async function openFile(path: string) {
    const bytes = readFileSync(path);
    const read = (offset: number, length: number) =>
        Promise.resolve(bytes.subarray(offset, offset + length));
    const { metadata, tensors, dataOffset } = await readGguf({ size: bytes.length, read });
    const bytesOf = (name: string) => {
        const { offset = 0, sizeBytes = 0 } = tensors.find((one) => one.name === name) ?? {};
        return bytes.subarray(dataOffset + offset, dataOffset + offset + sizeBytes);
    };
    return { metadata, tensors, bytesOf };
}

describe("ingot quantize --calibrate", () => {
    it("writes a file of the same type and size, with other blocks, and says what it learned from", async () => {
        const args = ["quantize", STARTER, "--type", "Q4_K_M", "--allow-requantize", "--json"];
        const plain = join(home, "plain.gguf");
        const fed = join(home, "fed.gguf");
        await run([...args, "--out", plain]);
        const calibration = ["--calibrate", text, "--chunks", "2"];
        const { code, out } = await run([...args, "--out", fed, ...calibration]);
        expect(code).toBe(0);
        expect((JSON.parse(out) as ConvertResult).type).toBe("Q4_K_M");
        const [a, b] = [await openFile(plain), await openFile(fed)];
        const keys = ["quantize.feedback.datasets", "quantize.feedback.tokens_count"];
        expect([...b.metadata.keys()].filter((key) => !a.metadata.has(key))).toEqual(keys);
        expect(b.metadata.get(keys[1] ?? "")?.value).toBe(1024);
        // Made again without it, a file does not say so any more.
        const again = join(home, "again.gguf");
        await run(["quantize", fed, "--type", "Q5_K_M", "--allow-requantize", "--out", again]);
        const { metadata } = await openFile(again);
        expect(keys.filter((key) => metadata.has(key))).toEqual([]);
        expect(b.tensors).toEqual(a.tensors);
        const differ = a.tensors.filter(({ name }) => !a.bytesOf(name).equals(b.bytesOf(name)));
        expect(differ).toHaveLength(28);
        expect(differ.every(({ name }) => /^blk\.\d\.(attn|ffn)_\w+\.weight$/.test(name))).toBe(
            true,
        );
    });

    it("wants a text", async () => {
        const { code, err } = await run(["quantize", STARTER, "--type", "Q4_K", "--chunks", "2"]);
        expect({ code, err: err.split("\n")[0] }).toEqual({
            code: 2,
            err: "--chunks goes with --text and --calibrate, of which it takes the first ones",
        });
    });
});

describe("ingot compare", () => {
    it("measures the file that quantize makes of a size, beside the types", async () => {
        const source = join(home, "tea-BF16.gguf");
        await run(["convert", join(ROOT, "models/starter"), "--type", "BF16", "--out", source]);
        const fitted = join(home, "fitted.gguf");
        await run(["quantize", source, "--type", "fit:4MB", "--out", fitted]);
        const keep = join(home, "kept");
        const types = ["--types", "q4_k_m,fit:4MB", "--keep", keep, "--no-speed"];
        const measured = ["--text", text, "--chunks", "1", "--json"];
        const { code, out } = await run(["compare", source, ...types, ...measured]);
        expect(code).toBe(0);
        const { model, rows } = JSON.parse(out) as Comparison;
        // Its own name, not the file's.
        expect(model).toBe("Starter");
        expect(rows.map(({ label }) => label)).toEqual(["BF16", "fit:4MB", "Q4_K_M"]);
        const [, ofSize, ofType] = rows;
        expect(ofSize?.bytes).toBe(statSync(fitted).size);
        expect(ofSize?.meanKl).toBeLessThan(ofType?.meanKl ?? 0);
        expect(readFileSync(ofSize?.file ?? "").equals(readFileSync(fitted))).toBe(true);
    });
});
