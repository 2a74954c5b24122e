// What is written of a comparison: cells, their units, reasons, Markdown, CSV, and the record read back.
import { describe, expect, it } from "vitest";
import { columnsOf, methodOf, reasonsOf, small } from "../../../src/compare/columns";
import { fieldWords } from "../../../src/compare/field";
import { parseComparison } from "../../../src/compare/record";
import { csvOf, jsonOf, markdownOf, plainTable } from "../../../src/compare/tables";
import { chooseText } from "../../../src/compare/texts";
import { FILE_TYPES } from "../../../src/gguf/types";
import { failure } from "../../support/failure";
import { comparison, REFERENCE, row } from "./rows";

const FULL = comparison(
    [
        { ...REFERENCE, promptSpeed: 99.6, generationSpeed: 8.04, memoryBytes: 1.4e9 },
        row("Q4_K_M", 340, {
            ppl: 10.4321,
            pplError: 0.1234,
            meanKl: 0.041234,
            meanKlError: 0.001,
            kl99: 0.52,
            sameTop: 0.9123,
            promptSpeed: 114.4,
            generationSpeed: 20.6,
            memoryBytes: 7.3e8,
            infill: 0.4,
        }),
        row("Q2_K", 250, { state: "failed", problem: "Q2_K could not be made" }),
    ],
    {
        bench: { promptTokens: 512, generatedTokens: 64, threads: 2, repetitions: 3 },
        infill: { label: "basket", nHoles: 40 },
        imatrix: "coder.imatrix",
    },
);

describe("columns", () => {
    it("write each measure with what it is counted in, and - where there is none", () => {
        const { heading, rows } = plainTable(FULL);
        expect(heading).toHaveLength(11);
        expect(rows[1]).toEqual([
            "Q4_K_M",
            "340 MB",
            "5.44",
            "10.4321 ± 0.1234",
            "0.0412",
            "0.52",
            "91.2 %",
            "114",
            "21",
            "730 MB",
            "40.0 %",
        ]);
        expect(rows[0]?.slice(7, 10)).toEqual(["100", "8.0", "1.4 GB"]);
        expect(rows[2]?.slice(3)).toEqual(Array(8).fill("-"));
    });

    it("that were asked for stay, with the reason, when no row has a figure", () => {
        const why = "There is no code to cut holes from";
        const missing = { infill: why, promptSpeed: "It died", generationSpeed: "It died" };
        const failed = comparison([
            { ...REFERENCE, missing },
            row("Q4_K_M", 340, { ppl: 10, missing }),
        ]);
        const { heading, rows } = plainTable(failed);
        expect(heading.slice(7)).toEqual(["Prompt", "Generation", "Infilling"]);
        expect(rows.map((cells) => cells.slice(7))).toEqual(Array(2).fill(["-", "-", "-"]));
        expect(reasonsOf(failed)).toContain(`Q4_K_M, Infilling: ${why}.`);
    });

    it("leave out what was not asked for, and leave empty what is still to come", () => {
        const waiting = row("Q8_0", 530, { state: "waiting" });
        const { heading, rows } = plainTable(comparison([REFERENCE, waiting]));
        expect(heading).toEqual([
            "Type",
            "Size",
            "Bits",
            "Perplexity",
            "Mean KL",
            "99 % KL",
            "Same top",
        ]);
        expect(rows[1]?.slice(3)).toEqual(["", "", "", ""]);
        expect(columnsOf(FULL)).toHaveLength(11);
    });

    it.each([
        [0, "0"],
        [0.00000123, "< 0.00001"],
        [0.00012345, "0.000123"],
        [1.23456, "1.23"],
        [undefined, "-"],
    ])("writes %s as %s", (value, text) => expect(small(value)).toBe(text));
});

describe("reasons", () => {
    it("are told once for all figures that they explain", () => {
        const missing = { meanKl: "it is the reference", kl99: "it is the reference" };
        const rows = [{ ...REFERENCE, missing }, ...FULL.rows.slice(2)];
        expect(reasonsOf(comparison(rows))).toEqual([
            "F16, Mean KL, 99 % KL: it is the reference.",
            "Q2_K: Q2_K could not be made.",
        ]);
    });

    it("say how everything was had", () => {
        const method = methodOf(FULL).join("\n");
        for (const part of [
            "8 chunks of 512 tokens",
            "against F16",
            "importance matrix coder.imatrix",
            "512 tokens read, 64 written, 2 threads",
            "40 holes of basket",
            "Test CPU, 2 cores, 16.0 GB of memory; 2026-11-27",
        ])
            expect(method).toContain(part);
        expect(method).not.toContain("fit and bpw");
        const fitted = comparison([REFERENCE, row("fit:300MB", 300)]);
        expect(methodOf(fitted).join("\n")).toContain("fit and bpw: each tensor");
    });

    it("takes the model's name, which is anybody's, as a text", () => {
        const model = "[a](b) <b>#";
        expect(markdownOf({ ...FULL, model }).split("\n")[0]).toBe(
            "# \\[a\\](b) \\<b\\>\\#: quantizations compared",
        );
    });
});

describe("markdownOf", () => {
    it("is one table with a line for each row, advice above and method below", () => {
        const text = markdownOf(FULL, ["Use Q4_K_M."]);
        const lines = text.split("\n").filter((line) => line.startsWith("|"));
        expect(lines).toHaveLength(2 + FULL.rows.length);
        expect(new Set(lines.map((line) => line.split("|").length)).size).toBe(1);
        expect(lines[2]).toContain("F16 (reference)");
        expect(text.indexOf("Use Q4_K_M.")).toBeLessThan(text.indexOf("| Type"));
        expect(text).toContain("- Q2_K: Q2_K could not be made.");
    });

    it("does not let a name end a cell", () => {
        const text = markdownOf(comparison([REFERENCE, row("a|b", 100)]));
        expect(text).toContain("a\\|b");
    });
});

describe("csvOf", () => {
    it("has the figures as they were measured, and nothing where there is none", () => {
        const [head = "", , second = "", third = ""] = csvOf(FULL).split("\r\n");
        const at = (line: string, field: string) => line.split(",")[head.split(",").indexOf(field)];
        expect(at(second, "meanKl")).toBe("0.041234");
        expect(at(second, "bytes")).toBe("340000000");
        expect(at(third, "ppl")).toBe("");
    });

    it("quotes names, and none is a formula", () => {
        const rows = [row('a,"b"', 1, { file: "=SUM(A1)" })];
        expect(csvOf(comparison(rows)).split("\r\n")[1]).toMatch(/^'=SUM\(A1\),"a,""b""",/);
    });
});

describe("parseComparison", () => {
    it("reads back what was written", () => {
        expect(parseComparison(jsonOf(FULL), "x.comparison.json")).toEqual(FULL);
    });

    it("says of one that was running when its window closed that it was stopped", () => {
        const text = jsonOf({ ...FULL, state: "running" });
        expect(parseComparison(text, "x").state).toBe("stopped");
    });

    it.each([
        "",
        "null",
        "[]",
        '{"rows":[]}',
        '{"ingotComparison":1,"rows":[]}',
        '{"ingotComparison":2}',
    ])("refuses %j", (text) => {
        expect(failure(() => parseComparison(text, "x.json")).code).toBe("user/usage");
    });

    it("drops fields of the wrong kind and rows that are none", () => {
        const value = JSON.parse(jsonOf(FULL)) as { rows: unknown[] };
        value.rows = [
            null,
            7,
            { type: "Q8_0" },
            { ...FULL.rows[1], ppl: "high", meanKl: null, missing: 3 },
        ];
        const { rows } = parseComparison(JSON.stringify(value), "x");
        expect(rows).toHaveLength(1);
        expect(rows[0]?.ppl).toBeUndefined();
        expect(rows[0]?.meanKl).toBeUndefined();
        expect(rows[0]?.sameTop).toBe(0.9123);
        expect(rows[0]?.missing).toEqual({});
    });
});

describe("fieldWords", () => {
    it("say something of every type that can be made, and nothing of what is none", () => {
        const without = Object.keys(FILE_TYPES).filter((type) => fieldWords(type) === undefined);
        expect(without.filter((type) => /^(I?Q[2-8]|IQ1|B?F)/.test(type))).toEqual(["Q2_0"]);
        expect(fieldWords("toString")).toBeUndefined();
        expect(fieldWords("Q4_0")).toContain("Legacy");
    });
});

describe("chooseText", () => {
    const files = Array.from({ length: 40 }, (_, i) => ({
        path: `/p/src/${i}.ts`,
        name: `src/${i}.ts`,
        bytes: 1000,
    }));

    it("takes as many files as the text needs, the same ones every time, from all over", () => {
        const text = chooseText(files, 10_000, "basket");
        expect(text.files).toHaveLength(10);
        expect(text.bytes).toBe(10_000);
        expect(text.label).toBe("10 of 40 code files of basket");
        expect(chooseText([...files].reverse(), 10_000, "basket")).toEqual(text);
        const places = text.files.map((path) => Number(/(\d+)\.ts/.exec(path)?.[1]));
        expect(Math.max(...places) - Math.min(...places)).toBeGreaterThan(20);
    });

    it("takes all when they are few, large ones too", () => {
        const few = [...files.slice(0, 2), { path: "/p/big.ts", name: "big.ts", bytes: 90_000 }];
        expect(chooseText(few, 50_000, "basket").label).toBe("all 3 code files of basket");
        expect(chooseText(few, 1500, "basket").files).not.toContain("/p/big.ts");
    });
});
