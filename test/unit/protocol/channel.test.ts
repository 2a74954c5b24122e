// The channel between processes, over an in-memory port: requests, progress, cancel, events, and what happens when it closes.
import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/base/errors";
import { Channel, portPair, type CallContext } from "../../../src/protocol/channel";
import { settle } from "../../support/fakeClock";

interface Server {
    requests: {
        add: { params: { a: number; b: number }; result: number };
        count: { params: { to: number }; result: string; progress: number };
        wait: { params: void; result: string };
        fail: { params: { plain: boolean }; result: void };
    };
    events: Record<never, never>;
}
interface Client {
    requests: Record<never, never>;
    events: { note: string };
}

function connect(builds: [string, string] = ["b1", "b1"]) {
    const [left, right] = portPair();
    const notes: string[] = [];
    const faults: unknown[] = [];
    const server = new Channel<Server, Client>(left, {
        build: builds[0],
        listeners: {},
        handlers: {
            add: ({ a, b }) => a + b,
            count: async ({ to }, { progress }) => {
                for (let i = 1; i <= to; i++) progress(i);
                return "done";
            },
            wait: (_, { signal }) => waitForAbort(signal),
            fail: ({ plain }) => {
                if (plain) throw new Error("broken");
                throw new AppError("data/gguf", "The file is no model", { detail: "offset 4" });
            },
        },
    });
    const client = new Channel<Client, Server>(right, {
        build: builds[1],
        handlers: {},
        listeners: {
            note: (text) => {
                if (text === "throw") throw new Error("listener");
                notes.push(text);
            },
        },
        onFault: (error) => faults.push(error),
    });
    return { server, client, notes, faults };
}
function waitForAbort(signal: CallContext<never>["signal"]): Promise<string> {
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve("partial")));
}

describe("Channel", () => {
    it("answers requests, also many at a time", async () => {
        const { client } = connect();
        await client.ready;
        const sums = await Promise.all(
            [1, 2, 3].map((a) => client.request("add", { a, b: 10 * a })),
        );
        expect(sums).toEqual([11, 22, 33]);
    });

    it("passes progress in order, before the result", async () => {
        const { client } = connect();
        const seen: number[] = [];
        const result = await client.request(
            "count",
            { to: 4 },
            { onProgress: (n) => seen.push(n) },
        );
        expect(result).toBe("done");
        expect(seen).toEqual([1, 2, 3, 4]);
    });

    it("passes errors with code and detail, and hides plain ones behind a sentence", async () => {
        const { client } = connect();
        await expect(client.request("fail", { plain: false })).rejects.toMatchObject({
            code: "data/gguf",
            message: "The file is no model",
            detail: "offset 4",
        });
        await expect(client.request("fail", { plain: true })).rejects.toMatchObject({
            code: "bug/internal",
            message: expect.stringContaining("broken") as string,
        });
    });

    it("cancels a running request; the answer may be what there is so far", async () => {
        const { client } = connect();
        const controller = new AbortController();
        const promise = client.request("wait", undefined, { signal: controller.signal });
        await settle();
        controller.abort();
        expect(await promise).toBe("partial");
    });

    it("does not send a request that is cancelled already", async () => {
        const { client } = connect();
        const signal = AbortSignal.abort();
        await expect(client.request("wait", undefined, { signal })).rejects.toMatchObject({
            code: "cancelled",
        });
    });

    it("delivers events and survives a listener that throws", async () => {
        const { server, notes, faults } = connect();
        for (const text of ["a", "throw", "b"]) server.notify("note", text);
        await settle();
        expect(notes).toEqual(["a", "b"]);
        expect(faults).toHaveLength(1);
    });

    it("refuses another build and names both", async () => {
        const { client, server } = connect(["b1", "b2"]);
        await expect(client.ready).rejects.toThrow(/b2 and b1/);
        await expect(server.ready).rejects.toThrow();
        await expect(client.request("add", { a: 1, b: 2 })).rejects.toMatchObject({
            code: "bug/internal",
        });
    });

    it("fails what waits when it closes, and cancels what runs", async () => {
        const { client, server } = connect();
        const promise = client.request("wait", undefined);
        await settle();
        server.dispose();
        await expect(promise).rejects.toMatchObject({ code: "engine/gone" });
        await expect(client.request("add", { a: 1, b: 1 })).rejects.toMatchObject({
            code: "engine/gone",
        });
    });
});
