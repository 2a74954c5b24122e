// GGUF files that say where they come from, the fake Hub with accounts, and publishing without waits.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, type LogEntry } from "../../../src/base/log";
import { realIo } from "../../../src/foundry/hub/http";
import { planPublish } from "../../../src/foundry/publish/plan";
import { publish, type RunTuning } from "../../../src/foundry/publish/publish";
import type { PublishEvent, PublishParams, PublishPlanParams } from "../../../src/protocol/publish";
import type { GgufWriteValue } from "../../../src/gguf/write";
import { startFakeHub, type FakeHub, type FakeHubOptions } from "../../support/fakeHub.mjs";
import { tinyGguf, TINY_TENSORS, type TinyOptions } from "../../support/tinyGguf";

export const TOKEN = "hf_write";
export const ME = "ann";

const text = (value: string): GgufWriteValue => ({ type: "string", value });

/** Of a model whose origin is clear. */
export const CLEAR_KEYS: NonNullable<TinyOptions["keys"]> = {
    "general.name": text("Tiny Coder"),
    "general.size_label": text("10K"),
    "general.license": text("apache-2.0"),
    "general.source.repo_url": text("https://huggingface.co/tiny/Coder-0.1B"),
};

export interface Fixture {
    hub: FakeHub;
    folder: string;
    log: LogEntry[];
    waits: number[];
    events: PublishEvent[];
    /** Path of a GGUF file with these keys besides the clear ones; each one's data is other bytes. */
    model(name: string, keys?: TinyOptions["keys"], seed?: number): string;
    plan(params: PublishPlanParams, tuning?: RunTuning): ReturnType<typeof planPublish>;
    run(
        params: Partial<PublishParams> & Pick<PublishParams, "files">,
        tuning?: RunTuning,
        signal?: AbortSignal,
    ): ReturnType<typeof publish>;
    /** Names of what is remembered of unfinished uploads. */
    journals(): string[];
    close(): Promise<void>;
}

export const REPO = `${ME}/Coder-0.1B-GGUF`;
export const CARD = "---\nlicense: apache-2.0\n---\n# Tiny\n";

export async function startFixture(options: Partial<FakeHubOptions> = {}): Promise<Fixture> {
    const folder = mkdtempSync(join(tmpdir(), "ingot-publish-"));
    const hub = await startFakeHub({
        repos: {},
        accounts: {
            [TOKEN]: { name: ME, orgs: ["guild"] },
            hf_read: { name: ME, role: "read" },
        },
        ...options,
    });
    const log: LogEntry[] = [];
    const waits: number[] = [];
    const events: PublishEvent[] = [];
    const io = {
        ...realIo,
        delay: (ms: number) => {
            waits.push(ms);
            return Promise.resolve();
        },
    };
    const context = (signal = new AbortController().signal) => ({
        log: createLog("test", (entry) => log.push(entry)),
        signal,
        io,
        env: {},
    });
    const uploads = join(folder, "uploads");
    const access = { endpoint: hub.url, token: TOKEN };
    return {
        hub,
        folder,
        log,
        waits,
        events,
        model(name, keys = {}, seed = 1) {
            const path = join(folder, name);
            const bytes = tinyGguf({ keys: { ...CLEAR_KEYS, ...keys }, tensors: TINY_TENSORS });
            for (let i = bytes.length - 8192; i < bytes.length; i++)
                bytes[i] = Math.imul(i + seed, 2654435761) >>> 24;
            writeFileSync(path, bytes);
            return path;
        },
        plan: (params, tuning) => planPublish({ ...access, ...params }, context(), tuning),
        run: (params, tuning, signal) =>
            publish(
                {
                    ...access,
                    repo: REPO,
                    private: false,
                    pullRequest: false,
                    card: CARD,
                    ...params,
                },
                context(signal),
                (event) => events.push(event),
                { folder: uploads, ...tuning },
            ),
        journals: () => {
            try {
                return readdirSync(uploads);
            } catch {
                return [];
            }
        },
        async close() {
            await hub.close();
            rmSync(folder, { recursive: true, force: true });
        },
    };
}

/** Requests that changed or sent something, as `METHOD path`, without queries. */
export function writes(hub: FakeHub): string[] {
    return hub.requests
        .filter(({ method }) => method !== "GET")
        .map(({ method, path }) => `${method} ${path.replace(/\?.*/, "")}`);
}
