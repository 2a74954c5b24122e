// Which type is recommended, and the sentence why.
import { describe, expect, it } from "vitest";
import { advise, type MemoryRule } from "../../../src/compare/advice";
import { comparison, REFERENCE, row } from "./rows";

const roomy: MemoryRule = { needed: (bytes) => bytes + 0.5e9, most: 12e9, contextTokens: 8192 };
const upTo = (most: number): MemoryRule => ({ ...roomy, most });

const ROWS = [
    REFERENCE,
    row("Q8_0", 530, { meanKl: 0.001, sameTop: 0.985, generationSpeed: 12 }),
    row("Q5_K_M", 390, { meanKl: 0.012, sameTop: 0.95, generationSpeed: 17 }),
    row("Q4_K_M", 340, { meanKl: 0.041, sameTop: 0.91, generationSpeed: 20 }),
    row("Q3_K_M", 300, { meanKl: 0.2, sameTop: 0.8, generationSpeed: 19 }),
];

describe("advise", () => {
    it("takes the smallest that is near enough, and says what its neighbours would change", () => {
        const { file, sentences } = advise(comparison(ROWS), roomy);
        expect(file).toBe("coder-Q4_K_M.gguf");
        expect(sentences[0]).toBe(
            "Use Q4_K_M on this computer: it is the smallest that is near enough to the original (a mean KL of 0.041 and 91.0 % same top tokens; up to 0.05 and from 90.0 % hardly show), it needs 840 MB of memory with 8,192 tokens of context, of 12.0 GB for a model, and it writes 20 tokens/s.",
        );
        expect(sentences.slice(1)).toEqual([
            "Q3_K_M would save 40 MB at a mean KL of 0.2 and 80.0 % same top tokens.",
            "Q5_K_M would take 50 MB more for a mean KL of 0.012 and 95.0 % same top tokens.",
        ]);
    });

    it("takes a much faster one that is hardly larger, and says so", () => {
        const rows = [
            ...ROWS,
            row("IQ4_XS", 325, { meanKl: 0.043, sameTop: 0.91, generationSpeed: 11 }),
        ];
        const { label, sentences } = advise(comparison(rows), roomy);
        expect(label).toBe("Q4_K_M");
        expect(sentences[0]).toContain(
            "IQ4_XS is 15 MB smaller and near enough, but 1.8 times slower",
        );
    });

    it("takes a slow one all the same when nothing faster is nearly as small", () => {
        const rows = [
            ...ROWS,
            row("IQ4_XS", 280, { meanKl: 0.043, sameTop: 0.91, generationSpeed: 11 }),
        ];
        expect(advise(comparison(rows), roomy).label).toBe("IQ4_XS");
    });

    it("counts the same top token beside the divergence", () => {
        const rows = [...ROWS, row("Q4_0", 335, { meanKl: 0.04, sameTop: 0.89 })];
        expect(advise(comparison(rows), roomy).label).toBe("Q4_K_M");
    });

    it("takes what is nearest when nothing that fits is near enough, and says that it shows", () => {
        const { label, sentences } = advise(comparison(ROWS), upTo(0.81e9));
        expect(label).toBe("Q3_K_M");
        expect(sentences[0]).toContain("but a mean KL of 0.2 and 80.0 % same top tokens shows");
    });

    it("recommends nothing that does not fit", () => {
        const { file, sentences } = advise(comparison(ROWS), upTo(0.7e9));
        expect(file).toBeUndefined();
        expect(sentences).toEqual([
            "None of them fits this computer: the smallest, Q3_K_M, needs 800 MB of memory with 8,192 tokens of context, and 700 MB are there for a model.",
        ]);
    });

    it("does not offer a larger neighbour that does not fit", () => {
        const { label, sentences } = advise(comparison(ROWS), upTo(0.85e9));
        expect(label).toBe("Q4_K_M");
        expect(sentences.join(" ")).not.toContain("Q5_K_M");
    });

    it("warns of a speed that is slow to wait for", () => {
        const rows = ROWS.map((one) => ({ ...one, generationSpeed: 2.4 }));
        const { sentences } = advise(comparison(rows), roomy);
        expect(sentences.at(-1)).toContain("It writes only 2.4 tokens/s here");
    });

    it("does without speeds", () => {
        const rows = ROWS.map((one) => ({ ...one, generationSpeed: undefined }));
        const { sentences } = advise(comparison(rows), roomy);
        expect(sentences[0]).not.toContain("tokens/s");
    });

    it("is silent while nothing is measured, and says at the end why there is none", () => {
        expect(advise(comparison([REFERENCE], { state: "running" }), roomy).sentences).toEqual([]);
        const failed = [REFERENCE, row("Q8_0", 530, { state: "failed", problem: "no" })];
        expect(advise(comparison(failed), roomy).sentences[0]).toContain("below the table");
        expect(advise(comparison([REFERENCE]), roomy).sentences[0]).toContain("at least one type");
        const stopped = comparison([REFERENCE], { state: "stopped" });
        expect(advise(stopped, roomy).sentences[0]).toContain("stopped before");
    });
});
