// The second look at a small model's call: when there is one, whether a call is due, and what is asked only once.
import { describe, expect, it } from "vitest";
import { chooserFor } from "../../../src/engine/toolChooser";
import type { ChatTurn } from "../../../src/engine/chatTurn";
import type { LoadedModel } from "../../../src/engine/loadedModel";
import type { GenerateOptions, GenerateResult } from "../../../src/node/native";
import type { ChatMessage, ChatRequest } from "../../../src/protocol/chat";

const lettersOf = (text: string) => [...text].map((c) => c.codePointAt(0) ?? 0);
const info = { nParameters: 5e8, canTrim: true };

/** One token for each letter; how likely one is depends on what stands before it. */
function fakeModel(probability: (before: string, next: string) => number, more = info) {
    const asked: string[] = [];
    const context = {
        generate: ({ tokens, heldTo }: GenerateOptions, onChunk: (chunk: unknown) => void) => {
            const before = String.fromCodePoint(...tokens);
            asked.push(before);
            const next = String.fromCodePoint(...(heldTo?.numbers.slice(3) ?? []));
            onChunk({ probabilities: [probability(before, next)] });
            return { done: Promise.resolve({ promptTokens: 1 } as GenerateResult), abort: () => 0 };
        },
    };
    const piece = (token: number) => String.fromCodePoint(token);
    const native = { info: more, tokenize: lettersOf, piece };
    return { model: { native, context } as unknown as LoadedModel, asked };
}

const user = (content: string): ChatMessage => ({ role: "user", content });
const tools = ["read", "edit"].map((name) => ({ name, description: "" }));

function chooser(
    model: LoadedModel,
    {
        isRequired = false,
        messages = [user("?")],
        names = tools,
        answerStart = undefined as string | undefined,
    } = {},
) {
    const turn = {
        callable: names,
        isRequired,
        callOpening: "(",
        callStarts: [lettersOf("(")],
        shownTokens: () => [],
    };
    const request = { messages, answerStart } as Partial<ChatRequest> as ChatRequest;
    const spent: GenerateResult[] = [];
    const made = chooserFor(model, request, turn as Partial<ChatTurn> as ChatTurn, {
        lane: { sequence: 0, priority: 1 },
        signal: new AbortController().signal,
        render: (all) => `${all.map(({ content }) => content).join("|")}>`,
        tokenize: lettersOf,
        onSpent: (figures) => spent.push(figures),
    });
    const decide = () => made?.decide("?>", () => Promise.resolve());
    return { isThere: made !== undefined, decide, spent };
}

describe("there is a second look", () => {
    it.each([
        ["at a question to a small model", true, {}, info],
        [
            "not at what follows a tool's result",
            false,
            { messages: [{ role: "tool", content: "" } as const] },
            info,
        ],
        ["not where there is one tool", false, { names: tools.slice(1) }, info],
        ["not where the answer's beginning is given", false, { answerStart: "x" }, info],
        ["not with a large model", false, {}, { ...info, nParameters: 8e9 }],
    ])("%s", (_, isThere, given, more) => {
        expect(chooser(fakeModel(() => 1, more).model, given).isThere).toBe(isThere);
    });
});

describe("what is decided", () => {
    it("is a call where one is likely enough, by one step for each way to begin it", async () => {
        for (const [chance, isCall] of [
            [0.98, true],
            [0.005, false],
        ] as const) {
            const { model, asked } = fakeModel((_, next) => (next === "(" ? chance : 0.5));
            expect(await chooser(model).decide()).toEqual({ isCall, isWords: false });
            expect(asked.filter((before) => before === "?>")).toHaveLength(1);
        }
    });

    it("is the tool where a call is required; the leaning is asked once", async () => {
        const { model, asked } = fakeModel((before, next) => {
            const isNeutral = before.startsWith("N/A");
            if (next === "r") return isNeutral ? 0.98 : 0.6;
            return isNeutral ? 0.02 : 0.4;
        });
        const first = chooser(model, { isRequired: true });
        expect(await first.decide()).toEqual({ isCall: true, tool: "edit" });
        expect(first.spent).toHaveLength(asked.length);
        const second = chooser(model, { isRequired: true });
        expect(await second.decide()).toEqual({ isCall: true, tool: "edit" });
        expect(asked.filter((before) => before.startsWith("N/A"))).toHaveLength(2);
        const others = chooser(model, {
            isRequired: true,
            messages: [{ role: "system", content: "s" }, user("?")],
        });
        await others.decide();
        expect(asked.filter((before) => before.startsWith("s|N/A"))).toHaveLength(2);
    });
});
