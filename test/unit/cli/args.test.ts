/** Arguments and how results look on a terminal. */

import { describe, expect, it } from "vitest";
import { onePositional, readArgs, wholeNumber } from "../../../src/cli/args";
import { evaluateOptions } from "../../../src/cli/evaluate";
import { bar, jsonProgress, table, terminalProgress } from "../../../src/cli/output";
import { failure } from "../../support/failure";

describe("readArgs", () => {
    const options = { type: { type: "string" }, overwrite: { type: "boolean" } } as const;

    it("reads options and positionals", () => {
        const { values, positionals } = readArgs(["a", "--type", "Q4_K_M", "--overwrite"], options);
        expect({ ...values }).toEqual({ type: "Q4_K_M", overwrite: true });
        expect(positionals).toEqual(["a"]);
    });

    it("reads numbers below 0 as values, which whoever wants others can say", () => {
        const given = ["--type", "-5", "--overwrite", "--", "--type", "-5"];
        const { values, positionals } = readArgs(given.slice(0, 3), options);
        expect({ ...values }).toEqual({ type: "-5", overwrite: true });
        expect(positionals).toEqual([]);
        expect(readArgs(given, options).positionals).toEqual(["--type", "-5"]);
        expect(readArgs(["--type=-x"], options).values.type).toBe("-x");
        expect(failure(() => evaluateOptions({ chunks: "-1" })).message).toBe(
            "--chunks takes a whole number from 1 to 1000000000",
        );
    });

    it("refuses a second value where one is taken, and takes several where they are", () => {
        const more = { ...options, text: { type: "string", multiple: true } } as const;
        const error = failure(() => readArgs(["--type", "A", "m", "--type=B"], more));
        expect(error.code).toBe("user/usage");
        expect(error.message).toBe("--type is given twice, and takes one value");
        const given = ["--text", "a", "--text", "b", "--overwrite", "--overwrite", "--", "--type"];
        expect(readArgs(given, more).values.text).toEqual(["a", "b"]);
    });

    it("says in a sentence that an option has no value", () => {
        expect(failure(() => readArgs(["m", "--type"], options)).message).toBe(
            "--type needs a value",
        );
    });

    it.each([[["--colour"]], [["--type"]], [["--overwrite=yes"]]])("refuses %j", (args) => {
        const error = failure(() => readArgs(args, options));
        expect(error.code).toBe("user/usage");
        expect(error.message).toContain(args[0]?.split("=")[0]);
    });
});

it("says what is wrong in one line, also where Node needs three", () => {
    const error = failure(() => readArgs(["--type", "-x"], { type: { type: "string" } }));
    expect(error.message).toBe("Option '--type' argument is ambiguous");
});

describe("positionals and numbers", () => {
    it("takes exactly one", () => {
        expect(onePositional(["a"], "FILE")).toBe("a");
        expect(failure(() => onePositional([], "FILE")).message).toBe("FILE is missing");
        expect(failure(() => onePositional([""], "FILE")).message).toBe("FILE is missing");
        expect(failure(() => onePositional(["a", "b"], "FILE")).message).toContain("b");
    });

    it.each(["", "0", "9", "1.5", "1e1", "0x2", " 3", "three"])("refuses %j as 1 to 8", (text) => {
        expect(failure(() => wholeNumber(text, "--threads", 1, 8)).code).toBe("user/usage");
    });

    it("takes whole numbers within bounds", () => {
        expect(wholeNumber("8", "--threads", 1, 8)).toBe(8);
        expect(wholeNumber("-1", "--seed", -1, 8)).toBe(-1);
    });
});

describe("output", () => {
    it("pads columns, numbers to the right", () => {
        const rows = [
            ["starter", "5.8 MB", "llama"],
            ["a", "12.0 GB", ""],
        ];
        expect(table(rows)).toBe("starter   5.8 MB  llama\na        12.0 GB");
        expect(table([])).toBe("");
    });

    it("keeps a column left when only some of its cells are numbers", () => {
        const rows = [
            ["general.name", "Tiny model"],
            ["llama.block_count", "12"],
        ];
        expect(table(rows)).toBe("general.name       Tiny model\nllama.block_count  12");
    });

    it("puts a heading over numbers to their right", () => {
        const rows = [
            ["Q8_0", "5.9 MB"],
            ["F16", "10.8 MB"],
        ];
        expect(table(rows, ["type", "size"])).toBe("type     size\nQ8_0   5.9 MB\nF16   10.8 MB");
    });

    it("draws a bar that never goes beyond its ends", () => {
        const at = (done: number, total: number) => bar({ label: "Reading", done, total });
        expect(at(1, 2)).toBe(`Reading ${"█".repeat(12)}${"░".repeat(12)}  50 %`);
        expect(at(3, 2)).toBe(`Reading ${"█".repeat(24)} 100 %`);
        expect(at(0, 0)).toBe(`Reading ${"░".repeat(24)}   0 %`);
    });

    it("writes progress as JSON lines", () => {
        const lines: string[] = [];
        const progress = jsonProgress((text) => lines.push(text));
        progress.show({ label: "Converting", done: 1, total: 2 });
        progress.end();
        expect(lines).toEqual(['{"label":"Converting","done":1,"total":2}\n']);
    });

    it("ends the line of a bar once", () => {
        let text = "";
        const progress = terminalProgress((part) => (text += part));
        progress.end();
        progress.show({ label: "Converting", done: 1, total: 2 });
        progress.end();
        progress.end();
        expect(text.split("\n")).toHaveLength(2);
        expect(text.startsWith("\r\u001b[K")).toBe(true);
    });
});
