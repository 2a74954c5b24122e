/** The Models view as rows: what serves, the library, jobs. */

import { describe, expect, it } from "vitest";
import { ITEM } from "../../../../src/host/manifest";
import { modelRows, type ModelFile, type RowInputs } from "../../../../src/host/models/rows";

const starter: ModelFile = {
    name: "starter",
    path: "/ext/starter.gguf",
    sizeBytes: 5.6e6,
    fileType: "Q8_0",
    origin: "starter",
};
const own: ModelFile = { name: "coder", path: "/lib/coder.gguf", sizeBytes: 1.1e9, origin: "own" };
const inputs: RowInputs = {
    library: [starter, own],
    serving: { completion: starter.path, chat: own.path },
    engine: undefined,
    running: [],
    finished: [],
};

describe("modelRows", () => {
    it("shows what serves each role, then the library", () => {
        const [use, library, ...rest] = modelRows(inputs);
        expect(rest).toEqual([]);
        expect(use?.children?.map((row) => [row.label, row.description])).toEqual([
            ["Completions", "starter, Q8_0, 5.6 MB, not in memory"],
            ["Chat", "coder, 1.1 GB, not in memory"],
        ]);
        expect(library?.children?.map((row) => [row.context, row.description])).toEqual([
            [ITEM.starterModel, "Q8_0, 5.6 MB, serves completions"],
            [ITEM.ownModel, "1.1 GB, serves chat"],
        ]);
    });

    it("names models that make embeddings, and the one that #codebase takes", () => {
        const made = (name: string, sizeBytes: number, more: object = {}): ModelFile => ({
            ...{ name, path: `/lib/${name}.gguf`, sizeBytes, origin: "own" },
            ...{ fileType: "Q8_0", purpose: "embeddings", comparesTexts: true, ...more },
        });
        const models = [
            made("nomic", 1.4e8),
            made("minilm", 2.5e7),
            made("rank", 2e7, { purpose: "ranks" }),
        ];
        const [, library] = modelRows({ ...inputs, library: models });
        expect(library?.children?.map(({ description }) => description)).toEqual([
            "Q8_0, embeddings, 140 MB",
            "Q8_0, embeddings, 25 MB, serves #codebase",
            "Q8_0, ranks, 20 MB",
        ]);
    });

    it("says when the file of a role is not there", () => {
        const gone = { ...inputs, serving: { completion: "/lib/gone.gguf", chat: starter.path } };
        expect(modelRows(gone)[0]?.children?.[0]?.description).toBe(
            "gone.gguf, file not found, not in memory",
        );
    });

    it("lists running jobs with progress and ended ones with their result", () => {
        const [, , jobs] = modelRows({
            ...inputs,
            running: [
                {
                    id: "1",
                    title: "Converting owner/a to Q4_K_M",
                    what: "a to Q4_K_M",
                    fraction: 0.5,
                    bytesPerSecond: 1e8,
                    secondsLeft: 20,
                },
            ],
            finished: [
                {
                    id: "2",
                    title: "b",
                    endedAt: 1,
                    result: { kind: "done", file: "/lib/b.gguf", bytes: 2e9 },
                },
                {
                    id: "3",
                    title: "c",
                    endedAt: 1,
                    result: { kind: "failed", message: "The disk is full" },
                },
            ],
        });
        expect(jobs?.children?.map(({ label }) => label)).toEqual(["a to Q4_K_M", "b", "c"]);
        expect(jobs?.children?.[0]?.tooltip).toBe(
            "Converting owner/a to Q4_K_M\n50 %, 100 MB/s, about 20 s left",
        );
        expect(jobs?.children?.map((row) => [row.context, row.description, row.target])).toEqual([
            [ITEM.runningJob, "50 %, 100 MB/s, about 20 s left", "1"],
            [ITEM.doneJob, "2.0 GB", "2"],
            [ITEM.failedJob, "The disk is full", "3"],
        ]);
    });

    it("says the stage of a job, and which one waits", () => {
        const running = [
            { id: "1", title: "Converting a", stage: "verify", fraction: 0.5 },
            { id: "2", title: "Converting b", stage: "waiting" },
        ] as const;
        const [, , jobs] = modelRows({ ...inputs, running });
        expect(jobs?.children?.map((row) => [row.icon, row.description])).toEqual([
            ["sync~spin", "checking, 50 %"],
            ["clock", "waits for the job before it"],
        ]);
    });

    it("gives every row an id of its own", () => {
        const flat = modelRows(inputs).flatMap((row) => [row, ...(row.children ?? [])]);
        expect(new Set(flat.map((row) => row.id)).size).toBe(flat.length);
    });
});
