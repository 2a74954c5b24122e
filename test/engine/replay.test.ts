/** Recorded typing and recorded moments, asked again through the same session: nothing is left unexplained. Counts, never times. */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../src/base/log";
import type { CallRecord } from "../../src/completion/calls";
import { realClock } from "../../src/completion/clock";
import { makeMoment, type Moment } from "../../src/completion/moment";
import type { OutcomeRecord } from "../../src/completion/records";
import { CompletionSession } from "../../src/completion/session";
import { inspectorPage } from "../../src/host/debug/page/page";
import { ROOT, STARTER, startEngine, type TestEngine } from "../support/engineProcess";

interface Run {
    code: number | null;
    out: string;
    err: string;
}
interface Result {
    record: OutcomeRecord;
    call?: CallRecord;
    words: string;
}

let home: string;
beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "ingot-replay-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function replay(...args: string[]): Promise<Run> {
    return new Promise((resolve) => {
        const child = spawn(
            process.execPath,
            [join(ROOT, "bench", "main.mjs"), "replay", ...args, "--model", STARTER],
            { env: { ...process.env, INGOT_HOME: home } },
        );
        const run: Run = { code: null, out: "", err: "" };
        child.stdout.on("data", (data: Buffer) => (run.out += data.toString()));
        child.stderr.on("data", (data: Buffer) => (run.err += data.toString()));
        child.on("close", (code) => resolve({ ...run, code }));
    });
}

describe("a recorded session", () => {
    it.each(["js-balanced-pool", "py-h11-readers"])(
        "%s is explained request by request, and so is its page",
        async (name) => {
            const trace = join(ROOT, "test", "support", "traces", `${name}.json`);
            const json = join(home, `${name}.json`);
            const { code, out, err } = await replay(trace, "--limit-events", "120", "--json", json);
            expect({ code, err }, out).toEqual({ code: 0, err: "" });
            const { replayed } = JSON.parse(readFileSync(json, "utf8")) as {
                replayed: { trace: { results: Result[]; unexplained: unknown[] } }[];
            };
            const { results, unexplained } = replayed[0]!.trace;
            expect(unexplained).toEqual([]);
            expect(results.length).toBeGreaterThan(80);
            const asked = results.filter(({ call }) => call);
            expect(asked.length).toBeGreaterThan(20);
            const html = inspectorPage({
                place: { path: undefined, gate: undefined, isServed: false },
                records: results.map(({ record }) => record),
                call: (id) => results.find(({ call }) => call?.id === id)?.call,
                time: String,
                now: "",
                cspSource: "",
                styles: [],
            });
            expect(html.split("<summary>Prompt: ").length - 1).toBe(asked.length);
            expect(html.split("no longer kept").length - 1).toBe(0);
        },
        120_000,
    );
});

describe("a recorded moment", () => {
    let engine: TestEngine;
    let moment: Moment;

    beforeAll(async () => {
        engine = await startEngine();
        const piece = {
            kind: "definition" as const,
            path: "src/price.ts",
            text: "export interface Price {\n    amount: number;\n    currency: string;\n    taxed: boolean;\n}\n",
        };
        const settings = {
            enabled: true,
            snoozed: false,
            languages: {},
            maxLines: 4,
            maxTokens: 32,
            debounceMs: 0,
        };
        const session = new CompletionSession({
            engine: engine.client,
            clock: realClock,
            log: silentLog,
            settings: () => settings,
            context: { gather: () => Promise.resolve([piece]) },
            prompt: { maxPieceTokens: 200 },
        });
        const document = {
            uri: "file:///sum.ts",
            path: "sum.ts",
            languageId: "typescript",
            version: 1,
            prefix: "export function sum(values: number[]): number {\n    let total = 0;\n    retu",
            suffix: "\n}\n",
        };
        await session.request(document, { trigger: "automatic" });
        const record = session.outcomes()[0]!;
        const call = session.call(record.call!);
        moment = makeMoment({ document, settings, record, call, ingot: "0", recorded: "now" });
    });
    afterAll(() => engine.dispose());

    const written = (name: string, value: unknown) => {
        const path = join(home, name);
        writeFileSync(path, JSON.stringify(value));
        return path;
    };

    it("holds the prompt by parts and the probability of each token", () => {
        const { inspection, outcome } = moment.call!;
        const { prompt = 0, reused = 0, generated } = outcome.tokens ?? {};
        const nTokens = inspection!.parts.reduce((sum, part) => sum + part.nTokens, 0);
        expect(nTokens).toBe(prompt + reused);
        expect(inspection!.parts.map(({ part }) => part)).toEqual(
            expect.arrayContaining(["PRE", "suffix", "MID", "prefix"]),
        );
        expect(inspection!.pieces).toMatchObject([{ kind: "definition", path: "src/price.ts" }]);
        expect(inspection!.written).toHaveLength(generated!);
        for (const { probability } of inspection!.written) {
            expect(probability).toBeGreaterThan(0);
            expect(probability).toBeLessThanOrEqual(1);
        }
        // Token healing: what was taken back and what was written since begin alike.
        const text = inspection!.written.map((token) => token.text).join("");
        expect(inspection!.forced).not.toBe("");
        expect(text.startsWith(inspection!.forced)).toBe(true);
        expect(inspection!.forced + inspection!.answer).toContain(text.slice(0, 8));
    });

    it("ends as it did, with the same prompt and model", async () => {
        const json = join(home, "same.json.out");
        const file = written("same.json", moment);
        const { code, out, err } = await replay(file, "--expect-same", "--json", json);
        expect({ code, err }, out).toEqual({ code: 0, err: "" });
        const { replayed } = JSON.parse(readFileSync(json, "utf8")) as {
            replayed: { moment: Record<string, unknown> }[];
        };
        expect(replayed[0]?.moment).toMatchObject({
            isSame: true,
            samePrompt: true,
            sameModel: true,
        });
    });

    it("that ends otherwise is told, and fails where the same is expected", async () => {
        const outcome = { kind: "none", reason: "repetition", stage: "filter" };
        const other = { ...moment, then: { ...moment.then, outcome } };
        const file = written("other.json", other);
        const lenient = await replay(file);
        expect(lenient.code, lenient.err).toBe(0);
        expect(lenient.out).toContain("other.json: DIFFERENT\n  then  repetition (filter)");
        expect((await replay(file, "--expect-same")).code).toBe(1);
    });

    it("is asked with its own settings", async () => {
        const settings = { ...moment.settings, languages: { typescript: false } };
        const outcome = { kind: "none", reason: "language-off", stage: "gate" };
        const off = { ...moment, settings, call: undefined, then: { outcome, totalMs: 0 } };
        const { code, out } = await replay(written("off.json", off), "--expect-same");
        expect(code, out).toBe(0);
        expect(out).toContain("now   language-off (gate)");
    });

    it("of a form that nobody knows is refused with a sentence", async () => {
        const { code, err } = await replay(written("strange.json", { format: "x" }));
        expect(code).toBe(2);
        expect(err).toMatch(/^replay: the format is x/);
    });
});
