// What a conversion read from the Hub is checked at its end; what the cache holds is read from the disk instead.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { silentLog } from "../../../src/base/log";
import { openHubCheckpoint } from "../../../src/foundry/hub/checkpoint";
import { fetchFiles } from "../../../src/foundry/hub/fetch";
import { hashOf } from "../../support/hashes";
import { failure, MiB, REPO, requestsOf, startFixture, WEIGHTS, type Fixture } from "./fixture";

let fixture: Fixture;
const { signal } = new AbortController();
afterEach(() => fixture.close());

async function read(start: number, length: number) {
    const source = await fixture.open();
    for (const name of ["config.json", WEIGHTS]) {
        const file = await source.open(name);
        await file.read(name === WEIGHTS ? start : 0, name === WEIGHTS ? length : 7);
        await file.close();
    }
    return source;
}

describe("verify", () => {
    it("is content when every byte has the Hub's hash", async () => {
        fixture = await startFixture({ faults: { drops: 1, dropAfterBytes: 1000 } });
        expect(await (await read(0, MiB)).verify?.(signal)).toEqual([]);
    });

    it("fetches what no tensor covers", async () => {
        fixture = await startFixture({ weightBytes: 4 * MiB });
        const source = await read(3 * MiB, 1000);
        expect(await source.verify?.(signal)).toEqual([]);
        const bytes = requestsOf(fixture.hub, "store").reduce((sum, one) => sum + one.bytes, 0);
        expect(bytes).toBe(4 * MiB);
    });

    it("refuses one wrong bit", async () => {
        fixture = await startFixture({ faults: { corruptions: 1 } });
        const source = await read(0, MiB);
        const error = await failure(source.verify?.(signal) ?? Promise.resolve());
        expect(error.code).toBe("data/hash");
        expect(error.message).toBe(
            `${WEIGHTS} of ${REPO} arrived damaged: its hash is not the one that the Hub lists; start again`,
        );
    });

    it("says what it does not know", async () => {
        fixture = await startFixture({ weightBytes: 80 * MiB });
        const [note, ...more] = (await (await read(70 * MiB, 8)).verify?.(signal)) ?? [];
        expect(more).toEqual([]);
        expect(note).toContain(`The hash of ${WEIGHTS} was not checked`);
        expect(note).toContain(fixture.hub.commitOf(REPO)?.slice(0, 8));
    });
});

describe("a checkpoint in the cache", () => {
    it("is read from the disk, and without a network too", async () => {
        fixture = await startFixture();
        const { hub, weights, io } = fixture;
        const cacheFolder = mkdtempSync(join(tmpdir(), "ingot-cache-"));
        try {
            const context = { log: silentLog, signal, io, env: {}, cacheFolder };
            await fetchFiles(
                { repo: REPO, files: [], endpoint: hub.url },
                context,
                () => undefined,
            );
            hub.requests.length = 0;
            const open = () =>
                openHubCheckpoint(
                    { kind: "hub", repo: REPO, endpoint: hub.url },
                    silentLog,
                    signal,
                    io,
                    { cacheFolder, env: {} },
                );
            for (const isOnline of [true, false]) {
                if (!isOnline) await hub.close();
                const source = await open();
                expect([source.name, source.label]).toEqual(["Coder-0.1B", REPO]);
                const file = await source.open(WEIGHTS);
                expect(hashOf(await file.read(0, MiB))).toBe(hashOf(weights));
                await file.close();
                expect(await source.verify?.(signal)).toEqual(isOnline ? [] : undefined);
            }
            expect(hub.requests.filter(({ path }) => path.includes("/resolve/"))).toEqual([]);
        } finally {
            rmSync(cacheFolder, { recursive: true, force: true });
        }
    });
});
