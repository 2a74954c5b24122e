/** What runs in the worker child, through the CLI: inspect, convert from a folder and from a Hub, the library afterwards. */

import {
    copyFileSync,
    cpSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    truncateSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FitPlan } from "../../src/protocol/fit";
import type { ConvertResult, InspectResult } from "../../src/protocol/worker";
import { ingot, type CliOptions } from "../support/cliProcess";
import { ROOT, STARTER } from "../support/engineProcess";
import { startFakeHub, type FakeHub } from "../support/fakeHub.mjs";

const CHECKPOINT = join(ROOT, "test/golden/conversion/twelve-layers");
const REPO = "tiny/twelve-layers";

let home: string;
let hub: FakeHub;
beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "ingot-worker-"));
    hub = await startFakeHub({ repos: { [REPO]: CHECKPOINT } });
});
afterAll(async () => {
    await hub.close();
    rmSync(home, { recursive: true, force: true });
});

const run = (args: readonly string[], more: Omit<CliOptions, "home"> = {}) =>
    ingot(args, { home, ...more });
const models = () => readdirSync(join(home, "models"));

describe("ingot inspect", () => {
    it("says what is in a file, as JSON", async () => {
        const { code, out } = await run(["inspect", STARTER, "--json"]);
        expect(code).toBe(0);
        const result = JSON.parse(out) as InspectResult;
        expect(result).toMatchObject({ path: STARTER, version: 3, fileType: "Q8_0" });
        expect(result.fim).toBeDefined();
        expect(result.chatTemplate).toBeDefined();
        const bytes = result.tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
        expect(bytes).toBeLessThan(result.sizeBytes);
        expect(bytes).toBeGreaterThan(result.sizeBytes * 0.9);
        expect(result.metadata.every(({ value }) => value.length <= 203)).toBe(true);
    });

    it("is readable on a terminal: no line is wider for a long value", async () => {
        const { out } = await run(["inspect", STARTER]);
        const counts = out.split("\n").filter((line) => /block_count/.test(line));
        expect(counts).toHaveLength(1);
        expect(counts[0]?.length).toBeLessThan(80);
    });

    it("refuses a file that was cut off, in one sentence", async () => {
        const cut = join(home, "cut.gguf");
        copyFileSync(STARTER, cut);
        truncateSync(cut, 3_000_000);
        const { code, out, err } = await run(["inspect", cut]);
        expect({ code, out }).toEqual({ code: 1, out: "" });
        expect(err.trim().split("\n")).toHaveLength(1);
        expect(err).toContain("ends inside");
    });
});

describe("ingot convert", () => {
    const type = ["--type", "Q4_K_M"];

    it("takes the rules of a family that is named, in the plan as in the file", async () => {
        const folder = join(home, "unknown");
        cpSync(CHECKPOINT, folder, { recursive: true });
        const path = join(folder, "config.json");
        const config = JSON.parse(readFileSync(path, "utf8")) as object;
        writeFileSync(path, JSON.stringify({ ...config, architectures: ["FooForCausalLM"] }));
        const refused = await run(["convert", folder, ...type]);
        expect(refused).toMatchObject({ code: 1, out: "" });
        const [, family = ""] = /; if .*, add --as (\S+)\n$/.exec(refused.err) ?? [];
        const as = ["convert", folder, ...type, "--as", family];
        const plan = await run([...as, "--dry-run", "--json"]);
        expect(JSON.parse(plan.out)).toMatchObject({ architecture: family, types: [{}] });
        const out = join(home, "as.gguf");
        const made = await run([...as, "--out", out]);
        expect(made.err).toMatch(
            new RegExp(`^The family ${family} was chosen by hand for Foo.*\n$`),
        );
        const shown = JSON.parse((await run(["inspect", out, "--json"])).out) as InspectResult;
        expect(shown).toMatchObject({ architecture: family, fileType: "Q4_K_M" });
    });

    it("writes the same file from a folder and from a Hub, and lists it", async () => {
        const fromFolder = await run(["convert", CHECKPOINT, ...type, "--json"]);
        expect(fromFolder).toMatchObject({ code: 0, err: "" });
        const local = JSON.parse(fromFolder.out) as ConvertResult;
        const out = join(home, "models", "from-hub.gguf");
        const fromHub = await run(["convert", REPO, ...type, "--out", out, "--json"], {
            env: { HF_ENDPOINT: hub.url },
        });
        expect(fromHub).toMatchObject({ code: 0, err: "" });
        const remote = JSON.parse(fromHub.out) as ConvertResult;
        expect(remote).toMatchObject({ file: out, bytes: local.bytes, sha256: local.sha256 });
        const list = await run(["models", "list", "--json"]);
        const names = (JSON.parse(list.out) as { name: string }[]).map(({ name }) => name);
        expect(names).toEqual(["starter", "from-hub", "twelve-layers-Q4_K_M"]);
    });

    it("fits a repository of the Hub to a size: the plan first, then the commit that was measured", async () => {
        const size = ["--type", "bpw:6"];
        const dry = await run(["convert", CHECKPOINT, ...size, "--dry-run", "--json"]);
        const { fileBytes, type: label, beside } = JSON.parse(dry.out) as FitPlan;
        const out = join(home, "fitted.gguf");
        const from = hub.requests.length;
        const made = await run(["convert", REPO, ...size, "--out", out], {
            env: { HF_ENDPOINT: hub.url },
        });
        expect(made).toMatchObject({ code: 0, err: "" });
        expect(made.out).toMatch(/^tensors +values +size +bits +loss +types\n/);
        expect(made.out).toContain(`(${fileBytes} bytes) of `);
        expect(made.out).toContain(`6.00 bits per weight, labelled ${label}.\nExpected loss `);
        expect(made.out).toContain(`times that of ${beside?.type} `);
        expect(statSync(out).size).toBe(fileBytes);
        const asked = hub.requests
            .slice(from)
            .flatMap(({ path }) => /\/revision\/([^/?]+)/.exec(path)?.[1] ?? []);
        expect(asked).toEqual(["main", expect.stringMatching(/^[0-9a-f]{40}$/)]);
    });

    it.each([
        ["a text to fit by", [CHECKPOINT, "--text", "x"], 2, "convert it to BF16 and fit that"],
        ["an empty source", [""], 2, "SOURCE is missing"],
        ["an empty target", [CHECKPOINT, "--out", ""], 2, "--out names no file"],
        ["a folder as target", [CHECKPOINT, "--out", ROOT], 1, "is a folder"],
        ["a device", [CHECKPOINT, "--out", "/dev/null", "--overwrite"], 1, "is not a file"],
    ])("refuses %s and writes nothing", async (_, args, code, sentence) => {
        const before = models();
        const result = await run(["convert", ...args, ...type]);
        expect(result).toMatchObject({ code, out: "" });
        expect(result.err).toContain(sentence);
        expect(models()).toEqual(before);
    });

    it("does not replace a file without being told to", async () => {
        const out = join(home, "kept.gguf");
        writeFileSync(out, "kept");
        const { code, err } = await run(["convert", CHECKPOINT, ...type, "--out", out]);
        expect(code).toBeGreaterThan(0);
        expect(err).toContain("exists already");
    });

    // The last two: a service manager or `timeout`, and a terminal window that is closed.
    it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("leaves nothing after %s", async (signal) => {
        const before = models();
        const store = (requests: FakeHub["requests"]) =>
            requests.filter(({ server }) => server === "store").length;
        const stalling: FakeHub = await startFakeHub({
            repos: { "tiny/starter": join(ROOT, "models/starter") },
            // Header, tokenizer and the first of the weights arrive; the rest of them never does.
            faults: {
                get stalls() {
                    return store(stalling.requests) > 3 ? 1 : 0;
                },
                set stalls(_) {
                    // Counted by the getter.
                },
            },
        });
        try {
            const out = join(home, "models", "interrupted.gguf");
            const result = await run(
                ["convert", "tiny/starter", ...type, "--out", out, "--progress", "json"],
                { env: { HF_ENDPOINT: stalling.url }, interruptAt: "Converting", signal },
            );
            expect(result).toMatchObject({ code: 130, out: "" });
            expect(result.err).not.toContain("stopped unexpectedly");
            expect(models()).toEqual(before);
        } finally {
            await stalling.close();
        }
    });

    it("says that there is no such repository, and where it looked", async () => {
        const { code, out, err } = await run(["convert", "tiny/nothing", ...type], {
            env: { HF_ENDPOINT: hub.url },
        });
        expect({ code, out }).toEqual({ code: 1, out: "" });
        expect(err).toContain(`There is no repository tiny/nothing on ${new URL(hub.url).host}`);
    });
});
