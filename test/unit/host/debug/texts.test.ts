/** The documents with which people help themselves: the reason in plain words first, and nothing of a file's text in the report. */

import { describe, expect, it } from "vitest";
import type { OutcomeRecord } from "../../../../src/completion/records";
import { REASON_SENTENCE } from "../../../../src/completion/words";
import { explainPlace } from "../../../../src/host/debug/outcomes";
import { buildReport, type ReportFacts } from "../../../../src/host/debug/report";

const SECRET_TEXT = "const answerOfTheModel = 42;";
const suggestion: OutcomeRecord = {
    id: 1,
    atMs: 0,
    totalMs: 81.7,
    uri: "file:///src/a.ts",
    path: "src/a.ts",
    languageId: "typescript",
    version: 1,
    trigger: "automatic",
    outcome: {
        kind: "suggestion",
        text: SECRET_TEXT,
        source: "model",
        tokens: { prompt: 12, reused: 300, generated: 9 },
        timings: { loadMs: 0, promptMs: 20, generateMs: 60, totalMs: 80 },
        confidence: 0.8,
        stop: "end-of-text",
    },
};
const failure: OutcomeRecord = {
    ...suggestion,
    id: 2,
    outcome: {
        kind: "none",
        reason: "model-failed",
        stage: "load",
        detail: "The file is cut short",
    },
};
const here = { path: "src/a.ts", gate: undefined, isServed: true };

describe("explainPlace", () => {
    it.each([
        [{ ...here, path: undefined }, [], "No text editor has the focus."],
        [{ ...here, isServed: false }, [], "Completions are not offered in this kind of editor."],
        [{ ...here, gate: "disabled" as const }, [suggestion], `${REASON_SENTENCE.disabled}.`],
        [
            { ...here, model: "The file is cut short; choose another" },
            [],
            "The file is cut short; choose another.",
        ],
        [here, [suggestion], "The last request in this file gave a suggestion after 82 ms."],
        [here, [suggestion, failure], `${REASON_SENTENCE["model-failed"]}: The file is cut short.`],
    ])("%#: one sentence", (place, records, expected) => {
        expect(explainPlace(place, records)).toBe(expected);
    });

    it("does not answer for another file", () => {
        expect(explainPlace({ ...here, path: "src/b.ts" }, [failure])).toMatch(
            /^Nothing was asked/,
        );
        const twin = { ...here, path: failure.path, uri: "file:///other/src/a.ts" };
        expect(explainPlace(twin, [failure])).toMatch(/^Nothing was asked/);
    });
});

describe("buildReport", () => {
    const facts: ReportFacts = {
        extensionVersion: "0.1.0",
        editor: "VS Code 1.139.1",
        system: "linux x64 6.1",
        nodeVersion: "24.1.0",
        processor: "Some Processor",
        nCores: 2,
        memoryBytes: 16e9,
        homeFolder: "/home/me",
        activationMs: 12.34,
        nAccepted: 3,
        settings: [{ key: "ingot.completion.model", value: "/home/me/models/a.gguf" }],
        engine: undefined,
        engineState: "stopped",
        outcomes: [suggestion, failure],
        log: [{ level: "info", topic: "host", message: "token hf_abcdefghij", fields: { ms: 5 } }],
    };

    it("has versions, hardware, differing settings, outcomes and the log", () => {
        const text = buildReport(facts);
        for (const part of ["Ingot 0.1.0", "2 cores, 16.0 GB", "none: model-failed", "ms=5"]) {
            expect(text).toContain(part);
        }
        expect(text).toContain("activated in 12.3 ms");
    });

    it("has no text of a document or an answer, no file names of requests, no token, no home folder", () => {
        const text = buildReport(facts);
        for (const part of [SECRET_TEXT, "src/a.ts", "hf_abcdefghij", "/home/me"]) {
            expect(text).not.toContain(part);
        }
        expect(text).toContain("~/models/a.gguf");
    });
});
