/** One union state: which of several facts wins, and what a person reads. */

import { describe, expect, it } from "vitest";
import { COMMAND } from "../../../src/host/manifest";
import {
    deriveStatus,
    describeStatus,
    lastLink,
    type StatusInputs,
} from "../../../src/host/status";
import type { ModelInfo } from "../../../src/protocol/engine";

const info: ModelInfo = {
    path: "/m/coder-Q4_K_M.gguf",
    name: "coder",
    architecture: "qwen2",
    fileType: "Q4_K_M",
    sizeBytes: 1.1e9,
    nParameters: 1.5e9,
    nVocabulary: 151936,
    nLayers: 28,
    nLayersOffloaded: 0,
    device: "CPU",
    trainedContextTokens: 32768,
    contextTokens: 8192,
    threads: 3,
    fim: { supported: true, family: "qwen" },
    hasChatTemplate: true,
    loadMs: 400,
};
const bare: StatusInputs = { jobs: [], model: "coder" };
const job = {
    id: "7",
    title: "Converting a to Q4_K_M",
    fraction: 0.437,
    bytesPerSecond: 43e6,
    secondsLeft: 170,
};
const all: StatusInputs = {
    ...bare,
    problem: { sentence: "The engine stopped" },
    jobs: [job],
    silent: { why: "they are turned off" },
    loading: { fraction: 0.5 },
    thinking: "Waiting for a completion",
};
const show = (inputs: StatusInputs, advice?: string) =>
    describeStatus(deriveStatus(inputs), advice);

describe("deriveStatus", () => {
    it("shows a problem before a job before silence before loading before thinking", () => {
        const order = ["problem", "jobs", "silent", "loading", "thinking"] as const;
        const kinds: string[] = [];
        let inputs = all;
        for (const key of order) {
            kinds.push(deriveStatus(inputs).kind);
            inputs = { ...inputs, [key]: key === "jobs" ? [] : undefined };
        }
        kinds.push(deriveStatus(inputs).kind);
        expect(kinds).toEqual(["problem", "working", "silent", "starting", "thinking", "ready"]);
    });
});

describe("describeStatus", () => {
    it("shows the percentage, rate, time left and a cancel for this job", () => {
        const text = show({ ...bare, jobs: [job, { id: "8", title: "Other" }] });
        expect(text.text).toBe("$(cloud-download) 43 %");
        expect(text.details).toEqual(["43 MB/s", "about 3 min left", "1 more job"]);
        expect(text.actions).toEqual([
            { label: "Cancel", command: COMMAND.cancelJob, arguments: ["7"] },
        ]);
    });

    it("names model, type, size, device and memory when ready", () => {
        const text = show({ ...bare, loaded: { info, rssBytes: 1.4e9 } });
        expect(text.text).toBe("$(sparkle) Ingot");
        expect(text.details).toEqual([
            "Q4_K_M, 1.1 GB, on the processor, 3 threads",
            "Context of 8192 tokens; the engine uses 1.4 GB of memory",
        ]);
    });

    it("says how the last request ended, and leads to the inspector", () => {
        expect(lastLink({ words: "The model had nothing to add", totalMs: 81.6 })).toEqual({
            label: "Last request: The model had nothing to add (82 ms)",
            command: COMMAND.whyNoSuggestion,
        });
    });

    it("counts the output layer among the offloaded ones", () => {
        const gpu = { ...info, nLayersOffloaded: 29, device: "NVIDIA RTX 4060" };
        const text = show({ ...bare, loaded: { info: gpu, rssBytes: 1 } });
        expect(text.details[0]).toBe("Q4_K_M, 1.1 GB, 29/29 layers on NVIDIA RTX 4060");
    });

    it("adds the advice to the ready state only", () => {
        expect(show(bare, "Better: x").details).toContain("Better: x");
        expect(show(all, "Better: x").details).not.toContain("Better: x");
    });

    it("offers what mends a problem first, then the log, and never more than three actions", () => {
        const mend = { label: "Restart Engine", command: COMMAND.restartEngine };
        const text = show({ ...bare, problem: { sentence: "The engine stopped", mend } });
        expect(text.severity).toBe("warning");
        expect(text.actions.map((action) => action.command)).toEqual([
            COMMAND.restartEngine,
            COMMAND.showLog,
        ]);
        for (const inputs of [bare, all, { ...bare, silent: { why: "off", mend } }]) {
            expect(show(inputs).actions.length).toBeLessThanOrEqual(3);
        }
    });
});
