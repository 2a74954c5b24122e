/** A conversion with error feedback: the bytes of converting and quantizing one after the other, and what is beside the result, and when. */

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { convertCalibrated } from "../../src/lab/feedback/convert";
import { quantizeCalibrated } from "../../src/lab/feedback/run";
import type { ConvertEvent, ConvertParams, ConvertResult } from "../../src/protocol/worker";
import { labText } from "../support/labText";
import { temporaryFolder } from "../support/temporaryFolder";
import { openNative, runConvert } from "../goldens/runConvert";

const folder = "models/starter";
const home = temporaryFolder("calibrated");
const at = (name: string) => join(home(), name);
const names = () =>
    readdirSync(home())
        .filter((name) => name !== "code.txt")
        .sort();
const never = new AbortController().signal;
const calibration = () => ({ texts: [{ path: at("code.txt"), name: "code.txt" }], chunks: 2 });
const UNQUANTIZED = /^out\.unquantized-[0-9a-f]{12}\.gguf$/;

beforeEach(() => writeFileSync(at("code.txt"), labText()));

async function drain(
    work: AsyncGenerator<ConvertEvent, ConvertResult, void>,
    onEvent: (event: ConvertEvent) => void,
): Promise<ConvertResult> {
    for (;;) {
        const next = await work.next();
        if (next.done) return next.value;
        onEvent(next.value);
    }
}

/** `opened`: files of the checkpoint that were read. */
function run(
    more: Partial<ConvertParams> & { signal?: AbortSignal; suspend?: AbortSignal },
    onEvent: (event: ConvertEvent) => void = () => undefined,
) {
    const opened: string[] = [];
    const { signal = never, suspend, ...params } = more;
    const work = convertCalibrated(
        {
            source: { kind: "folder", path: folder },
            type: "Q3_K_M",
            via: "auto",
            out: at("out.gguf"),
            ...params,
        },
        calibration(),
        signal,
        {
            openSource: async () => {
                const source = await openFolder(folder);
                const open = source.open.bind(source);
                return Object.assign(source, {
                    open: (file: string) => {
                        opened.push(file);
                        return open(file);
                    },
                });
            },
            native: openNative(),
            suspend,
        },
    );
    return { result: drain(work, onEvent), opened };
}

/** Nothing is evaluated, and nothing is there afterwards that was not there before. */
async function expectRefused(type: string, reason: string | RegExp): Promise<void> {
    const before = names();
    const stages: string[] = [];
    const work = quantizeCalibrated(
        {
            file: join(folder, "starter-q8_0.gguf"),
            type,
            out: at("out.gguf"),
            allowRequantize: true,
        },
        calibration(),
        never,
        { native: openNative() },
    );
    await expect(drain(work, ({ stage }) => stages.push(stage))).rejects.toThrow(reason);
    expect(stages).not.toContain("calibrate");
    expect(names()).toEqual(before);
}

describe("a quantization with error feedback", () => {
    it("that cannot be written is refused before the text is evaluated", async () => {
        writeFileSync(at("out.gguf"), "x");
        await expectRefused("Q3_K_M", /exists already/);
        expect(names()).toEqual(["out.gguf"]);
    });

    it.each(["Q8_0", "COPY", "F16", "IQ4_NL"])(
        "of which %s has nothing to calibrate is refused, with the types that have",
        async (type) => {
            await expectRefused(
                type,
                `Nothing of ${type} can be calibrated: error feedback is for weights of layers that become Q2_K, `,
            );
            expect(names()).toEqual([]);
        },
    );
});

describe("a conversion with error feedback", () => {
    it("writes what a conversion and a quantization with it write, and leaves no other file", async () => {
        const whole = at("whole.gguf");
        const plain = await runConvert({ folder, type: "auto", via: "auto", out: whole });
        const two = await drain(
            quantizeCalibrated(
                { file: whole, type: "Q3_K_M", out: at("two.gguf") },
                calibration(),
                never,
                { native: openNative() },
            ),
            () => undefined,
        );
        const stages: string[] = [];
        const seen: string[] = [];
        const result = await run({}, ({ stage }) => {
            if (stage !== stages.at(-1)) stages.push(stage);
            seen.push(...names());
        }).result;
        expect(result).toMatchObject({ type: "Q3_K_M", sha256: two.sha256, bytes: two.bytes });
        expect(result.tokenizer).toEqual(plain.tokenizer);
        expect(names()).toEqual(["out.gguf", "two.gguf", "whole.gguf"]);
        expect(seen.some((name) => UNQUANTIZED.test(name))).toBe(true);
        expect(stages.indexOf("calibrate")).toBeGreaterThan(stages.indexOf("convert"));
        expect(stages.at(-1)).toBe("verify");
    });

    it("that is cancelled leaves nothing, whenever that is", async () => {
        for (const stage of ["convert", "calibrate"]) {
            const stop = new AbortController();
            const { result } = run({ signal: stop.signal }, (event) => {
                if (event.stage === stage) stop.abort();
            });
            await expect(result).rejects.toMatchObject({ code: "cancelled" });
            expect(names()).toEqual([]);
        }
    });

    it("that a closed window ended is gone on with: what was converted is not again", async () => {
        const closing = new AbortController();
        const { result } = run({ suspend: closing.signal }, ({ stage }) => {
            if (stage === "calibrate") closing.abort();
        });
        await expect(result).rejects.toMatchObject({ code: "cancelled" });
        expect(names()).toEqual([expect.stringMatching(UNQUANTIZED)]);
        const again = run({});
        await again.result;
        expect(again.opened).toEqual([]);
        expect(names()).toEqual(["out.gguf"]);
    });

    it("that cannot be written is refused before anything is read", async () => {
        writeFileSync(at("out.gguf"), "x");
        const { result, opened } = run({});
        await expect(result).rejects.toThrow(/exists already/);
        await expect(run({ type: "Q9", out: at("new.gguf") }).result).rejects.toThrow(/Q9/);
        expect(opened).toEqual([]);
        expect(names()).toEqual(["out.gguf"]);
    });

    it("in several files that cannot be written is refused before anything is made", async () => {
        const split = { maxTensors: 20 };
        const plain = await run({ split }).result;
        expect(plain.files.length).toBeGreaterThan(1);
        const made = names();
        const stages: string[] = [];
        await expect(run({ split }, ({ stage }) => stages.push(stage)).result).rejects.toThrow(
            /out-00001-of-0000\d\.gguf exists already/,
        );
        expect(stages).not.toContain("convert");
        const needs = run({ type: "IQ2_XS", out: at("new.gguf") }, ({ stage }) =>
            stages.push(stage),
        );
        await expect(needs.result).rejects.toThrow(/needs an importance matrix/);
        const nothing = run({ type: "F16", out: at("new.gguf") }, ({ stage }) =>
            stages.push(stage),
        );
        await expect(nothing.result).rejects.toThrow(/^Nothing of F16 can be calibrated: /);
        expect(stages).not.toContain("convert");
        expect(names()).toEqual(made);
    });

    it("is for one process alone, and takes over from one that was killed", async () => {
        const held: string[] = [];
        const stop = new AbortController();
        const first = run({ signal: stop.signal }, () => {
            held.push(...names().filter((name) => name.endsWith(".lock")));
            stop.abort();
        });
        await expect(first.result).rejects.toMatchObject({ code: "cancelled" });
        const [lock = ""] = held;
        writeFileSync(at(lock), String(process.ppid));
        await expect(run({}).result).rejects.toThrow(/Another conversion is making .* \(process/);
        expect(names()).toEqual([lock]);
        // No process has such a number.
        writeFileSync(at(lock), String(2 ** 30));
        await run({}).result;
        expect(names()).toEqual(["out.gguf"]);
    });
});
