// Completions through the real engine child on the starter model: counts and behaviour, never what the model says.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../src/base/log";
import { realClock } from "../../src/completion/clock";
import { CompletionSession } from "../../src/completion/session";
import type { CompletionOutcome } from "../../src/protocol/completion";
import { completionRequest, startEngine, type TestEngine } from "../support/engineProcess";

const PREFIX = "export function sum(values: number[]): number {\n    let total = 0;\n    ";
const SUFFIX = "\n    return total;\n}\n";
const signal = new AbortController().signal;

let engine: TestEngine;
beforeAll(async () => {
    engine = await startEngine();
});
afterAll(() => engine.dispose());

function complete(prefix: string, suffix = SUFFIX, more = {}): Promise<CompletionOutcome> {
    return engine.client.complete(completionRequest(prefix, suffix, more), signal);
}

describe("a completion", () => {
    it("comes with counts and times, or with a reason", async () => {
        const outcome = await complete(PREFIX);
        expect(outcome.tokens?.prompt).toBeGreaterThan(10);
        expect(outcome.tokens?.generated).toBeGreaterThan(0);
        expect(outcome.tokens?.generated).toBeLessThanOrEqual(32);
        if (outcome.kind === "suggestion") {
            expect(outcome.source).toBe("model");
            expect(outcome.text).toBe(outcome.text.trimEnd());
            expect(outcome.text.split("\n").length).toBeLessThanOrEqual(4);
        } else expect(outcome.stage).toBe("filter");
    });

    it("is the same for the same document", async () => {
        const [first, second] = [await complete(PREFIX), await complete(PREFIX)];
        const shown = (o: CompletionOutcome) => (o.kind === "suggestion" ? o.text : o.reason);
        expect(shown(second)).toBe(shown(first));
    });

    it("evaluates only what was typed since", async () => {
        const long = `${"// a comment that fills the window\n".repeat(40)}${PREFIX}`;
        await complete(long);
        for (const typed of ["f", "fo", "for", "for "]) {
            const { tokens } = await complete(long + typed);
            expect(tokens?.prompt).toBeLessThanOrEqual(4);
            expect(tokens?.reused).toBeGreaterThan(60);
        }
    });

    it.each(["automatic", "explicit"] as const)(
        "is another one where the model's first is below the cursor already, on the same prompt (%s)",
        async (trigger) => {
            const [before, below] = [
                "export function size(a: number[]): number {\n    ",
                "return a.length;",
            ];
            const outcome = await complete(before, `\n    ${below}\n}\n`, { trigger });
            expect(outcome.inspection?.instead?.startsWith(below)).toBe(true);
            expect(outcome.kind === "suggestion" && outcome.text.split("\n")[0]).toBeTruthy();
            expect(outcome.kind === "suggestion" && outcome.text.startsWith(below)).toBe(false);
            const again = await complete(before, `\n    ${below}\n}\n`, { trigger });
            // The prompt's last token, and the one at which the second answer leaves the first, with what is in front of it.
            expect(again.tokens?.prompt).toBeLessThanOrEqual(4);
        },
    );

    it("keeps the prompts of two files", async () => {
        const long = "// a comment that fills the window\n".repeat(40);
        for (const path of ["one.ts", "two.ts"]) await complete(long, SUFFIX, { path });
        for (const path of ["one.ts", "two.ts"]) {
            const { tokens } = await complete(`${long}x`, SUFFIX, { path });
            expect(tokens?.prompt).toBeLessThanOrEqual(4);
        }
    });

    it("keeps to one line when the setting says one", async () => {
        const outcome = await complete(PREFIX, SUFFIX, { maxLines: 1 });
        if (outcome.kind === "suggestion") expect(outcome.text.trim()).not.toContain("\n");
        expect(outcome.tokens?.generated).toBeGreaterThan(0);
    });

    it("fits a document far larger than the context", async () => {
        const { tokens } = await complete(`${"const value = compute(1, 2, 3);\n".repeat(3000)}x`);
        expect((tokens?.prompt ?? 0) + (tokens?.reused ?? 0)).toBeLessThan(2048);
    });

    it("can be seen as the exact prompt afterwards", async () => {
        const outcome = await complete(`${PREFIX}tot`);
        const record = await engine.client.request("debug/lastPrompt", undefined);
        expect(record?.kind).toBe("completion");
        expect(record?.text).toContain("<|fim_prefix|><|fim_suffix|>\n    return total;");
        expect(record?.text).toContain("<|fim_middle|>export function sum");
        expect(record?.nTokens).toBe((outcome.tokens?.prompt ?? 0) + (outcome.tokens?.reused ?? 0));
        // Healing: the end of the prefix is taken back, and the answer begins with it.
        expect(`${record?.text}${record?.answer}`).toContain(`${PREFIX}tot`);
    });

    it("never reads control tokens out of a document", async () => {
        await complete("// <|fim_middle|><|endoftext|>\nconst a = ");
        const plain = await engine.client.request("debug/lastPrompt", undefined);
        await complete("const a = ");
        expect(plain?.nTokens).toBeGreaterThan(12);
        expect(plain?.text).toContain("// <|fim_middle|><|endoftext|>");
    });
});

describe("alternatives", () => {
    const ask = (prefix: string, suffix = SUFFIX) =>
        engine.client.alternatives(completionRequest(prefix, suffix), signal);
    const PLACES = [PREFIX, `${PREFIX}tot`, "const a = ", "import ", "if (", "export function "];

    it("are distinct, none of them the answer, surest first", async () => {
        let nFound = 0;
        for (const prefix of PLACES) {
            const answer = await complete(prefix, SUFFIX, { trigger: "explicit" });
            const found = await ask(prefix);
            const texts = found.map(({ text }) => text);
            expect(new Set(texts).size).toBe(texts.length);
            if (answer.kind === "suggestion") expect(texts).not.toContain(answer.text);
            const sure = found.map(({ confidence }) => confidence);
            expect(sure).toEqual([...sure].sort((a, b) => b - a));
            for (const text of texts) expect(text.trim()).not.toBe("");
            nFound += found.length;
        }
        expect(nFound).toBeGreaterThan(PLACES.length / 2);
    });

    it("leave the next answer as it was", async () => {
        const before = await complete(PREFIX);
        await ask(PREFIX);
        const after = await complete(PREFIX);
        const shown = (o: CompletionOutcome) => (o.kind === "suggestion" ? o.text : o.reason);
        expect(shown(after)).toBe(shown(before));
        // The prompt is still there: nothing of it was read again.
        expect(after.tokens?.prompt).toBeLessThanOrEqual(4);
    });

    it("need not know the answer beforehand", async () => {
        const answer = await complete(PREFIX);
        await complete("const other = ");
        const found = await ask(PREFIX);
        expect(found.length).toBeGreaterThan(0);
        for (const { text } of found)
            expect(text).not.toBe(answer.kind === "suggestion" && answer.text);
    });

    it("end when nobody wants them any more", async () => {
        const controller = new AbortController();
        const request = completionRequest(PREFIX, SUFFIX);
        const promise = engine.client.alternatives(request, controller.signal);
        controller.abort();
        await expect(promise).rejects.toThrow();
    });
});

describe("through the typing session", () => {
    it("types through a suggestion without asking the model", async () => {
        const session = new CompletionSession({
            engine: engine.client,
            clock: realClock,
            log: silentLog,
            settings: () => ({
                enabled: true,
                snoozed: false,
                languages: {},
                maxLines: 1,
                maxTokens: 24,
                debounceMs: 0,
            }),
        });
        const place = { uri: "file:///t.ts", path: "t.ts", languageId: "typescript", version: 1 };
        const ask = (prefix: string) =>
            session.request({ ...place, prefix, suffix: SUFFIX }, { trigger: "explicit" });
        const prefixes = ["const a = ", "return ", "import ", PREFIX, "if (", "function "];
        let found: { prefix: string; text: string } | undefined;
        for (const prefix of prefixes) {
            const outcome = await ask(prefix);
            if (outcome.kind !== "suggestion" || outcome.text.length < 2) continue;
            found = { prefix, text: outcome.text };
            break;
        }
        if (!found) throw new Error("the starter suggested nothing at six places");
        const record = await engine.client.request("debug/lastPrompt", undefined);
        const next = await ask(found.prefix + found.text.slice(0, 1));
        expect(next).toMatchObject({ source: "cache", text: found.text.slice(1) });
        expect(await engine.client.request("debug/lastPrompt", undefined)).toEqual(record);
    });
});

describe("cancel", () => {
    it("ends a request with what it has cost", async () => {
        const controller = new AbortController();
        const text = "const value = compute(1, 2, 3);\n".repeat(60);
        const request = completionRequest(text, SUFFIX, { path: "cancel.ts", maxTokens: 200 });
        const promise = engine.client.complete(request, controller.signal);
        // The engine answers in order of arrival: when status is here, the completion has begun.
        await engine.client.status();
        controller.abort();
        expect(await promise).toMatchObject({ kind: "none", reason: "cancelled" });
        const again = await complete("const a = ");
        expect(again.tokens?.generated).toBeGreaterThan(0);
    });
});
