// What a download's journal remembers, and that nothing in it is believed that does not fit.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Journal } from "../../../src/foundry/hub/journal";

let folder: string;
let path: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ingot-journal-"));
    path = join(folder, "x.journal");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (identity = "sha256:aa", size = 1000) => Journal.open(path, identity, size);

/** Ranges of the journal after it was closed and opened again. */
async function reopened(identity?: string, size?: number) {
    const journal = await open(identity, size);
    const done = [...journal.done];
    await journal.close();
    return done;
}

async function write(...ranges: [number, number][]): Promise<void> {
    const journal = await open();
    for (const [start, end] of ranges) await journal.add({ start, end });
    await journal.close();
}

describe("Journal", () => {
    it("remembers ranges, joined", async () => {
        await write([500, 600], [0, 100], [100, 200], [550, 700], [900, 1000]);
        expect(await reopened()).toEqual([
            { start: 0, end: 200 },
            { start: 500, end: 700 },
            { start: 900, end: 1000 },
        ]);
    });

    it("knows the front, the sum and what is missing in pieces", async () => {
        await write([0, 100], [450, 500]);
        const journal = await open();
        expect([journal.prefixBytes, journal.doneBytes]).toEqual([100, 150]);
        expect(journal.missing(1000, 200)).toEqual([
            { start: 100, end: 300 },
            { start: 300, end: 450 },
            { start: 500, end: 700 },
            { start: 700, end: 900 },
            { start: 900, end: 1000 },
        ]);
        await journal.remove();
        const empty = await open();
        expect(empty.missing(1000, 1000)).toEqual([{ start: 0, end: 1000 }]);
        await empty.close();
    });

    it("leaves out a line that was cut off, and goes on behind it", async () => {
        await write([0, 100]);
        appendFileSync(path, "200 30");
        expect(await reopened()).toEqual([{ start: 0, end: 100 }]);
        await write([300, 400]);
        expect(await reopened()).toEqual([
            { start: 0, end: 100 },
            { start: 300, end: 400 },
        ]);
    });

    it.each([
        "5 5\n",
        "9 3\n",
        "0 1001\n",
        "-1 5\n",
        "0 1e2\n",
        "x\n",
        "0 99999999999999999999\n",
        "\n",
    ])("believes nothing when it holds %j", async (line) => {
        await write([0, 100]);
        appendFileSync(path, line);
        expect(await reopened()).toEqual([]);
    });

    it("begins anew for another file, another size and another format", async () => {
        await write([0, 100]);
        expect(await reopened("sha256:bb")).toEqual([]);
        await write([0, 100]);
        expect(await reopened("sha256:aa", 2000)).toEqual([]);
        await write([0, 100]);
        writeFileSync(path, readFileSync(path, "utf8").replace('"journal":1', '"journal":2'));
        expect(await reopened()).toEqual([]);
    });
});
