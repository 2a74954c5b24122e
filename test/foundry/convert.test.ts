// A conversion that is disturbed: cancel, full disk, no permission, a file in the way, readers that stop. Never a half file.
import { cpSync, existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Deferred } from "../../src/base/async";
import { isCancelled } from "../../src/base/errors";
import { readTensorIndex } from "../../src/foundry/checkpoint/index";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { diskError } from "../../src/foundry/diskErrors";
import { convert } from "../../src/foundry/pipeline";
import { checkParts } from "../../src/gguf/parts";
import { partPath } from "../../src/library/ggufNames";
import { readGgufParts } from "../../src/library/ggufParts";
import type { NativeAddon } from "../../src/node/native";
import type { ConvertEvent } from "../../src/protocol/worker";
import { makeTempFolder, matching, openNative, readFile, runConvert } from "../goldens/runConvert";

const folder = "models/starter";
let temp: ReturnType<typeof makeTempFolder>;
let out: string;
beforeEach(() => {
    temp = makeTempFolder();
    out = join(temp.path, "out.gguf");
});
afterEach(() => temp.remove());

/** Quantizes for real, after telling; blocks for ever from the n-th call on when asked to. */
function spyNative(onCall: (n: number) => Promise<void> | void): NativeAddon {
    const real = openNative();
    let n = 0;
    return {
        ...real,
        quantizeRows: async (options) => {
            await onCall(++n);
            return real.quantizeRows(options);
        },
    };
}

describe("convert", () => {
    it("reports all three stages with bytes that add up", async () => {
        const events: ConvertEvent[] = [];
        await runConvert(
            { folder, type: "Q8_0", via: "auto", out },
            { onEvent: (event) => events.push(event) },
        );
        expect([...new Set(events.map((event) => event.stage))]).toEqual([
            "read",
            "convert",
            "verify",
        ]);
        for (const stage of ["convert", "verify"]) {
            const last = events.findLast((event) => event.stage === stage);
            expect(last?.doneBytes).toBe(last?.totalBytes);
            expect(last?.totalBytes).toBeGreaterThan(1_000_000);
        }
        expect(readdirSync(temp.path)).toEqual(["out.gguf"]);
    });

    it("says which pattern of a recipe fits no tensor", async () => {
        const recipe = { tensorTypes: ["ffn_down=q6_k", "fnn_up=q6_k"] };
        const result = await runConvert({ folder, type: "Q4_0", via: "auto", out, recipe });
        expect(result.warnings).toEqual(["The pattern fnn_up fits the name of no tensor"]);
    });

    it.each([["model.norm.weight"], ["model.layers.0.mlp.down_proj.weight"]])(
        "advises no other type for values that none can hold: %s",
        async (name) => {
            const damaged = join(temp.path, "damaged");
            cpSync(folder, damaged, { recursive: true });
            const tensors = await readTensorIndex(await openFolder(damaged));
            const weights = readFileSync(join(damaged, "model.safetensors"));
            // Not a number, as bf16.
            weights.writeUInt16LE(
                0x7fc0,
                tensors.find((tensor) => tensor.name === name)?.offset ?? 0,
            );
            writeFileSync(join(damaged, "model.safetensors"), weights);
            await expect(
                runConvert({ folder: damaged, type: "F16", via: "auto", out }),
            ).rejects.toMatchObject({ message: matching(/not finite, so the model is damaged/) });
        },
    );

    it("writes the same bytes with one thread and with many", async () => {
        const one = await runConvert({ folder, type: "Q4_K_M", via: "bf16", out, threads: 1 });
        const many = await runConvert({
            folder,
            type: "Q4_K_M",
            via: "bf16",
            out,
            threads: 8,
            overwrite: true,
        });
        expect(many.sha256).toBe(one.sha256);
    });

    it("tests the tokenizer while rows are written, before the file has its name", async () => {
        const loaded = new Deferred<string>();
        const real = openNative();
        const native: NativeAddon = {
            ...real,
            // No row before the vocabulary is loaded.
            quantizeRows: async (options) => {
                await loaded.promise;
                return real.quantizeRows(options);
            },
            loadModel: (options, ...more) => {
                loaded.resolve(options.path);
                return real.loadModel(options, ...more);
            },
        };
        const result = await runConvert({ folder, type: "Q8_0", via: "auto", out }, { native });
        expect(await loaded.promise).toMatch(/out\.gguf\.\d+\.part$/);
        expect(result.tokenizer).toMatchObject({ nProbes: 24, nEqual: 24 });
        expect(readdirSync(temp.path)).toEqual(["out.gguf"]);
    });

    it("tests a split model's tokenizer when its files have their names", async () => {
        const paths: string[] = [];
        const real = openNative();
        const native: NativeAddon = {
            ...real,
            loadModel: (options, ...more) => {
                paths.push(options.path);
                return real.loadModel(options, ...more);
            },
        };
        const split = { maxTensors: 20 };
        const result = await runConvert(
            { folder, type: "Q8_0", via: "auto", out, split },
            { native },
        );
        expect(paths).toEqual([result.file]);
        expect(result.tokenizer).toMatchObject({ nProbes: 24, nEqual: 24 });
    });

    it("says that the vocabulary does not load, and keeps the file", async () => {
        const native: NativeAddon = {
            ...openNative(),
            loadModel: () => ({
                done: Promise.reject(new Error("no such tokenizer")),
                abort: () => undefined,
            }),
        };
        const result = await runConvert({ folder, type: "Q8_0", via: "auto", out }, { native });
        expect(result.tokenizer).toMatchObject({ nProbes: 0, skipped: "no such tokenizer" });
        expect(readdirSync(temp.path)).toEqual(["out.gguf"]);
    });

    it("gives no name to a file in which rows are missing", async () => {
        const real = openNative();
        const native: NativeAddon = {
            ...real,
            quantizeRows: async (options) => (await real.quantizeRows(options)).subarray(1),
        };
        const run = runConvert({ folder, type: "Q8_0", via: "auto", out }, { native });
        await expect(run).rejects.toMatchObject({
            code: "bug/internal",
            message: matching(/Nothing was written at/),
        });
        expect(readdirSync(temp.path)).toEqual([]);
    });

    it("leaves nothing when it is cancelled while native threads are busy for ever", async () => {
        const controller = new AbortController();
        const native = spyNative((n) => {
            if (n < 3) return;
            controller.abort();
            return new Promise(() => undefined);
        });
        const run = runConvert(
            { folder, type: "Q4_0", via: "auto", out },
            { signal: controller.signal, native },
        );
        await expect(run).rejects.toSatisfy(isCancelled);
        expect(readdirSync(temp.path)).toEqual([]);
    });

    it("leaves nothing when it is cancelled while verifying", async () => {
        const controller = new AbortController();
        const run = runConvert(
            { folder, type: "Q8_0", via: "auto", out },
            {
                signal: controller.signal,
                onEvent: (event) => {
                    if (event.stage === "verify") controller.abort();
                },
            },
        );
        await expect(run).rejects.toSatisfy(isCancelled);
        expect(readdirSync(temp.path)).toEqual([]);
    });

    it("leaves nothing when the reader of its events goes away", async () => {
        const run = convert(
            { source: { kind: "folder", path: folder }, type: "Q8_0", via: "auto", out },
            new AbortController().signal,
            { openSource: async () => openFolder(folder), native: openNative() },
        );
        for await (const event of run) if (event.stage === "convert") break;
        expect(readdirSync(temp.path)).toEqual([]);
    });

    it("stops before it starts when the disk has no room", async () => {
        const run = runConvert(
            { folder, type: "Q8_0", via: "auto", out },
            { freeBytes: async () => 1_000_000 },
        );
        await expect(run).rejects.toMatchObject({
            code: "env/disk",
            message: matching(/needs 5\.9 MB and .* has 1\.0 MB free/),
        });
        expect(readdirSync(temp.path)).toEqual([]);
    });

    it("says that the disk became full and removes what it wrote", async () => {
        const native = spyNative((n) => {
            if (n === 5)
                throw Object.assign(new Error("ENOSPC: no space left on device, write"), {
                    code: "ENOSPC",
                });
        });
        await expect(
            runConvert({ folder, type: "Q8_0", via: "auto", out }, { native }),
        ).rejects.toMatchObject({ code: "env/disk", message: matching(/is full/) });
        expect(readdirSync(temp.path)).toEqual([]);
    });

    it("does not touch a file in the way unless told to", async () => {
        writeFileSync(out, "mine");
        const params = { folder, type: "Q8_0", via: "auto" as const, out };
        await expect(runConvert(params)).rejects.toMatchObject({
            code: "env/permission",
            message: matching(/exists already/),
        });
        expect(readFileSync(out, "utf8")).toBe("mine");
        await runConvert({ ...params, overwrite: true });
        expect((await readFile(out)).tensors.length).toBe(50);
    });

    it("keeps the old file when overwriting fails", async () => {
        writeFileSync(out, "mine");
        const native = spyNative(() => {
            throw new Error("broken");
        });
        await expect(
            runConvert({ folder, type: "Q8_0", via: "auto", out, overwrite: true }, { native }),
        ).rejects.toThrow(/broken/);
        expect(readFileSync(out, "utf8")).toBe("mine");
        expect(readdirSync(temp.path)).toEqual(["out.gguf"]);
    });

    it("makes missing folders, and says when it cannot", async () => {
        await runConvert({
            folder,
            type: "Q8_0",
            via: "auto",
            out: join(temp.path, "a", "b.gguf"),
        });
        expect(existsSync(join(temp.path, "a", "b.gguf"))).toBe(true);
        writeFileSync(join(temp.path, "file"), "");
        await expect(
            runConvert({
                folder,
                type: "Q8_0",
                via: "auto",
                out: join(temp.path, "file", "b.gguf"),
            }),
        ).rejects.toMatchObject({ code: "env/permission" });
        await expect(
            runConvert({ folder, type: "Q8_0", via: "auto", out: temp.path }),
        ).rejects.toThrow(/is a folder/);
    });

    it.each([
        ["EACCES", "env/permission", /cannot be written to/],
        ["EROFS", "env/permission", /cannot be written to/],
        ["EDQUOT", "env/disk", /is full/],
    ])("turns %s of the target into a sentence", (code, expected, message) => {
        const error = diskError(Object.assign(new Error("x"), { code }), "/models/a.gguf");
        expect(error).toMatchObject({ code: expected, message: matching(message) });
    });

    it("removes the part of a process that is gone and respects a living one", async () => {
        const dead = `${out}.999999999.part`;
        writeFileSync(dead, "");
        await runConvert({ folder, type: "Q8_0", via: "auto", out });
        expect(readdirSync(temp.path)).toEqual(["out.gguf"]);
        const { ppid } = process;
        writeFileSync(`${out}.${ppid}.part`, "");
        writeFileSync(`${out}.${ppid}.journal`, "");
        await expect(
            runConvert({ folder, type: "Q8_0", via: "auto", out, overwrite: true }),
        ).rejects.toThrow(
            `Another conversion is writing ${out} (process ${ppid}); wait for it or cancel it, or, when none is running, remove out.gguf.${ppid}.journal, out.gguf.${ppid}.part beside it`,
        );
    });

    it("takes nothing for a living part that cannot be one", async () => {
        const old = new Date(Date.now() - 2 * 60 * 60 * 1000);
        // A process id that came again: another process has it, or this one.
        for (const pid of [process.ppid, process.pid]) {
            writeFileSync(`${out}.${pid}.part`, "");
            utimesSync(`${out}.${pid}.part`, old, old);
        }
        // Of another result: forgotten, and perhaps just begun.
        writeFileSync(join(temp.path, "a.gguf.999999999.part"), "");
        utimesSync(join(temp.path, "a.gguf.999999999.part"), old, old);
        writeFileSync(join(temp.path, "b.gguf.999999999.part"), "");
        writeFileSync(join(temp.path, "c.zip.999999999.part"), "");
        utimesSync(join(temp.path, "c.zip.999999999.part"), old, old);
        await runConvert({ folder, type: "Q8_0", via: "auto", out });
        expect(readdirSync(temp.path).sort()).toEqual([
            "b.gguf.999999999.part",
            "c.zip.999999999.part",
            "out.gguf",
        ]);
    });

    it("lies beside a file that came while it worked, whole", async () => {
        const onEvent = ({ stage }: ConvertEvent) => {
            if (stage === "verify") writeFileSync(out, "theirs");
        };
        const run = runConvert({ folder, type: "Q8_0", via: "auto", out }, { onEvent });
        const aside = `out-${process.pid}.gguf`;
        await expect(run).rejects.toThrow(
            `${out} exists already: it came there meanwhile, and stays; the result is ${aside} beside it`,
        );
        expect(readFileSync(out, "utf8")).toBe("theirs");
        expect(readdirSync(temp.path).sort()).toEqual([aside, "out.gguf"]);
        expect((await readFile(join(temp.path, aside))).tensors.length).toBeGreaterThan(20);
    });

    it("keeps all files of a split model beside one that came, under a name that they open by", async () => {
        const split = { maxTensors: 20 };
        const params = { folder, type: "Q8_0", via: "auto" as const, split };
        const { files } = await runConvert({ ...params, out: join(temp.path, "whole.gguf") });
        const n = files?.length ?? 0;
        expect(n).toBeGreaterThan(2);
        const taken = join(temp.path, basename(partPath("out", 2, n)));
        const onEvent = ({ stage }: ConvertEvent) => {
            if (stage === "verify") writeFileSync(taken, "theirs");
        };
        const stem = join(temp.path, `out-${process.pid}`);
        const names = Array.from({ length: n }, (_, i) => basename(partPath(stem, i + 1, n)));
        await expect(runConvert({ ...params, out }, { onEvent })).rejects.toThrow(
            `${taken} exists already: it came there meanwhile, and stays; the result is ${names[0]} to ${names.at(-1)} beside it`,
        );
        expect(readFileSync(taken, "utf8")).toBe("theirs");
        const there = readdirSync(temp.path).filter((name) => !name.startsWith("whole"));
        expect(there.sort()).toEqual([...names, basename(taken)].sort());
        const parts = await readGgufParts(partPath(stem, 1, n));
        checkParts(parts.files);
        expect(parts.paths.map((path) => basename(path))).toEqual(names);
    });

    it.each([
        ["IQ2_XS", "data/unsupported", /needs an importance matrix/],
        ["Q9_Z", "user/usage", /There is no type Q9_Z/],
        ["NVFP4", "user/usage", /There is no type NVFP4/],
    ])("refuses the type %s", async (type, code, message) => {
        const run = runConvert({ folder, type, via: "auto", out });
        await expect(run).rejects.toMatchObject({ code, message: matching(message) });
        expect(readdirSync(temp.path)).toEqual([]);
    });

    it.each([
        ["qwen2", { hidden_size: 0 }, /embedding_length = 0/],
        ["qwen2", { num_attention_heads: 7 }, /heads that do not fit together/],
        ["qwen2", { intermediate_size: 7 }, /rows where its metadata asks for 7/],
        ["qwen2", { num_hidden_layers: 2 ** 31 }, /no tensors for block/],
        ["qwen2", { num_hidden_layers: 0 }, /no usable num_hidden_layers \(0\)/],
        ["llama", { head_dim: -4 }, /heads of -4 values/],
        ["llama", { head_dim: 2e9 }, /heads of 2000000000 values/],
    ])("refuses a %s config.json with %j", async (family, change, message) => {
        const checkpoint = join(temp.path, "checkpoint");
        const from = { qwen2: folder, llama: "test/golden/conversion/llama3-rope-scaling" }[family];
        cpSync(from ?? "", checkpoint, { recursive: true });
        const path = join(checkpoint, "config.json");
        const config = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
        writeFileSync(path, JSON.stringify({ ...config, ...change }));
        await expect(
            runConvert({ folder: checkpoint, type: "Q8_0", via: "auto", out }),
        ).rejects.toMatchObject({ code: "data/checkpoint", message: matching(message) });
        expect(readdirSync(temp.path)).toEqual(["checkpoint"]);
    });

    it("says that a folder holds no model", async () => {
        await expect(
            runConvert({ folder: temp.path, type: "Q8_0", via: "auto", out }),
        ).rejects.toMatchObject({
            code: "data/checkpoint",
            message: matching(/has no config\.json/),
        });
    });

    it("says that the weights end early", async () => {
        const source = await openFolder(folder);
        const cut = {
            ...source,
            open: async (file: string) => {
                const reader = await source.open(file);
                return {
                    ...reader,
                    read: async (offset: number, length: number) => {
                        if (offset + length > 6_000_000) throw new Error("model became shorter");
                        return reader.read(offset, length);
                    },
                };
            },
        };
        const run = convert(
            { source: { kind: "folder", path: folder }, type: "Q8_0", via: "auto", out },
            new AbortController().signal,
            { openSource: async () => cut, native: openNative() },
        );
        const drain = async () => {
            for (;;) if ((await run.next()).done) return;
        };
        await expect(drain()).rejects.toThrow(/became shorter/);
        expect(readdirSync(temp.path)).toEqual([]);
    });
});
