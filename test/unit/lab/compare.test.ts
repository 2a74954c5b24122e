// A comparison with scripted steps: order, what is told when, what a failure and a cancel leave behind.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AppError, cancelled } from "../../../src/base/errors";
import { Estimate } from "../../../src/lab/compare/estimate";
import { compare } from "../../../src/lab/compare/run";
import type { CompareSteps, FileFacts } from "../../../src/lab/compare/steps";
import type { CompareEvent, CompareParams, Comparison } from "../../../src/protocol/compare";
import { rejection } from "../../support/failure";
import { temporaryFolder } from "../../support/temporaryFolder";

const folder = temporaryFolder("compare");

const FACTS: Record<string, FileFacts> = {
    "/m/coder-F16.gguf": facts("coder-F16", "F16", 1000),
    "/m/coder-Q8_0.gguf": facts("coder-Q8_0", "Q8_0", 530),
    "/m/other-Q4_K_M.gguf": facts("other-Q4_K_M", "Q4_K_M", 345),
};
const SIZES = { Q6_K: 410, Q4_K_M: 340, Q2_K: 250, IQ2_XS: 200 };

function facts(name: string, type: string, bytes: number): FileFacts {
    return { name, type, bytes, nParameters: 500 };
}

class Script implements CompareSteps {
    readonly calls: string[] = [];
    /** Files that were there while they were measured. */
    readonly there: string[] = [];
    fail: Record<string, Error> = {};

    describe = async (file: string) => {
        const known = FACTS[file];
        if (known) return known;
        throw new AppError("user/no-model", `There is no file ${file}`);
    };

    planTypes = async () =>
        Object.entries(SIZES).map(([type, bytes]) => ({
            type,
            bytes,
            bitsPerWeight: (bytes * 8) / 500,
            needsImatrix: type === "IQ2_XS",
        }));

    fit: CompareSteps["fit"] = async ({ target }, { onFraction }) => {
        this.call(`fit ${target}`);
        onFraction(0.5);
        const bytes = Number(target.replace(/\D/g, ""));
        const bitsPerWeight = (bytes * 8) / 500;
        return { type: "Q4_K_S", types: { "blk.0.attn_q.weight": "Q5_K" }, bytes, bitsPerWeight };
    };

    quantize: CompareSteps["quantize"] = async ({ type, types, out }) => {
        this.call(`make ${type}${types === undefined ? "" : ` with ${JSON.stringify(types)}`}`);
        writeFileSync(out, type);
    };

    scores: CompareSteps["scores"] = async ({ file }, { onFraction }) => {
        const type = this.call(`scores ${nameOf(file)}`);
        if (existsSync(file)) this.there.push(type);
        onFraction(0.5);
        return {
            nChunks: 4,
            file: {
                ppl: 11,
                pplError: 0.2,
                meanKl: 0.05,
                meanKlError: 0.01,
                kl99: 0.4,
                sameTop: 0.9,
            },
            reference: { ppl: 10, pplError: 0.1 },
        };
    };

    perplexity: CompareSteps["perplexity"] = async (file) => {
        this.call(`perplexity ${nameOf(file)}`);
        return { ppl: 10, pplError: 0.1, nChunks: 4 };
    };

    bench: CompareSteps["bench"] = async (file) => {
        this.call(`bench ${nameOf(file)}`);
        return {
            facts: { promptTokens: 64, generatedTokens: 16, threads: 2, repetitions: 3 },
            measures: { promptSpeed: 100, generationSpeed: 20, memoryBytes: 7e8 },
        };
    };

    infill: CompareSteps["infill"] = async (file) => {
        this.call(`infill ${nameOf(file)}`);
        return { infill: 0.5, nHoles: 12 };
    };

    private call(what: string): string {
        this.calls.push(what);
        const failure = this.fail[what];
        if (failure) throw failure;
        return what;
    }
}

function nameOf(file: string): string {
    return /-([A-Z][\w]*)\.gguf$/.exec(file)?.[1] ?? file;
}

function params(more: Partial<CompareParams> = {}): CompareParams {
    return {
        files: ["/m/coder-F16.gguf"],
        types: ["Q4_K_M", "Q6_K"],
        text: { label: "3 files", files: ["/t/a.ts"], bytes: 9000 },
        chunks: 4,
        contextTokens: 512,
        bench: true,
        machine: { cpu: "Test", ramBytes: 16e9, contextTokens: 8192 },
        ...more,
    };
}

async function run(
    script: Script,
    given: CompareParams,
    more: { signal?: AbortSignal; free?: number } = {},
) {
    const events: CompareEvent[] = [];
    const whole = await compare(given, script, {
        signal: more.signal ?? new AbortController().signal,
        onEvent: (event) => events.push(event),
        temporaryParent: folder(),
        freeBytes: async () => more.free ?? 1e12,
        date: () => 0,
    });
    return { whole, events };
}

const typesOf = ({ rows }: Comparison) => rows.map(({ type }) => type);

describe("compare", () => {
    it("makes each type, measures it, removes it, and goes on to the next", async () => {
        const script = new Script();
        const { whole } = await run(script, params());
        expect(typesOf(whole)).toEqual(["F16", "Q6_K", "Q4_K_M"]);
        expect(script.calls).toEqual([
            "bench F16",
            "make Q6_K",
            "scores Q6_K",
            "bench Q6_K",
            "make Q4_K_M",
            "scores Q4_K_M",
            "bench Q4_K_M",
        ]);
        expect(script.there).toEqual(["scores Q6_K", "scores Q4_K_M"]);
        expect(readdirSync(folder())).toEqual([]);
        expect(whole.rows.map(({ state }) => state)).toEqual(["done", "done", "done"]);
        expect(whole.rows[0]).toMatchObject({ isReference: true, ppl: 10, pplError: 0.1 });
        expect(whole.rows[0]?.missing.meanKl).toBe("it is what the others are compared with");
        expect(whole.rows[2]).toMatchObject({ meanKl: 0.05, bitsPerWeight: 5.44, isKept: false });
        expect(whole).toMatchObject({
            model: "coder",
            state: "done",
            text: { nChunks: 4, bytes: 9000 },
        });
    });

    it("is called as the model's metadata says, else as its file without the type", async () => {
        const script = new Script();
        const titleOf = async () => (await run(script, params({ types: [] }))).whole.model;
        expect(await titleOf()).toBe("coder");
        script.describe = async () => ({
            ...facts("q-BF16", "BF16", 1000),
            model: "Coder 0.5B Instruct",
        });
        expect(await titleOf()).toBe("Coder 0.5B Instruct");
    });

    it("tells of a row as soon as it is measured, and never goes backwards", async () => {
        const { events } = await run(new Script(), params());
        const withFirst = events.findIndex(
            ({ comparison }) => comparison?.rows[1]?.state === "done",
        );
        const withSecond = events.findIndex(
            ({ comparison }) => comparison?.rows[2]?.state === "done",
        );
        expect(withFirst).toBeGreaterThan(0);
        expect(withSecond).toBeGreaterThan(withFirst);
        expect(events[withFirst]?.comparison?.rows[2]?.state).toBe("waiting");
        const fractions = events.map(({ fraction }) => fraction);
        expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
        expect(fractions.at(-1)).toBe(1);
    });

    it("goes on after a type that cannot be made, with the reason in its row", async () => {
        const script = new Script();
        script.fail["make Q6_K"] = new AppError("native/failed", "The worker crashed");
        const { whole } = await run(script, params());
        expect(whole.rows[1]).toMatchObject({ state: "failed", problem: "The worker crashed" });
        expect(whole.rows[2]).toMatchObject({ state: "done", meanKl: 0.05 });
        expect(script.calls).not.toContain("bench Q6_K");
    });

    it("says of each figure that could not be had why, and keeps the others", async () => {
        const script = new Script();
        script.fail["scores Q4_K_M"] = new AppError("user/usage", "The text is too short");
        script.fail["bench Q6_K"] = new Error("boom");
        const { whole } = await run(script, params());
        expect(whole.rows[2]).toMatchObject({ state: "done", generationSpeed: 20 });
        expect(whole.rows[2]?.missing).toMatchObject({ ppl: "The text is too short" });
        expect(whole.rows[1]?.missing.memoryBytes).toContain("boom");
        expect(whole.rows[1]?.meanKl).toBe(0.05);
    });

    it("makes nothing more when the text is of no use to the first", async () => {
        const script = new Script();
        script.fail["scores Q6_K"] = new AppError("user/usage", "The text is too short");
        const error = await rejection(run(script, params({ bench: false })));
        expect(error.message).toBe("The text is too short");
        expect(script.calls).toEqual(["make Q6_K", "scores Q6_K"]);
        expect(readdirSync(folder())).toEqual([]);
    });

    it("measures the reference alone when nothing else could be", async () => {
        const script = new Script();
        const { whole } = await run(script, params({ types: [], bench: false }));
        expect(script.calls).toEqual(["perplexity F16"]);
        expect(whole.rows[0]).toMatchObject({ ppl: 10, state: "done" });
    });

    it("compares files that are there, against the unquantized one, by their names where types are the same", async () => {
        const script = new Script();
        const files = ["/m/coder-Q8_0.gguf", "/m/other-Q4_K_M.gguf", "/m/coder-F16.gguf"];
        const { whole } = await run(script, params({ files, types: ["Q4_K_M"], bench: false }));
        expect(whole.rows.map(({ label }) => label)).toEqual([
            "F16",
            "Q8_0",
            "other-Q4_K_M",
            "coder-Q4_K_M",
        ]);
        expect(script.calls).toEqual([
            "scores Q8_0",
            "scores Q4_K_M",
            "make Q4_K_M",
            "scores Q4_K_M",
        ]);
        expect(whole.rows.map(({ isKept }) => isKept)).toEqual([true, true, true, false]);
    });

    it("makes what is fitted to a size, with the types of tensors that were found for it", async () => {
        const script = new Script();
        const keepIn = join(folder(), "library");
        const types = ["Q4_K_M", "fit:300B", "FIT:300b", "q2_k"];
        const { whole, events } = await run(script, params({ types, bench: false, keepIn }));
        const rows = whole.rows.map(({ label, bytes, file }) => [label, bytes, nameOf(file)]);
        expect(rows).toEqual([
            ["F16", 1000, "F16"],
            ["Q4_K_M", 340, "Q4_K_M"],
            ["fit:300B", 300, join(keepIn, "coder-4.80bpw.gguf")],
            ["Q2_K", 250, "Q2_K"],
        ]);
        expect(script.calls.filter((call) => !call.startsWith("scores"))).toEqual([
            "fit fit:300B",
            "make Q4_K_M",
            'make Q4_K_S with {"blk.0.attn_q.weight":"Q5_K"}',
            "make Q2_K",
        ]);
        expect(whole.rows[2]).toMatchObject({ type: "fit:300B", meanKl: 0.05, state: "done" });
        expect(readdirSync(keepIn)).toContain("coder-4.80bpw.gguf");
        expect(events.map(({ step }) => step)).toContain("fit:300B: choosing types, 50 %");
        const fractions = events.map(({ fraction }) => fraction);
        expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    });

    it("refuses sizes that come to one file, and fits none when another type is wrong", async () => {
        const script = new Script();
        const two = await rejection(run(script, params({ types: ["fit:300B", "fit:0.300kB"] })));
        expect([two.code, two.message]).toEqual([
            "user/usage",
            "fit:300B and fit:0.300kB both come to coder-4.80bpw.gguf; leave one out",
        ]);
        const wrong = new Script();
        const error = await rejection(run(wrong, params({ types: ["fit:300B", "Q9_Z"] })));
        expect(error.message).toContain("or a size such as fit:6GiB or bpw:4.5");
        expect(wrong.calls).toEqual([]);
    });

    it("asks for holes only when there are some, and counts them", async () => {
        const script = new Script();
        const infill = { label: "basket", files: ["/t/a.ts"], holes: 20 };
        const { whole } = await run(script, params({ types: ["Q6_K"], infill }));
        expect(script.calls.filter((call) => call.startsWith("infill"))).toEqual([
            "infill F16",
            "infill Q6_K",
        ]);
        expect(whole.infill).toEqual({ label: "basket", nHoles: 12 });
        expect(whole.rows[1]?.infill).toBe(0.5);
    });

    it("keeps what it makes when it is told where", async () => {
        const keepIn = join(folder(), "library");
        const { whole } = await run(new Script(), params({ keepIn, types: ["Q2_K"] }));
        expect(readdirSync(keepIn)).toEqual(["coder-Q2_K.gguf"]);
        expect(whole.rows[1]).toMatchObject({
            isKept: true,
            file: join(keepIn, "coder-Q2_K.gguf"),
        });
    });

    it("is told before anything is measured that it cannot keep them there", async () => {
        const script = new Script();
        const file = join(folder(), "file");
        writeFileSync(file, "");
        const given = params({ keepIn: file, types: ["Q2_K"] });
        expect((await rejection(run(script, given))).message).toBe(
            `${file} is a file; choose a folder to keep the types in`,
        );
        writeFileSync(join(folder(), "coder-Q4_K_M.gguf"), "");
        const error = await rejection(run(script, params({ keepIn: folder() })));
        expect(error.message).toMatch(/coder-Q4_K_M\.gguf exists already; compare that file/);
        expect(script.calls).toEqual([]);
    });

    it("does not make what needs an importance matrix, and says so", async () => {
        const script = new Script();
        const { whole } = await run(script, params({ types: ["IQ2_XS", "Q2_K"] }));
        expect(whole.rows.find(({ type }) => type === "IQ2_XS")).toMatchObject({
            state: "failed",
            problem: "IQ2_XS needs an importance matrix, and none was given",
        });
        expect(script.calls).not.toContain("make IQ2_XS");
    });

    it.each([
        { keepIn: undefined, free: 409, needed: "410 bytes" },
        { keepIn: "library", free: 749, needed: "750 bytes" },
    ])("looks for room first: $needed", async ({ keepIn, free, needed }) => {
        const script = new Script();
        const given = params(keepIn === undefined ? {} : { keepIn: join(folder(), keepIn) });
        const error = await rejection(run(script, given, { free }));
        expect(error.code).toBe("env/disk");
        expect(error.message).toContain(needed);
        expect(script.calls).toEqual([]);
        await expect(run(script, given, { free: free + 1 })).resolves.toBeDefined();
    });

    it.each([
        { what: { types: ["Q9_Z"] }, code: "user/usage", words: "cannot be of type Q9_Z" },
        { what: { files: ["/m/none.gguf"] }, code: "user/no-model", words: "no file" },
        { what: { files: [] }, code: "user/usage", words: "no file to compare" },
    ])("refuses $words", async ({ what, code, words }) => {
        const error = await rejection(run(new Script(), params(what)));
        expect(error.code).toBe(code);
        expect(error.message).toContain(words);
    });

    it("ends at a cancel, and leaves nothing on the disk", async () => {
        const script = new Script();
        const controller = new AbortController();
        script.scores = async () => {
            controller.abort();
            throw cancelled();
        };
        const error = await rejection(run(script, params(), { signal: controller.signal }));
        expect(error.code).toBe("cancelled");
        expect(script.calls).toEqual(["bench F16", "make Q6_K"]);
        expect(readdirSync(folder())).toEqual([]);
    });

    it("leaves the reference open until it is scored along with the first of the others", async () => {
        const { events } = await run(new Script(), params());
        const states = events.flatMap(({ comparison }) =>
            comparison?.rows[0]?.ppl === undefined ? (comparison?.rows[0]?.state ?? []) : [],
        );
        expect(new Set(states)).toEqual(new Set(["waiting", "measuring"]));
    });

    it("does not measure again what an earlier run had finished", async () => {
        const { events } = await run(new Script(), params());
        const earlier = events.find(
            ({ comparison }) => comparison?.rows[1]?.state === "done",
        )?.comparison;
        const script = new Script();
        const { whole } = await run(script, params({ earlier }));
        expect(script.calls).toEqual(["make Q4_K_M", "scores Q4_K_M", "bench Q4_K_M"]);
        expect(whole.rows.map(({ meanKl }) => meanKl)).toEqual([undefined, 0.05, 0.05]);
        expect(whole.state).toBe("done");
    });

    it("measures all anew when the earlier run was asked something else", async () => {
        const { whole: earlier } = await run(new Script(), params({ types: ["Q6_K"] }));
        const script = new Script();
        await run(script, params({ types: ["Q6_K"], bench: false, earlier }));
        expect(script.calls).toEqual(["make Q6_K", "scores Q6_K"]);
    });

    it("removes what a killed run has left, and nothing of one that lives", async () => {
        const gone = join(folder(), "ingot-compare-999999999-abc");
        const alive = join(folder(), `ingot-compare-${process.ppid}-abc`);
        for (const path of [gone, alive]) mkdirSync(path);
        await run(new Script(), params());
        expect(existsSync(gone)).toBe(false);
        expect(existsSync(alive)).toBe(true);
    });
});

describe("Estimate", () => {
    it("tells the time left from the steps that were done, once one of them says something", () => {
        let ms = 0;
        const estimate = new Estimate(["bench", "make", "scores", "make", "scores"], () => ms);
        expect(estimate.secondsLeft).toBeUndefined();
        const step = (kind: "bench" | "make" | "scores", seconds: number) => {
            estimate.start(kind);
            ms += seconds * 1000;
            estimate.end();
        };
        step("bench", 2);
        step("make", 4);
        step("scores", 30);
        expect(estimate.secondsLeft).toBe(34);
        estimate.start("make");
        ms += 1000;
        estimate.advance(0.25);
        expect(estimate.secondsLeft).toBe(33);
        estimate.end();
        estimate.drop("scores");
        expect(estimate.secondsLeft).toBe(0);
        expect(estimate.fraction).toBe(1);
    });
});
