/** `ingot models search | files | fetch | list | remove` as a person runs them, against the fake Hub, with a Hub cache of its own. */

import {
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HubFetchResult, HubPage, HubSearchResult } from "../../src/protocol/hub";
import { ingot } from "../support/cliProcess";
import { ROOT, STARTER } from "../support/engineProcess";
import { startFakeHub, type FakeHub } from "../support/fakeHub.mjs";

const GGUF = "tiny/Starter-GGUF";
const WEIGHTS = "tiny/twelve-layers";

let root: string;
let hub: FakeHub;
let home: string;
let cache: string;

beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "ingot-hubcli-"));
    const folder = join(root, "gguf");
    mkdirSync(folder);
    copyFileSync(STARTER, join(folder, "starter-Q8_0.gguf"));
    writeFileSync(join(folder, "README.md"), "---\nlicense: mit\n---\n# Starter\n");
    hub = await startFakeHub({
        repos: {
            [GGUF]: { folder, downloads: 50, nParameters: 5e6, license: "mit" },
            [WEIGHTS]: join(ROOT, "test/golden/conversion/twelve-layers"),
            "tiny/Gated": { folder, gated: true, token: "hf_right" },
        },
    });
});
afterAll(async () => {
    await hub.close();
    rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
    home = mkdtempSync(join(root, "home-"));
    cache = join(home, "hub");
    hub.requests.length = 0;
});

const run = (args: readonly string[], env: Record<string, string> = {}) =>
    ingot(args, {
        home: join(home, "ingot"),
        env: { HOME: home, HF_ENDPOINT: hub.url, HF_TOKEN: "", HF_HUB_CACHE: cache, ...env },
    });

describe("ingot models search", () => {
    it("finds, filters, and is readable", async () => {
        const all = await run(["models", "search", "tiny", "--json"]);
        expect(all.code).toBe(0);
        const { models } = JSON.parse(all.out) as HubSearchResult;
        expect(models.map(({ id }) => id).sort()).toEqual(["tiny/Gated", GGUF, WEIGHTS]);
        const some = await run(["models", "search", "starter", "--gguf", "--license", "mit"]);
        const [heading, row, end] = some.out.split("\n");
        expect(heading).toMatch(/^repository +parameters +downloads/);
        expect(row).toMatch(/^tiny\/Starter-GGUF +5M +50 +mit +gguf$/);
        expect(end).toBe("");
    });

    it("says that it is offline, and lists the cache", async () => {
        await run(["models", "fetch", GGUF]);
        const away = { HF_ENDPOINT: "http://127.0.0.1:9" };
        const { code, out, err } = await run(["models", "search", "starter"], away);
        expect(code).toBe(1);
        expect(err).toContain("127.0.0.1:9 cannot be reached; check the connection");
        expect(err).toContain("In the Hub cache of this computer:");
        expect(out).toMatch(/^starter-Q8_0 +\d/);
        const none = await run(["models", "search", "nothing"], away);
        expect([none.code, none.out]).toEqual([1, ""]);
    });

    it.each([
        [["--gguf", "--safetensors"], "Choose --gguf or --safetensors"],
        [["--sort", "size"], "--sort takes"],
        [["--max-parameters", "big"], "--max-parameters takes"],
        [["--limit", "0"], "--limit takes"],
    ])("refuses %j", async (args, message) => {
        const { code, err } = await run(["models", "search", "x", ...args]);
        expect(code).toBe(2);
        expect(err).toContain(message);
        expect(hub.requests).toEqual([]);
    });
});

describe("ingot models files", () => {
    it("lists files with sizes and types, and what is cached", async () => {
        await run(["models", "fetch", GGUF]);
        const { code, out } = await run(["models", "files", GGUF]);
        expect(code).toBe(0);
        expect(out).toContain(`commit ${hub.commitOf(GGUF)?.slice(0, 12)}`);
        expect(out).toMatch(/starter-Q8_0\.gguf +5\.\d MB +Q8_0 +in the cache/);
        const { out: json } = await run(["models", "files", GGUF, "--json"]);
        expect((JSON.parse(json) as HubPage).ggufs.length).toBe(1);
    });

    it("names the page of a gated repository", async () => {
        const { code, err } = await run(["models", "files", "tiny/Gated"]);
        expect(code).toBe(0);
        expect(err).toContain(`Gated: accept its terms on ${hub.url}/tiny/Gated`);
    });
});

describe("ingot models fetch", () => {
    it("puts the model into the Hub cache, where it is found, served and removed", async () => {
        const { code, out } = await run(["models", "fetch", GGUF, "--json"]);
        expect(code).toBe(0);
        const result = JSON.parse(out) as HubFetchResult;
        const file = result.files[0]?.file ?? "";
        expect(Buffer.compare(readFileSync(file), readFileSync(STARTER))).toBe(0);
        expect(file.startsWith(cache)).toBe(true);
        const list = await run(["models", "list", "--json"]);
        expect(JSON.parse(list.out)).toContainEqual(
            expect.objectContaining({
                name: "starter-Q8_0",
                origin: "hub",
                repo: GGUF,
                path: file,
            }),
        );
        const removed = await run(["models", "remove", "starter-Q8_0"]);
        expect([removed.code, existsSync(file)]).toEqual([0, false]);
    });

    it("brings a checkpoint that a conversion then reads from the disk", async () => {
        const { out } = await run(["models", "fetch", WEIGHTS, "--json"]);
        const { files } = JSON.parse(out) as HubFetchResult;
        expect(files.map(({ path }) => path)).toContain("model.safetensors");
        hub.requests.length = 0;
        const target = join(home, "out.gguf");
        const args = ["convert", WEIGHTS, "--type", "Q8_0", "--out", target, "--json"];
        expect((await run(args)).code).toBe(0);
        expect(hub.requests.filter(({ path }) => path.includes("/resolve/"))).toEqual([]);
        const away = { HF_ENDPOINT: "http://127.0.0.1:9" };
        const offline = await run([...args, "--overwrite"], away);
        expect(offline.code).toBe(0);
    });

    it("reports progress as JSON lines on stderr", async () => {
        const { err } = await run(["models", "fetch", GGUF, "--progress", "json"]);
        const steps = err
            .split("\n")
            .filter((line) => line.startsWith("{"))
            .map((line) => JSON.parse(line) as { label: string; done: number; total: number });
        expect(steps.at(-1)).toMatchObject({ label: "Downloading" });
        expect(steps.at(-1)?.done).toBe(steps.at(-1)?.total);
    });

    it("refuses a gated repository with its page, and takes the token file", async () => {
        const { code, err } = await run(["models", "fetch", "tiny/Gated"]);
        expect(code).toBe(1);
        expect(err).toContain(`accept its terms on the page ${hub.url}/tiny/Gated`);
        expect(existsSync(cache)).toBe(false);
        mkdirSync(join(home, ".cache/huggingface"), { recursive: true });
        writeFileSync(join(home, ".cache/huggingface/token"), "hf_right\n");
        expect((await run(["models", "fetch", "tiny/Gated"])).code).toBe(0);
    });

    it("says in one sentence what is wrong", async () => {
        const missing = await run(["models", "fetch", GGUF, "--file", "Q2_K"]);
        expect([missing.code, missing.err.trim().split("\n").length]).toEqual([1, 1]);
        expect(missing.err).toContain("has no file Q2_K");
        expect((await run(["models", "fetch"])).code).toBe(2);
        expect((await run(["models", "fetch", "no repo"])).code).toBe(2);
    });
});
