/** Downloads over TLS through a company proxy, as a person runs them: tunnels, NO_PROXY, a certificate of one's own, and who sees the token. */

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HubFetchResult } from "../../src/protocol/hub";
import { makeCertificate } from "../support/certificate";
import { ingot, type CliRun } from "../support/cliProcess";
import { startConnectProxy, type ConnectProxy } from "../support/connectProxy";
import { STARTER } from "../support/engineProcess";
import { startFakeHub, type FakeHub } from "../support/fakeHub.mjs";

const REPO = "tiny/Gated-GGUF";
const TOKEN = "hf_secret_of_the_person";
let root: string;
let home: string;
let authority: string;
let hub: FakeHub;
let proxy: ConnectProxy;
const hostOf = (url: string) => new URL(url).host;

beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "ingot-proxy-"));
    const folder = join(root, "repo");
    mkdirSync(folder);
    copyFileSync(STARTER, join(folder, "starter-Q8_0.gguf"));
    const tls = makeCertificate();
    authority = join(root, "authority.pem");
    writeFileSync(authority, tls.cert);
    hub = await startFakeHub({ repos: { [REPO]: { folder, gated: true, token: TOKEN } }, tls });
});
afterAll(async () => {
    await hub.close();
    rmSync(root, { recursive: true, force: true });
});
beforeEach(async () => {
    home = mkdtempSync(join(root, "home-"));
    hub.requests.length = 0;
    proxy = await startConnectProxy();
});
afterEach(() => proxy.close());

/** Variables of this computer's own proxy must not count. */
const NONE = {
    HTTP_PROXY: "",
    http_proxy: "",
    https_proxy: "",
    all_proxy: "",
    no_proxy: "",
    NO_PROXY: "",
};

const fetch = (env: Record<string, string>): Promise<CliRun> =>
    ingot(["models", "fetch", REPO, "--json"], {
        home: join(home, "ingot"),
        env: {
            ...NONE,
            HOME: home,
            HF_HUB_CACHE: join(home, "hub"),
            HF_ENDPOINT: hub.url,
            HF_TOKEN: TOKEN,
            NODE_EXTRA_CA_CERTS: authority,
            HTTPS_PROXY: proxy.url,
            ...env,
        },
    });

function expectWhole({ code, out, err }: CliRun): void {
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { files } = JSON.parse(out) as HubFetchResult;
    const file = readFileSync(files[0]?.file ?? "");
    expect(Buffer.compare(file, readFileSync(STARTER))).toBe(0);
}

describe("a download through a proxy", () => {
    it("goes through tunnels only, and the proxy never sees the token", async () => {
        expectWhole(await fetch({}));
        expect(proxy.plain).toEqual([]);
        const hosts = new Set(proxy.tunnels.map(({ to }) => to));
        expect(hosts).toEqual(new Set([hostOf(hub.url), hostOf(hub.storeUrl)]));
        for (const { headers } of proxy.tunnels) {
            expect(Object.keys(headers)).not.toContain("authorization");
            expect(JSON.stringify(headers)).not.toContain(TOKEN);
        }
        // What passed through is not readable either.
        const sent = proxy.sent();
        expect(sent.length).toBeGreaterThan(500);
        expect(sent.includes(TOKEN)).toBe(false);
        expect(sent.includes("authorization")).toBe(false);
        for (const { server, headers } of hub.requests)
            expect(headers["authorization"]).toBe(server === "hub" ? `Bearer ${TOKEN}` : undefined);
    });

    it("takes ALL_PROXY as well, without a scheme", async () => {
        expectWhole(await fetch({ HTTPS_PROXY: "", ALL_PROXY: hostOf(proxy.url) }));
        expect(proxy.tunnels.length).toBeGreaterThan(0);
    });

    it("goes around it for hosts that NO_PROXY names, with or without their port", async () => {
        expectWhole(await fetch({ NO_PROXY: "example.org,127.0.0.1" }));
        expect(proxy.tunnels).toEqual([]);
        rmSync(join(home, "hub"), { recursive: true });
        expectWhole(await fetch({ NO_PROXY: hostOf(hub.storeUrl) }));
        expect(new Set(proxy.tunnels.map(({ to }) => to))).toEqual(new Set([hostOf(hub.url)]));
    });

    it("gives the proxy the password of its address, and nobody else", async () => {
        const strict = await startConnectProxy({ password: "me:pass word" });
        try {
            const address = strict.url.replace("//", "//me:pass%20word@");
            expectWhole(await fetch({ HTTPS_PROXY: address }));
            expect(JSON.stringify(hub.requests)).not.toContain("proxy-authorization");

            rmSync(join(home, "hub"), { recursive: true });
            const { code, out, err } = await fetch({ HTTPS_PROXY: strict.url });
            expect({ code, out }).toEqual({ code: 1, out: "" });
            expect(err).toBe(
                "The proxy wants a user and a password (status 407); put them into HTTPS_PROXY, as in http://user:password@host:port\n",
            );
        } finally {
            await strict.close();
        }
    });

    it("says that the proxy forbids the host, and does not try again", async () => {
        const strict = await startConnectProxy({ refused: 403 });
        try {
            const { code, err } = await fetch({ HTTPS_PROXY: strict.url });
            expect(code).toBe(1);
            expect(err).toBe(
                `The proxy opens no connection to ${hostOf(hub.url)} (status 403); ask who runs it, or name the host in NO_PROXY\n`,
            );
            expect(strict.tunnels).toHaveLength(1);
        } finally {
            await strict.close();
        }
    });

    it("says that a certificate is not trusted, and which variable helps", async () => {
        const { code, out, err } = await fetch({ NODE_EXTRA_CA_CERTS: "" });
        expect({ code, out }).toEqual({ code: 1, out: "" });
        expect(err).toMatch(
            /^The certificate of 127\.0\.0\.1:\d+ is not trusted here \([A-Z_]+\); behind a company proxy, set NODE_EXTRA_CA_CERTS to its certificate\n$/,
        );
        expect(hub.requests).toEqual([]);
    });

    it("says that the proxy is not there", async () => {
        const { code, err } = await fetch({ HTTPS_PROXY: "http://127.0.0.1:9" });
        expect(code).toBe(1);
        expect(err).toContain("cannot be reached; check the connection");
    });
});
