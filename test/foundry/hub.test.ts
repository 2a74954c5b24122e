// A conversion straight from the Hub: the same bytes as from the folder, also when connections break; nothing on failure.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLog } from "../../src/base/log";
import { openHubCheckpoint } from "../../src/foundry/hub/checkpoint";
import { realIo } from "../../src/foundry/hub/http";
import { convert } from "../../src/foundry/pipeline";
import { nativeSha256 } from "../../src/node/hash";
import type { NativeAddon } from "../../src/node/native";
import type { ConvertResult } from "../../src/protocol/worker";
import { rejection } from "../support/failure";
import { startFakeHub, type FakeHub } from "../support/fakeHub.mjs";
import { makeTempFolder, matching, openNative, runConvert } from "../goldens/runConvert";

/** Two files of weights. */
const SHARDED = "ingot/two-shards";
let temp: ReturnType<typeof makeTempFolder>;
let hub: FakeHub;
beforeEach(async () => {
    temp = makeTempFolder();
    hub = await startFakeHub({
        repos: {
            "ingot/starter": "models/starter",
            [SHARDED]: "test/golden/conversion/llama3-rope-scaling",
        },
    });
});
afterEach(async () => {
    await hub.close();
    temp.remove();
});

async function fromHub(
    repo: string,
    out: string,
    { native = openNative(), fetch = realIo.fetch, signal = new AbortController().signal } = {},
): Promise<ConvertResult> {
    const run = convert(
        { source: { kind: "hub", repo, endpoint: hub.url }, type: "Q4_K_M", via: "f16", out },
        signal,
        {
            openSource: async (source, ending) => {
                if (source.kind === "folder") throw new Error("not asked for");
                return openHubCheckpoint(
                    source,
                    silentLog,
                    ending,
                    {
                        ...realIo,
                        fetch,
                        delay: async () => undefined,
                    },
                    { startSha256: nativeSha256(native) },
                );
            },
            native,
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

describe("a network that fails for good", () => {
    const SECOND = "model-00002-of-00002.safetensors";
    const second = createHash("sha256")
        .update(readFileSync(`test/golden/conversion/llama3-rope-scaling/${SECOND}`))
        .digest("hex");
    const FIRST = "model-00001-of-00002.safetensors";
    const FIRST_BYTES = statSync(`test/golden/conversion/llama3-rope-scaling/${FIRST}`).size;
    /** Blocks of the result that are made of the first file alone. */
    const FIRST_BLOCKS = 11;
    const out = () => join(temp.path, "out.gguf");
    const names = () => readdirSync(temp.path).sort();
    const part = `out.gguf.${process.pid}`;

    /** Of files whose address matches the header can be read, and of their weights nothing. */
    const withoutWeights =
        (address: string): typeof realIo.fetch =>
        async (input, init) => {
            const { headers } = init as { headers: Record<string, string> };
            if ((input as string).includes(address) && /^bytes=[1-9]/.test(headers["Range"] ?? ""))
                throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
            return realIo.fetch(input, init);
        };
    /** Blocks of the result that are written for good, and files whose hash is known to their end. */
    const journaled = () => {
        const journal = join(temp.path, `${part}.journal`);
        const lines = existsSync(journal) ? readFileSync(journal, "utf8").split("\n") : [];
        const isEnd = (line: string) =>
            line.startsWith(`hash ${FIRST_BYTES} `) && line.endsWith(JSON.stringify(FIRST));
        return {
            nBlocks: lines.filter((line) => /^\d/.test(line)).length,
            isHashed: lines.some(isEnd),
        };
    };
    /** The network fails once all of the first file is written and its hash is kept: what is under way then would be read again, and with it all of its file. */
    const withoutSecond: typeof realIo.fetch = async (input, init) => {
        const { headers } = init as { headers: Record<string, string> };
        const isWeights = /^bytes=[1-9]/.test(headers["Range"] ?? "");
        if (isWeights && (input as string).includes(second))
            await vi.waitFor(
                () => {
                    const { nBlocks, isHashed } = journaled();
                    expect(nBlocks).toBeGreaterThanOrEqual(FIRST_BLOCKS);
                    expect(isHashed).toBe(true);
                },
                { timeout: 30_000 },
            );
        return withoutWeights(second)(input, init);
    };
    const failInTheMiddle = () => rejection(fromHub(SHARDED, out(), { fetch: withoutSecond }));

    it("leaves what is done, says so, and the next start goes on from there", async () => {
        const whole = await fromHub(SHARDED, join(temp.path, "whole"));
        const error = await failInTheMiddle();
        expect(error.code).toBe("net/offline");
        expect(error.message).toMatch(
            /cannot be reached; check the connection; what is done is kept, and the same work started again goes on from there$/,
        );
        expect(names()).toEqual([`${part}.journal`, `${part}.part`, "whole"]);
        const resumed = await fromHub(SHARDED, out());
        expect(resumed.sha256).toBe(whole.sha256);
        // All of the first file.
        expect(resumed.resumedBytes).toBeGreaterThan(50_000);
        expect(names()).toEqual(["out.gguf", "whole"]);
    });

    it("keeps it over starts that come no further, and then goes on", async () => {
        for (let i = 0; i < 3; i++) {
            expect((await failInTheMiddle()).message).toContain("what is done is kept");
            expect(names()).toEqual([`${part}.journal`, `${part}.part`]);
        }
        expect((await fromHub(SHARDED, out())).resumedBytes).toBeGreaterThan(50_000);
    });

    it("leaves nothing before the first block", async () => {
        const fetch = withoutWeights("/repos/");
        const error = await rejection(fromHub("ingot/starter", out(), { fetch }));
        expect(error.message).toMatch(/cannot be reached; check the connection$/);
        expect(names()).toEqual([]);
    });

    it("is of no use to another commit: what it left is removed", async () => {
        await failInTheMiddle();
        hub.push(SHARDED);
        expect((await fromHub(SHARDED, out())).resumedBytes).toBe(0);
        expect(names()).toEqual(["out.gguf"]);
    });

    it("is not a file that changes under its name: that takes the part away", async () => {
        await failInTheMiddle();
        hub.faults.etagChangesAfter =
            hub.requests.filter(({ server }) => server === "store").length + 2;
        expect((await rejection(fromHub(SHARDED, out()))).code).toBe("data/hash");
        expect(names()).toEqual([]);
    });

    it("and a cancel takes the part away", async () => {
        await failInTheMiddle();
        const controller = new AbortController();
        const real = openNative();
        const native: NativeAddon = {
            ...real,
            quantizeRows: (options) => {
                controller.abort();
                return real.quantizeRows(options);
            },
        };
        const { signal } = controller;
        const error = await rejection(fromHub(SHARDED, out(), { native, signal }));
        expect(error.code).toBe("cancelled");
        expect(names()).toEqual([]);
    });
});
