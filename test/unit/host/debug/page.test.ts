/** The inspector's page from records alone: every reason has words, everything of a call can be unfolded, nothing is markup by accident. */

import { describe, expect, it } from "vitest";
import type { CallRecord } from "../../../../src/completion/calls";
import type { OutcomeRecord } from "../../../../src/completion/records";
import { REASON_SENTENCE, sentence, STAGE_WORDS } from "../../../../src/completion/words";
import { inspectorPage, PAGE_COMMANDS } from "../../../../src/host/debug/page/page";
import { mendFor } from "../../../../src/host/debug/page/link";
import type {
    CompletionOutcome,
    Inspection,
    NoSuggestionReason,
    Stage,
} from "../../../../src/protocol/completion";

const tokens = { prompt: 12, reused: 300, generated: 3, drafted: 2, accepted: 1 };
const timings = { loadMs: 1, promptMs: 20, generateMs: 60, totalMs: 84 };
const shown: CompletionOutcome = {
    kind: "suggestion",
    text: "return <b>total</b>;",
    source: "model",
    tokens,
    timings,
    confidence: 0.876,
    stop: "scope-end",
};
const inspection: Inspection = {
    model: "coder",
    fingerprint: "0123",
    layout: "append",
    parts: [
        { part: "PRE", text: "<|fim_prefix|>", nTokens: 1 },
        { part: "suffix", text: "\n}</script>\n", nTokens: 4 },
        { part: "prefix", text: 'const a = "<i>";', nTokens: 7 },
    ],
    pieces: [{ kind: "definition", path: "src/price.ts", nTokens: 40 }],
    maxPrefixTokens: 1536,
    maxSuffixTokens: 384,
    forced: "re",
    written: [
        { text: "return", probability: 0.97 },
        { text: " <b>", probability: 0.31 },
        { text: "\n", probability: 0.04 },
    ],
    answer: "turn <b>total</b>;\n}",
    stop: "scope-end",
    kept: 18,
    cuts: [{ filter: "closers", length: 16 }],
};
const call: CallRecord = { id: 7, lane: "ahead", outcome: shown, inspection, snippets: [] };

let nextId = 1;
function record(outcome: CompletionOutcome, more: Partial<OutcomeRecord> = {}): OutcomeRecord {
    return {
        id: nextId++,
        atMs: 0,
        totalMs: 81.7,
        uri: "file:///src/a.ts",
        path: "src/a.ts",
        languageId: "typescript",
        version: 1,
        position: { line: 11, character: 4 },
        trigger: "automatic",
        outcome,
        ...more,
    };
}
const silent = (reason: NoSuggestionReason, stage: Stage = "filter") =>
    record({ kind: "none", reason, stage });

function page(records: OutcomeRecord[], calls: CallRecord[] = [], more = {}): string {
    return inspectorPage({
        place: { path: "src/a.ts", languageId: "typescript", gate: undefined, isServed: true },
        records,
        call: (id) => calls.find((one) => one.id === id),
        time: (atMs) => `at ${atMs}`,
        now: "12:00:00",
        cspSource: "https://host",
        styles: ["https://host/page.css", "https://host/inspector.css"],
        ...more,
    });
}

/** What a person reads. */
function textOf(html: string): string {
    return html
        .replace(/<[^>]*>/g, "")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&quot;", '"')
        .replaceAll("&amp;", "&")
        .replace(/\s+/g, " ");
}

describe("the page", () => {
    const reasons = Object.keys(REASON_SENTENCE) as NoSuggestionReason[];

    it.each(reasons)("says %s in a sentence, with the stage", (reason) => {
        for (const stage of Object.keys(STAGE_WORDS) as Stage[]) {
            const text = textOf(page([silent(reason, stage)]));
            const words = sentence(REASON_SENTENCE[reason]);
            expect(text).toContain(`${words} It ended ${STAGE_WORDS[stage]}.`);
            expect(words).toMatch(/^[A-Z].{15,}[^.](\.|\.\.\.)$/);
        }
    });

    it("offers what mends a reason, for the language it is about, with commands it may run", () => {
        for (const reason of reasons) {
            const mend = mendFor(reason, "python");
            if (mend) expect(PAGE_COMMANDS).toContain(mend.command);
        }
        const html = page([record({ kind: "none", reason: "language-off", stage: "gate" })]);
        const argument = encodeURIComponent(JSON.stringify(["typescript"]));
        expect(html).toContain(`command:ingot.toggleCompletionsForLanguage?${argument}`);
        expect(page([silent("no-model", "gate")])).toContain('"command:ingot.selectModel"');
    });

    it("lists the newest request first, with place, time and milliseconds", () => {
        const records = [
            record(shown, { atMs: 1 }),
            silent("unsure"),
            record(shown, { atMs: 3, path: "src/b.ts" }),
        ];
        const text = textOf(page(records));
        expect(text).toContain("The last 3 requests, newest first");
        expect(text).toContain("2 suggested, 0 typed over, 1 silent");
        expect(text.indexOf("src/b.ts:12:5")).toBeLessThan(text.indexOf("src/a.ts:12:5"));
        expect(text).toMatch(/at 3 Suggested: return <b>total<\/b>; src\/b\.ts:12:5 82 ms/);
    });

    it("folds requests that typing overtook into one line each file, and keeps each of them", () => {
        const over = { kind: "none", reason: "superseded", stage: "debounce" } as const;
        const html = page([
            record(over, { path: "src/b.ts" }),
            record(shown),
            ...[1, 2, 3].map(() => record(over)),
        ]);
        const text = textOf(html);
        expect(text).toMatch(/3 typed over src\/a\.ts/);
        expect(text).not.toMatch(/1 typed over src/);
        expect(html.split(REASON_SENTENCE.superseded).length - 1).toBe(8);
    });

    it("unfolds the prompt by parts with their budget, the tokens, the stop rule and the cuts", () => {
        const text = textOf(page([record(shown, { call: 7 })], [call]));
        for (const part of [
            "Prompt: 12 tokens",
            "before the cursor 7 1536",
            "after the cursor 4 384",
            'const a = "<i>";',
            "had to begin with it: re",
            "return97 <b>31⏎4",
            "The answer ended where its line or block is complete",
            "18 of 20 characters counted",
            "Taken off: closers that are right of the cursor already; 16 characters left.",
            "return <b>total</b>; }",
            "12 read, 300 reused, 3 generated; 1 of 2 drafted ones were right",
            "waiting 3 ms, loading 1 ms, reading 20 ms, writing 60 ms",
            "Confidence 88 %",
            "7, made before anybody asked",
        ])
            expect(text).toContain(part);
    });

    it("cuts a long place and a long suggestion in the line, and has all of them under it", () => {
        const path = `${"folder/".repeat(20)}last.ts`;
        const text = textOf(page([record({ ...shown, text: "y".repeat(300) }, { path })]));
        expect(text).toMatch(/Suggested: y{80}\u2026 \u2026\S*folder\/last\.ts:12:5 82 ms/);
        expect(text).toContain(`Place ${path}:12:5`);
    });

    it("loses no line break at the beginning of a text", () => {
        const html = page([record(shown, { call: 7 })], [call]);
        expect(html).toContain(">\n\n}&lt;/script&gt;\n</pre>");
    });

    it("shows the call of an answer that was known, and what of it was left", () => {
        const zero = { prompt: 0, reused: 0, generated: 0 };
        const known = { ...shown, text: "total;", source: "cache" as const, tokens: zero };
        const text = textOf(page([record(known, { call: 7 })], [call]));
        expect(text).toContain("Suggested (known): total;");
        expect(text).toContain("what was typed since is taken off its answer");
        expect(text).toContain("12 read, 300 reused");
    });

    it("lists what of other files is in the prompt, and what was offered, by rank", () => {
        const snippets = [
            { kind: "definition" as const, path: "src/price.ts", text: "export <T>" },
            { kind: "related" as const, path: "src/tax.ts", text: "tax" },
        ];
        const text = textOf(page([record(shown, { call: 7 })], [{ ...call, snippets }]));
        expect(text).toContain("Other files: 1 piece in the prompt, 2 offered");
        expect(text).toMatch(/src\/price\.ts definition 40/);
        expect(text).toContain("Rank 1: src/price.ts, definition export <T>");
        expect(text).toContain("Rank 2: src/tax.ts, related, left out tax");
    });

    it("says why there is no prompt", () => {
        expect(textOf(page([silent("mid-word", "gate")]))).toContain("The model was not asked.");
        const gone = record(shown, { call: 9 });
        expect(textOf(page([gone]))).toContain("What the model was sent is no longer kept.");
    });

    it("claims no figures for a part of an answer while the rest is written", () => {
        const zero = { prompt: 0, reused: 0, generated: 0 };
        const none = { loadMs: 0, promptMs: 0, generateMs: 0, totalMs: 0 };
        const part = { ...shown, tokens: zero, timings: none, confidence: 1 };
        const text = textOf(page([record(part, { call: 9 })]));
        expect(text).toContain("The call went on after this part of its answer.");
        for (const figure of ["Time of the call", "Confidence", "no longer kept"])
            expect(text).not.toContain(figure);
        expect(textOf(page([record(part, { call: 7 })], [call]))).toContain("Confidence 88 %");
    });

    it("escapes all text, runs nothing and loads only its style", () => {
        const hostile = '"><img src=x onerror=alert(1)>';
        const html = page(
            [
                record({ ...shown, text: hostile }, { call: 7, path: hostile }),
                record({ kind: "none", reason: "model-failed", stage: "load", detail: hostile }),
            ],
            [{ ...call, inspection: { ...inspection, answer: hostile, forced: hostile } }],
        );
        expect(html).not.toContain("<img");
        expect(html).not.toContain("<script");
        expect(html).toContain("default-src 'none'; style-src https://host;");
        expect([...html.matchAll(/ (?:src|href)="([^"]*)"/g)].map((match) => match[1])).toEqual(
            expect.arrayContaining(["https://host/page.css", "https://host/inspector.css"]),
        );
        for (const [, address] of html.matchAll(/ (?:src|href)="([^"]*)"/g))
            expect(address).toMatch(/^(command:ingot\.|https:\/\/host\/(?:page|inspector)\.css$)/);
    });

    it("is of use when there was no request yet", () => {
        const text = textOf(page([]));
        expect(text).toContain("Nothing was asked in this file yet");
        expect(text).toContain("No request was made yet.");
    });
});
