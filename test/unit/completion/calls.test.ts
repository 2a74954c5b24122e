/** The log of calls: every outcome leads to the call it came from, and memory is bounded. */

import { describe, expect, it } from "vitest";
import { CallLog } from "../../../src/completion/calls";
import { makeMoment } from "../../../src/completion/moment";
import type {
    CompletionOutcome,
    CompletionRequest,
    Inspection,
} from "../../../src/protocol/completion";
import { answered, document, setUp, suggestion } from "./sessionSetup";

function inspected(outcome: CompletionOutcome, text = "prompt"): CompletionOutcome {
    const inspection: Inspection = {
        model: "m",
        fingerprint: "f",
        layout: "append",
        parts: [{ part: "prefix", text, nTokens: 1 }],
        pieces: [],
        maxPrefixTokens: 10,
        maxSuffixTokens: 4,
        forced: "",
        written: [],
        answer: "",
        stop: "end-of-text",
        kept: 0,
        cuts: [],
    };
    return { ...outcome, inspection };
}

describe("the session's records", () => {
    it("lead to the call that they came from, and hold no prompt themselves", async () => {
        const setup = setUp();
        const { session } = setup;
        await answered(setup, "const a = |", inspected(suggestion("total")));
        const [first] = session.outcomes();
        expect(first?.outcome).not.toHaveProperty("inspection");
        const call = session.call(first?.call ?? 0);
        expect(call?.inspection?.parts[0]?.text).toBe("prompt");
        expect(call?.lane).toBe("keystroke");
        // What is typed through a known answer came from the same call.
        await session.request(document("const a = to|"), { trigger: "automatic" });
        expect(session.outcomes().at(-1)).toMatchObject({
            outcome: { source: "cache", text: "tal" },
            call: first?.call,
        });
    });

    it("lead to the call also of a silence that the model caused, and to none where it was not asked", async () => {
        const setup = setUp();
        const none = { kind: "none", reason: "unsure", stage: "filter" } as const;
        await answered(setup, "const a = |", inspected(none));
        const { session } = setup;
        expect(session.call(session.outcomes()[0]?.call ?? 0)?.inspection).toBeDefined();
        await session.request(document("const a|b"), { trigger: "automatic" });
        expect(session.outcomes()[1]).toMatchObject({ outcome: { reason: "mid-word" } });
        expect(session.outcomes()[1]?.call).toBeUndefined();
    });

    it("never put a prompt into the log", async () => {
        const setup = setUp();
        await answered(setup, "const a = |", inspected(suggestion("total"), "secretOfTheFile"));
        expect(setup.log.length).toBeGreaterThan(0);
        expect(JSON.stringify(setup.log)).not.toContain("secretOfTheFile");
    });
});

describe("CallLog", () => {
    const request = { lane: "keystroke" } as CompletionRequest;
    const { signal } = new AbortController();
    const run = async (log: CallLog, text: string, more = {}) => {
        const outcome = inspected(suggestion("x"), text);
        const { id, engine } = log.next({ complete: () => Promise.resolve(outcome) });
        await engine.complete({ ...request, ...more }, signal, () => undefined);
        return id;
    };

    it("keeps no more characters than it may, the newest ones", async () => {
        const log = new CallLog(10_000);
        const ids: number[] = [];
        for (let i = 0; i < 20; i++) ids.push(await run(log, "x".repeat(2000)));
        expect(ids.filter((id) => log.get(id))).toEqual(ids.slice(-3));
    });

    it("keeps no endless number of calls for small documents", async () => {
        const log = new CallLog(10_000);
        const ids: number[] = [];
        for (let i = 0; i < 50; i++) ids.push(await run(log, ""));
        expect(ids.filter((id) => log.get(id))).toEqual(ids.slice(-10));
    });

    it("counts what went along", async () => {
        const log = new CallLog(10_000);
        const snippets = [{ kind: "import", path: "b.ts", text: "y".repeat(6000) }];
        const first = await run(log, "x", { snippets });
        expect(log.get(first)?.snippets).toEqual(snippets);
        // What was gathered once is there once, whoever shares it.
        for (let i = 0; i < 2; i++) await run(log, "x", { snippets });
        expect(log.get(first)).toBeDefined();
        await run(log, "x".repeat(6000));
        expect(log.get(first)).toBeUndefined();
    });
});

describe("makeMoment", () => {
    const facts = async (text: string) => {
        const setup = setUp();
        await answered(setup, text, inspected(suggestion("total")));
        const [record] = setup.session.outcomes();
        if (!record) throw new Error("no record");
        const call = setup.session.call(record.call ?? 0);
        const { settings } = setup;
        return { document: document(text), settings, record, call, ingot: "1", recorded: "now" };
    };

    it("holds the document, the cursor, what came of it, and says that it does", async () => {
        const moment = makeMoment(await facts("const a = |;\r\n"));
        expect(moment.document).toMatchObject({ text: "const a = ;\n", cursor: 10, isWhole: true });
        expect(moment.note).toMatch(/^Holds code of a\.ts/);
        expect(moment.then.outcome).toMatchObject({ kind: "suggestion", text: "total" });
        expect(moment.model).toEqual({ name: "m", fingerprint: "f" });
        expect(JSON.parse(JSON.stringify(moment))).toMatchObject({ format: "ingot-moment/1" });
    });

    it("keeps of a long document what is sent to the engine", async () => {
        const moment = makeMoment(
            await facts(`${"line\n".repeat(40_000)}|${"end\n".repeat(9000)}`),
        );
        expect(moment.document.isWhole).toBe(false);
        expect(moment.document.text.length).toBeLessThanOrEqual(64_000);
        expect(moment.document.text.slice(moment.document.cursor)).toMatch(/^end\n/);
    });
});
