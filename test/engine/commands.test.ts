/** The commands that need no model in memory, as a person or a script runs them; and the worker child's life. */

import { fork, spawnSync } from "node:child_process";
import {
    copyFileSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { childEnvironment, startChild } from "../../src/node/child";
import { inspect as inspectCommand } from "../../src/cli/inspect";
import { models as modelsCommand } from "../../src/cli/models";
import type { InspectResult, WorkerClientSide, WorkerSide } from "../../src/protocol/worker";
import { ingot } from "../support/cliProcess";
import { buildOf, BUNDLES, ROOT, STARTER } from "../support/engineProcess";
import { tinyGguf, type TinyOptions } from "../support/tinyGguf";

let home: string;
beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "ingot-commands-"));
    mkdirSync(join(home, "models"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const run = (...args: string[]) => ingot(args, { home });

describe("ingot", () => {
    it("lists its commands with --help", async () => {
        const { code, out, err } = await run("--help");
        expect({ code, err }).toEqual({ code: 0, err: "" });
        for (const command of ["convert", "inspect", "complete", "chat", "models"])
            expect(out).toMatch(new RegExp(`^ {2}ingot ${command} +[A-Z].*\\.$`, "m"));
    });

    it("says its version and build", async () => {
        const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
            version: string;
        };
        const build = await buildOf("worker.mjs");
        expect(await run("--version")).toEqual({
            code: 0,
            out: `ingot ${version} (build ${build})\n`,
            err: "",
        });
    });

    it("explains one command with --help, wherever it stands", async () => {
        const { code, out } = await run("inspect", "x.gguf", "--help");
        expect(code).toBe(0);
        expect(out).toMatch(/^usage: ingot inspect FILE \[--tensors\] \[--values/);
    });

    it.each([
        [["frobnicate"], "There is no command frobnicate; ingot --help lists them\n"],
        [["--progress", "bar", "models", "list"], "--progress takes json or none\n"],
        [["models", "list", "--progress"], "--progress takes json or none\n"],
        [
            ["models", "burn"],
            `models has no action burn\nusage: ingot models ${modelsCommand.usage}\n`,
        ],
        [["inspect"], `FILE is missing\nusage: ingot inspect ${inspectCommand.usage}\n`],
        [
            ["inspect", "a", "b"],
            `Unexpected argument b\nusage: ingot inspect ${inspectCommand.usage}\n`,
        ],
        [
            ["inspect", "a", "--tensor"],
            `Unknown option '--tensor'\nusage: ingot inspect ${inspectCommand.usage}\n`,
        ],
    ])("%j is wrong usage: exit code 2", async (args, sentence) => {
        expect(await run(...args)).toEqual({ code: 2, out: "", err: sentence });
    });

    it.each([
        [["--type", "Q9_X"], /^There is no type Q9_X; [^\n]+\n$/],
        [["--type", "Q9_X", "--dry-run"], /^starter cannot be of type Q9_X; [^\n]+\n$/],
        [["--type", "F16", "--as", "qwen99"], /^There is no family qwen99; [^\n]+\n$/],
    ])("a wrong value gets its sentence, and no line of options: %j", async (args, sentence) => {
        const { code, out, err } = await run("convert", "models/starter", ...args);
        expect({ code, out }).toEqual({ code: 2, out: "" });
        expect(err).toMatch(sentence);
    });

    it("without arguments shows the overview, as wrong usage", async () => {
        const { code, out } = await run();
        expect(code).toBe(2);
        expect(out).toContain("ingot models");
    });
});

describe("ingot models", () => {
    // Windows has no such names.
    it.skipIf(process.platform === "win32")("lists a name of two lines in one", async () => {
        const path = join(home, "models", "two\nlines.gguf");
        writeFileSync(path, tinyGguf());
        const { out } = await run("models", "list");
        rmSync(path);
        const lines = out.trim().split("\n");
        expect(lines).toHaveLength(2);
        expect(lines[1]).toMatch(/^two\?lines +\d.*two\?lines\.gguf$/);
    });

    it("lists the starter, whole and broken files, and removes by name", async () => {
        writeFileSync(join(home, "models", "good.gguf"), tinyGguf());
        writeFileSync(join(home, "models", "bad.gguf"), "GGUF and then nothing of use");
        const { code, out, err } = await run("models", "list", "--json");
        expect({ code, err }).toEqual({ code: 0, err: "" });
        const listed = JSON.parse(out) as { name: string; problem?: string; fileType?: string }[];
        expect(listed.map(({ name }) => name)).toEqual(["starter", "bad", "good"]);
        expect(listed[0]).toMatchObject({ fileType: "Q8_0", origin: "starter" });
        expect(listed[1]?.problem).toContain("not a usable GGUF model");
        expect(listed[2]).not.toHaveProperty("problem");

        const table = await run("models", "list");
        expect(table.out.trim().split("\n")).toHaveLength(3);

        const removed = await run("models", "remove", "bad");
        expect(removed).toMatchObject({ code: 0, err: "" });
        expect(readdirSync(join(home, "models"))).toEqual(["good.gguf"]);
        expect(await run("models", "remove", "bad")).toMatchObject({
            code: 1,
            err: `There is no model bad in ${join(home, "models")}\n`,
        });
        expect((await run("models", "remove", "starter")).code).toBe(1);
    });
});

describe("ingot inspect", () => {
    it("shows the values, a block and ways to quantize of one tensor", async () => {
        const file = join(home, "tensor.gguf");
        writeFileSync(file, tinyGguf());
        const values = await run("inspect", file, "--values", "blk.0.attn_q.weight");
        expect(values).toMatchObject({ code: 0, err: "" });
        expect(values.out).toMatch(
            /^blk\.0\.attn_q\.weight, Q8_0: 1024 of 1024 values, in 32 rows/,
        );
        expect(values.out).toMatch(/zeros +1024 \(100\.000 %\)/);
        const block = await run("inspect", file, "--block", "blk.0.attn_q.weight:31");
        expect(block.out).toMatch(/block 31 of 32, 32 values in 34 bytes/);
        expect(block.out).toMatch(/from 0: scale 0, min 0, quants 0 0/);
        const json = await run("inspect", file, "--methods", "token_embd.weight", "--json");
        const { methods } = JSON.parse(json.out) as { methods: { name: string }[] };
        expect(methods.map(({ name }) => name)).toContain("Q4_0");
        expect((await run("inspect", file, "--values", "a", "--block", "b")).code).toBe(2);
    });

    it("refuses what is no model: exit code 1 and one sentence", async () => {
        const garbage = join(home, "garbage.gguf");
        writeFileSync(garbage, Buffer.alloc(5000, "garbage"));
        expect(await run("inspect", garbage, "--json")).toEqual({
            code: 1,
            out: "",
            err: "The file garbage.gguf is not a usable GGUF model: it does not begin with the letters GGUF; download it again or choose another model\n",
        });
        expect(await run("inspect", home)).toEqual({
            code: 1,
            out: "",
            err: `${home} is not a file; choose a GGUF file\n`,
        });
        expect(await run("inspect", join(home, "none.gguf"))).toEqual({
            code: 1,
            out: "",
            err: `There is no file ${join(home, "none.gguf")}; choose another model\n`,
        });
    });

    it.each<[string, TinyOptions["keys"], string]>([
        [
            "an adapter",
            { "general.type": { type: "string", value: "adapter" } },
            "it is an adapter",
        ],
        [
            "an architecture that llama.cpp has not",
            { "general.architecture": { type: "string", value: "frob" } },
            "cannot run models of the architecture frob",
        ],
        [
            "a number that would end the engine",
            { "llama.attention.head_count": { type: "uint32", value: 0 } },
            "its metadata says llama.attention.head_count = 0",
        ],
        ["nothing wrong", {}, ""],
    ])("shows a file with %s, and says what the engine would", async (_, keys = {}, problem) => {
        const file = join(home, "problem.gguf");
        writeFileSync(file, tinyGguf({ keys }));
        const text = await run("inspect", file);
        const json = await run("inspect", file, "--json");
        expect([text.code, json.code, text.err]).toEqual([0, 0, ""]);
        const result = JSON.parse(json.out) as InspectResult;
        expect(result.tensors).toHaveLength(9);
        expect(result.problem ?? "").toContain(problem);
        const line = /^Cannot be run: (.*)$/m.exec(text.out)?.[1];
        expect(line).toBe(problem === "" ? undefined : result.problem);
    });

    it("lets nothing in the file control the terminal", async () => {
        const file = join(home, "escape.gguf");
        const keys = {
            "general.name": { type: "string", value: "a\u001b[2Jb\u009b31m\u0007" },
            "k\u001b]0;title": { type: "bool", value: true },
            "tokenizer.chat_template": { type: "string", value: "\u001b[8mhidden\n{{ x }}" },
        } as const;
        writeFileSync(file, tinyGguf({ keys }));
        const { code, out } = await run("inspect", file, "--tensors");
        expect(code).toBe(0);
        expect(out).toContain("a?[2Jb?31m?");
        expect(out).toContain("?[8mhidden\n{{ x }}");
        // eslint-disable-next-line no-control-regex -- what must not be there
        expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
        // JSON carries the file's own text, escaped.
        const json = await run("inspect", file, "--json");
        expect(json.out).toContain("\\u001b[2J");
    });
});

describe("the worker", () => {
    const start = async () =>
        startChild<WorkerClientSide, WorkerSide>({
            name: "worker",
            entry: join(BUNDLES, "worker.mjs"),
            build: await buildOf("worker.mjs"),
            handlers: {},
            listeners: { log: () => undefined },
        });
    const isAlive = (pid: number | undefined) => {
        try {
            return pid !== undefined && process.kill(pid, 0);
        } catch {
            return false;
        }
    };

    it("ends by itself when its parent lets go", async () => {
        const child = fork(join(BUNDLES, "worker.mjs"), [], {
            execArgv: [],
            env: childEnvironment(process.env),
            stdio: ["ignore", "ignore", "ignore", "ipc"],
        });
        await new Promise((hello) => child.once("message", hello));
        const gone = new Promise((exit) => child.once("exit", exit));
        expect(isAlive(child.pid)).toBe(true);
        child.disconnect();
        await gone;
        expect(isAlive(child.pid)).toBe(false);
    });

    it("lists the families that could convert a checkpoint, the nearest first", async () => {
        const folder = join(ROOT, "test/golden/conversion/unknown-tensor");
        const child = await start();
        try {
            await child.ready;
            const source = { kind: "folder", path: folder } as const;
            const families = await child.channel.request("convert/families", { source });
            expect(families[0]).toMatchObject({ id: "llama", nUnplaced: 1 });
            expect(new Set(families.map(({ id }) => id)).size).toBe(families.length);
        } finally {
            await child.dispose();
        }
    });

    it("is gone after disposal, and what waited fails with the reason", async () => {
        const child = await start();
        await child.ready;
        const pending = child.channel.request("inspect", { path: STARTER });
        const outcome = pending.then(
            () => "answered",
            (error: unknown) => (error as { code?: string }).code,
        );
        await child.dispose();
        expect(["answered", "engine/gone"]).toContain(await outcome);
        expect(isAlive(child.pid)).toBe(false);
        await expect(child.channel.request("inspect", { path: STARTER })).rejects.toMatchObject({
            code: "engine/gone",
        });
    });

    it("survives a bad request and answers the next", async () => {
        const child = await start();
        try {
            await child.ready;
            await expect(
                child.channel.request("inspect", { path: join(home, "none.gguf") }),
            ).rejects.toMatchObject({ code: "user/no-model" });
            const copy = join(home, "copy.gguf");
            copyFileSync(STARTER, copy);
            const result = await child.channel.request("inspect", { path: copy });
            expect(result.tensors.length).toBeGreaterThan(20);
        } finally {
            await child.dispose();
        }
    });

    it("refuses to run without a parent", () => {
        const { status, stderr } = spawnSync(process.execPath, [join(BUNDLES, "worker.mjs")], {
            encoding: "utf8",
        });
        expect(status).not.toBe(0);
        expect(stderr).toContain("run the command ingot instead");
    });
});
