// Downloads into the Hub cache: its layout, what is not asked for twice, and everything that a server or a disk can do wrong.
import {
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    readlinkSync,
    rmSync,
    statSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Deferred } from "../../../src/base/async";
import { createLog, formatEntry } from "../../../src/base/log";
import { realDisk } from "../../../src/foundry/hub/download";
import { fetchFiles, type FetchTuning } from "../../../src/foundry/hub/fetch";
import type { HubFetchEvent, HubFetchParams, HubFetchResult } from "../../../src/protocol/hub";
import { hashOf } from "../../support/hashes";
import {
    failure,
    MiB,
    ranges,
    REPO,
    requestsOf,
    startFixture,
    WEIGHTS,
    type Fixture,
} from "./fixture";

let fixture: Fixture | undefined;
let cacheFolder: string;

beforeEach(() => {
    cacheFolder = join(mkdtempSync(join(tmpdir(), "ingot-cache-")), "hub");
});
afterEach(async () => {
    rmSync(join(cacheFolder, ".."), { recursive: true, force: true });
    await fixture?.close();
    fixture = undefined;
});

const TUNING: FetchTuning = { connections: 3, pieceBytes: MiB / 4, flushBytes: MiB / 16 };

interface Run {
    events: HubFetchEvent[];
    fetch(
        params?: Partial<HubFetchParams>,
        more?: { signal?: AbortSignal; tuning?: FetchTuning; env?: Record<string, string> },
    ): Promise<HubFetchResult>;
}

async function start(options: Parameters<typeof startFixture>[0] = {}): Promise<Fixture & Run> {
    const begun = (fixture = await startFixture(options));
    const events: HubFetchEvent[] = [];
    return {
        ...begun,
        events,
        fetch: (params = {}, { signal, tuning, env = {} } = {}) =>
            fetchFiles(
                { repo: REPO, files: [WEIGHTS], endpoint: begun.hub.url, ...params },
                {
                    log: createLog("test", (entry) => begun.log.push(entry)),
                    signal: signal ?? new AbortController().signal,
                    io: begun.io,
                    env,
                    cacheFolder,
                },
                (event) => events.push(event),
                { ...TUNING, ...tuning },
            ),
    };
}

const repoFolder = () => join(cacheFolder, "models--tiny--Coder-0.1B");
const contentOf = (result: HubFetchResult, index = 0) =>
    readFileSync(result.files[index]?.file ?? "");

/** Every file under the cache, or nothing when it does not exist. */
function everything(folder = cacheFolder): string[] {
    try {
        return readdirSync(folder, { recursive: true }).map(String).sort();
    } catch {
        return [];
    }
}

describe("the cache", () => {
    it("has the layout of huggingface_hub: blobs by hash, links by commit, the branch", async () => {
        const { hub, weights, fetch } = await start();
        const result = await fetch({ files: [WEIGHTS, "config.json"] });
        const commit = hub.commitOf(REPO) ?? "";
        const [large, small] = result.files.map(({ file }) => file);
        expect(large).toBe(join(repoFolder(), "snapshots", commit, WEIGHTS));
        expect(readlinkSync(large ?? "")).toBe(join("..", "..", "blobs", hashOf(weights)));
        // git's own name of a blob with this content: `printf '{"a":1}' | git hash-object --stdin`.
        expect(readlinkSync(small ?? "")).toMatch(/blobs.[0-9a-f]{40}$/);
        expect(readFileSync(join(repoFolder(), "refs", "main"), "utf8")).toBe(commit);
        expect(hashOf(contentOf(result))).toBe(hashOf(weights));
        expect(contentOf(result, 1).toString()).toBe('{"a":1}');
        expect(result).toMatchObject({ repo: REPO, commit, bytes: MiB + 7, offline: false });
        expect(readdirSync(join(repoFolder(), "blobs")).length).toBe(2);
    });

    it("asks for nothing that is there", async () => {
        const { hub, fetch } = await start();
        await fetch();
        hub.requests.length = 0;
        const again = await fetch();
        expect(again.files[0]?.isNew).toBe(false);
        expect(again.bytes).toBe(0);
        expect(hub.requests.filter(({ path }) => path.includes("/resolve/"))).toEqual([]);
    });

    it("uses the blob of another commit, and of another tool", async () => {
        const { hub, fetch } = await start();
        await fetch();
        const commit = hub.push(REPO);
        hub.requests.length = 0;
        const result = await fetch();
        expect(result).toMatchObject({ commit, bytes: 0 });
        expect(requestsOf(hub, "store")).toEqual([]);
        expect(readdirSync(join(repoFolder(), "snapshots")).length).toBe(2);
        expect(lstatSync(result.files[0]?.file ?? "").isSymbolicLink()).toBe(true);
    });

    it("takes the parts of a split model together, and a type for its file", async () => {
        const part = (n: number) => `q8/m-Q8_0-0000${n}-of-00002.gguf`;
        const files = { [part(1)]: "one", [part(2)]: "two", "m-Q4_K_M.gguf": "four" };
        const { fetch } = await start({ files });
        const split = await fetch({ files: [part(1)] });
        expect(split.files.map(({ path }) => path)).toEqual([part(1), part(2)]);
        const typed = await fetch({ files: ["q4_k_m"] });
        expect(typed.files.map(({ path }) => path)).toEqual(["m-Q4_K_M.gguf"]);
        const error = await failure(fetch({ files: ["Q2_K"] }));
        expect(error.message).toContain("has no file Q2_K");
    });

    it("takes a checkpoint when nothing is named", async () => {
        const { fetch } = await start({
            files: { "tokenizer.json": "{}", "onnx/model.onnx": "x", "pytorch_model.bin": "x" },
        });
        const result = await fetch({ files: [] });
        expect(result.files.map(({ path }) => path).sort()).toEqual([
            "config.json",
            WEIGHTS,
            "tokenizer.json",
        ]);
    });

    it("reports progress up to the last byte", async () => {
        const { events, fetch } = await start();
        await fetch();
        const last = events.at(-1);
        expect(last).toMatchObject({ stage: "download", doneBytes: MiB, totalBytes: MiB });
        const done = events.map(({ doneBytes }) => doneBytes);
        expect(done).toEqual([...done].sort((a, b) => a - b));
    });
});

describe("without a network", () => {
    it("takes what is there", async () => {
        const { hub, fetch } = await start();
        const online = await fetch();
        await hub.close();
        const result = await fetch();
        expect(result).toMatchObject({ commit: online.commit, offline: true, bytes: 0 });
        expect(result.files[0]?.file).toBe(online.files[0]?.file);
    });

    it("asks nobody when HF_HUB_OFFLINE says so", async () => {
        const { hub, fetch } = await start();
        await fetch();
        hub.requests.length = 0;
        const env = { HF_HUB_OFFLINE: "1" };
        expect((await fetch({}, { env })).offline).toBe(true);
        const error = await failure(fetch({ files: ["config.json"] }, { env }));
        expect(error.code).toBe("net/offline");
        expect(error.message).toContain("HF_HUB_OFFLINE is set");
        expect(hub.requests).toEqual([]);
    });
});

describe("going on", () => {
    it("over broken connections, expired addresses, limits and server errors", async () => {
        const { hub, weights, waits, fetch } = await start({
            weightBytes: 3 * MiB,
            faults: {
                drops: 3,
                dropAfterBytes: 100_000,
                signedUses: 4,
                storeLimits: 1,
                storeErrors: 2,
            },
        });
        const result = await fetch();
        expect(hashOf(contentOf(result))).toBe(hashOf(weights));
        expect(hub.faults).toMatchObject({ drops: 0, storeLimits: 0, storeErrors: 0 });
        expect(waits).toContain(3000);
        const resolves = hub.requests.filter(({ path }) => path.includes("/resolve/"));
        expect(resolves.length).toBeGreaterThan(3);
    });

    it("after a cancel: what arrived is not asked for again", async () => {
        const { hub, weights, fetch } = await start({ weightBytes: 4 * MiB });
        const controller = new AbortController();
        hub.faults.onSent = (sent) => {
            if (sent > 2 * MiB) controller.abort();
        };
        const error = await failure(fetch({}, { signal: controller.signal }));
        expect(error.code).toBe("cancelled");
        expect(everything().filter((name) => name.endsWith(".lock"))).toEqual([]);
        delete hub.faults.onSent;
        const result = await fetch();
        expect(hashOf(contentOf(result))).toBe(hashOf(weights));
        expect(result.bytes).toBeLessThan(4 * MiB - MiB / 2);
        expect(readdirSync(join(repoFolder(), "blobs"))).toEqual([hashOf(weights)]);
    });

    it("after the network failed for good: the error says that nothing is lost", async () => {
        const { hub, weights, fetch } = await start({ weightBytes: 4 * MiB });
        hub.faults.onSent = (sent) => {
            if (sent > 2 * MiB) Object.assign(hub.faults, { drops: Infinity, dropAfterBytes: 0 });
        };
        const error = await failure(fetch());
        expect(error.code).toBe("net/offline");
        expect(error.message).toContain(
            "; what is done is kept, and the same work started again goes on from there",
        );
        const blobs = join(repoFolder(), "blobs");
        const part = `${hashOf(weights)}.ingot.part`;
        expect(readdirSync(blobs).sort()).toEqual([part, `${part}.journal`]);
        delete hub.faults.onSent;
        hub.faults.drops = 0;
        const result = await fetch();
        expect(hashOf(contentOf(result))).toBe(hashOf(weights));
        expect(result.bytes).toBeLessThan(3 * MiB);
        expect(readdirSync(blobs)).toEqual([hashOf(weights)]);
    });

    it("is not spoken of before the first byte", async () => {
        const { fetch } = await start({ faults: { drops: Infinity, dropAfterBytes: 0 } });
        expect((await failure(fetch())).message).toMatch(
            /cannot be reached; check the connection$/,
        );
        expect(everything()).toEqual([]);
    });

    it("with a server that sends no ranges, also after a break", async () => {
        const { hub, weights, fetch } = await start({
            weightBytes: 2 * MiB,
            faults: { noRange: true, drops: 4, dropAfterBytes: MiB },
        });
        const result = await fetch();
        expect(hashOf(contentOf(result))).toBe(hashOf(weights));
        expect(result.bytes).toBe(2 * MiB);
        expect(requestsOf(hub, "store").every(({ status }) => status === 200)).toBe(true);
    });

    it("in several ranges at a time", async () => {
        const gate = new Deferred<void>();
        const faults = { gate: gate.promise };
        const { hub, fetch } = await start({ weightBytes: 4 * MiB, faults });
        const work = fetch();
        await vi.waitFor(() => expect(hub.mostSending).toBe(3));
        gate.resolve();
        await work;
        expect(hub.mostSending).toBe(3);
        expect(new Set(ranges(hub)).size).toBe(16);
    });

    it("forgets what nobody went on with for weeks, and nothing else", async () => {
        const { fetch } = await start();
        const blobs = join(repoFolder(), "blobs");
        mkdirSync(blobs, { recursive: true });
        const old = new Date(Date.now() - 15 * 24 * 60 * 60 * 1000);
        for (const name of ["a.ingot.part", "a.ingot.part.journal", "b.incomplete", "c"]) {
            writeFileSync(join(blobs, name), "x");
            utimesSync(join(blobs, name), old, old);
        }
        writeFileSync(join(blobs, "d.ingot.part"), "x");
        await fetch({ files: ["config.json"] });
        const left = readdirSync(blobs).filter((name) => name.length < 40);
        expect(left.sort()).toEqual(["b.incomplete", "c", "d.ingot.part"]);
    });

    it("from the start when the journal is damaged", async () => {
        const { hub, weights, fetch } = await start({ weightBytes: 2 * MiB });
        const blob = join(repoFolder(), "blobs", hashOf(weights));
        mkdirSync(join(blob, ".."), { recursive: true });
        writeFileSync(`${blob}.ingot.part`, new Uint8Array(2 * MiB));
        for (const journal of [
            "",
            "nonsense\n0 2097152\n",
            `{"journal":1}\n0 5\n`,
            "\0".repeat(99),
        ]) {
            writeFileSync(`${blob}.ingot.part.journal`, journal);
            const result = await fetch();
            expect(result.bytes).toBe(2 * MiB);
            rmSync(result.files[0]?.file ?? "");
            rmSync(blob);
        }
        expect(hub.faults).toEqual({});
    });

    it("once again from the start when bytes of before are wrong", async () => {
        const { weights, log, fetch } = await start({ weightBytes: 2 * MiB });
        const hash = hashOf(weights);
        const blob = join(repoFolder(), "blobs", hash);
        mkdirSync(join(blob, ".."), { recursive: true });
        writeFileSync(`${blob}.ingot.part`, new Uint8Array(2 * MiB));
        const head = { journal: 1, sizeBytes: 2 * MiB, identity: `sha256:${hash}` };
        writeFileSync(`${blob}.ingot.part.journal`, `${JSON.stringify(head)}\n0 ${MiB}\n`);
        const result = await fetch();
        expect(hashOf(contentOf(result))).toBe(hash);
        expect(result.bytes).toBe(3 * MiB);
        expect(log.map(formatEntry).join("\n")).toContain("resumed download has a wrong hash");
    });
});

describe("refused, with nothing left behind", () => {
    it("a wrong hash", async () => {
        const { fetch } = await start({ faults: { corruptions: 1 } });
        const error = await failure(fetch());
        expect(error.code).toBe("data/hash");
        expect(error.message).toBe(
            `${WEIGHTS} of ${REPO} arrived damaged: its hash is not the one that the Hub lists; try again later`,
        );
        expect(everything()).toEqual([]);
    });

    it("another version under the same name while it is read", async () => {
        const { fetch } = await start({ weightBytes: 2 * MiB, faults: { etagChangesAfter: 3 } });
        expect((await failure(fetch())).code).toBe("data/hash");
        expect(everything()).toEqual([]);
    });

    it("a file that is longer than listed", async () => {
        const { fetch } = await start({ faults: { linkedSizeGrowth: 1 } });
        expect((await failure(fetch())).code).toBe("data/hash");
        expect(everything()).toEqual([]);
    });

    it("a disk without room, before anything is asked of the store", async () => {
        const { hub, fetch } = await start();
        const disk = { ...realDisk, freeBytes: async () => 1000 };
        const error = await failure(fetch({}, { tuning: { disk } }));
        expect(error.code).toBe("env/disk");
        expect(error.message).toContain("needs 1.0 MB and");
        expect(requestsOf(hub, "store")).toEqual([]);
        expect(everything()).toEqual([]);
    });

    it("a disk with room for one file of two, and not what is there already", async () => {
        const files = {
            "m-Q8_0-00001-of-00002.gguf": "a".repeat(1000),
            "m-Q8_0-00002-of-00002.gguf": "b".repeat(1000),
        };
        const { hub, fetch } = await start({ files });
        const disk = { ...realDisk, freeBytes: async () => 1999 };
        const params = { files: Object.keys(files) };
        const error = await failure(fetch(params, { tuning: { disk } }));
        expect(error.code).toBe("env/disk");
        expect(error.message).toContain("The download needs 2 KB and");
        expect(requestsOf(hub, "store")).toEqual([]);
        expect(everything()).toEqual([]);
        await fetch({ files: ["config.json", ...params.files] });
        rmSync(join(repoFolder(), "snapshots"), { recursive: true });
        const full = { ...realDisk, freeBytes: async () => 0 };
        const again = await fetch(params, { tuning: { disk: full } });
        expect(again.files.map(({ isNew }) => isNew)).toEqual([false, false]);
    });

    it("a disk that fills up on the way", async () => {
        const { fetch } = await start({ weightBytes: 2 * MiB });
        let left = MiB;
        const disk = {
            ...realDisk,
            openPart: async (path: string) => {
                const handle = await realDisk.openPart(path);
                const write = handle.write.bind(handle) as (...given: unknown[]) => unknown;
                Object.assign(handle, {
                    write: (...given: unknown[]) => {
                        left -= (given[0] as Uint8Array).length;
                        if (left >= 0) return write(...given);
                        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
                    },
                });
                return handle;
            },
        };
        const error = await failure(fetch({}, { tuning: { disk } }));
        expect(error.code).toBe("env/disk");
        expect(error.message).toMatch(
            /^The download stopped: the disk is full; 1\.[0-9] MB more are needed in /,
        );
        expect(everything()).toEqual([]);
    });

    it("a target that cannot be written", async () => {
        const { fetch } = await start();
        const disk = {
            ...realDisk,
            openPart: () => Promise.reject(Object.assign(new Error("ro"), { code: "EROFS" })),
        };
        const error = await failure(fetch({}, { tuning: { disk } }));
        expect(error.code).toBe("env/permission");
        expect(error.message).toContain("cannot be written to; choose another folder");
        expect(everything()).toEqual([]);
        writeFileSync(cacheFolder, "a file where the cache should be");
        const inTheWay = await failure(fetch());
        expect(inTheWay.code).toBe("env/permission");
        expect(inTheWay.message).toBe(
            `The Hub cache ${cacheFolder} cannot be written to; set HF_HUB_CACHE to another folder`,
        );
        expect(statSync(cacheFolder).isFile()).toBe(true);
    });

    it("a gated repository: the page is named, no byte is stored, and it works with a token", async () => {
        const { hub, fetch } = await start({ repo: { gated: true, token: "hf_right" } });
        const error = await failure(fetch());
        expect(error.code).toBe("net/auth");
        expect(error.message).toContain(`${hub.url}/${REPO}`);
        expect(error.page).toBe(`${hub.url}/${REPO}`);
        expect(everything()).toEqual([]);
        expect((await fetch({ token: "hf_right" })).files.length).toBe(1);
        for (const { headers } of requestsOf(hub, "store"))
            expect(headers["authorization"]).toBeUndefined();
    });

    it("a second download of the same file at the same time", async () => {
        const { hub, weights, fetch } = await start({ weightBytes: 2 * MiB });
        let second: Promise<unknown> | undefined;
        hub.faults.onSent = () => void (second ??= failure(fetch()));
        expect(hashOf(contentOf(await fetch()))).toBe(hashOf(weights));
        expect(await second).toMatchObject({ code: "env/permission" });
    });
});
