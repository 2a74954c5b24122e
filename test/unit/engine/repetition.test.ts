// Calls in which a model repeats itself: what is kept, how it is closed, and when there is no way out.
import { describe, expect, it } from "vitest";
import { writeWithoutRepetition, type Resumed } from "../../../src/engine/repetition";
import type { GenerateResult, HeldTo } from "../../../src/node/native";
import { GENERIC } from "../../../src/tools/forms";
import { CallParser } from "../../../src/tools/callParser";

/** One token for each character. */
const codes = (text: string) => [...text].map((c) => c.codePointAt(0) ?? 0);
const model = (endOf: (text: string) => string | undefined) => ({
    tokenize: codes,
    detokenize: (tokens: number[]) => String.fromCodePoint(...tokens),
    shortestEnds: (_: HeldTo, pieces: readonly string[]) =>
        pieces.map((_piece, i) => endOf(pieces.slice(0, i + 1).join(""))),
});
const heldTo = { numbers: [], root: 0 };

/** An answer that came in these parts; the repeated ones end with `nRepeated` characters too many. */
async function answer(
    parts: { text: string; nRepeated?: number }[],
    endOf: (text: string) => string | undefined = () => '"}}',
    maxTokens = 1000,
) {
    const parser = new CallParser(GENERIC, new Set(["f"]));
    const calls: unknown[] = [];
    const asked: (Resumed | undefined)[] = [];
    const take = (found: ReturnType<CallParser["push"]>) =>
        calls.push(...found.flatMap((part) => (part.kind === "call" ? [part.call.arguments] : [])));
    const call = {
        openString: (n: number) => parser.openString(n),
        falseEnd: () => parser.falseEnd(),
        rewrite: (n: number, text: string) => void take(parser.rewrite(n, text)),
    };
    const write = async (resumed?: Resumed) => {
        const { text, nRepeated } = parts[asked.length]!;
        asked.push(resumed);
        take(parser.push(text));
        const stop = nRepeated === undefined ? "end-of-generation" : "repetition";
        return {
            text,
            tokens: codes(text),
            stop: parser.falseEnd() === undefined ? stop : "aborted",
            repeatedTokens: nRepeated,
        } as GenerateResult;
    };
    const found = await writeWithoutRepetition(model(endOf), call, { maxTokens, heldTo }, write);
    take(parser.finish());
    return { ...found, calls, asked, isBroken: parser.isBroken };
}

const head = '{"name": "f", "arguments": {';

describe("a call that goes round in circles", () => {
    it("keeps a string's first time, and the model writes the rest", async () => {
        const { calls, result, repeatedTokens, asked } = await answer([
            { text: `${head}"a": "x${"01".repeat(20)}`, nRepeated: 38 },
            { text: ', "b": 2}}' },
        ]);
        expect(calls).toEqual([{ a: "x01", b: 2 }]);
        expect(result.text).toBe(`${head}"a": "x01", "b": 2}}`);
        expect(repeatedTokens).toBe(38);
        const written = `${head}"a": "x01"`;
        expect(asked[1]).toEqual({
            tokens: codes(written),
            maxTokens: 1000 - written.length,
            heldTo: { ...heldTo, written },
        });
    });

    it("closes a list where the grammar allows it", async () => {
        const endOf = (text: string) => (/\d$/.test(text) ? "]}}" : "0]}}");
        const { calls } = await answer(
            [{ text: `${head}"a": [3${",37".repeat(30)}`, nRepeated: 87 }, { text: "}}" }],
            endOf,
        );
        expect(calls).toEqual([{ a: [3, 37] }]);
    });

    it("closes a list of strings behind one of them", async () => {
        const { calls } = await answer(
            [{ text: `${head}"a": ["${'bc", "'.repeat(30)}`, nRepeated: 174 }, { text: "}}" }],
            (text) => (text.endsWith('"') ? "]}}" : '""]}}'),
        );
        expect(calls).toEqual([{ a: ["bc", "bc"] }]);
    });

    it("closes with what is needed where nothing else would do", async () => {
        const { calls } = await answer(
            [{ text: `${head}"a": "x${"01".repeat(20)}`, nRepeated: 38 }, { text: "}}" }],
            () => 'a\\"b", "c": [1]}}',
        );
        expect(calls).toEqual([{ a: 'x01a"b' }]);
        const list = await answer(
            [{ text: `${head}"a": [3${",37".repeat(30)}`, nRepeated: 87 }, { text: "}}" }],
            () => ', "]", null], "b": {}}}',
        );
        expect(list.calls).toEqual([{ a: [3, 37, "]", null] }]);
    });

    it("may do so more than once", async () => {
        const { calls, repeatedTokens } = await answer([
            { text: `${head}"a": "${"0".repeat(9)}`, nRepeated: 8 },
            { text: `, "b": "${"1".repeat(9)}`, nRepeated: 8 },
            { text: "}}" },
        ]);
        expect(calls).toEqual([{ a: "0", b: "1" }]);
        expect(repeatedTokens).toBe(16);
    });

    it.each(['\\"}}</tool_call> and so on', '\\" ] }}</tool_call>\\n{\\"name\\"'])(
        "ends a string in front of the call's end %j",
        async (falseEnd) => {
            const { calls, asked, repeatedTokens, result } = await answer([
                { text: `<tool_call>${head}"a": "b${falseEnd}` },
                { text: ', "c": "</tool_call>"}}</tool_call>' },
            ]);
            expect(calls).toEqual([{ a: "b", c: "</tool_call>" }]);
            expect(asked[1]?.heldTo.written).toBe(`<tool_call>${head}"a": "b"`);
            expect(repeatedTokens).toBe(0);
            expect(result.text).toMatch(/^<tool_call>.*: "b", "c": .*<\/tool_call>$/);
        },
    );

    it("is whole where a string has the mark of the call's end behind a bracket of its own", async () => {
        const text = `<tool_call>${head}"a": "x = [1]</tool_call> and more"}}</tool_call>`;
        const { calls, asked } = await answer([{ text }]);
        expect(calls).toEqual([{ a: "x = [1]</tool_call> and more" }]);
        expect(asked).toHaveLength(1);
    });

    it("is none where nothing may be closed, and where it never ends", async () => {
        const circle = { text: `${head}"a": "${"0".repeat(9)}`, nRepeated: 8 };
        const shut = await answer([circle], () => undefined);
        expect(shut).toMatchObject({ calls: [], isBroken: false, repeatedTokens: 0 });
        expect(shut.asked).toHaveLength(1);
        expect(shut.result.stop).toBe("repetition");
        const more = { text: `, "b": "${"1".repeat(9)}`, nRepeated: 8 };
        const endless = await answer([circle, more, more, more, more]);
        expect(endless.asked).toHaveLength(5);
        expect(endless.calls).toEqual([]);
    });

    it("is left alone in text, and when no tokens are left", async () => {
        const text = { text: "0".repeat(9), nRepeated: 8 };
        expect((await answer([text])).asked).toHaveLength(1);
        const circle = { text: `${head}"a": "${"0".repeat(9)}`, nRepeated: 8 };
        expect((await answer([circle], undefined, 20)).asked).toHaveLength(1);
    });
});
