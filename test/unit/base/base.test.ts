// The small pieces that everything stands on.
import { describe, expect, it } from "vitest";
import { Deferred, Queue, SingleFlight } from "../../../src/base/async";
import { onAbort, throwIfAborted } from "../../../src/base/cancel";
import { AppError, cancelled, fromWire, isCancelled, toWire } from "../../../src/base/errors";
import { Emitter } from "../../../src/base/event";
import {
    formatBytes,
    formatDuration,
    formatMs,
    formatParameters,
    formatRate,
} from "../../../src/base/format";
import { DisposableStore, MutableDisposable, toDisposable } from "../../../src/base/lifecycle";
import { createLog, formatEntry, LogRing, redact, type LogEntry } from "../../../src/base/log";
import { Lru } from "../../../src/base/lru";

describe("errors", () => {
    it("survive the wire", () => {
        const error = new AppError("net/http", "It failed", { detail: "503", retry: true });
        expect(fromWire(toWire(error))).toMatchObject({
            code: "net/http",
            message: "It failed",
            detail: "503",
            retry: true,
        });
    });
    it("turn aborts into cancelled and the rest into a bug with its stack", () => {
        const abort = new DOMException("stop", "AbortError");
        expect(toWire(abort).code).toBe("cancelled");
        expect(toWire(new TypeError("x is not y"))).toMatchObject({
            code: "bug/internal",
            message: expect.stringContaining("x is not y") as string,
            detail: expect.stringContaining("base.test.ts") as string,
        });
        expect(toWire("text").message).toContain("text");
    });
    it("know a cancel when they see one", () => {
        expect(isCancelled(cancelled())).toBe(true);
        expect(isCancelled(new AppError("engine/gone", "x"))).toBe(false);
    });
});

describe("cancel", () => {
    it("calls once, at once when already aborted, and can stop listening", () => {
        let n = 0;
        const controller = new AbortController();
        const stop = onAbort(controller.signal, () => n++);
        onAbort(controller.signal, () => n++);
        stop();
        controller.abort();
        expect(n).toBe(1);
        onAbort(controller.signal, () => n++);
        expect(n).toBe(2);
        expect(() => throwIfAborted(controller.signal)).toThrow("Cancelled");
        expect(() => throwIfAborted(undefined)).not.toThrow();
    });
});

describe("async", () => {
    it("SingleFlight shares one run per key and forgets it afterwards", async () => {
        const flight = new SingleFlight<string, number>();
        const gate = new Deferred<number>();
        let n = 0;
        const work = () => {
            n++;
            return gate.promise;
        };
        const both = [flight.run("a", work), flight.run("a", work)];
        void flight.run("b", work);
        expect(n).toBe(2);
        gate.resolve(7);
        expect(await Promise.all(both)).toEqual([7, 7]);
        await flight.run("a", work);
        expect(n).toBe(3);
    });
    it("Queue runs in order, also after a failure", async () => {
        const queue = new Queue();
        const seen: string[] = [];
        const gate = new Deferred<void>();
        const first = queue.add(async () => {
            await gate.promise;
            seen.push("first");
            throw new Error("no");
        });
        const second = queue.add(async () => seen.push("second"));
        expect(seen).toEqual([]);
        gate.resolve();
        await expect(first).rejects.toThrow("no");
        await second;
        expect(seen).toEqual(["first", "second"]);
    });
});

describe("lifecycle and events", () => {
    it("disposes in reverse order, once, and what comes late at once", () => {
        const seen: number[] = [];
        const store = new DisposableStore();
        for (const i of [1, 2]) store.add(toDisposable(() => seen.push(i)));
        store.dispose();
        store.dispose();
        store.add(toDisposable(() => seen.push(3)));
        expect(seen).toEqual([2, 1, 3]);
    });
    it("MutableDisposable disposes what it replaces", () => {
        const seen: string[] = [];
        const holder = new MutableDisposable();
        holder.value = toDisposable(() => seen.push("a"));
        holder.value = toDisposable(() => seen.push("b"));
        holder.dispose();
        holder.value = toDisposable(() => seen.push("c"));
        expect(seen).toEqual(["a", "b", "c"]);
    });
    it("an emitter's listener may leave while it fires", () => {
        const emitter = new Emitter<number>();
        const seen: number[] = [];
        const first = emitter.event((n) => {
            seen.push(n);
            first.dispose();
        });
        emitter.event((n) => seen.push(10 * n));
        emitter.fire(1);
        emitter.fire(2);
        expect(seen).toEqual([1, 10, 20]);
    });
});

describe("log", () => {
    it("formats fields, quotes blanks, leaves out what is undefined", () => {
        const entry: LogEntry = {
            level: "info",
            topic: "t",
            message: "loaded",
            fields: { ms: 1.25, n: 3, name: "two words", none: undefined },
        };
        expect(formatEntry(entry)).toBe('t: loaded ms=1.3 n=3 name="two words"');
    });
    it("hides access tokens", () => {
        expect(redact("hf_abcdefGHIJ and Bearer abc.def")).toBe("hf_*** and Bearer ***");
    });
    it("names topics by their path and keeps the last entries", () => {
        const ring = new LogRing(2);
        const log = createLog("a", (entry) => ring.push(entry)).child("b");
        for (const message of ["1", "2", "3"]) log.warn(message);
        expect(ring.list().map(({ topic, message }) => topic + message)).toEqual(["a.b2", "a.b3"]);
    });
});

describe("Lru", () => {
    it("drops what was not used for the longest time, by weight", () => {
        const lru = new Lru<string, number>(10, (weight) => weight);
        lru.set("a", 4);
        lru.set("b", 4);
        lru.get("a");
        lru.set("c", 4);
        expect(lru.get("b")).toBeUndefined();
        expect(lru.values()).toEqual([4, 4]);
        expect(lru.entries()).toEqual([
            ["c", 4],
            ["a", 4],
        ]);
        lru.set("big", 100);
        expect(lru.size).toBe(1);
    });
});

describe("format", () => {
    it.each([
        [formatBytes(999), "999 bytes"],
        [formatBytes(1_100_000_000), "1.1 GB"],
        [formatBytes(640_000_000), "640 MB"],
        [formatBytes(1_500_000), "1.5 MB"],
        [formatRate(43_000_000), "43 MB/s"],
        [formatDuration(2), "less than 5 s"],
        [formatDuration(180), "about 3 min"],
        [formatDuration(41), "about 40 s"],
        [formatDuration(7200), "about 2 h"],
        [formatMs(0), "0 ms"],
        [formatMs(3.16), "3.2 ms"],
        [formatMs(450.9), "451 ms"],
        [formatMs(999.6), "1.0 s"],
        [formatMs(7652.6), "7.7 s"],
        [formatParameters(494_000_000), "494M"],
        [formatParameters(7_600_000_000), "7.6B"],
    ])("%s", (actual, expected) => {
        expect(actual).toBe(expected);
    });
});
