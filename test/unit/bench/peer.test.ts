/** llama.vscode as the bench restates it: requests, cache, prefetch, what is not shown. */

import { describe, expect, it } from "vitest";
import { Provider, type InfillBody } from "../../../bench/peer/provider.mjs";

const TOKENS = { promptTokens: 1, reusedTokens: 0, generatedTokens: 1 };

/** The provider with a server that answers from a list; `|` marks the cursor. */
function llamaVscode(answers: string[][], alternatives = 1) {
    const calls: { kind: string; body: InfillBody }[] = [];
    const waiting: Promise<void>[] = [];
    const provider = new Provider({
        ring: { extra: [], lastCompletionMs: 0, pickNear: () => undefined },
        call: async (kind, body) => {
            calls.push({ kind, body });
            return { texts: answers[calls.length - 1] ?? [""], tokens: TOKENS };
        },
        alternatives,
        predictMs: 500,
        later: (work) => waiting.push(work()),
        delay: () => Promise.resolve(),
    });
    const ask = async (marked: string, isCancelled = () => false) => {
        const offset = marked.indexOf("|");
        const document = { text: marked.replace("|", "") };
        const request = { id: 1, document, offset, isAutomatic: true, isCancelled, now: () => 0 };
        const answer = await provider.provide(request);
        await Promise.all(waiting.splice(0));
        return answer;
    };
    return { calls, ask };
}

describe("llama.vscode's provider", () => {
    it("sends the lines around the cursor and what stands before it on its line", async () => {
        const { calls, ask } = llamaVscode([["x"]], 3);
        await ask("a\n  b|\nc\nd");
        expect(calls[0]?.body).toMatchObject({
            input_prefix: "a\n",
            input_suffix: "\nc\nd\n",
            prompt: "  b",
            n_cmpl: 3,
            n_indent: 2,
            n_predict: 128,
            t_max_predict_ms: 500,
        });
        const many = Array.from({ length: 400 }, (_, i) => `line ${i}`);
        many[300] += "|";
        await ask(many.join("\n"));
        const { body } = calls[2]!;
        expect(body.input_prefix.split("\n")).toHaveLength(257);
        expect(body.input_suffix.split("\n")).toHaveLength(66);
    });

    it("does not send a line's indentation, and takes it off the answer", async () => {
        const { calls, ask } = llamaVscode([["    b()"]]);
        expect((await ask("a\n  |\nc")).text).toBe("  b()");
        expect(calls[0]?.body.prompt).toBe("");
    });

    it("answers from its cache while the line agrees, and prefetches what follows", async () => {
        const { calls, ask } = llamaVscode([["foo\n  bar"], ["baz"]]);
        expect(await ask("a\n|")).toMatchObject({ text: "foo\n  bar", source: "model" });
        expect(calls.map(({ kind }) => kind)).toEqual(["completion", "speculation"]);
        expect(calls[1]?.body).toMatchObject({ input_prefix: "a\nfoo\n", prompt: "  bar" });
        expect(await ask("a\nfo|")).toMatchObject({ text: "o\n  bar", source: "cache" });
        expect(await ask("a\nfoo\n|")).toMatchObject({ text: "  bar", source: "cache" });
        expect(await ask("a\nfoo\n  bar|")).toMatchObject({ text: "baz", source: "cache" });
        expect(await ask("a\nx|")).not.toMatchObject({ source: "cache" });
    });

    it("throws away what it prefetched when it asked for alternatives", async () => {
        const { calls, ask } = llamaVscode([["foo", "bar"], ["baz", "qux"], ["new"]], 3);
        await ask("a\n|");
        expect(calls.map(({ kind }) => kind)).toEqual(["completion", "speculation"]);
        // What is left of the suggestion is nothing, and that is the answer.
        expect((await ask("a\nfoo|")).text).toBeUndefined();
        expect(calls).toHaveLength(2);
    });

    it.each([
        ["blank", "a|\nb", "  "],
        ["the next line", "a\n|\nfoo\nb", "foo"],
        ["the next two lines", "a\n|\nfoo\nbar", "foo\nbar"],
    ])("shows nothing that is %s", async (_title, marked, answer) => {
        const { ask } = llamaVscode([[answer]]);
        expect((await ask(marked)).text).toBeUndefined();
    });

    it("asks nothing with more than 8 characters after the cursor, and cuts what stands there", async () => {
        const { calls, ask } = llamaVscode([["x, y)"], ["x\ny"]]);
        expect((await ask("f(|123456789")).text).toBeUndefined();
        expect(calls).toEqual([]);
        expect((await ask("f(|)\nb")).text).toBe("x, y");
        expect((await ask("g(|)\nb")).text).toBe("x");
    });

    it("asks one at a time in steps of 150 ms, and aborts nothing", async () => {
        const finish: ((text: string) => void)[] = [];
        const waits: { ms: number; go: () => void }[] = [];
        const provider = new Provider({
            ring: { extra: [], lastCompletionMs: 0, pickNear: () => undefined },
            call: () =>
                new Promise((resolve) => {
                    finish.push((text) => resolve({ texts: [text], tokens: TOKENS }));
                }),
            alternatives: 1,
            predictMs: 500,
            later: () => undefined,
            delay: (ms) => new Promise((go) => waits.push({ ms, go })),
        });
        const wanted = new Set([1, 2, 3]);
        const request = (id: number, text: string) =>
            provider.provide({
                id,
                document: { text },
                offset: text.length,
                isAutomatic: true,
                isCancelled: () => !wanted.has(id),
                now: () => 0,
            });
        const first = request(1, "a");
        wanted.delete(1);
        const second = request(2, "ab");
        wanted.delete(2);
        waits[0]?.go();
        expect(await second).toEqual({ reason: "cancelled" });
        const third = request(3, "abc");
        expect(finish).toHaveLength(1);
        finish[0]?.("bcd");
        expect(await first).toMatchObject({ text: "bcd", source: "model" });
        waits[1]?.go();
        expect(await third).toMatchObject({ text: "d", source: "cache" });
        expect(waits.map(({ ms }) => ms)).toEqual([150, 150]);
    });
});
