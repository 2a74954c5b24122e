/** `ingot publish` as a person runs it, against the fake Hub. */

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PublishPlan, PublishResult } from "../../src/protocol/publish";
import { ingot } from "../support/cliProcess";
import { STARTER } from "../support/engineProcess";
import { tinyGguf } from "../support/tinyGguf";
import { startFakeHub, type FakeHub } from "../support/fakeHub.mjs";

const REPO = "ann/Starter-GGUF";

let root: string;
let hub: FakeHub;
let file: string;

beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "ingot-publishcli-"));
    file = join(root, "starter-Q8_0.gguf");
    copyFileSync(STARTER, file);
    hub = await startFakeHub({ repos: {}, accounts: { hf_right: { name: "ann" } } });
});
afterAll(async () => {
    await hub.close();
    rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
    hub.requests.length = 0;
});

const run = (args: readonly string[], env: Record<string, string> = {}) =>
    ingot(["publish", ...args], {
        home: join(root, "ingot"),
        env: { HOME: root, HF_ENDPOINT: hub.url, HF_TOKEN: "hf_right", ...env },
    });
const sent = () => hub.requests.filter(({ method }) => method !== "GET").length;

describe("ingot publish", () => {
    it("shows what would go, and sends nothing without a yes", async () => {
        const args = [file, "--repo", "Starter-GGUF"];
        const { code, out } = await run([...args, "--dry-run"]);
        expect(code).toBe(0);
        expect(out).toContain(
            `Publishes as ann to ${new URL(hub.url).host}: a new public repository ${REPO}`,
        );
        expect(out).toMatch(/starter-Q8_0\.gguf +Q8_0 +5\.\d MB +\d\.\d\d/);
        expect(out).toContain("license: apache-2.0");
        expect(out).toContain("Note: --base-model OWNER/NAME says which model was quantized");
        const json = await run([...args, "--dry-run", "--json"]);
        expect((JSON.parse(json.out) as PublishPlan).repo).toBe(REPO);
        const asked = await run(args);
        expect([asked.code, asked.err.includes("add --yes")]).toEqual([2, true]);
        expect(sent()).toBe(0);
    });

    it("writes the card where nothing is in the way, unless that may go", async () => {
        const args = [file, "--repo", "Starter-GGUF", "--dry-run", "--write-card"];
        const card = join(root, "written.md");
        expect((await run([...args, card])).code).toBe(0);
        expect(readFileSync(card, "utf8")).toContain("license: apache-2.0");
        writeFileSync(card, "mine");
        const { code, err } = await run([...args, card]);
        expect([code, err.includes("exists already")]).toEqual([1, true]);
        expect((await run([...args, file, "--overwrite"])).err).toContain("would replace the file");
        expect(readFileSync(card, "utf8")).toBe("mine");
        expect((await run([...args, card, "--overwrite"])).code).toBe(0);
        expect(readFileSync(card, "utf8")).toContain("license: apache-2.0");
    });

    it("refuses without a clear licence, and without a token", async () => {
        const silent = join(root, "silent.gguf");
        writeFileSync(silent, tinyGguf());
        const { code, err } = await run([silent, "--yes"]);
        expect(code).toBe(1);
        expect(err).toContain("does not say under which licence");
        const none = await run([silent, "--license", "mit", "--yes"], { HF_TOKEN: "" });
        expect([none.code, none.err.includes("needs a token")]).toEqual([1, true]);
        expect(sent()).toBe(0);
    });

    it("publishes privately with the card of the person, also after Ctrl+C in the middle", async () => {
        hub.faults.partBytes = 1_000_000;
        const card = join(root, "card.md");
        writeFileSync(card, "---\nlicense: apache-2.0\n---\n# Mine\n");
        const args = [file, "--repo", REPO, "--private", "--yes"];
        const all = [...args, "--card", card, "--json"];
        let open = () => {};
        const gate = new Promise<void>((resolve) => (open = resolve));
        hub.faults.uploadGate = () => gate;
        const stopped = await ingot(["publish", ...all, "--progress", "json"], {
            home: join(root, "ingot"),
            env: { HOME: root, HF_ENDPOINT: hub.url, HF_TOKEN: "hf_right" },
            interruptAt: '"label":"Uploading"',
        });
        delete hub.faults.uploadGate;
        open();
        expect(stopped.code).toBe(130);
        const { code, out, err } = await run(all);
        expect([code, err.includes("hf_right")]).toEqual([0, false]);
        const result = JSON.parse(out) as PublishResult;
        expect(result.bytes).toBe(readFileSync(file).length);
        expect(
            Buffer.compare(
                hub.published(REPO, "starter-Q8_0.gguf") ?? Buffer.of(),
                readFileSync(file),
            ),
        ).toBe(0);
        expect(String(hub.published(REPO, "README.md"))).toContain("# Mine");
        expect(hub.isPrivate(REPO)).toBe(true);
    });
});
