// A repository folder with known bytes, the fake Hub that serves it, and a client that does not wait.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createLog, type LogEntry } from "../../../src/base/log";
import { openHubCheckpoint } from "../../../src/foundry/hub/checkpoint";
import type { CheckpointSource } from "../../../src/foundry/checkpoint/source";
import { realIo, type HubIo } from "../../../src/foundry/hub/http";
import type { SpanPool } from "../../../src/foundry/hub/rangeReader";
import type { AppError } from "../../../src/base/errors";
import {
    startFakeHub,
    type FakeHub,
    type FakeHubOptions,
    type FakeRequest,
} from "../../support/fakeHub.mjs";

export const REPO = "tiny/Coder-0.1B";
export const WEIGHTS = "model.safetensors";
export const MiB = 1024 * 1024;

/** Bytes in which every offset looks different from its neighbours. */
export function patternBytes(length: number): Uint8Array {
    const words = new Uint32Array(Math.ceil(length / 4));
    for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 2654435761);
    return new Uint8Array(words.buffer, 0, length);
}

export interface Fixture {
    hub: FakeHub;
    weights: Uint8Array;
    /** Milliseconds of every wait that was skipped. */
    waits: number[];
    log: LogEntry[];
    io: HubIo;
    open(more?: {
        repo?: string;
        revision?: string;
        token?: string;
        pool?: SpanPool;
    }): Promise<CheckpointSource>;
    close(): Promise<void>;
}

export interface FixtureOptions extends Omit<FakeHubOptions, "repos"> {
    files?: Record<string, string | Uint8Array>;
    weightBytes?: number;
    repo?: Partial<Exclude<FakeHubOptions["repos"][string], string>>;
    more?: FakeHubOptions["repos"];
}

export async function startFixture(options: FixtureOptions = {}): Promise<Fixture> {
    const folder = mkdtempSync(join(tmpdir(), "ingot-hub-"));
    const weights = patternBytes(options.weightBytes ?? MiB);
    const files = { "config.json": '{"a":1}', [WEIGHTS]: weights, ...options.files };
    for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
    }
    const hub = await startFakeHub({
        repos: { [REPO]: { folder, ...options.repo }, ...options.more },
        ...(options.pageSize === undefined ? {} : { pageSize: options.pageSize }),
        ...(options.faults === undefined ? {} : { faults: options.faults }),
    });
    const waits: number[] = [];
    const log: LogEntry[] = [];
    const io: HubIo = {
        ...realIo,
        delay: async (ms) => {
            waits.push(ms);
        },
    };
    return {
        hub,
        weights,
        waits,
        log,
        io,
        open: ({ repo = REPO, pool, ...more } = {}) =>
            openHubCheckpoint(
                { kind: "hub", repo, endpoint: hub.url, ...more },
                createLog("test", (entry) => log.push(entry)),
                new AbortController().signal,
                io,
                { cacheFolder: join(folder, "no cache"), ...(pool ? { pool } : {}) },
            ),
        async close() {
            await hub.close();
            rmSync(folder, { recursive: true, force: true });
        },
    };
}

export function requestsOf(hub: FakeHub, server: "hub" | "store"): FakeRequest[] {
    return hub.requests.filter((request) => request.server === server);
}

export function ranges(hub: FakeHub): (string | undefined)[] {
    return requestsOf(hub, "store").map(({ headers }) => headers["range"]);
}

/** The error of work that must fail. */
export async function failure(work: Promise<unknown>): Promise<AppError> {
    try {
        await work;
    } catch (error) {
        return error as AppError;
    }
    throw new Error("nothing failed");
}
