// The record of `ingot compare --out`: which one is gone on with, which is not replaced, and that it is never half written.
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { RecordFile } from "../../../src/cli/compareRecord";
import { jsonOf } from "../../../src/compare/tables";
import { questionOf } from "../../../src/node/comparisonQuestion";
import type { CompareParams, Comparison } from "../../../src/protocol/compare";
import { temporaryFolder } from "../../support/temporaryFolder";
import { comparison, REFERENCE, row } from "../compare/rows";

const folder = temporaryFolder("record");

function question(more: Partial<CompareParams> = {}): CompareParams {
    return {
        files: [join(folder(), "coder-F16.gguf")],
        types: ["Q6_K", "Q4_K_M"],
        text: { label: "3 files", files: [join(folder(), "a.ts")], bytes: 50_000 },
        chunks: 8,
        contextTokens: 512,
        bench: false,
        machine: { cpu: "Test CPU, 2 cores", ramBytes: 16e9, contextTokens: 8192 },
        ...more,
    };
}

const KEPT = { overwrite: false, inputs: [] };
const REPLACED = { overwrite: true, inputs: [] };

beforeEach(() => {
    for (const name of ["coder-F16.gguf", "a.ts"]) writeFileSync(join(folder(), name), name);
});

async function left(more: Partial<Comparison> = {}): Promise<RecordFile> {
    const rows = [REFERENCE, row("Q6_K", 400, { ppl: 10, meanKl: 0.01 })];
    const file = join(folder(), "a.comparison.json");
    const asked = { question: await questionOf(question()), state: "running" as const };
    writeFileSync(file, jsonOf(comparison(rows, { ...asked, ...more })));
    return new RecordFile(file);
}

describe("RecordFile", () => {
    it("goes on with what a killed or stopped run of the same question has left", async () => {
        for (const state of ["running", "stopped"] as const) {
            const record = await left({ state });
            const same = question({ types: ["q4_k_m", "Q6_K"] });
            const earlier = await record.unfinished(await questionOf(same), KEPT);
            expect(earlier?.rows.map(({ meanKl }) => meanKl)).toEqual([undefined, 0.01]);
        }
    });

    it.each<[string, () => Partial<CompareParams>]>([
        ["another model of that name", () => ({ files: ["/elsewhere/coder-F16.gguf"] })],
        ["other types", () => ({ types: ["Q6_K"] })],
        ["another text", () => ({ text: { label: "3 files", files: ["/t/b.ts"], bytes: 50_000 } })],
        ["more windows", () => ({ chunks: 16 })],
        ["longer windows", () => ({ contextTokens: 1024 })],
        ["speeds too", () => ({ bench: true })],
        ["holes too", () => ({ infill: { label: "x", files: [], holes: 9 } })],
        ["a matrix", () => ({ imatrix: "/m.gguf", imatrixName: "m.gguf" })],
        [
            "another computer",
            () => ({ machine: { cpu: "B", ramBytes: 16e9, contextTokens: 8192 } }),
        ],
    ])("is not gone on with by a run with %s, nor replaced without a word", async (_, more) => {
        const record = await left();
        const asked = await questionOf(question(more()));
        await expect(record.unfinished(asked, KEPT)).rejects.toThrow(
            /a\.comparison\.json is a comparison of other files, of another text or by other options; /,
        );
        expect(await record.unfinished(asked, REPLACED)).toBeUndefined();
    });

    it("is not gone on with when the model or the text is another one under its name", async () => {
        for (const name of ["coder-F16.gguf", "a.ts"]) {
            const record = await left();
            const changed = new Date(Date.now() + 5000);
            utimesSync(join(folder(), name), changed, changed);
            const asked = await questionOf(question());
            await expect(record.unfinished(asked, KEPT)).rejects.toThrow(/by other options/);
        }
    });

    it("takes the place of a finished one or of anything else only when it may", async () => {
        const asked = await questionOf(question());
        const finished = await left({ state: "done" });
        await expect(finished.unfinished(asked, KEPT)).rejects.toThrow(
            /is this very comparison, and finished; choose another name/,
        );
        expect(await finished.unfinished(asked, REPLACED)).toBeUndefined();
        const file = join(folder(), "b.json");
        expect(await new RecordFile(file).unfinished(asked, KEPT)).toBeUndefined();
        writeFileSync(file, "{}");
        await expect(new RecordFile(file).unfinished(asked, KEPT)).rejects.toThrow(
            /exists already/,
        );
        expect(await new RecordFile(file).unfinished(asked, REPLACED)).toBeUndefined();
        const model = new RecordFile(join(folder(), "coder-F16.gguf"));
        const inputs = question().files;
        await expect(model.unfinished(asked, { overwrite: true, inputs })).rejects.toThrow(
            /would replace the file that it is made from/,
        );
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
