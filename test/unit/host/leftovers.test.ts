// What an earlier window left: a part is loaded for it only where there is something, and what goes wrong is shown.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { REVIEWS_FOLDER, resumeLeftovers } from "../../../src/host/leftovers";

type Given = Parameters<typeof resumeLeftovers>;

let folder = "";
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ingot-leftovers-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function window(nPending: number) {
    const resume = vi.fn(() => Promise.resolve());
    const library = { get: vi.fn(() => Promise.resolve({ resume })) };
    const assistant = { get: vi.fn(() => Promise.resolve({})) };
    const error = vi.fn(() => Promise.resolve());
    const core = {
        state: { pendingJobs: Array.from({ length: nPending }, (_, i) => ({ id: String(i) })) },
        notify: { error },
        folder: (name: string) => join(folder, name),
    };
    const run = () =>
        resumeLeftovers(core as unknown as Given[0], { library, assistant } as unknown as Given[1]);
    return { run, resume, library, assistant, error };
}

it("loads nothing where nothing was left", async () => {
    const { run, library, assistant, error } = window(0);
    await run();
    mkdirSync(join(folder, REVIEWS_FOLDER));
    writeFileSync(join(folder, REVIEWS_FOLDER, "half.json.17.part"), "{");
    await run();
    expect(library.get).not.toHaveBeenCalled();
    expect(assistant.get).not.toHaveBeenCalled();
    expect(error).not.toHaveBeenCalled();
});

it("goes on with jobs, and with edits under review", async () => {
    mkdirSync(join(folder, REVIEWS_FOLDER));
    writeFileSync(join(folder, REVIEWS_FOLDER, "some.json"), "{}");
    const { run, resume, assistant } = window(2);
    await run();
    expect(resume).toHaveBeenCalledTimes(1);
    expect(assistant.get).toHaveBeenCalledTimes(1);
});

it("shows what could not be loaded, and goes on with the rest", async () => {
    mkdirSync(join(folder, REVIEWS_FOLDER));
    writeFileSync(join(folder, REVIEWS_FOLDER, "some.json"), "{}");
    const { run, library, assistant, error } = window(1);
    const failure = new Error("no such file");
    library.get.mockRejectedValueOnce(failure);
    await run();
    expect(error).toHaveBeenCalledExactlyOnceWith(failure);
    expect(assistant.get).toHaveBeenCalledTimes(1);
});
