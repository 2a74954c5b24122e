// The engine as a process: handshake, death, restart, orphans, the probe's verdict.
import { spawn, type ChildProcess } from "node:child_process";
import {
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import esbuild from "esbuild";
import { afterEach, describe, expect, it } from "vitest";
import { childEnvironment, startChild } from "../../src/node/child";
import type { ProbeClientSide, ProbeSide } from "../../src/engine/probeProtocol";
import { platformBins } from "../../src/node/native";
import type { EngineClientSide, EngineSide } from "../../src/protocol/engine";
import {
    buildOf,
    BUNDLES,
    completionRequest,
    LONG_TEXT,
    modelSpec,
    ROOT,
    startEngine,
    STARTER,
    type TestEngine,
} from "../support/engineProcess";

const signal = new AbortController().signal;
const engines: TestEngine[] = [];
async function start(): Promise<TestEngine> {
    const engine = await startEngine();
    engines.push(engine);
    return engine;
}
afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.dispose();
});
function pidOf({ client }: TestEngine): number {
    if (client.state.kind !== "running" || !client.state.pid) throw new Error("not running");
    return client.state.pid;
}
const chatRequest = {
    conversation: "c",
    messages: [{ role: "user" as const, content: LONG_TEXT.slice(0, 5000) }],
    maxTokens: 400,
    temperature: 1.5,
    seed: 1,
};

describe("handshake", () => {
    it("refuses another build, naming both", async () => {
        const child = startChild<EngineClientSide, EngineSide>({
            name: "engine",
            entry: join(BUNDLES, "engine.mjs"),
            build: "another-build",
            handlers: {},
            listeners: { log: () => undefined, "engine/changed": () => undefined },
        });
        const build = await buildOf("engine.mjs");
        await expect(child.ready).rejects.toThrow(`another-build and ${build}`);
        await child.exited;
    });

    it("says what a child wrote when it cannot start", async () => {
        const child = startChild<EngineClientSide, EngineSide>({
            name: "engine",
            entry: join(BUNDLES, "no-such-bundle.mjs"),
            build: "x",
            handlers: {},
            listeners: { log: () => undefined, "engine/changed": () => undefined },
        });
        await expect(child.ready).rejects.toMatchObject({
            code: "engine/gone",
            message: expect.stringContaining("exit code 1") as string,
            detail: expect.stringContaining("no-such-bundle") as string,
        });
    });
});

describe("death", () => {
    it.each([
        ["SIGKILL", "killed (SIGKILL)"],
        ["SIGABRT", "crashed (SIGABRT)"],
    ] as const)(
        "by %s fails what waits with the reason, and the next request works",
        async (name, why) => {
            const engine = await start();
            await engine.client.complete(completionRequest("const a = "), signal);
            const pid = pidOf(engine);
            const pending = engine.client.request("chat", chatRequest, {
                onProgress: (value) => {
                    if (value.kind === "prompt") process.kill(pid, name);
                },
            });
            await expect(pending).rejects.toMatchObject({
                code: "engine/gone",
                retry: true,
                message: expect.stringContaining(why) as string,
            });
            expect(engine.client.state.kind).toBe("crashed");
            const outcome = await engine.client.complete(completionRequest("const a = "), signal);
            expect(outcome.tokens?.generated).toBeGreaterThan(0);
            expect(pidOf(engine)).not.toBe(pid);
        },
    );

    it("on request takes the process away", async () => {
        const engine = await start();
        await engine.client.request("model/load", { role: "chat" });
        const pid = pidOf(engine);
        const pending = engine.client.request("chat", chatRequest);
        pending.catch(() => undefined);
        await engine.client.dispose();
        await expect(pending).rejects.toMatchObject({ code: "engine/gone" });
        expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    });
});

/** Runs a parent that forks `bundle`, whose output pipe it hands on: the pipe closes when both processes are gone. */
function parentOf(bundle: string): {
    parent: ChildProcess;
    line: Promise<string>;
    gone: Promise<void>;
} {
    const script = `
        const { fork } = require("node:child_process");
        const child = fork(${JSON.stringify(bundle)}, [], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
        child.on("message", (frame) => { if (frame.t === "hello") console.log(child.pid); });
        setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ["-e", script], {
        env: childEnvironment(process.env),
        stdio: ["ignore", "pipe", "inherit"],
    });
    const line = new Promise<string>((resolve) =>
        parent.stdout?.once("data", (data: Buffer) => resolve(data.toString().trim())),
    );
    const gone = new Promise<void>((resolve) => parent.once("close", () => resolve()));
    return { parent, line, gone };
}

describe("no orphan", () => {
    it("is left when the parent is killed", async () => {
        const { parent, line, gone } = parentOf(join(BUNDLES, "engine.mjs"));
        expect(Number(await line)).toBeGreaterThan(0);
        parent.kill("SIGKILL");
        // The pipe closes when the child is gone too; an orphan would keep it open until the test times out.
        await gone;
    });

    it("is left when the child is busy and sees no events", async () => {
        const folder = mkdtempSync(join(tmpdir(), "ingot-busy-"));
        const bundle = join(folder, "busy.mjs");
        await esbuild.build({
            stdin: {
                contents: `
                    import { connectParent } from "./src/node/parent";
                    connectParent({ build: "x", handlers: {}, listeners: {} });
                    setTimeout(() => { for (;;); }, 20);`,
                resolveDir: ROOT,
                loader: "ts",
            },
            bundle: true,
            platform: "node",
            format: "esm",
            outfile: bundle,
        });
        const { parent, line, gone } = parentOf(bundle);
        expect(Number(await line)).toBeGreaterThan(0);
        parent.kill("SIGKILL");
        // The pipe closes when the child is gone too; an orphan would keep it open until the test times out.
        await gone;
        rmSync(folder, { recursive: true, force: true });
    });
});

describe("probe", () => {
    const selected = (engine: TestEngine) =>
        engine.log.filter(({ message }) => message === "probe selected").length;

    it("runs once per computer: its verdict is kept, a broken one ignored", async () => {
        const engine = await start();
        const file = join(engine.home, "cache", "probe.json");
        const use = () => engine.client.complete(completionRequest("const a = "), signal);
        await use();
        expect(existsSync(file)).toBe(true);
        expect(selected(engine)).toBe(1);
        const verdict = readFileSync(file, "utf8");
        await engine.client.restart();
        await use();
        expect(selected(engine)).toBe(1);
        writeFileSync(file, '{"key": ');
        await engine.client.restart();
        await use();
        expect(selected(engine)).toBe(2);
        expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
            key: (JSON.parse(verdict) as { key: string }).key,
        });
    });

    it("falls back to the CPU libraries when node-llama-cpp cannot be used", async () => {
        const folder = mkdtempSync(join(tmpdir(), "ingot-broken-"));
        cpSync(BUNDLES, join(folder, "dist"), { recursive: true });
        mkdirSync(join(folder, "node_modules"));
        const libraries = "node_modules/@node-llama-cpp";
        symlinkSync(join(ROOT, libraries), join(folder, libraries));
        const engine = await startEngine({}, join(folder, "dist"));
        engines.push(engine);
        const outcome = await engine.client.complete(completionRequest("const a = "), signal);
        expect(outcome.tokens?.generated).toBeGreaterThan(0);
        const verdict = readFileSync(join(engine.home, "cache", "probe.json"), "utf8");
        expect(JSON.parse(verdict)).toMatchObject({
            variant: "",
            note: expect.stringContaining("choosing a backend failed") as string,
        });
        rmSync(folder, { recursive: true, force: true });
    });

    it("lets a small model speak before libraries count as working", async () => {
        const open = async (trial: string) => {
            const child = startChild<ProbeClientSide, ProbeSide>({
                name: "probe",
                entry: join(BUNDLES, "probe.mjs"),
                build: await buildOf("probe.mjs"),
                handlers: {},
                listeners: { log: () => undefined },
            });
            try {
                await child.ready;
                const dir = platformBins("")!;
                return await child.channel.request("probe/open", { dir, variant: "", trial });
            } finally {
                await child.dispose();
            }
        };
        expect((await open(STARTER)).devices.length).toBeGreaterThan(0);
        const missing = join(tmpdir(), "ingot-no-such-model.gguf");
        await expect(open(missing)).rejects.toThrow(/load/i);
    });

    it("tells in the status what was opened", async () => {
        const engine = await start();
        expect(await engine.client.status()).toBeUndefined();
        await engine.client.configure({ chat: modelSpec(STARTER), idleUnloadMs: 0 });
        await engine.client.request("model/load", { role: "chat" });
        const status = await engine.client.status();
        expect(status?.release).toMatch(/^v\d/);
        expect(status?.devices.length).toBeGreaterThan(0);
        expect(status?.rssBytes).toBeGreaterThan(10_000_000);
    });
});
