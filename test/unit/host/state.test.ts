// Jobs that have not ended: a window that dies right after one was queued leaves it to the next.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PendingJob } from "../../../src/host/models/pendingJob";
import { State } from "../../../src/host/state";
import { temporaryFolder } from "../../support/temporaryFolder";

const home = temporaryFolder("state");
const job = (id: string): PendingJob => ({
    id,
    request: { kind: "quantize", params: { file: "/a.gguf", type: "Q4_0", out: `/${id}.gguf` } },
});
/** VS Code takes what it is told, and writes none of it. */
function memento() {
    const told = new Map<string, unknown>();
    const workspaceState = {
        get: (key: string) => told.get(key),
        update: (key: string, value: unknown) => Promise.resolve(void told.set(key, value)),
    };
    return { workspaceState } as never;
}

describe("jobs that have not ended", () => {
    it("are on the disk at once, whole, and read by the next window", () => {
        const file = join(home(), "storage", "jobs.json");
        void new State(memento(), file).setPendingJobs([job("1"), job("2")]);
        expect(new State(memento(), file).pendingJobs).toEqual([job("1"), job("2")]);
        expect(readdirSync(join(home(), "storage"))).toEqual(["jobs.json"]);
        void new State(memento(), file).setPendingJobs([]);
        expect(JSON.parse(readFileSync(file, "utf8"))).toEqual([]);
    });

    it("are none where the file is not there, is torn, or holds what this version does not know", () => {
        const file = join(home(), "jobs.json");
        const kept = () => new State(memento(), file).pendingJobs;
        expect(kept()).toEqual([]);
        writeFileSync(file, '[{"id":');
        expect(kept()).toEqual([]);
        writeFileSync(file, JSON.stringify([job("1"), { id: "2", request: { kind: "dance" } }]));
        expect(kept()).toEqual([job("1")]);
    });

    it("of a window without a folder are its own", async () => {
        const [one, other] = [memento(), memento()];
        await new State(one, undefined).setPendingJobs([job("1")]);
        expect(new State(one, undefined).pendingJobs).toEqual([job("1")]);
        expect(new State(other, undefined).pendingJobs).toEqual([]);
    });
});
