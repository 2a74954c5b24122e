// Proxy variables: which one holds, what is refused, and that requests really go through it, without a token for the proxy.
import { createServer, request, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../../src/base/log";
import { HubHttp, realIo } from "../../../src/foundry/hub/http";
import { chooseProxy, environmentFetch } from "../../../src/foundry/hub/proxy";
import { failure, REPO, startFixture, type Fixture } from "./fixture";

describe("chooseProxy", () => {
    it("is nothing without variables", () => {
        expect(chooseProxy({})).toBeUndefined();
        expect(chooseProxy({ NO_PROXY: "*", HTTP_PROXY: "" })).toBeUndefined();
    });

    it("reads both cases, ALL_PROXY for what is missing, and addresses without a scheme", () => {
        expect(
            chooseProxy({ https_proxy: "http://a:1", HTTPS_PROXY: "http://b:1", ALL_PROXY: "c:2" }),
        ).toEqual({ httpsProxy: "http://a:1", httpProxy: "http://c:2", noProxy: undefined });
        expect(chooseProxy({ HTTP_PROXY: "p:3128", no_proxy: "localhost,.corp" })).toEqual({
            httpProxy: "http://p:3128",
            httpsProxy: undefined,
            noProxy: "localhost,.corp",
        });
    });

    it("refuses SOCKS, without showing a password", () => {
        const env = { ALL_PROXY: "socks5://user:secret@p:1080" };
        expect(() => chooseProxy(env)).toThrow(/cannot be used; set HTTPS_PROXY/);
        expect(() => chooseProxy(env)).not.toThrow(/secret/);
    });
});

describe("requests", () => {
    let fixture: Fixture;
    let proxy: Server;
    let address: string;
    const seen: string[] = [];

    beforeEach(async () => {
        fixture = await startFixture();
        seen.length = 0;
        proxy = createServer((incoming, outgoing) => {
            seen.push(`GET ${incoming.url}`);
            const url = new URL(incoming.url ?? "");
            incoming.pipe(
                request(url, { method: incoming.method, headers: incoming.headers }, (answer) => {
                    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
                    answer.pipe(outgoing);
                }),
            );
        });
        proxy.on("connect", (incoming, socket, head: Buffer) => {
            seen.push(`CONNECT ${incoming.url} ${incoming.headers["authorization"] ?? "no token"}`);
            const [host, port] = (incoming.url ?? "").split(":");
            const upstream = connect(Number(port), host, () => {
                socket.write("HTTP/1.1 200 OK\r\n\r\n");
                upstream.write(head);
                upstream.pipe(socket);
                socket.pipe(upstream);
            });
            for (const one of [upstream, socket]) one.on("error", () => socket.destroy());
        });
        await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
        address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    });
    afterEach(async () => {
        await fixture.close();
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy.close(resolve));
    });

    const get = async (env: Record<string, string>) => {
        const io = { ...realIo, delay: async () => undefined, fetch: environmentFetch(env) };
        const http = new HubHttp({ endpoint: fixture.hub.url, token: "hf_x" }, silentLog, io);
        const url = `${fixture.hub.url}/api/models/${REPO}`;
        const answer = await http.get(url, { repo: REPO, revision: "main" });
        return answer.response.status;
    };

    it("go through the proxy", async () => {
        expect(await get({ HTTP_PROXY: address })).toBe(200);
        expect(seen.length).toBe(1);
        expect(seen[0]).toContain(new URL(fixture.hub.url).host);
        expect(fixture.hub.requests[0]?.headers["authorization"]).toBe("Bearer hf_x");
    });

    it("go around it for hosts that NO_PROXY names", async () => {
        expect(await get({ HTTP_PROXY: address, NO_PROXY: "127.0.0.1" })).toBe(200);
        expect(seen).toEqual([]);
    });

    it("fail in one sentence when the proxy is not there", async () => {
        const error = await failure(get({ HTTP_PROXY: "http://127.0.0.1:9" }));
        expect(error.code).toBe("net/offline");
    });
});
