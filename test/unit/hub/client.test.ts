// What the Hub says about a repository, and the sentence for each way in which it can refuse.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { formatEntry, silentLog } from "../../../src/base/log";
import { openHubCheckpoint } from "../../../src/foundry/hub/checkpoint";
import { chooseAddress } from "../../../src/foundry/hub/address";
import { checkRepoId, checkRevision } from "../../../src/foundry/hub/client";
import { readJson } from "../../../src/foundry/checkpoint/source";
import { failure, REPO, requestsOf, startFixture, WEIGHTS, type Fixture } from "./fixture";

let fixture: Fixture | undefined;
const start = async (options: Parameters<typeof startFixture>[0] = {}) =>
    (fixture = await startFixture(options));

beforeEach(() => {
    vi.stubEnv("HF_TOKEN", "");
    vi.stubEnv("HF_ENDPOINT", "");
});
afterEach(async () => {
    vi.unstubAllEnvs();
    await fixture?.close();
    fixture = undefined;
});

describe("listing", () => {
    it("takes top-level files and chat templates, over pages, at one commit", async () => {
        const { hub, open } = await start({
            files: {
                "tokenizer.json": "{}",
                "additional_chat_templates/tools.jinja": "x",
                "onnx/model.onnx": "no",
                "README.md": "",
            },
            pageSize: 2,
        });
        const source = await open();
        expect(source.name).toBe("Coder-0.1B");
        expect(source.label).toBe(REPO);
        expect(Object.fromEntries(source.files)).toEqual({
            "config.json": 7,
            [WEIGHTS]: 1024 * 1024,
            "tokenizer.json": 2,
            "README.md": 0,
            "additional_chat_templates/tools.jinja": 1,
        });
        const commit = hub.commitOf(REPO);
        const paths = hub.requests.map(({ path }) => path.replace(/\?.*/, ""));
        expect(paths).toEqual([
            `/api/models/${REPO}/revision/main`,
            ...Array<string>(3).fill(`/api/models/${REPO}/tree/${commit}`),
            `/api/models/${REPO}/tree/${commit}/additional_chat_templates`,
        ]);
    });

    it("reads files at the commit, not at the branch", async () => {
        const { hub, open } = await start({ repo: { revisions: ["v1.0"] } });
        const source = await open({ revision: "v1.0" });
        expect(await readJson(source, "config.json")).toEqual({ a: 1 });
        const resolve = requestsOf(hub, "hub").find(({ path }) => path.includes("/resolve/"));
        expect(resolve?.path).toBe(`/${REPO}/resolve/${hub.commitOf(REPO)}/config.json`);
    });

    it("follows a renamed repository and takes its new name", async () => {
        const { hub, open } = await start({ more: { "old/Name": { movedTo: REPO } } });
        const source = await open({ repo: "old/Name", token: "hf_abcdefgh" });
        expect([source.name, source.label]).toEqual(["Coder-0.1B", REPO]);
        expect(hub.requests.map(({ status }) => status)).toEqual([307, 200, 200]);
        expect(hub.requests[1]?.headers["authorization"]).toBe("Bearer hf_abcdefgh");
    });

    it("tries an answer that broke off again", async () => {
        const { hub, open, waits } = await start({ faults: { apiDrops: 2 } });
        expect((await open()).files.size).toBe(2);
        expect(hub.requests.length).toBe(4);
        expect(waits).toEqual([500, 1000]);
    });

    it("does not follow a list of files that has no end", async () => {
        const { hub, open } = await start({ faults: { endlessPages: true } });
        expect((await failure(open())).code).toBe("net/http");
        expect(hub.requests.length).toBe(100);
    });
});

describe("refusals", () => {
    const host = () => new URL(fixture?.hub.url ?? "").host;

    it("no repository", async () => {
        const { open } = await start();
        const error = await failure(open({ repo: "tiny/none" }));
        expect(error.code).toBe("net/not-found");
        expect(error.message).toBe(
            `There is no repository tiny/none on ${host()}; check the spelling, or it is private and needs a token`,
        );
    });

    it("no repository, with a token", async () => {
        const { open } = await start();
        const error = await failure(open({ repo: "tiny/none", token: "hf_abcdefgh" }));
        expect(error.code).toBe("net/not-found");
        expect(error.message).toContain("it is private and the token may not read it");
    });

    it("no revision", async () => {
        const { open } = await start();
        const error = await failure(open({ revision: "v9" }));
        expect(error.code).toBe("net/not-found");
        expect(error.message).toBe(`${REPO} has no revision v9; its page lists branches and tags`);
    });

    it("gated, without and with a token that has no access", async () => {
        const { hub, open } = await start({ repo: { gated: true, token: "hf_right" } });
        const page = `${hub.url}/${REPO}`;
        const without = await failure((await open()).open(WEIGHTS).then((file) => file.read(0, 8)));
        expect(without.code).toBe("net/auth");
        expect(without.message).toBe(
            `${REPO} is gated: accept its terms on the page ${page}, then try again with a token`,
        );
        const wrong = await open({ token: "hf_wrong" });
        const other = await failure(wrong.open(WEIGHTS).then((file) => file.read(0, 8)));
        expect(other.code).toBe("net/auth");
        expect(other.message).toContain(`${page} with the token's account`);
        expect(requestsOf(hub, "store")).toEqual([]);
    });

    it("a token that is not valid", async () => {
        const { hub, open } = await start({ faults: { badToken: "hf_old" } });
        const error = await failure(open({ token: "hf_old" }));
        expect(error.code).toBe("net/auth");
        expect(error.message).toBe(
            `${host()} does not accept the token; make a new one at ${hub.url}/settings/tokens`,
        );
        expect(hub.requests.length).toBe(1);
    });

    it("nobody there: at once, without tries", async () => {
        const { hub, open, waits } = await start();
        await hub.close();
        const error = await failure(open());
        expect(error.code).toBe("net/offline");
        expect(error.message).toBe(`${host()} cannot be reached; check the connection`);
        expect(waits).toEqual([]);
    });

    it("an address that is not a Hub", async () => {
        const { open } = await start({ faults: { notAHub: true } });
        const error = await failure(open());
        expect(error.code).toBe("net/http");
        expect(error.message).toContain("did not answer as a Hub does");
    });

    it("a file that the repository does not have", async () => {
        const { open } = await start();
        const error = await failure((await open()).open("vocab.json"));
        expect(error.message).toBe(`${REPO} has no file vocab.json`);
    });
});

describe("waits", () => {
    it("waits as long as Retry-After says, then goes on", async () => {
        const { hub, open, waits } = await start({ faults: { rateLimits: 2, retryAfter: 7 } });
        expect((await open()).files.size).toBe(2);
        expect(waits).toEqual([7000, 7000]);
        expect(hub.requests.map(({ status }) => status)).toEqual([429, 429, 200, 200]);
    });

    it("says so when the wait would be long", async () => {
        const { hub, open, waits } = await start({ faults: { rateLimits: 1, retryAfter: 1200 } });
        const error = await failure(open());
        expect(error.code).toBe("net/rate");
        expect(error.message).toContain("try again in 20 minutes");
        expect(waits).toEqual([]);
        expect(hub.requests.length).toBe(1);
    });

    it("backs off from server errors, and gives up", async () => {
        const { hub, open, waits } = await start({ faults: { serverErrors: 3 } });
        expect((await open()).files.size).toBe(2);
        expect(waits).toEqual([500, 1000, 2000]);
        hub.requests.length = 0;
        hub.faults.serverErrors = 100;
        const error = await failure(open());
        expect(error.code).toBe("net/http");
        expect(error.message).toContain("has a problem (status 503); try again later");
        expect(hub.requests.length).toBe(6);
    });

    it("ends a wait when it is cancelled", async () => {
        const { hub, io } = await start({ faults: { rateLimits: 1 } });
        const controller = new AbortController();
        io.delay = (_ms, signal) => {
            controller.abort();
            expect(signal?.aborted).toBe(true);
            return Promise.resolve();
        };
        const work = openHubCheckpoint(
            { kind: "hub", repo: REPO, endpoint: hub.url },
            silentLog,
            controller.signal,
            io,
        );
        expect((await failure(work)).code).toBe("cancelled");
        expect(hub.requests.length).toBe(1);
    });
});

describe("token", () => {
    it("goes to the Hub's own origin only, and into no log line", async () => {
        const { hub, open, log } = await start({ repo: { private: true, token: "secret-token" } });
        const source = await open({ token: "secret-token" });
        const file = await source.open(WEIGHTS);
        expect((await file.read(5, 3)).length).toBe(3);
        const own = requestsOf(hub, "hub");
        expect(own.length).toBe(3);
        for (const { headers } of own) expect(headers["authorization"]).toBe("Bearer secret-token");
        const store = requestsOf(hub, "store");
        expect(store.length).toBe(1);
        expect(store[0]?.headers["authorization"]).toBeUndefined();
        const lines = log.map(formatEntry).join("\n");
        expect(lines).not.toContain("secret-token");
        expect(lines).not.toContain("Signature");
        expect(lines.split(`host=${new URL(hub.url).host}`).length).toBe(2);
    });

    it("is left behind when the Hub sends the request to another origin", async () => {
        const other = await startFixture();
        try {
            const { hub, open } = await start({
                more: { "old/Name": { movedTo: REPO, movedOrigin: other.hub.url } },
            });
            await open({ repo: "old/Name", token: "hf_abcdefgh" });
            expect(hub.requests[0]?.headers["authorization"]).toBe("Bearer hf_abcdefgh");
            expect(other.hub.requests.length).toBeGreaterThan(0);
            for (const { headers } of other.hub.requests)
                expect(headers["authorization"]).toBeUndefined();
        } finally {
            await other.close();
        }
    });

    it("comes from the choice, else from HF_TOKEN; the endpoint likewise", () => {
        expect(chooseAddress({}, {}, "/none")).toEqual({
            endpoint: "https://huggingface.co",
            token: undefined,
        });
        const env = { HF_TOKEN: " hf_env\n", HF_ENDPOINT: "https://mirror.example/hf/" };
        expect(chooseAddress({}, env)).toEqual({
            endpoint: "https://mirror.example/hf",
            token: "hf_env",
        });
        expect(chooseAddress({ token: "hf_own", endpoint: "http://localhost:8080" }, env)).toEqual({
            endpoint: "http://localhost:8080",
            token: "hf_own",
        });
    });

    it("is refused when it cannot be one, without being shown", async () => {
        const error = await failure((async () => chooseAddress({ token: "hf_a b\r\nX: y" }, {}))());
        expect(error.code).toBe("user/setting");
        expect(error.message).not.toContain("hf_a");
    });
});

describe("names", () => {
    it.each(["Qwen/Qwen2.5-Coder-0.5B", "a/b", "01-ai/Yi_1.5", "x/_y"])("takes %s", (id) => {
        expect(checkRepoId(id)).toBe(id);
    });

    it.each([
        "gpt2",
        "a/b/c",
        "../b",
        "a/..",
        "a/b?x=1",
        "a/b#c",
        "a b/c",
        "a/b.git",
        "a/b-",
        "a/b--c",
        "-a/b",
        "",
        `a/${"b".repeat(97)}`,
    ])("refuses %j", async (id) => {
        const { open } = await start();
        const error = await failure(open({ repo: id }));
        expect(error.code).toBe("user/usage");
        expect(error.message).toContain("type it as owner/name");
        expect(fixture?.hub.requests).toEqual([]);
    });

    it("takes branches, tags, commits and pull requests as revisions, nothing else", () => {
        for (const revision of ["main", "refs/pr/12", "v1.0+x", "0".repeat(40)])
            expect(checkRevision(revision)).toBe(revision);
        for (const revision of ["a b", "../x", "-x", "a?b", "a\nb", "x".repeat(201)])
            expect(() => checkRevision(revision)).toThrow("is not a revision");
    });

    it.each(["ftp://x", "nonsense", "https://u:p@x", "https://x/?q=1"])(
        "refuses the address %s",
        (endpoint) => {
            expect(() => chooseAddress({ endpoint }, {})).toThrow("is not the address of a Hub");
        },
    );
});
