/** `ingot quantize`, recipes, splits and plans through the command line and the worker child. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConvertPlan, ConvertResult } from "../../src/protocol/worker";
import { ingot } from "../support/cliProcess";
import { ROOT, STARTER } from "../support/engineProcess";

const CHECKPOINT = join(ROOT, "models/starter");
const IMATRIX = join(ROOT, "test/golden/quantize/starter.gguf");

let home: string;
beforeAll(() => (home = mkdtempSync(join(tmpdir(), "ingot-quantize-"))));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const run = (...args: string[]) => ingot(args, { home });
const models = () => readdirSync(join(home, "models")).sort();

describe("ingot quantize", () => {
    it("quantizes again only when told to, and warns", async () => {
        const refused = await run("quantize", STARTER, "--type", "Q4_0");
        expect(refused).toMatchObject({ code: 1, out: "" });
        expect(refused.err).toContain("--allow-requantize");
        const done = await run(
            "quantize",
            STARTER,
            "--type",
            "q4_0",
            "--allow-requantize",
            "--json",
        );
        expect(done.code).toBe(0);
        expect(done.err).toMatch(/\d+ tensors of the file are quantized already/);
        const result = JSON.parse(done.out) as ConvertResult;
        expect(result).toMatchObject({ type: "Q4_0", resumedBytes: 0 });
        expect(models()).toEqual(["starter-Q4_0.gguf"]);
    });

    it("does not write over what it reads", async () => {
        const args = ["quantize", STARTER, "--type", "COPY", "--out", STARTER, "--overwrite"];
        const { code, err } = await run(...args);
        expect(code).toBe(2);
        expect(err).toContain("would replace the file that it is made from");
    });

    it("says what every type would give", async () => {
        const { code, out } = await run("quantize", STARTER, "--dry-run", "--json");
        expect(code).toBe(0);
        const plan = JSON.parse(out) as ConvertPlan;
        expect(plan.types.length).toBeGreaterThan(25);
        expect(plan.warnings[0]).toContain("quantized already");
        expect(plan.freeDiskBytes).toBeGreaterThan(0);
    });
});

describe("ingot convert", () => {
    it("shows no control characters of a model's files", async () => {
        const folder = join(home, "hostile");
        mkdirSync(folder);
        writeFileSync(
            join(folder, "config.json"),
            JSON.stringify({ architectures: ["\u001b[2J"] }),
        );
        const { code, err } = await run("convert", folder, "--type", "F16");
        expect(code).toBe(1);
        expect(err).toContain("cannot convert ?[2J models");
    });

    it("takes an importance matrix, names it as typed, and splits", async () => {
        const args = [
            "--type",
            "IQ2_M",
            "--imatrix",
            IMATRIX,
            "--split-max-tensors",
            "20",
            "--json",
        ];
        const { code, out } = await run("convert", CHECKPOINT, ...args);
        expect(code).toBe(0);
        const { files } = JSON.parse(out) as ConvertResult;
        expect(files.map(({ file }) => basename(file))).toEqual([
            "starter-IQ2_M-00001-of-00003.gguf",
            "starter-IQ2_M-00002-of-00003.gguf",
            "starter-IQ2_M-00003-of-00003.gguf",
        ]);
        const { out: text } = await run("quantize", files[0]?.file ?? "", "--dry-run");
        expect(text).toContain("IQ4_XS");
    });

    it.each([
        ["a matrix that is none", ["--imatrix", STARTER], 1, "not a usable importance matrix"],
        [
            "a matrix that is not there",
            ["--imatrix", "nowhere.dat"],
            2,
            "no importance matrix nowhere.dat",
        ],
        ["an unknown tensor type", ["--tensor-type", "a=q9_9"], 2, "no tensor type q9_9"],
        ["a size without a unit", ["--split-max-size", "100"], 2, "a number with M or G"],
        [
            "two limits",
            ["--split-max-size", "1M", "--split-max-tensors", "2"],
            2,
            "do not go together",
        ],
    ])("refuses %s and writes nothing", async (_, args, code, sentence) => {
        const before = models();
        const result = await run("convert", CHECKPOINT, "--type", "Q4_0", ...args);
        expect(result).toMatchObject({ code, out: "" });
        expect(result.err).toContain(sentence);
        expect(models()).toEqual(before);
    });

    it("says which tensors fall back to another type, and why", async () => {
        const small = join(ROOT, "test/golden/conversion/twelve-layers");
        const { code, out } = await run("convert", small, "--dry-run", "--type", "Q4_K_M");
        expect(code).toBe(0);
        expect(out).toMatch(/instead of Q[46]_K, whose blocks do not divide rows of \d+/);
        expect(out).toMatch(/all the disk that is needed; .* are free/);
    });
});
