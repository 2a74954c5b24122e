/** An HTTP proxy on loopback as companies have them: tunnels with CONNECT and nothing else. Keeps what it was told and what passed through. */

import { createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

export interface ConnectProxy {
    url: string;
    /** `host:port` of every tunnel that was asked for, with the headers of the request. */
    tunnels: { to: string; headers: Record<string, unknown> }[];
    /** Requests that were not for a tunnel; refused. */
    plain: string[];
    /** Everything that clients sent into tunnels. */
    sent(): Buffer;
    close(): Promise<void>;
}

/** `password`: `user:password` that a tunnel needs. `refused`: every tunnel is answered with this status. */
export async function startConnectProxy({
    password,
    refused,
}: { password?: string; refused?: number } = {}): Promise<ConnectProxy> {
    const tunnels: ConnectProxy["tunnels"] = [];
    const plain: string[] = [];
    const chunks: Buffer[] = [];
    const sockets = new Set<Socket>();
    const server = createServer((request, response) => {
        plain.push(request.url ?? "");
        response.writeHead(405).end();
    });
    server.on("connect", (request, client: Socket, head: Buffer) => {
        const to = request.url ?? "";
        tunnels.push({ to, headers: { ...request.headers } });
        const expected = password && `Basic ${Buffer.from(password).toString("base64")}`;
        if (expected !== undefined && request.headers["proxy-authorization"] !== expected)
            return client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        if (refused !== undefined) return client.end(`HTTP/1.1 ${refused} No\r\n\r\n`);
        const { hostname, port } = new URL(`http://${to}`);
        const upstream = connect(Number(port), hostname, () => {
            client.write("HTTP/1.1 200 Connection established\r\n\r\n");
            upstream.write(head);
            client.on("data", (chunk: Buffer) => chunks.push(chunk));
            client.pipe(upstream).pipe(client);
        });
        for (const socket of [client, upstream]) {
            sockets.add(socket);
            socket.on("error", () => [client, upstream].forEach((one) => one.destroy()));
        }
        return undefined;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        tunnels,
        plain,
        sent: () => Buffer.concat(chunks),
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                for (const socket of sockets) socket.destroy();
                server.closeAllConnections();
            }),
    };
}
