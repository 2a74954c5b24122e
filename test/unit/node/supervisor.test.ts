// Starting, crashing, waiting and giving up, with children made of promises.
import { describe, expect, it } from "vitest";
import { Deferred } from "../../../src/base/async";
import { AppError } from "../../../src/base/errors";
import { silentLog } from "../../../src/base/log";
import { exitError, childEnvironment, type Child } from "../../../src/node/child";
import { Supervisor } from "../../../src/node/supervisor";
import { Channel, portPair, type Side } from "../../../src/protocol/channel";
import { settle } from "../../support/fakeClock";

interface Empty extends Side {
    requests: Record<never, never>;
    events: Record<never, never>;
}
interface FakeChild extends Child<Empty, Empty> {
    die(why: string): void;
    nDisposed: number;
}

function fakeChild(ready: Promise<void>): FakeChild {
    const gone = new Deferred<AppError>();
    const [port] = portPair();
    const child: FakeChild = {
        pid: 1,
        channel: new Channel<Empty, Empty>(port, { build: "x", handlers: {}, listeners: {} }),
        ready,
        exited: gone.promise,
        nDisposed: 0,
        die: (why) => gone.resolve(new AppError("engine/gone", why)),
        async dispose() {
            child.nDisposed++;
            gone.resolve(new AppError("engine/gone", "disposed"));
        },
    };
    return child;
}

function setUp({ ready = () => Promise.resolve(), livesMs = 0 } = {}) {
    const children: FakeChild[] = [];
    const waits: number[] = [];
    let nowMs = 0;
    const supervisor = new Supervisor<Empty, Empty>({
        log: silentLog,
        now: () => (nowMs += livesMs),
        wait: async (ms) => void waits.push(ms),
        prepare: async () => undefined,
        start: () => {
            const child = fakeChild(ready());
            children.push(child);
            return child;
        },
    });
    return { supervisor, children, waits };
}

describe("Supervisor", () => {
    it("starts one child for many callers", async () => {
        const { supervisor, children } = setUp();
        const [a, b] = await Promise.all([supervisor.get(), supervisor.get()]);
        expect(a).toBe(b);
        expect(await supervisor.get()).toBe(a);
        expect(children).toHaveLength(1);
        expect(supervisor.state.kind).toBe("running");
    });

    it("says why a child died, and starts another on the next request", async () => {
        const { supervisor, children } = setUp();
        await supervisor.get();
        children[0]?.die("assertion");
        await settle();
        expect(supervisor.state).toMatchObject({
            kind: "crashed",
            reason: { message: "assertion" },
        });
        expect(await supervisor.get()).toBe(children[1]);
    });

    it("waits longer after each crash, gives up after four, and starts again by hand", async () => {
        const { supervisor, children, waits } = setUp();
        for (let i = 0; i < 4; i++) {
            await supervisor.get();
            children[i]?.die("The engine stopped; it starts again with the next request");
            await settle();
        }
        expect(waits).toEqual([500, 2000]);
        expect(supervisor.state.kind).toBe("failed");
        await expect(supervisor.get()).rejects.toThrow(
            "The engine stopped; it died 4 times in a row, restart it by hand",
        );
        await supervisor.restart();
        expect(supervisor.state.kind).toBe("running");
        expect(children).toHaveLength(5);
    });

    it("counts anew after a child that lived long", async () => {
        const { supervisor, children } = setUp({ livesMs: 120_000 });
        for (let i = 0; i < 6; i++) {
            await supervisor.get();
            children[i]?.die("now and then");
            await settle();
        }
        expect(supervisor.state.kind).toBe("crashed");
    });

    it("a child that never comes up counts as a crash and is ended", async () => {
        const failure = new AppError("bug/internal", "other build");
        const { supervisor, children } = setUp({ ready: () => Promise.reject(failure) });
        await expect(supervisor.get()).rejects.toBe(failure);
        expect(children[0]?.nDisposed).toBe(1);
        expect(supervisor.state.kind).toBe("crashed");
    });

    it("stays down after dispose", async () => {
        const { supervisor, children } = setUp();
        await supervisor.get();
        await supervisor.dispose();
        expect(children[0]?.nDisposed).toBe(1);
        await expect(supervisor.get()).rejects.toMatchObject({ code: "engine/gone" });
    });
});

describe("exitError", () => {
    const facts = { name: "engine", abortText: undefined, lines: [], expected: false };
    it.each([
        [
            { code: null, signal: "SIGABRT" as const },
            "GGML_ASSERT(a) failed\nmore",
            "GGML_ASSERT(a) failed",
        ],
        [{ code: null, signal: "SIGKILL" as const }, undefined, "killed (SIGKILL)"],
        [{ code: null, signal: "SIGSEGV" as const }, undefined, "crashed (SIGSEGV)"],
        [{ code: 3, signal: null }, undefined, "exit code 3"],
    ])("%j", (end, abortText, expected) => {
        const error = exitError({ ...facts, end, abortText });
        expect(error.code).toBe("engine/gone");
        expect(error.message).toContain(expected);
        expect(error.message).toContain("starts again");
    });
    it("keeps the last output in the detail and the telling line in the message", () => {
        const lines = ["loading", "Error: libfoo.so not found", "    at x"];
        const error = exitError({ ...facts, lines, end: { code: 1, signal: null } });
        expect(error.message).toContain("libfoo.so not found");
        expect(error.detail).toBe(lines.join("\n"));
    });
});

it("childEnvironment drops the editor's variables and Node options", () => {
    const env = { PATH: "/bin", VSCODE_PID: "1", NODE_OPTIONS: "--inspect" };
    expect(childEnvironment(env)).toEqual({ PATH: "/bin", ELECTRON_RUN_AS_NODE: "1" });
});
