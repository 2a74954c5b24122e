// The record of `ingot compare --out`: which one is gone on with, and that it is never half written.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RecordFile } from "../../../src/cli/compareRecord";
import { jsonOf } from "../../../src/compare/tables";
import type { CompareParams, Comparison } from "../../../src/protocol/compare";
import { temporaryFolder } from "../../support/temporaryFolder";
import { comparison, REFERENCE, row } from "../compare/rows";

const folder = temporaryFolder("record");

function question(more: Partial<CompareParams> = {}): CompareParams {
    return {
        files: ["/m/coder-F16.gguf"],
        types: ["Q6_K", "Q4_K_M"],
        text: { label: "3 files", files: ["/t/a.ts"], bytes: 50_000 },
        chunks: 8,
        contextTokens: 512,
        bench: false,
        machine: { cpu: "Test CPU, 2 cores", ramBytes: 16e9, contextTokens: 8192 },
        ...more,
    };
}

function left(more: Partial<Comparison> = {}): RecordFile {
    const rows = [REFERENCE, row("Q6_K", 400, { ppl: 10, meanKl: 0.01 })];
    const file = join(folder(), "a.comparison.json");
    writeFileSync(file, jsonOf(comparison(rows, { state: "running", ...more })));
    return new RecordFile(file);
}

describe("RecordFile", () => {
    it("goes on with what a killed or stopped run of the same question has left", async () => {
        for (const state of ["running", "stopped"] as const) {
            const earlier = await left({ state }).unfinished(question());
            expect(earlier?.rows.map(({ meanKl }) => meanKl)).toEqual([undefined, 0.01]);
        }
    });

    it.each<[string, Partial<CompareParams>]>([
        ["another text", { text: { label: "4 files", files: [], bytes: 50_000 } }],
        ["a text of another length", { text: { label: "3 files", files: [], bytes: 1 } }],
        ["more windows", { chunks: 16 }],
        ["longer windows", { contextTokens: 1024 }],
        ["a matrix", { imatrixName: "m.gguf" }],
        ["another computer", { machine: { cpu: "B", ramBytes: 16e9, contextTokens: 8192 } }],
    ])("begins anew with %s", async (_, more) => {
        expect(await left().unfinished(question(more))).toBeUndefined();
    });

    it("begins anew after a whole one, and where there is none or something else", async () => {
        expect(await left({ state: "done" }).unfinished(question())).toBeUndefined();
        const file = join(folder(), "b.json");
        expect(await new RecordFile(file).unfinished(question())).toBeUndefined();
        writeFileSync(file, "{}");
        expect(await new RecordFile(file).unfinished(question())).toBeUndefined();
    });

    it("writes one whole record after the other", async () => {
        const file = join(folder(), "c.json");
        const record = new RecordFile(file);
        await Promise.all([
            record.write(comparison([REFERENCE], { state: "running" })),
            record.write(comparison([REFERENCE, row("Q6_K", 400)])),
        ]);
        const { rows, state } = JSON.parse(readFileSync(file, "utf8")) as Comparison;
        expect([rows.length, state]).toEqual([2, "done"]);
        expect(existsSync(`${file}.part`)).toBe(false);
    });
});
