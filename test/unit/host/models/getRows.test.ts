/** `Ingot: Get a Model...`: what its lists say, in which order, and what is recommended. */

import { describe, expect, it } from "vitest";
import {
    choiceRows,
    convertAsRow,
    findWay,
    formatCount,
    recommendedRows,
    searchRows,
} from "../../../../src/host/models/getRows";
import type { HubModel, HubPage } from "../../../../src/protocol/hub";
import type { ConvertPlan } from "../../../../src/protocol/worker";

const GB = 2 ** 30;
const memory = { ramBytes: 16 * GB };

const model = (change: Partial<HubModel> = {}): HubModel => ({
    id: "owner/coder",
    downloads: 34_567,
    likes: 1,
    modified: "",
    license: "apache-2.0",
    gated: false,
    private: false,
    formats: ["safetensors"],
    nParameters: 1.5e9,
    ...change,
});

const page = (ggufs: HubPage["ggufs"]): HubPage => ({
    ...model(),
    endpoint: "https://huggingface.co",
    url: "https://huggingface.co/owner/coder",
    revision: "main",
    commit: "c".repeat(40),
    files: [],
    ggufs,
    hasAccess: true,
    offline: false,
});

const gguf = (type: string | undefined, sizeBytes: number, nParts = 1) => ({
    file: `m-${type ?? "x"}.gguf`,
    type,
    sizeBytes,
    files: Array.from({ length: nParts }, (_, i) => `m-${type ?? "x"}-${i}.gguf`),
});

function plan(types: [type: string, sizeBytes: number, recommended?: boolean][]): ConvertPlan {
    return {
        name: "coder",
        architecture: "qwen2",
        family: "qwen2",
        nParameters: 1.5e9,
        sourceBytes: 3e9,
        warnings: [],
        types: types.map(([type, sizeBytes, recommended = false]) => ({
            type,
            sizeBytes,
            bitsPerWeight: 5,
            nFallback: 0,
            fallbacks: [],
            memoryBytes: sizeBytes,
            fitsMemory: true,
            needsImatrix: type.startsWith("IQ1"),
            recommended,
        })),
    };
}

describe("recommendedRows", () => {
    it("begin with the one for this computer", () => {
        const [first, ...others] = recommendedRows(memory);
        expect(first?.value).toBe("Qwen/Qwen2.5-Coder-1.5B");
        expect(first?.detail).toBe("recommended for this computer");
        expect(others.every(({ detail }) => !detail?.includes("recommended"))).toBe(true);
    });
});

describe("searchRows", () => {
    it("say size, downloads, licence, and whether it fits", () => {
        const [fits, big, gated, unknown] = searchRows(
            [
                model({ formats: ["gguf", "safetensors"] }),
                model({ nParameters: 70e9 }),
                model({ gated: true, license: undefined }),
                model({ nParameters: undefined, formats: ["gguf"] }),
            ],
            memory,
        );
        expect(fits).toMatchObject({
            label: "$(check) owner/coder",
            description: "1.5B, 35k downloads, apache-2.0",
            detail: "ready to use, about 919 MB as Q4_K_M",
            value: "owner/coder",
        });
        expect(big).toMatchObject({
            label: "$(warning) owner/coder",
            detail: "made here, does not fit this computer's memory",
        });
        expect(gated?.label).toBe("$(lock) owner/coder");
        expect(gated?.detail).toContain("its terms must be accepted, made here");
        expect(unknown).toMatchObject({
            label: "$(circle-outline) owner/coder",
            detail: "ready to use",
        });
    });

    it("keep the end of a long id, and the facts beside it", () => {
        const id = `${"an-organisation".repeat(3)}/coder-1.5b-instruct-v2-preview`;
        const [row] = searchRows([model({ id })], memory);
        expect(row?.label).toBe("$(check) an-organisatio\u2026oder-1.5b-instruct-v2-preview");
        expect(row?.value).toBe(id);
    });

    it.each([
        [12, "12"],
        [1234, "1k"],
        [2_345_678, "2.3M"],
    ])("%i downloads are %s", (count, text) => expect(formatCount(count)).toBe(text));
});

describe("choiceRows", () => {
    const labels = (...given: Parameters<typeof choiceRows>) =>
        choiceRows(...given).map(({ label, value, detail }) => [label, value.kind, detail]);

    it("put the recommended first, then quantized ones from the best down, then the floats", () => {
        const made = plan([
            ["BF16", 3e9],
            ["Q8_0", 1.6e9],
            ["Q4_K_M", 1e9, true],
            ["IQ1_S", 0.4e9],
        ]);
        const rows = choiceRows(page([gguf("Q6_K", 1.3e9)]), made, memory);
        expect(rows.at(-1)?.description).toContain("will be made here, needs an importance matrix");
        expect(labels(page([gguf("Q6_K", 1.3e9)]), made, memory)).toEqual([
            ["Q4_K_M", "convert", "recommended"],
            ["Q8_0", "convert", ""],
            ["Q6_K", "fetch", ""],
            ["BF16", "convert", ""],
            ["IQ1_S", "convert", ""],
        ]);
    });

    it("show exact sizes, and prefer what is published already", () => {
        const rows = choiceRows(
            page([gguf("Q4_K_M", 1_012_345_678)]),
            plan([["Q4_K_M", 1e9, true]]),
            memory,
        );
        expect(rows[0]).toEqual({
            label: "Q4_K_M",
            description: "1.0 GB (1,012,345,678 bytes), published",
            detail: "recommended",
            value: {
                kind: "fetch",
                repo: "owner/coder",
                commit: "c".repeat(40),
                files: ["m-Q4_K_M-0.gguf"],
            },
        });
        expect(rows.filter(({ detail }) => detail === "recommended").length).toBe(1);
    });

    it("recommend the largest quantized one that fits when the usual one is not there or too large", () => {
        const small = { ramBytes: 4 * GB };
        const files = [
            gguf("Q4_K_M", 4e9),
            gguf("Q2_K", 1.5e9),
            gguf("Q3_K_M", 2e9),
            gguf("F16", 2.1e9),
        ];
        const rows = choiceRows(page(files), undefined, small);
        expect(rows[0]?.label).toBe("Q3_K_M");
        expect(rows.find(({ label }) => label === "Q4_K_M")?.detail).toContain("does not fit");
    });

    it("say the memory for the context in use, and the time once a rate is known", () => {
        const cache = { bytesPerToken: 28_672, trainedTokens: 32_768 };
        const cached = [{ path: "m-Q6_K-0.gguf", sizeBytes: 1.3e9, cached: "/hub/m" }];
        const given = { ...page([gguf("Q8_0", 1.6e9), gguf("Q6_K", 1.3e9)]), cache, files: cached };
        const made = plan([["Q4_K_M", 1e9, true]]);
        const rows = (rate?: number) =>
            choiceRows(given, made, { ...memory, contextTokens: 4096 }, rate);
        expect(rows().map(({ detail }) => detail)).toEqual([
            "recommended, fits this computer: needs 1.8 GB of memory for 4,096 tokens",
            "fits this computer: needs 2.4 GB of memory for 4,096 tokens",
            "fits this computer: needs 2.1 GB of memory for 4,096 tokens",
        ]);
        const last = (rate?: number) =>
            rows(rate).map(({ description }) => description?.split(", ").at(-1));
        expect(last()).toEqual(["will be made here", "published", "downloaded already"]);
        // Made here, the whole checkpoint comes over the line.
        expect(last(10e6)).toEqual([
            "about 5 min to download",
            "about 3 min to download",
            "downloaded already",
        ]);
    });

    it("offer a model in several files as one, with all of them", () => {
        const rows = choiceRows(page([gguf("Q4_K_M", 1e9, 2)]), undefined, memory);
        expect(rows).toEqual([
            {
                label: "Q4_K_M",
                description: "1.0 GB (1,000,000,000 bytes), published in 2 files",
                detail: "recommended",
                value: {
                    kind: "fetch",
                    repo: "owner/coder",
                    commit: "c".repeat(40),
                    files: ["m-Q4_K_M-0.gguf", "m-Q4_K_M-1.gguf"],
                },
            },
        ]);
    });

    it("recommend nothing where nothing fits", () => {
        const rows = choiceRows(page([gguf("Q8_0", 90e9)]), undefined, memory);
        expect(rows.map(({ detail }) => detail)).toEqual(["does not fit this computer's memory"]);
        expect(choiceRows(page([]), undefined, memory)).toEqual([]);
    });
});

describe("a repository whose architecture has no rules", () => {
    const published = page([gguf("Q8_0", 2 * GB)]);
    const rows = [...choiceRows(published, undefined, memory), convertAsRow(published)];

    it("is offered to be converted as another family, after what is published", () => {
        expect(rows.map(({ label }) => label)).toEqual(["Q8_0", "Convert as..."]);
        expect(rows.at(-1)).toMatchObject({
            detail: "Ingot has no rules for this model's architecture",
            value: { kind: "convert-as", repo: "owner/coder" },
        });
    });

    it("is converted as another family for a type that is not published", () => {
        expect(findWay(published, rows, "q8_0")).toMatchObject({ kind: "fetch" });
        expect(findWay(published, rows, "Q4_K_M")).toEqual({
            kind: "convert-as",
            repo: "owner/coder",
        });
        const [known] = rows;
        expect(() => findWay(published, [known!], "Q4_K_M")).toThrow(/cannot be had as Q4_K_M/);
        expect(() => findWay(published, [], "Q4_K_M")).toThrow(/neither GGUF nor safetensors/);
    });
});
