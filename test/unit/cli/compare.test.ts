// What `ingot compare` writes where: refused before anything is measured, and the table told before anything can go wrong with it.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CliContext } from "../../../src/cli/context";
import { noProgress } from "../../../src/cli/output";
import type { CompareParams } from "../../../src/protocol/compare";
import { temporaryFolder } from "../../support/temporaryFolder";
import { comparison, REFERENCE, row } from "../compare/rows";

const RESULT = comparison([REFERENCE, row("Q6_K", 400, { ppl: 10, meanKl: 0.01, sameTop: 0.9 })]);
const nAsked = { value: 0 };
let result = RESULT;
let asked: CompareParams | undefined;
let onAsked: () => void = () => undefined;
vi.mock("../../../src/cli/worker", () => ({
    askWorker: (_: CliContext, __: string, params: CompareParams) => {
        nAsked.value++;
        asked = params;
        onAsked();
        return Promise.resolve(result);
    },
}));
const { compare } = await import("../../../src/cli/compare");

const home = temporaryFolder("compare-cli");
const at = (name: string) => join(home(), name);
let said: string[] = [];
beforeEach(() => {
    nAsked.value = 0;
    result = RESULT;
    onAsked = () => undefined;
    said = [];
    for (const name of ["coder.gguf", "text.txt"]) writeFileSync(at(name), name);
});
const run = (...args: string[]) => runOn(at("text.txt"), ...args);
const runOn = (text: string, ...args: string[]) =>
    compare.run({
        args: [at("coder.gguf"), "--types", "Q6_K", "--text", text, ...args],
        json: false,
        signal: new AbortController().signal,
        out: (text: string) => said.push(text),
        note: () => undefined,
        progress: noProgress,
        starterPath: at("coder.gguf"),
    } as unknown as CliContext);

describe.each(["--out", "--markdown", "--csv", "--svg"])("ingot compare %s", (option) => {
    it("into a folder that is not there is refused before anything is measured", async () => {
        await expect(run(option, at("none/x"))).rejects.toThrow(
            `x cannot be written: there is no folder ${at("none")}; make it or choose another one`,
        );
        expect(nAsked.value).toBe(0);
    });

    it("writes over another file only when it may, and never over a model or a text", async () => {
        writeFileSync(at("there"), "mine");
        await expect(run(option, at("there"))).rejects.toThrow(/there exists already; /);
        for (const name of ["coder.gguf", "text.txt"])
            await expect(run(option, at(name), "--overwrite")).rejects.toThrow(
                /would replace the file that it is made from/,
            );
        expect(nAsked.value).toBe(0);
        expect(await run(option, at("there"), "--overwrite")).toBe(0);
        expect(readFileSync(at("there"), "utf8")).not.toBe("mine");
    });

    it("that fails after all loses neither the table nor the other results", async () => {
        mkdirSync(at("gone"));
        onAsked = () => rmSync(at("gone"), { recursive: true });
        const other = option === "--csv" ? "--markdown" : "--csv";
        const work = run(option, at("gone/x"), other, at("other"));
        await expect(work).rejects.toThrow(`${at("gone/x")} cannot be written; check the folder`);
        expect(said.join("")).toContain("Q6_K");
        expect(existsSync(at("other"))).toBe(true);
    });
});

it("ingot compare writes each result into its own file", async () => {
    const both = run("--out", at("x"), "--csv", at("x"));
    await expect(both).rejects.toThrow(/x is named twice; /);
    expect(nAsked.value).toBe(0);
});

it("ingot compare takes a folder as a text, by the rules of completions", async () => {
    mkdirSync(at("project/.git"), { recursive: true });
    for (const name of ["a.py", "b.py", ".env"]) writeFileSync(at(`project/${name}`), "x = 1\n");
    expect(await runOn(at("project"))).toBe(0);
    expect(asked?.text).toEqual({
        files: [at("project/a.py"), at("project/b.py")],
        bytes: 12,
        label: "2 files of project",
    });
    expect(await run()).toBe(0);
    expect(asked?.text.label).toBe("text.txt");
    await expect(runOn(at("none.txt"))).rejects.toThrow(/^There is no text file none\.txt/);
});

it("ingot compare has holes with --infill only", async () => {
    await expect(run("--holes", "5")).rejects.toThrow(/^--holes goes with --infill/);
    expect(nAsked.value).toBe(0);
    await run("--infill");
    expect(asked?.infill?.holes).toBe(100);
});

it("ingot compare fails when nothing could be measured, with the reasons", async () => {
    const missing = { ppl: "The tensor is damaged" };
    const failed = row("Q6_K", 400, { state: "failed", problem: "It could not be made" });
    result = comparison([row("F16", 1000, { isReference: true, missing }), failed]);
    expect(await run()).toBe(1);
    expect(said.join("")).toContain("Q6_K: It could not be made.");
});
