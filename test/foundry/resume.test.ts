/**
 * Conversions that are killed: the next run goes on where they were and gives the same bytes; another source, type or version starts
 * anew. Here in this process, ended at an exact point; test/engine/kill.test.ts kills real children.
 */

import {
    cpSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    renameSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { convert } from "../../src/foundry/pipeline";
import { quantizeFile } from "../../src/foundry/quantizeFile";
import type { NativeAddon } from "../../src/node/native";
import type { ConvertParams } from "../../src/protocol/worker";
import { makeTempFolder, openNative, runConvert } from "../goldens/runConvert";

const folder = "models/starter";
const TYPE = { type: "Q4_K_M", via: "bf16" } as const;
let temp: ReturnType<typeof makeTempFolder>;
let out: string;
beforeEach(() => {
    temp = makeTempFolder();
    out = join(temp.path, "out.gguf");
});
afterEach(() => temp.remove());

/** A real quantizer that tells which call it is. */
function spyNative(onCall: (n: number) => void): NativeAddon & { calls: number } {
    const real = openNative();
    const spy = {
        ...real,
        calls: 0,
        quantizeRows: async (options: Parameters<NativeAddon["quantizeRows"]>[0]) => {
            onCall(++spy.calls);
            return real.quantizeRows(options);
        },
    };
    return spy;
}

/** Runs until the n-th native call and ends there as a kill would: nothing is tidied up. */
async function suspendAt(n: number, params: Partial<ConvertParams> = {}): Promise<void> {
    const suspending = new AbortController();
    const native = spyNative((call) => {
        if (call === n) suspending.abort();
    });
    const run = convert(
        { source: { kind: "folder", path: folder }, ...TYPE, out, threads: 1, ...params },
        new AbortController().signal,
        { openSource: async () => openFolder(folder), native, suspend: suspending.signal },
    );
    const drain = async () => {
        for (;;) if ((await run.next()).done) return;
    };
    await expect(drain()).rejects.toMatchObject({ code: "cancelled" });
}

const names = () => readdirSync(temp.path).sort();

describe("a run that was ended", () => {
    it("is gone on with: same bytes, and only the rest is done", async () => {
        const all = spyNative(() => undefined);
        const whole = await runConvert({ folder, ...TYPE, out, threads: 1 }, { native: all });
        expect(whole.resumedBytes).toBe(0);
        renameSync(out, join(temp.path, "whole"));
        await suspendAt(20);
        expect(names()).toEqual([
            `out.gguf.${process.pid}.journal`,
            `out.gguf.${process.pid}.part`,
            "whole",
        ]);
        const rest = spyNative(() => undefined);
        const resumed = await runConvert({ folder, ...TYPE, out, threads: 1 }, { native: rest });
        expect(resumed.sha256).toBe(whole.sha256);
        expect(resumed.resumedBytes).toBeGreaterThan(0);
        // Two blocks are in flight with one thread; the call that ended it was one of them.
        expect(rest.calls).toBeGreaterThanOrEqual(all.calls - 19);
        expect(rest.calls).toBeLessThanOrEqual(all.calls - 17);
        expect(names()).toEqual(["out.gguf", "whole"]);
    });

    it("is gone on with after being ended again and again", async () => {
        const whole = await runConvert({ folder, ...TYPE, out });
        for (let i = 0; i < 4; i++) await suspendAt(6, { overwrite: true });
        const all = spyNative(() => undefined);
        const last = await runConvert({ folder, ...TYPE, out, overwrite: true }, { native: all });
        expect(last.sha256).toBe(whole.sha256);
        expect(all.calls).toBeLessThan(20);
    });

    it("does blocks again that are not on the disk as promised, and skips a cut line", async () => {
        const whole = await runConvert({ folder, ...TYPE, out });
        await suspendAt(20, { overwrite: true });
        const part = join(temp.path, `out.gguf.${process.pid}.part`);
        const bytes = readFileSync(part);
        // A power cut: the last megabytes never reached the disk.
        bytes.fill(0, Math.trunc(bytes.length / 3));
        writeFileSync(part, bytes);
        const journal = join(temp.path, `out.gguf.${process.pid}.journal`);
        writeFileSync(journal, readFileSync(journal, "utf8").slice(0, -4));
        const resumed = await runConvert({ folder, ...TYPE, out, overwrite: true });
        expect(resumed.sha256).toBe(whole.sha256);
    });

    it("of a split result is gone on with in all its files", async () => {
        const split = { maxTensors: 12 };
        const whole = await runConvert({ folder, ...TYPE, out, split });
        await suspendAt(25, { split, overwrite: true });
        expect(names().filter((name) => name.endsWith(".part"))).toHaveLength(5);
        const resumed = await runConvert({ folder, ...TYPE, out, split, overwrite: true });
        expect(resumed.files).toEqual(whole.files);
        expect(resumed.resumedBytes).toBeGreaterThan(0);
        expect(names()).toEqual(whole.files.map(({ file }) => basename(file)));
    });

    it.each([
        ["another type", { type: "Q5_K_M" }],
        ["another intermediate type", { via: "f16" as const }],
        ["other options", { recipe: { pure: true } }],
    ])("starts anew for %s", async (_, change) => {
        await suspendAt(20);
        const other = await runConvert({ folder, ...TYPE, out, ...change });
        expect(other.resumedBytes).toBe(0);
        expect(names()).toEqual(["out.gguf"]);
        const path = join(temp.path, "fresh");
        const fresh = await runConvert({ folder, ...TYPE, ...change, out: path });
        expect(other.sha256).toBe(fresh.sha256);
    });

    it("starts anew when the source changed", async () => {
        const copy = join(temp.path, "copy", "starter");
        cpSync(folder, copy, { recursive: true });
        const suspending = new AbortController();
        const native = spyNative((call) => {
            if (call === 20) suspending.abort();
        });
        const run = convert(
            { source: { kind: "folder", path: copy }, ...TYPE, out },
            new AbortController().signal,
            { openSource: async () => openFolder(copy), native, suspend: suspending.signal },
        );
        const drain = async () => {
            for (;;) if ((await run.next()).done) return;
        };
        await expect(drain()).rejects.toMatchObject({ code: "cancelled" });
        const later = new Date(Date.now() + 5000);
        utimesSync(join(copy, "model.safetensors"), later, later);
        const result = await runConvert({ folder: copy, ...TYPE, out });
        expect(result.resumedBytes).toBe(0);
    });

    it("is not mistaken for a folder of that name", async () => {
        mkdirSync(`${out}.77777.part`);
        await runConvert({ folder, ...TYPE, out });
        expect(names()).toEqual(["out.gguf", "out.gguf.77777.part"]);
    });

    it("leaves nothing when it is cancelled after it was gone on with", async () => {
        await suspendAt(20);
        const controller = new AbortController();
        const native = spyNative((call) => {
            if (call === 5) controller.abort();
        });
        const run = runConvert({ folder, ...TYPE, out }, { signal: controller.signal, native });
        await expect(run).rejects.toMatchObject({ code: "cancelled" });
        expect(names()).toEqual([]);
    });

    it("goes on with a quantized file too", async () => {
        const source = join(temp.path, "f16.gguf");
        await runConvert({ folder, type: "F16", via: "auto", out: source });
        const suspending = new AbortController();
        const spy = spyNative((call) => {
            if (call === 20) suspending.abort();
        });
        const quantize = async (native: NativeAddon, suspend?: AbortSignal) => {
            const params = { file: source, type: "Q4_K_M", out, threads: 1 };
            const signal = new AbortController().signal;
            const run = quantizeFile(params, signal, { native, suspend });
            for (;;) {
                const next = await run.next();
                if (next.done) return next.value;
            }
        };
        await expect(quantize(spy, suspending.signal)).rejects.toMatchObject({ code: "cancelled" });
        const result = await quantize(openNative());
        expect(result.resumedBytes).toBeGreaterThan(0);
        const direct = await runConvert({
            folder,
            type: "Q4_K_M",
            via: "auto",
            out: join(temp.path, "direct.gguf"),
        });
        expect(result.sha256).toBe(direct.sha256);
    });
});
