// The engine as tests start it: the real bundle in dist/, the starter model, a data folder of its own.
import { fork } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createLog, type LogEntry } from "../../src/base/log";
import { childEnvironment } from "../../src/node/child";
import { EngineClient } from "../../src/node/engineClient";
import type { CompletionRequest } from "../../src/protocol/completion";
import type { EngineConfig, ModelSpec } from "../../src/protocol/engine";

export const ROOT = resolve(import.meta.dirname, "../..");
export const BUNDLES = process.env["INGOT_TEST_BUNDLES"] ?? join(ROOT, "dist");
export const STARTER = join(ROOT, "models/starter/starter-q8_0.gguf");

/** The build hash a bundle says hello with. */
export function buildOf(bundle: string): Promise<string> {
    return new Promise((done, fail) => {
        const child = fork(join(BUNDLES, bundle), [], {
            execArgv: [],
            env: childEnvironment(process.env),
            stdio: ["ignore", "ignore", "ignore", "ipc"],
        });
        child.once("error", fail);
        child.once("exit", () => fail(new Error(`${bundle} ended; run npm run build first`)));
        child.once("message", (frame: { build: string }) => {
            done(frame.build);
            child.kill("SIGKILL");
        });
    });
}

export function modelSpec(path: string, more: Partial<ModelSpec> = {}): ModelSpec {
    return { path, gpuLayers: "auto", contextTokens: 2048, ...more };
}

export interface TestEngine {
    client: EngineClient;
    home: string;
    /** Log lines of the engine so far. */
    log: LogEntry[];
    dispose(): Promise<void>;
}

/** An engine with the starter for both roles unless the configuration says otherwise. */
export async function startEngine(
    config: Partial<EngineConfig> = {},
    bundles = BUNDLES,
): Promise<TestEngine> {
    const home = mkdtempSync(join(tmpdir(), "ingot-engine-"));
    const log: LogEntry[] = [];
    const spec = modelSpec(STARTER);
    const client = new EngineClient({
        entry: join(bundles, "engine.mjs"),
        build: await buildOf("engine.mjs"),
        log: createLog("test", (entry) => log.push(entry)),
        config: { completion: spec, chat: spec, idleUnloadMs: 0, ...config },
        env: { INGOT_HOME: home },
    });
    client.onLog((entry) => log.push(entry));
    return {
        client,
        home,
        log,
        async dispose() {
            await client.dispose();
            rmSync(home, { recursive: true, force: true });
        },
    };
}

export function completionRequest(
    prefix: string,
    suffix = "\n",
    more: Partial<CompletionRequest> = {},
): CompletionRequest {
    return {
        document: more.path ?? "src/a.ts",
        path: "src/a.ts",
        languageId: "typescript",
        prefix,
        suffix,
        maxLines: 4,
        maxTokens: 32,
        trigger: "automatic",
        lane: "keystroke",
        ...more,
    };
}

/** A copy of the starter under another name. */
export function copyOfStarter(folder: string, name = "copy.gguf"): string {
    const path = join(folder, name);
    copyFileSync(STARTER, path);
    return path;
}

/** The starter with some bytes changed. */
export function damagedStarter(
    folder: string,
    name: string,
    change: (bytes: Buffer) => Buffer,
): string {
    const path = join(folder, name);
    writeFileSync(path, change(readFileSync(STARTER)));
    return path;
}

/** Replaces the first occurrence of a text by another of the same length. */
export function replaceText(bytes: Buffer, from: string, to: string): Buffer {
    if (Buffer.byteLength(from) !== Buffer.byteLength(to)) throw new Error("lengths differ");
    const at = bytes.indexOf(from);
    if (at < 0) throw new Error(`the starter does not hold ${from}`);
    bytes.write(to, at);
    return bytes;
}

/** Sets a uint32 metadata value (key, type id, value). */
export function setUint32(bytes: Buffer, key: string, value: number): Buffer {
    const at = bytes.indexOf(key);
    if (at < 0) throw new Error(`the starter has no key ${key}`);
    bytes.writeUInt32LE(value, at + key.length + 4);
    return bytes;
}

/** Sets the number of dimensions of a tensor (name, n_dims). */
export function setDimensions(bytes: Buffer, tensor: string, nDimensions: number): Buffer {
    const at = bytes.indexOf(tensor);
    if (at < 0) throw new Error(`the starter has no tensor ${tensor}`);
    bytes.writeUInt32LE(nDimensions, at + tensor.length);
    return bytes;
}

export const LONG_TEXT = Array.from(
    { length: 120 },
    (_, i) => `Line ${i} of a text that is long enough to keep the model busy.`,
).join("\n");
