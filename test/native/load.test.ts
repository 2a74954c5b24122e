/** Loading: what the addon says about a model and its tokenizer, and what it does with files that are none. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NATIVE_ABI, loadNative, type NativeAddon, type NativeModel } from "../../src/node/native";
import { contextOptions, openAddon, starter } from "./addon";

let addon: NativeAddon;
let model: NativeModel;
const progress: number[] = [];
const folder = mkdtempSync(join(tmpdir(), "ingot-native-"));

beforeAll(async () => {
    addon = openAddon();
    model = await addon.loadModel({ path: starter, gpuLayers: 999 }, (fraction) =>
        progress.push(fraction),
    ).done;
});
afterAll(async () => {
    await model.close();
    rmSync(folder, { recursive: true });
});

const file = (name: string, data: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, data);
    return path;
};

describe("libraries", () => {
    it("says the release it was built for, and opens that", () => {
        const dir = expect.any(String) as string;
        expect(addon.build).toEqual({ release: dir, commit: dir, abi: NATIVE_ABI });
        expect(addon.devices().filter((device) => device.type === "cpu")).toHaveLength(1);
    });

    it("refuses an addon with another surface", () => {
        const old = file("old.cjs", Buffer.from("module.exports = { build: { abi: 1 } };"));
        expect(() => loadNative(old)).toThrow("of another version than the rest");
    });

    it("refuses a second folder, a folder without libraries, a variant that is not there", () => {
        expect(() => addon.open({ dir: folder, variant: "" })).toThrow(/already open/);
    });
});

describe("model", () => {
    it("describes the starter model", () => {
        expect(model.info).toMatchObject({
            nVocabulary: 8192,
            nLayers: 4,
            trainedContextTokens: 2048,
            nLayersOffloaded: 0,
            deviceName: "CPU",
            addBos: false,
            canTrim: true,
        });
        expect(model.info.sizeBytes).toBeGreaterThan(5_000_000);
        expect(model.info.chatTemplate).toContain("<|im_start|>");
        const { fimPrefix, fimSuffix, fimMiddle } = model.info.special;
        expect(new Set([fimPrefix, fimSuffix, fimMiddle]).size).toBe(3);
        expect(model.piece(fimPrefix)).toBe("<|fim_prefix|>");
    });

    it("reports progress that grows to 1", () => {
        expect(progress.at(-1)).toBe(1);
        expect(progress).toEqual([...progress].sort((a, b) => a - b));
    });

    it("gives back the text it tokenized", () => {
        const text = 'def naïve(x):\n\treturn "日本語 🙂" + x  # end\n';
        expect(model.detokenize(model.tokenize(text))).toBe(text);
    });

    it("reads control tokens in text only when asked", () => {
        const { fimMiddle } = model.info.special;
        expect(model.tokenize("<|fim_middle|>", { parseSpecial: true })).toEqual([fimMiddle]);
        expect(model.tokenize("<|fim_middle|>")).not.toContain(fimMiddle);
        expect(model.isControl(fimMiddle)).toBe(true);
        expect(model.detokenize([fimMiddle])).toBe("");
        expect(model.detokenize([fimMiddle], { special: true })).toBe("<|fim_middle|>");
        expect(model.isEndOfGeneration(model.info.special.eos)).toBe(true);
    });

    it("refuses tokens outside the vocabulary", () => {
        expect(() => model.piece(8192)).toThrow(/not in the vocabulary/);
        expect(() => model.detokenize([-1])).toThrow(/not in the vocabulary/);
    });

    it("loads a vocabulary without weights, which cannot generate", async () => {
        const vocabulary = await addon.loadModel({ path: starter, gpuLayers: 0, vocabOnly: true })
            .done;
        expect(vocabulary.tokenize("a b")).toEqual(model.tokenize("a b"));
        expect(() => vocabulary.createContext(contextOptions)).toThrow(/vocabOnly/);
        await vocabulary.close();
        expect(() => vocabulary.tokenize("a")).toThrow(/closed/);
    });
});

describe("files that are no model", () => {
    const whole = readFileSync(starter);
    const cases: [string, Uint8Array, RegExp][] = [
        ["empty", new Uint8Array(0), /cannot load this model file: ./],
        ["garbage", new Uint8Array(4096).fill(0x5a), /magic/],
        ["header-only", whole.subarray(0, 24), /cannot load this model file: ./],
        ["cut-in-metadata", whole.subarray(0, 3000), /cannot load this model file: ./],
        ["cut-in-data", whole.subarray(0, whole.length - 100), /cannot load this model file: ./],
    ];
    it.each(cases)("%s is refused with llama.cpp's reason", async (name, data, reason) => {
        const { done } = addon.loadModel({ path: file(name, data), gpuLayers: 0 });
        await expect(done).rejects.toThrow(reason);
        await expect(done).rejects.toMatchObject({ code: "engine/load" });
    });

    it("a path that is not there", async () => {
        const { done } = addon.loadModel({ path: join(folder, "none"), gpuLayers: 0 });
        await expect(done).rejects.toThrow(/No such file/);
    });

    it("a cancelled load says so", async () => {
        const load = addon.loadModel({ path: starter, gpuLayers: 0 });
        load.abort();
        await expect(load.done).rejects.toMatchObject({ code: "cancelled" });
    });
});
