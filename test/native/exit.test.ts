/** How a process with the addon ends: with work in flight, and with a failed assertion. Each in a child of its own. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findAddon, platformBins } from "../../src/node/native";
import { starter } from "./addon";

const folder = mkdtempSync(join(tmpdir(), "ingot-exit-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script with `addon`, `load(path)`, `tokens` and `starter` in scope. */
function run(body: string, abortFile = "") {
    const dir = platformBins("") ?? "";
    const script = `
        const addon = require(${JSON.stringify(findAddon())});
        addon.open(${JSON.stringify({ dir, variant: dir.endsWith("-metal") ? "metal" : "", abortFile })});
        const starter = ${JSON.stringify(starter)};
        const load = (path) => addon.loadModel({ path, gpuLayers: 0 }).done;
        const tokens = Array.from({ length: 1500 }, (_, i) => 20 + (i * 37) % 5000);
        const options = { contextTokens: 2048, nSequences: 2, sliceTokens: 512, threads: 1 };
        const request = { sequence: 0, priority: 0, tokens, maxTokens: 400, temperature: 0 };
        (async () => {${body}})();`;
    return spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
}

describe("exit with work in flight", () => {
    it.each([
        ["process.exit during a prompt", "setImmediate(() => process.exit(7));"],
        ["an uncaught exception", "setImmediate(() => { throw new Error('thrown on purpose'); });"],
        ["process.exit in a chunk", "onChunk = () => process.exit(7);"],
    ])("%s", (_name, end) => {
        const { status, signal, stderr } = run(`
            let onChunk = () => undefined;
            const model = await load(starter);
            const context = model.createContext(options);
            const other = model.createContext(options);
            ${end}
            context.generate(request, (chunk) => onChunk(chunk));
            other.generate(request);
            addon.setLog(() => undefined);
            void load(starter);
            void addon.quantizeRows({ type: "Q6_K", source: new Uint8Array(1 << 24), sourceType: "F32", rowLength: 4096, via: "F32" });
        `);
        expect({ status, signal }).toEqual({ status: end.includes("exit") ? 7 : 1, signal: null });
        expect(stderr.includes("on purpose")).toBe(end.includes("throw"));
    });

    it("waits for promises, but not for an idle context or a log listener", () => {
        const { status, stdout } = run(`
            addon.setLog(() => undefined);
            const model = await load(starter);
            const context = model.createContext(options);
            const { stop } = await context.generate({ ...request, maxTokens: 3, bannedTokens: [] }).done;
            console.log(stop);
        `);
        expect({ status, stdout }).toEqual({ status: 0, stdout: "max-tokens\n" });
    });

    it("in a worker thread that is terminated", () => {
        const { status, signal, stdout } = run(`
            const { Worker } = require("node:worker_threads");
            const worker = new Worker(\`
                const { parentPort, workerData } = require("node:worker_threads");
                const addon = require(workerData.addon);
                addon.loadModel({ path: workerData.starter, gpuLayers: 0 }).done.then((model) => {
                    const context = model.createContext(workerData.options);
                    context.generate(workerData.request, () => undefined);
                    parentPort.postMessage("running");
                });
            \`, { eval: true, workerData: { addon: ${JSON.stringify(findAddon())}, starter, options, request } });
            worker.on("message", async () => console.log(await worker.terminate()));
        `);
        expect({ status, signal, stdout }).toEqual({ status: 0, signal: null, stdout: "1\n" });
    });

    it("collects what nobody closed", () => {
        const { status, signal } = run(`
            const { setFlagsFromString } = require("node:v8");
            setFlagsFromString("--expose-gc");
            const gc = require("node:vm").runInNewContext("gc");
            await (async () => {
                const model = await load(starter);
                const context = model.createContext(options);
                await context.generate({ ...request, maxTokens: 2 }, () => undefined).done;
            })();
            for (let i = 0; i < 5; i++) {
                await new Promise((resolve) => setImmediate(resolve));
                gc();
            }
        `);
        expect({ status, signal }).toEqual({ status: 0, signal: null });
    });
});

describe("a failed assertion in llama.cpp", () => {
    it("leaves its text in the abort file", () => {
        // more layers than llama.cpp has room for (LLAMA_MAX_LAYERS): an assertion, not an error
        const data = readFileSync(starter);
        const key = "qwen2.block_count";
        data.writeUInt32LE(1_000_000, data.indexOf(key) + key.length + 4);
        const path = join(folder, "layers.gguf");
        writeFileSync(path, data);
        const abortFile = join(folder, "abort.txt");
        const { signal, status } = run(`await load(${JSON.stringify(path)});`, abortFile);
        expect(signal ?? status).not.toBe(0);
        expect(existsSync(abortFile)).toBe(true);
        expect(readFileSync(abortFile, "utf8")).toContain("GGML_ASSERT");
    });
});
