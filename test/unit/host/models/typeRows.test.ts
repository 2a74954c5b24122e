/** `Ingot: Quantize a Model...`: which types are offered, in which order, and what is said about them; names of results. */

import { describe, expect, it } from "vitest";
import { quantizeRows, stemOf } from "../../../../src/host/models/typeRows";
import { isPendingJob } from "../../../../src/host/models/pendingJob";
import type { ConvertPlan, TypePlan } from "../../../../src/protocol/worker";

const facts = { memory: { ramBytes: 16 * 2 ** 30 } };
const type = (name: string, sizeBytes: number, change: Partial<TypePlan> = {}): TypePlan => ({
    type: name,
    sizeBytes,
    bitsPerWeight: 4.5,
    nFallback: 0,
    fallbacks: [],
    needsImatrix: false,
    recommended: false,
    memoryBytes: sizeBytes,
    fitsMemory: true,
    ...change,
});
const plan = (types: TypePlan[], warnings: string[] = []): ConvertPlan => ({
    name: "coder",
    architecture: "qwen2",
    family: "qwen2",
    nParameters: 1.5e9,
    sourceBytes: 1.6e9,
    warnings,
    types,
});

describe("quantizeRows", () => {
    const types = [
        type("F16", 3e9),
        type("Q8_0", 1.6e9),
        type("Q6_K", 1.25e9),
        type("Q4_K_M", 986_047_232, { recommended: true }),
        type("IQ1_S", 0.4e9, { needsImatrix: true }),
    ];

    it("offer what is smaller than the file, the recommended one first, with exact sizes", () => {
        const { rows, advice } = quantizeRows(plan(types), { sizeBytes: 1.6e9 }, facts);
        expect(rows.map(({ label }) => label)).toEqual(["Q4_K_M", "Q6_K", "IQ1_S"]);
        expect(rows[0]?.description).toBe("986 MB (986,047,232 bytes), 4.50 bits per weight");
        expect(rows[0]?.detail).toBe("recommended");
        expect(advice).toBe("Fewer bits make a smaller and faster file that knows a little less");
    });

    it("say what cannot be made without an importance matrix, and that it is asked for", () => {
        const rows = (imatrix?: string) =>
            quantizeRows(plan(types), { sizeBytes: 1.6e9 }, { ...facts, imatrix }).rows;
        expect(rows().at(-1)).toMatchObject({
            label: "IQ1_S",
            description:
                "400 MB (400,000,000 bytes), 4.50 bits per weight, needs an importance matrix",
        });
        expect(rows("/m/coder.imatrix.gguf").at(-1)?.description).toContain(
            "the importance matrix does not cover it",
        );
    });

    it("say the memory with the context in use, where the model's cache is known", () => {
        const cache = { bytesPerToken: 28_672, trainedTokens: 32_768 };
        const details = (contextTokens: number, ramBytes: number) =>
            quantizeRows(
                { ...plan(types), cache },
                { sizeBytes: 1.6e9 },
                {
                    memory: { contextTokens, ramBytes },
                },
            ).rows.map(({ detail }) => detail);
        expect(details(8192, 16e9).slice(0, 2)).toEqual([
            "recommended, fits this computer: needs 1.9 GB of memory for 8,192 tokens",
            "fits this computer: needs 2.2 GB of memory for 8,192 tokens",
        ]);
        expect(details(32_768, 3e9)[0]).toBe(
            "recommended, does not fit this computer's memory: needs 2.7 GB of memory for 32,768 tokens",
        );
    });

    it("say what quantizing again costs", () => {
        const warnings = ["290 tensors of the file are quantized already, and so on"];
        const { advice } = quantizeRows(plan(types, warnings), { sizeBytes: 1.6e9 }, facts);
        expect(advice).toContain("loses more than converting the original");
    });

    it("say so when nothing would be smaller", () => {
        expect(() => quantizeRows(plan(types), { sizeBytes: 0.4e9 }, facts)).toThrow(
            "No type makes coder smaller than it is; convert the original instead",
        );
    });
});

describe("stemOf", () => {
    it.each([
        ["/m/coder-Q8_0.gguf", "coder"],
        ["coder.IQ4_XS.gguf", "coder"],
        ["coder-bf16-00001-of-00003.gguf", "coder"],
        ["Qwen2.5-Coder-0.5B.gguf", "Qwen2.5-Coder-0.5B"],
        ["Q4_K_M.gguf", "Q4_K_M"],
    ])("%s is of %s", (file, stem) => expect(stemOf(file)).toBe(stem));
});

describe("isPendingJob", () => {
    const params = { file: "/a.gguf", type: "Q4_K_M", out: "/b.gguf" };
    it.each([
        [{ id: "1", request: { kind: "quantize", params } }, true],
        [{ id: "1", request: { kind: "download", params: { repo: "a/b", files: [] } } }, true],
        [{ id: "1", request: { kind: "convert", params } }, false],
        [{ id: "1", request: { kind: "later", params } }, false],
        [{ id: 1, request: { kind: "quantize", params } }, false],
        [null, false],
        ["text", false],
    ])("%j: %s", (value, expected) => expect(isPendingJob(value)).toBe(expected));
});
