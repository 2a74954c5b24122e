// One question to the engine: a context that is too long, a stop, reasoning.
import { describe, expect, it } from "vitest";
import { AppError, isCancelled } from "../../../../src/base/errors";
import { ask, type Asker, type Question } from "../../../../src/host/slash/ask";
import type { ChatRequest, ChatResult } from "../../../../src/protocol/chat";
import { CHAT_RESULT } from "../../../support/chatResult";

const question: Question = {
    conversation: "c",
    maxTokens: 5000,
    temperature: 0,
    seed: 0,
    messages: (room) => [{ role: "user", content: "x".repeat(room) }],
};

function asker(answer: (request: ChatRequest, say: (text: string) => void) => Promise<ChatResult>) {
    const requests: ChatRequest[] = [];
    const made: Asker = {
        engine: {
            chat: async (request, { onProgress }) => {
                requests.push(request);
                return answer(request, (text) => onProgress({ kind: "text", text }));
            },
        },
        model: () => ({ name: "m", contextTokens: 2048 }),
    };
    return { made, requests };
}

describe("ask", () => {
    it("halves the context until it fits, and says so when it never does", async () => {
        const tooLong = new AppError("engine/context-full", "too long");
        const { made, requests } = asker(async ({ messages }) => {
            if (messages[0]!.content.length > 1000) throw tooLong;
            return CHAT_RESULT;
        });
        const listener = { signal: new AbortController().signal, onText: () => undefined };
        await ask(made, question, listener);
        expect(requests.map(({ messages }) => messages[0]!.content.length)).toEqual([
            3072, 1536, 768,
        ]);
        // A quarter of the context is the answer's, at most.
        expect(requests[0]).toMatchObject({ maxTokens: 512, maxAnswerTokens: 5000 });
        const never = asker(() => Promise.reject(tooLong));
        await expect(ask(never.made, question, listener)).rejects.toBe(tooLong);
        expect(never.requests).toHaveLength(4);
    });

    it("shows text without reasoning, and gives the same back", async () => {
        const { made } = asker(async (_, say) => {
            for (const piece of ["<thi", "nk>x</think>", "\nYes", "."]) say(piece);
            return CHAT_RESULT;
        });
        let shown = "";
        const signal = new AbortController().signal;
        const answer = await ask(made, question, { signal, onText: (text) => (shown += text) });
        expect([shown, answer.text]).toEqual(["Yes.", "Yes."]);
    });

    it("does not wait for an engine that never answers once it is stopped", async () => {
        const { made } = asker(() => new Promise(() => undefined));
        const controller = new AbortController();
        const answer = ask(made, question, { signal: controller.signal, onText: () => undefined });
        controller.abort();
        expect(isCancelled(await answer.catch((error: unknown) => error))).toBe(true);
    });

    it("asks nothing of a model that cannot chat", async () => {
        const { made, requests } = asker(async () => CHAT_RESULT);
        made.model = () => ({
            name: "m",
            contextTokens: 1,
            problem: { text: "It has no template." },
        });
        const signal = new AbortController().signal;
        await expect(ask(made, question, { signal, onText: () => undefined })).rejects.toThrow(
            /^It has no template$/,
        );
        expect(requests).toEqual([]);
    });
});
