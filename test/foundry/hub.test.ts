// A conversion straight from the Hub: the same bytes as from the folder, also when connections break; nothing on failure.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../src/base/log";
import { openHubCheckpoint } from "../../src/foundry/hub/checkpoint";
import { realIo } from "../../src/foundry/hub/http";
import { convert } from "../../src/foundry/pipeline";
import type { ConvertResult } from "../../src/protocol/worker";
import { startFakeHub, type FakeHub } from "../support/fakeHub.mjs";
import { makeTempFolder, matching, openNative, runConvert } from "../goldens/runConvert";

let temp: ReturnType<typeof makeTempFolder>;
let hub: FakeHub;
beforeEach(async () => {
    temp = makeTempFolder();
    hub = await startFakeHub({ repos: { "ingot/starter": "models/starter" } });
});
afterEach(async () => {
    await hub.close();
    temp.remove();
});

async function fromHub(repo: string, out: string): Promise<ConvertResult> {
    const run = convert(
        { source: { kind: "hub", repo, endpoint: hub.url }, type: "Q4_K_M", via: "f16", out },
        new AbortController().signal,
        {
            openSource: async (source, signal) => {
                if (source.kind === "folder") throw new Error("not asked for");
                return openHubCheckpoint(source, silentLog, signal, {
                    ...realIo,
                    delay: async () => undefined,
                });
            },
            native: openNative(),
        },
    );
    for (;;) {
        const next = await run.next();
        if (next.done) return next.value;
    }
}

describe("from the Hub", () => {
    it("equals the conversion of the folder, with broken connections on the way", async () => {
        const folder = await runConvert({
            folder: "models/starter",
            type: "Q4_K_M",
            via: "f16",
            out: join(temp.path, "folder.gguf"),
        });
        hub.faults.drops = 3;
        const remote = await fromHub("ingot/starter", join(temp.path, "hub.gguf"));
        expect(remote.sha256).toBe(folder.sha256);
        expect(hub.faults.drops).toBe(0);
    });

    it("is refused when a weight arrives with one wrong bit, and leaves nothing", async () => {
        hub.faults.corruptions = 1;
        await expect(fromHub("ingot/starter", join(temp.path, "x.gguf"))).rejects.toMatchObject({
            code: "data/hash",
            message: matching(/of ingot\/starter arrived damaged/),
        });
        expect(hub.faults.corruptions).toBe(0);
        expect(readdirSync(temp.path)).toEqual([]);
    });

    it("checks what it read: nothing is left to say", async () => {
        const { warnings } = await fromHub("ingot/starter", join(temp.path, "hub.gguf"));
        expect(warnings.filter((text) => text.includes("hash"))).toEqual([]);
    });

    it("says that a repository does not exist and leaves nothing", async () => {
        await expect(fromHub("ingot/nothing", join(temp.path, "x.gguf"))).rejects.toMatchObject({
            code: "net/not-found",
            message: matching(/ingot\/nothing/),
        });
        expect(readdirSync(temp.path)).toEqual([]);
    });
});
