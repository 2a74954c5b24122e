// Loading, sharing, freeing and refusing models.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EngineStatus } from "../../src/protocol/engine";
import {
    completionRequest,
    copyOfStarter,
    damagedStarter,
    modelSpec,
    replaceText,
    setDimensions,
    setUint32,
    startEngine,
    STARTER,
    type TestEngine,
} from "../support/engineProcess";

const signal = new AbortController().signal;
let folder: string;
let engine: TestEngine;
beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ingot-models-"));
    engine = await startEngine();
});
afterAll(async () => {
    await engine.dispose();
    rmSync(folder, { recursive: true, force: true });
});
afterEach(() => engine.client.configure({ idleUnloadMs: 0 }));

const chatRequest = {
    conversation: "c",
    messages: [{ role: "user" as const, content: "Hi" }],
    maxTokens: 8,
    temperature: 0,
    seed: 1,
};
function changed(wanted: (status: EngineStatus) => boolean): Promise<EngineStatus> {
    return new Promise((resolve) => {
        const listener = engine.client.onChanged((status) => {
            if (!wanted(status)) return;
            listener.dispose();
            resolve(status);
        });
    });
}

describe("a model", () => {
    it("describes itself, and both roles share it", async () => {
        const spec = modelSpec(STARTER);
        await engine.client.configure({ completion: spec, chat: spec, idleUnloadMs: 0 });
        const fractions: number[] = [];
        const info = await engine.client.request(
            "model/load",
            { role: "completion" },
            { onProgress: ({ fraction }) => fractions.push(fraction) },
        );
        expect(info).toMatchObject({
            path: STARTER,
            architecture: "qwen2",
            fileType: "Q8_0",
            nParameters: 5_247_232,
            nVocabulary: 8192,
            nLayers: 4,
            trainedContextTokens: 2048,
            fim: { supported: true, family: "qwen-coder" },
            hasChatTemplate: true,
        });
        expect(fractions.at(-1)).toBe(1);
        await engine.client.request("chat", chatRequest);
        const status = await engine.client.status();
        expect(status?.models.map(({ roles }) => roles)).toEqual([["completion", "chat"]]);
        expect(engine.log.map(({ message }) => message)).toContainEqual(
            expect.stringMatching(/^offloaded \d+\/5 layers to /),
        );
    });

    it("leaves a core to the editor", async () => {
        await engine.client.configure({ completion: modelSpec(STARTER), idleUnloadMs: 0 });
        const info = await engine.client.request("model/load", { role: "completion" });
        expect(info.threads).toBeGreaterThanOrEqual(1);
        const { availableParallelism } = await import("node:os");
        expect(info.threads).toBeLessThanOrEqual(Math.max(1, availableParallelism() - 1));
    });

    it("is freed when idle, and loaded again when needed", async () => {
        const freed = changed(({ models }) => models.length === 0);
        await engine.client.configure({ completion: modelSpec(STARTER), idleUnloadMs: 30 });
        await engine.client.complete(completionRequest("const a = "), signal);
        await freed;
        const outcome = await engine.client.complete(completionRequest("const a = "), signal);
        expect(outcome.tokens?.generated).toBeGreaterThan(0);
    });

    it("is freed when the configuration names another, after the last use", async () => {
        const path = copyOfStarter(folder, "other.gguf");
        await engine.client.configure({ completion: modelSpec(STARTER), idleUnloadMs: 0 });
        await engine.client.request("model/load", { role: "completion" });
        const running = engine.client.complete(completionRequest("const a = "), signal);
        await engine.client.configure({ completion: modelSpec(path), idleUnloadMs: 0 });
        expect((await running).tokens?.generated).toBeGreaterThan(0);
        await engine.client.request("model/load", { role: "completion" });
        const status = await engine.client.status();
        expect(status?.models.map((model) => model.path)).toEqual([path]);
    });

    it("works on when its file is removed, and says so when it is needed again", async () => {
        const path = copyOfStarter(folder, "removed.gguf");
        await engine.client.configure({ completion: modelSpec(path), idleUnloadMs: 0 });
        await engine.client.request("model/load", { role: "completion" });
        rmSync(path);
        const outcome = await engine.client.complete(completionRequest("const a = "), signal);
        expect(outcome.tokens?.generated).toBeGreaterThan(0);
        await engine.client.request("model/unload", { role: "completion" });
        await expect(
            engine.client.complete(completionRequest("const a = "), signal),
        ).rejects.toMatchObject({
            code: "user/no-model",
            message: expect.stringContaining("removed.gguf is not there any more") as string,
        });
    });

    it("is asked for when none is chosen", async () => {
        await engine.client.configure({ idleUnloadMs: 0 });
        const outcome = await engine.client.complete(completionRequest("const a = "), signal);
        expect(outcome).toMatchObject({ kind: "none", reason: "no-model" });
        await expect(engine.client.request("chat", chatRequest)).rejects.toMatchObject({
            code: "user/no-model",
        });
    });
});

describe("a model without", () => {
    it("fill-in-the-middle tokens says so, with a way out, and still chats", async () => {
        const path = damagedStarter(folder, "nofim.gguf", (bytes) =>
            replaceText(bytes, "<|fim_middle|>", "<|fim_xxxxxx|>"),
        );
        const spec = modelSpec(path);
        await engine.client.configure({ completion: spec, chat: spec, idleUnloadMs: 0 });
        const outcome = await engine.client.complete(completionRequest("const a = "), signal);
        expect(outcome).toMatchObject({
            kind: "none",
            reason: "model-cannot-fill",
            detail: expect.stringContaining("choose a code model") as string,
        });
        const answer = await engine.client.request("chat", chatRequest);
        expect(answer.tokens.generated).toBeGreaterThan(0);
    });

    it("a chat template says so, and still completes", async () => {
        const path = damagedStarter(folder, "nochat.gguf", (bytes) =>
            replaceText(bytes, "tokenizer.chat_template", "tokenizer.chat_templatX"),
        );
        const spec = modelSpec(path);
        await engine.client.configure({ completion: spec, chat: spec, idleUnloadMs: 0 });
        await expect(engine.client.request("chat", chatRequest)).rejects.toMatchObject({
            code: "data/template",
            message: expect.stringContaining("has no chat template") as string,
        });
        const outcome = await engine.client.complete(completionRequest("const a = "), signal);
        expect(outcome.tokens?.generated).toBeGreaterThan(0);
    });

    it("a working chat template names the line", async () => {
        const path = damagedStarter(folder, "badchat.gguf", (bytes) =>
            replaceText(bytes, "{%- endfor %}", "{%- endfox %}"),
        );
        await engine.client.configure({ chat: modelSpec(path), idleUnloadMs: 0 });
        await expect(engine.client.request("chat", chatRequest)).rejects.toMatchObject({
            code: "data/template",
            message: expect.stringMatching(/\(line \d\).*choose another model/) as string,
        });
    });
});

describe("bad files: one sentence each, and the engine lives", () => {
    it.each<[string, (bytes: Buffer) => Buffer]>([
        ["truncated in metadata", (bytes) => bytes.subarray(0, 20_000)],
        ["truncated in data", (bytes) => bytes.subarray(0, bytes.length - 4096)],
        ["not a GGUF", () => Buffer.from("<!DOCTYPE html><title>not found</title>")],
        ["empty", () => Buffer.alloc(0)],
        ["block_count 1000000", (bytes) => setUint32(bytes, "qwen2.block_count", 1_000_000)],
        ["head_count 0", (bytes) => setUint32(bytes, "qwen2.attention.head_count", 0)],
        ["n_dims 77", (bytes) => setDimensions(bytes, "blk.0.attn_q.weight", 77)],
        ["unknown architecture", (bytes) => replaceText(bytes, "qwen2", "zzzz9")],
    ])("%s", async (name, change) => {
        const path = damagedStarter(folder, `${name}.gguf`.replaceAll(" ", "-"), change);
        const before = engine.client.state;
        await engine.client.configure({ completion: modelSpec(path), idleUnloadMs: 0 });
        const error = await engine.client
            .complete(completionRequest("const a = "), signal)
            .then(() => undefined)
            .catch((reason: Error & { code: string }) => reason);
        expect(error?.code).toMatch(/^(data|engine|env)\//);
        expect(error?.message).toMatch(/^[A-Z][^\n]{20,300}[^.\n]$/);
        expect(engine.client.state).toEqual(before);
        await engine.client.configure({ completion: modelSpec(STARTER), idleUnloadMs: 0 });
        const outcome = await engine.client.complete(completionRequest("const a = "), signal);
        expect(outcome.tokens?.generated).toBeGreaterThan(0);
    });
});
