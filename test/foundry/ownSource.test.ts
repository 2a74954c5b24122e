/**
 * Results beside their source: none takes its place whatever name leads there, a killed one is gone on with though it lies in the checkpoint's
 * folder, and a source that changes while it is read gives nothing.
 */

import {
    appendFileSync,
    cpSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { convert } from "../../src/foundry/pipeline";
import { quantizeFile } from "../../src/foundry/quantizeFile";
import type { NativeAddon } from "../../src/node/native";
import type { ConvertParams, QuantizeParams } from "../../src/protocol/worker";
import { makeTempFolder, openNative, runConvert } from "../goldens/runConvert";

const REFUSAL = {
    code: "user/usage",
    message: expect.stringContaining("would replace the file") as string,
};
let temp: ReturnType<typeof makeTempFolder>;
/** A copy of the starter's checkpoint. */
let folder: string;
beforeEach(() => {
    temp = makeTempFolder();
    folder = join(temp.path, "starter");
    cpSync("models/starter", folder, { recursive: true });
});
afterEach(() => temp.remove());

function nativeWith(onCall: (n: number) => void): NativeAddon {
    const real = openNative();
    let n = 0;
    return {
        ...real,
        quantizeRows: async (options) => {
            onCall(++n);
            return real.quantizeRows(options);
        },
    };
}

async function runQuantize(params: QuantizeParams) {
    const run = quantizeFile(params, new AbortController().signal, { native: openNative() });
    for (;;) {
        const next = await run.next();
        if (next.done) return next.value;
    }
}

async function makeModel(split?: ConvertParams["split"]) {
    const out = join(temp.path, "m.gguf");
    return runConvert({ folder, type: "F16", via: "auto", out, split });
}

describe("a result does not take the place of its source", () => {
    it.each(["model.safetensors", "config.json"])("%s of a checkpoint", async (name) => {
        const before = readFileSync(join(folder, name));
        const out = join(folder, name);
        const run = runConvert({ folder, type: "Q8_0", via: "auto", out, overwrite: true });
        await expect(run).rejects.toMatchObject(REFUSAL);
        expect(readFileSync(out).equals(before)).toBe(true);
    });

    it("by another name of its folder", async () => {
        const { file } = await makeModel();
        symlinkSync(temp.path, join(temp.path, "link"));
        const out = join(temp.path, "link", "m.gguf");
        const run = runQuantize({ file, type: "Q8_0", out, overwrite: true });
        await expect(run).rejects.toMatchObject(REFUSAL);
    });

    it("by a link to it", async () => {
        const { file } = await makeModel();
        symlinkSync(file, join(temp.path, "other.gguf"));
        const linked = join(temp.path, "other.gguf");
        const run = runQuantize({ file: linked, type: "Q8_0", out: file, overwrite: true });
        await expect(run).rejects.toMatchObject(REFUSAL);
    });

    it("as files of a split model", async () => {
        const split = { maxTensors: 20 };
        const { file, files } = await makeModel(split);
        expect(files.length).toBeGreaterThan(1);
        const out = join(temp.path, "m.gguf");
        const run = runQuantize({ file, type: "Q8_0", out, split, overwrite: true });
        await expect(run).rejects.toMatchObject(REFUSAL);
    });

    it("but may have its name when its files get others", async () => {
        const { file } = await makeModel();
        const split = { maxTensors: 20 };
        const result = await runQuantize({ file, type: "COPY", out: file, split });
        expect(result.files.length).toBeGreaterThan(1);
    });

    it("but replaces an earlier result in the checkpoint's folder", async () => {
        const out = join(folder, "m.gguf");
        const params = { folder, type: "Q8_0", via: "auto", out } as const;
        const first = await runConvert(params);
        const second = await runConvert({ ...params, overwrite: true });
        expect(second.sha256).toBe(first.sha256);
    });
});

it("goes on with a result that lies in the checkpoint's folder", async () => {
    const out = join(folder, "m.gguf");
    const suspending = new AbortController();
    const native = nativeWith((n) => {
        if (n === 20) suspending.abort();
    });
    const run = convert(
        { source: { kind: "folder", path: folder }, type: "Q4_K_M", via: "bf16", out, threads: 1 },
        new AbortController().signal,
        { openSource: async () => openFolder(folder), native, suspend: suspending.signal },
    );
    const drain = async () => {
        for (;;) if ((await run.next()).done) return;
    };
    await expect(drain()).rejects.toMatchObject({ code: "cancelled" });
    const result = await runConvert({ folder, type: "Q4_K_M", via: "bf16", out });
    expect(result.resumedBytes).toBeGreaterThan(0);
});

describe("a file that changes while it is read", () => {
    it("ends a conversion, and nothing is left", async () => {
        const folderOfResult = join(temp.path, "out");
        mkdirSync(folderOfResult);
        const weights = join(folder, "model.safetensors");
        const native = nativeWith((n) => {
            if (n === 5) writeFileSync(weights, readFileSync(weights).fill(0, 1_000_000));
        });
        const out = join(folderOfResult, "m.gguf");
        await expect(
            runConvert({ folder, type: "Q8_0", via: "auto", out }, { native }),
        ).rejects.toMatchObject({
            code: "data/checkpoint",
            message: expect.stringContaining("changed while it was read") as string,
        });
        expect(readdirSync(folderOfResult)).toEqual([]);
    });

    it("does not when nobody reads it", async () => {
        writeFileSync(join(folder, "notes.log"), "a");
        const native = nativeWith((n) => {
            if (n === 5) appendFileSync(join(folder, "notes.log"), "b");
        });
        const out = join(temp.path, "m.gguf");
        const result = await runConvert({ folder, type: "Q8_0", via: "auto", out }, { native });
        expect(result.files).toHaveLength(1);
    });
});
