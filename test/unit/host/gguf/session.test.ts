/** The inspector's questions on their way to a worker: one for the page, another for each template, a new one when it has died. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../src/base/errors";
import { InspectorSession } from "../../../../src/host/gguf/session";
import type { WorkerPort } from "../../../../src/host/models/workers";

interface FakeWorker {
    asked: [string, unknown][];
    isGone: boolean;
}

const context = { signal: new AbortController().signal, progress: () => undefined };
const page = { from: 0, count: 10, filter: "" };

/** `answer`: what a worker says; it may fail or never settle. */
function sessionWith(answer: (method: string) => Promise<unknown>) {
    const workers: FakeWorker[] = [];
    const copied: string[] = [];
    const startWorker = (): WorkerPort => {
        const worker: FakeWorker = { asked: [], isGone: false };
        workers.push(worker);
        let end: (reason: AppError) => void;
        const ended = new Promise<never>((_, reject) => (end = reject));
        ended.catch(() => undefined);
        return {
            request: ((method: string, params: unknown) => {
                worker.asked.push([method, params]);
                return Promise.race([answer(method), ended]);
            }) as WorkerPort["request"],
            dispose: () => {
                worker.isGone = true;
                end(new AppError("engine/gone", "The worker was ended"));
            },
        };
    };
    const session = new InspectorSession({
        startWorker,
        place: () => Promise.resolve({ kind: "file", path: "/a.gguf" }),
        withAccess: (work) => work(),
        writeCopy: async (_, write) => {
            await write("/b.gguf", context);
            return true;
        },
        copy: (text) => Promise.resolve(void copied.push(text)),
        pickImatrix: () => Promise.resolve("/models/a.imatrix.gguf"),
        templateLimitMs: 3000,
    });
    return { session, workers, copied };
}

describe("a session of the inspector", () => {
    it("asks for an importance matrix, which the methods then have", async () => {
        const { session, workers } = sessionWith((method) => Promise.resolve(method));
        const chosen = await session.handlers.pickImatrix({}, context);
        expect(chosen).toEqual({ path: "/models/a.imatrix.gguf", name: "a.imatrix.gguf" });
        await session.handlers.methods({ tensor: "output.weight", imatrix: chosen?.path }, context);
        expect(workers[0]?.asked[0]).toEqual([
            "inspector/methods",
            {
                tensor: "output.weight",
                imatrix: "/models/a.imatrix.gguf",
                place: { kind: "file", path: "/a.gguf" },
            },
        ]);
    });

    it("asks one worker, which ends with it, and says of which file", async () => {
        const { session, workers } = sessionWith((method) => Promise.resolve(method));
        expect(workers).toHaveLength(0);
        expect(await session.handlers.open({}, context)).toBe("inspector/open");
        expect(await session.handlers.keys(page, context)).toBe("inspector/keys");
        expect(workers).toHaveLength(1);
        expect(workers[0]?.asked[1]).toEqual([
            "inspector/keys",
            { ...page, place: { kind: "file", path: "/a.gguf" } },
        ]);
        session.dispose();
        expect(workers[0]?.isGone).toBe(true);
        await expect(session.handlers.keys(page, context)).rejects.toThrow(/Cancelled/);
        expect(workers).toHaveLength(1);
    });

    it("starts another worker when one has died", async () => {
        let isFirst = true;
        const { session, workers } = sessionWith((method) => {
            const fails = isFirst;
            isFirst = false;
            return fails
                ? Promise.reject(new AppError("engine/gone", "It died"))
                : Promise.resolve(method);
        });
        await expect(session.handlers.keys(page, context)).rejects.toThrow("It died");
        expect(workers[0]?.isGone).toBe(true);
        expect(await session.handlers.keys(page, context)).toBe("inspector/keys");
        expect(workers).toHaveLength(2);
    });

    it("passes changes on to where the person wants the copy", async () => {
        const { session, workers } = sessionWith(() => Promise.resolve({ bytes: 1 }));
        const edits = [{ kind: "remove", key: "a" } as const];
        expect(await session.handlers.saveCopy({ edits }, context)).toBe(true);
        expect(workers[0]?.asked).toEqual([
            ["inspector/copy", { edits, out: "/b.gguf", place: { kind: "file", path: "/a.gguf" } }],
        ]);
    });

    it("copies texts", async () => {
        const { session, copied } = sessionWith(() => Promise.resolve());
        await session.handlers.copy({ text: "a" }, context);
        expect(copied).toEqual(["a"]);
    });
});

describe("a chat template", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());
    const ask = { name: "default", withSystem: true };

    it("is rendered by a worker of its own, which ends then", async () => {
        const { session, workers } = sessionWith(() => Promise.resolve({ source: "x" }));
        expect(await session.handlers.template(ask, context)).toEqual({ source: "x" });
        expect(workers.map(({ isGone }) => isGone)).toEqual([true]);
        expect(vi.getTimerCount()).toBe(0);
    });

    it("that does not end is stopped, and the page goes on", async () => {
        const { session, workers } = sessionWith((method) =>
            method === "inspector/template" ? new Promise(() => undefined) : Promise.resolve(1),
        );
        await session.handlers.keys(page, context);
        const failed = expect(session.handlers.template(ask, context)).rejects.toThrow(
            /template was stopped: it had not ended after 3 s/,
        );
        await vi.advanceTimersByTimeAsync(3000);
        await failed;
        expect(workers.map(({ isGone }) => isGone)).toEqual([false, true]);
        expect(await session.handlers.keys(page, context)).toBe(1);
    });
});
