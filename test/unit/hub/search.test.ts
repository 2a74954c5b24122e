// Search and a repository's page: what is asked of the Hub, what is filtered here, and what is left without a network.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../../src/base/log";
import { fetchFiles } from "../../../src/foundry/hub/fetch";
import { readPage } from "../../../src/foundry/hub/page";
import { searchHub } from "../../../src/foundry/hub/search";
import { planQuantize } from "../../../src/foundry/quantizeFile";
import type { HubContext } from "../../../src/foundry/hub/connect";
import type { HubPageParams, HubSearchParams } from "../../../src/protocol/hub";
import { failure, MiB, REPO, startFixture, WEIGHTS, type Fixture } from "./fixture";

let fixture: Fixture;
let cacheFolder: string;
let context: HubContext;

const CARD = "---\nlicense: mit\n---\n\n# A model\n\nIt completes code.\n";

beforeEach(async () => {
    cacheFolder = mkdtempSync(join(tmpdir(), "ingot-cache-"));
    fixture = await startFixture({
        files: {
            "README.md": CARD,
            "coder-Q4_K_M.gguf": new Uint8Array(4000),
            "coder-Q8_0.gguf": new Uint8Array(8000),
            "mmproj-coder-F16.gguf": "x",
            "split/coder-BF16-00001-of-00002.gguf": new Uint8Array(9000),
            "split/coder-BF16-00002-of-00002.gguf": new Uint8Array(9000),
            "split/lost-F16-00001-of-00002.gguf": "x",
        },
        repo: { downloads: 500, nParameters: 1.5e9 },
        more: {
            "big/Coder-30B": { downloads: 900, nParameters: 30e9, license: "mit" },
            "big/Coder-7B": { downloads: 700, nParameters: 7e9, license: "mit", likes: 900 },
            "other/Writer": { downloads: 9000 },
            "shy/Coder-1B": { downloads: 3, private: true, token: "hf_x" },
        },
        pageSize: 2,
    });
    context = {
        log: silentLog,
        signal: new AbortController().signal,
        io: fixture.io,
        env: {},
        cacheFolder,
    };
});
afterEach(async () => {
    await fixture.close();
    rmSync(cacheFolder, { recursive: true, force: true });
});

const search = (params: Partial<HubSearchParams> = {}) =>
    searchHub({ text: "coder", endpoint: fixture.hub.url, ...params }, context);
const ids = async (params: Partial<HubSearchParams> = {}) =>
    (await search(params)).models.map(({ id }) => id);
const page = (params: Partial<HubPageParams> = {}) =>
    readPage({ repo: REPO, endpoint: fixture.hub.url, ...params }, context);

describe("search", () => {
    it("finds by name, over pages, the most downloaded first", async () => {
        expect(await ids()).toEqual(["big/Coder-30B", "big/Coder-7B", REPO]);
        expect(fixture.hub.requests.map(({ status }) => status)).toEqual([200, 200]);
    });

    it("says what the Hub says", async () => {
        const { models, hasMore, endpoint } = await search({ text: "tiny coder" });
        expect(models).toEqual([
            {
                id: REPO,
                downloads: 500,
                likes: 3,
                modified: "2024-11-18T17:42:50.000Z",
                license: "apache-2.0",
                gated: false,
                private: false,
                formats: ["gguf", "safetensors"],
                nParameters: 1.5e9,
                architecture: "qwen2",
            },
        ]);
        expect([hasMore, endpoint]).toEqual([false, fixture.hub.url]);
    });

    it.each<[Partial<HubSearchParams>, string[]]>([
        [{ format: "gguf" }, [REPO]],
        [{ license: "mit" }, ["big/Coder-30B", "big/Coder-7B"]],
        [{ author: "big" }, ["big/Coder-30B", "big/Coder-7B"]],
        [{ maxParameters: 8e9 }, ["big/Coder-7B", REPO]],
        [{ minParameters: 2e9, maxParameters: 8e9 }, ["big/Coder-7B"]],
        [{ minDownloads: 600 }, ["big/Coder-30B", "big/Coder-7B"]],
        [{ sort: "likes" }, ["big/Coder-7B", REPO, "big/Coder-30B"]],
        [{ text: "nothing at all" }, []],
    ])("filters by %j", async (params, expected) => {
        expect(await ids({ text: "coder", ...params })).toEqual(expected);
    });

    it("takes no more than asked for, and says that there is more", async () => {
        const { models, hasMore } = await search({ limit: 1 });
        expect([models.length, hasMore]).toEqual([1, true]);
    });

    it("does not follow pages without end", async () => {
        fixture.hub.faults.endlessPages = true;
        await search({ limit: 200 });
        expect(fixture.hub.requests.length).toBe(10);
    });

    it("refuses what is no word, and answers that are no list", async () => {
        expect((await failure(search({ license: "a b&c" }))).code).toBe("user/usage");
        fixture.hub.faults.notAHub = true;
        expect((await failure(search())).code).toBe("net/http");
    });

    it("says that it is offline", async () => {
        await fixture.hub.close();
        expect((await failure(search())).code).toBe("net/offline");
    });
});

describe("page", () => {
    it("has files with sizes at one commit, GGUF models with their parts, and the card", async () => {
        const found = await page({ withCard: true });
        expect(found).toMatchObject({
            id: REPO,
            url: `${fixture.hub.url}/${REPO}`,
            commit: fixture.hub.commitOf(REPO),
            license: "apache-2.0",
            hasAccess: true,
            offline: false,
            card: "# A model\n\nIt completes code.",
        });
        expect(found.files.length).toBe(9);
        expect(found.files.find(({ path }) => path === WEIGHTS)?.sizeBytes).toBe(MiB);
        expect(
            found.ggufs.map(({ type, sizeBytes, files }) => [type, sizeBytes, files.length]),
        ).toEqual([
            ["Q4_K_M", 4000, 1],
            ["Q8_0", 8000, 1],
            ["BF16", 18000, 2],
        ]);
    });

    it("says what a context of its GGUF models takes, from the beginning of one file", async () => {
        expect((await page({ withCache: true })).cache).toBeUndefined();
        await fixture.close();
        const starter = join("models", "starter", "starter-q8_0.gguf");
        fixture = await startFixture({ files: { "coder-Q8_0.gguf": readFileSync(starter) } });
        context = { ...context, io: fixture.io };
        expect((await page()).cache).toBeUndefined();
        expect(fixture.hub.sentBytes).toBe(0);
        const { cache } = await page({ withCache: true });
        const { cache: planned } = await planQuantize({ file: starter });
        expect(cache).toEqual(planned);
        expect(cache?.bytesPerToken).toBeGreaterThan(0);
        expect(fixture.hub.sentBytes).toBeLessThanOrEqual(64 * 1024);
        fixture.hub.faults.storeErrors = 1000;
        const without = await page({ withCache: true });
        expect([without.cache, without.ggufs.length]).toEqual([undefined, 1]);
    });

    it("knows what the cache holds", async () => {
        const files = ["coder-Q8_0.gguf"];
        const { files: fetched } = await fetchFiles(
            { repo: REPO, files, endpoint: fixture.hub.url },
            context,
            () => undefined,
        );
        const cached = (await page()).files.filter((file) => file.cached !== undefined);
        expect(cached.map(({ path, cached: file }) => [path, file])).toEqual([
            ["coder-Q8_0.gguf", fetched[0]?.file],
        ]);
    });

    it("shows a gated repository, and that its files cannot be read", async () => {
        await fixture.close();
        fixture = await startFixture({ repo: { gated: true, token: "hf_right" } });
        context = { ...context, io: fixture.io };
        expect(await page({ withCard: true })).toMatchObject({ gated: true, hasAccess: false });
        expect(await page({ token: "hf_wrong" })).toMatchObject({ hasAccess: false });
        expect(await page({ token: "hf_right" })).toMatchObject({ gated: true, hasAccess: true });
    });

    it("is what the cache holds when the Hub cannot be reached", async () => {
        const files = ["README.md", "coder-Q8_0.gguf"];
        await fetchFiles(
            { repo: REPO, files, endpoint: fixture.hub.url },
            context,
            () => undefined,
        );
        await fixture.hub.close();
        const found = await page({ withCard: true });
        expect(found).toMatchObject({ offline: true, formats: ["gguf"] });
        expect(found.card).toContain("It completes code.");
        expect(found.ggufs.map(({ type }) => type)).toEqual(["Q8_0"]);
        expect((await failure(page({ repo: "tiny/unknown" }))).code).toBe("net/offline");
    });
});
