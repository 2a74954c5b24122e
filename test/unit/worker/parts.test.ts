/** Parts of the worker: loaded with the first request that they answer, once, and ended when they were. */

import { describe, expect, it } from "vitest";
import { Deferred } from "../../../src/base/async";
import { Parts, type Part } from "../../../src/worker/parts";

type Name = "inspect" | "convert/families";
const context = { signal: new AbortController().signal, progress: () => undefined };

function setUp() {
    const parts = new Parts();
    const events: string[] = [];
    const loading = new Deferred<void>();
    const load = async (): Promise<Part<Name>> => {
        events.push("load");
        await loading.promise;
        return {
            handlers: {
                inspect: ({ path }) => {
                    events.push(`inspect ${path}`);
                    return { path } as never;
                },
                "convert/families": () => Promise.reject(new Error("no families")),
            },
            stop: () => void events.push("stop"),
        };
    };
    const handlers = parts.of<Name>(["inspect", "convert/families"], load);
    return { parts, events, loading, handlers };
}

describe("Parts", () => {
    it("load nothing until something is asked, and then once", async () => {
        const { events, loading, handlers } = setUp();
        expect(events).toEqual([]);
        loading.resolve();
        const both = ["a", "b"].map(async (path) => handlers.inspect({ path }, context));
        expect(await Promise.all(both)).toEqual([{ path: "a" }, { path: "b" }]);
        const source = { kind: "folder", path: "/x" } as const;
        await expect(handlers["convert/families"]({ source }, context)).rejects.toThrow(
            "no families",
        );
        expect(events).toEqual(["load", "inspect a", "inspect b"]);
    });

    it("that could not be loaded are tried again, and keep nothing from being stopped", async () => {
        const { parts, events, loading, handlers } = setUp();
        let nTries = 0;
        const other = parts.of<"hub/page">(["hub/page"], async () => {
            if (nTries++ < 2) throw new Error("no such file");
            const page = () => Promise.resolve({ title: "x" } as never);
            return { handlers: { "hub/page": page }, stop: () => void events.push("stop other") };
        });
        const ask = async () => other["hub/page"]({ repo: "a/b" }, context);
        await expect(ask()).rejects.toThrow("no such file");
        loading.resolve();
        await handlers.inspect({ path: "a" }, context);
        const second = ask();
        // Also while it is just failing.
        const stopped = parts.stop();
        await expect(second).rejects.toThrow("no such file");
        await stopped;
        expect(events.at(-1)).toBe("stop");
        await expect(ask()).resolves.toEqual({ title: "x" });
        await parts.stop();
        expect(events.at(-1)).toBe("stop other");
    });

    it("stop what was loaded, also what was just being loaded, and nothing else", async () => {
        const { parts, events, loading, handlers } = setUp();
        await parts.stop();
        expect(events).toEqual([]);
        const asked = handlers.inspect({ path: "a" }, context);
        const stopped = parts.stop();
        loading.resolve();
        await Promise.all([asked, stopped]);
        expect(events).toEqual(["load", "inspect a", "stop"]);
    });
});
