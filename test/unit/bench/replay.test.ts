/** What counts as explained, and as the same. */

import { describe, expect, it } from "vitest";
import { compare, settingsOf } from "../../../bench/replay/moment.mjs";
import { gapsOf, type Result } from "../../../bench/replay/recorder.mjs";
import type { Moment } from "../../../src/completion/moment";
import type { CompletionOutcome, Inspection } from "../../../src/protocol/completion";

const timings = { loadMs: 0, promptMs: 0, generateMs: 0, totalMs: 0 };
const shown: CompletionOutcome = {
    kind: "suggestion",
    text: "total;",
    source: "model",
    tokens: { prompt: 3, reused: 4, generated: 1 },
    timings,
    confidence: 1,
    stop: "end-of-text",
};
const inspection: Inspection = {
    model: "m",
    fingerprint: "f",
    layout: "psm",
    parts: [{ part: "prefix", text: "abc", nTokens: 7 }],
    pieces: [],
    maxPrefixTokens: 384,
    maxSuffixTokens: 96,
    forced: "",
    written: [{ text: "total;", probability: 0.9 }],
    answer: "total;",
    stop: "end-of-text",
    kept: 6,
    cuts: [],
};
function result(outcome: CompletionOutcome, more: Partial<Inspection> = {}): Result {
    const place = { uri: "a", path: "a.ts", languageId: "typescript", version: 1 };
    const record = { id: 1, atMs: 0, totalMs: 1, ...place, trigger: "automatic" as const, outcome };
    const call = {
        id: 1,
        lane: "keystroke" as const,
        outcome: shown,
        inspection: { ...inspection, ...more },
        snippets: [],
    };
    return { record, call, words: "Words", stage: "here" };
}
const gone = (reason: "mid-word" | "unsure", stage: "gate" | "filter"): CompletionOutcome => ({
    kind: "none",
    reason,
    stage,
});

describe("an outcome", () => {
    it.each([
        ["a suggestion with all of its call", result(shown), 0],
        [
            "a silence before anything was asked",
            { ...result(gone("mid-word", "gate")), call: undefined },
            0,
        ],
        ["no record", {}, 1],
        ["no words", { ...result(shown), words: "" }, 1],
        ["a silence without a stage", { ...result(gone("unsure", "filter")), stage: "" }, 1],
        [
            "a silence of the model without a prompt",
            { ...result(gone("unsure", "filter")), call: undefined },
            1,
        ],
        ["a prompt with a part missing", result(shown, { parts: [] }), 1],
        ["an answer with a token missing", result(shown, { written: [] }), 1],
        [
            "a token without a probability",
            result(shown, { written: [{ text: "x", probability: 0 }] }),
            1,
        ],
    ])("%s leaves %#: as many gaps as it should", (_, given, nGaps) => {
        expect(gapsOf(given)).toHaveLength(nGaps);
    });
});

describe("a moment", () => {
    const moment = (outcome: CompletionOutcome) =>
        ({
            settings: { maxLines: 3, debounceMs: 75 },
            then: { outcome, totalMs: 5 },
            call: { outcome, inspection },
        }) as unknown as Moment;

    it("is asked with its own windows and order, without waiting", () => {
        expect(settingsOf(moment(shown))).toEqual({
            maxLines: 3,
            debounceMs: 0,
            inspect: true,
            layout: "documented",
            maxPrefixTokens: 384,
            maxPieceTokens: 0,
        });
    });

    it("is the same when the same is on the screen, wherever it came from", () => {
        const known = { ...shown, source: "cache" as const };
        expect(compare(moment(known), result(shown)).isSame).toBe(true);
        expect(compare(moment(shown), result({ ...shown, text: "sum;" })).isSame).toBe(false);
        expect(compare(moment(shown), result(gone("unsure", "filter"))).isSame).toBe(false);
        expect(
            compare(moment(gone("unsure", "filter")), result(gone("unsure", "filter"))).isSame,
        ).toBe(true);
    });

    it("goes on from what was shown while the model still wrote", () => {
        const early = { ...shown, text: "tot", tokens: { prompt: 0, reused: 0, generated: 0 } };
        expect(compare(moment(early), result(shown)).isSame).toBe(true);
        expect(compare(moment({ ...early, text: "sum" }), result(shown)).isSame).toBe(false);
    });

    it("tells another prompt and another model", () => {
        const other = result(shown, {
            fingerprint: "g",
            parts: [{ part: "prefix", text: "x", nTokens: 7 }],
        });
        expect(compare(moment(shown), other)).toMatchObject({
            samePrompt: false,
            sameModel: false,
        });
        expect(compare(moment(shown), result(shown))).toMatchObject({
            samePrompt: true,
            sameModel: true,
        });
    });
});
