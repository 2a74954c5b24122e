/** The journal of an upload: parts that arrive at the same moment, after a restart too. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { UploadJournal } from "../../../src/foundry/publish/uploadJournal";

const folder = mkdtempSync(join(tmpdir(), "ingot-upload-journal-"));
afterAll(() => rmSync(folder, { recursive: true }));

const identity = { endpoint: "http://hub", repo: "ann/tea", oid: "a".repeat(64), sizeBytes: 1e8 };
const upload = {
    chunkBytes: 1e6,
    parts: Array.from({ length: 100 }, (_, index) => `http://store/${index + 1}`),
    completeUrl: "http://hub/complete",
};

/** @returns The numbers of the parts that the next process knows of. */
async function known(): Promise<number[]> {
    const journal = await UploadJournal.open(folder, identity);
    await journal.close();
    return [...journal.done.keys()].sort((a, b) => a - b);
}

describe("parts that arrive at the same moment", () => {
    it("are all kept, by the first process and by one that goes on", async () => {
        const first = await UploadJournal.open(folder, identity);
        await first.begin(upload);
        await Promise.all([1, 2, 3, 4].map((part) => first.add(part, `"${part}"`)));
        await first.close();
        expect(await known()).toEqual([1, 2, 3, 4]);

        // The first to arrive writes the whole journal anew, the others must wait for it.
        const second = await UploadJournal.open(folder, identity);
        expect(second.upload).toEqual(upload);
        await Promise.all([5, 6, 7, 8, 9, 10, 11, 12].map((part) => second.add(part, `"${part}"`)));
        await second.close();
        expect(await known()).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    });
});
