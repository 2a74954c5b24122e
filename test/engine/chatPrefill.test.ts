// What the chat reads ahead and what it keeps: counts of tokens through the real engine child, on the starter model.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ChatMessage, ChatRequest } from "../../src/protocol/chat";
import { LONG_TEXT, startEngine, type TestEngine } from "../support/engineProcess";

let engine: TestEngine;
beforeAll(async () => {
    engine = await startEngine();
});
afterAll(() => engine.dispose());

const user = (content: string): ChatMessage => ({ role: "user", content });
const system: ChatMessage = { role: "system", content: "You help with code." };
const MAX_TOKENS = 24;

function ask(messages: ChatMessage[], more: Partial<ChatRequest> = {}) {
    const request = { conversation: "c", messages, maxTokens: MAX_TOKENS, temperature: 0, seed: 1 };
    return engine.client.request("chat", { ...request, ...more });
}

function read(messages: ChatMessage[]) {
    const request = { conversation: "c", messages, maxTokens: MAX_TOKENS };
    return engine.client.request("chat/prefill", request);
}

it("reads nothing while no model is loaded, and loads none", async () => {
    expect(await read([system, user("What")])).toBeUndefined();
    expect((await engine.client.status())?.models).toEqual([]);
    await engine.client.request("model/load", { role: "chat" });
});

it("has next to nothing left to read when the question is sent", async () => {
    const begun = `Read this:\n${LONG_TEXT.slice(0, 2000)}\nWhat does`;
    const first = await read([system, user(begun)]);
    expect(first?.aborted).toBe(false);
    expect(first?.tokens.prompt).toBeGreaterThan(300);
    const second = await read([system, user(`${begun} it say about`)]);
    expect(second?.tokens.prompt).toBeLessThan(24);
    const sent = await ask([system, user(`${begun} it say about lines?`)]);
    expect(sent.tokens.prompt).toBeLessThanOrEqual(16);
    expect(sent.tokens.reused).toBeGreaterThan(300);
});

it("counts the prompt as it would be sent", async () => {
    const messages = [system, user("What is a closure?")];
    const draft = await read(messages);
    const { tokens, contextTokens } = await ask(messages);
    expect(draft?.nTokens).toBe(tokens.prompt + tokens.reused);
    expect(draft?.contextTokens).toBe(contextTokens);
    expect(contextTokens).toBeGreaterThan(1000);
});

it("gives way to the question, keeps what is read, and changes no answer", async () => {
    const messages = [system, user(`Other:\n${LONG_TEXT.slice(0, 3000)}`)];
    const reading = read(messages);
    const sent = await ask(messages);
    const draft = await reading;
    const evaluated = (draft?.tokens.prompt ?? 0) + sent.tokens.prompt;
    // Each token once, but for the slice in which the reading ended and the one that is always evaluated.
    expect(evaluated).toBeLessThan(sent.tokens.prompt + sent.tokens.reused + 130);
    await ask([user("Something else.")]);
    expect((await ask(messages)).text).toBe(sent.text);
});

it("leaves out whole turns in big steps: most turns of a full conversation read only what is new", async () => {
    const pinned = { ...system, content: `${system.content}\n\nPinned: the basket has a total.` };
    const turns: ChatMessage[] = [];
    const evaluated: number[] = [];
    const whole: number[] = [];
    let nDropped = 0;
    for (let i = 0; i < 32; i++) {
        turns.push(user(`Question ${i}: ${LONG_TEXT.slice(i * 40, i * 40 + 260)}`));
        const result = await ask([pinned, ...turns]);
        turns.splice(0, result.nDropped);
        nDropped += result.nDropped;
        turns.push({ role: "assistant", content: result.text || "Nothing." });
        evaluated.push(result.tokens.prompt);
        whole.push(result.tokens.prompt + result.tokens.reused);
    }
    expect(nDropped).toBeGreaterThan(10);
    expect(nDropped % 2).toBe(0);
    const record = await engine.client.request("debug/lastPrompt", undefined);
    expect(record?.text).toContain("Pinned: the basket has a total.");
    const nAnew = evaluated.filter((n) => n > 300).length;
    const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);
    const counts = JSON.stringify({ nAnew, evaluated: sum(evaluated), whole: sum(whole) });
    expect(nAnew, counts).toBeLessThanOrEqual(3);
    expect(sum(evaluated), counts).toBeLessThan(0.3 * sum(whole));
});

it("is gone on with after an edit that took its place, and so is the edit", async () => {
    const side = [system, user(`First:\n${LONG_TEXT.slice(0, 2500)}`)];
    const edit = [user(`Rewrite:\n${LONG_TEXT.slice(1500, 4000)}`)];
    const more = { conversation: "edit" };
    const first = await ask(side);
    const edited = await ask(edit, more);
    expect(edited.tokens.reused).toBeLessThan(20);
    const next = [...side, { role: "assistant" as const, content: first.text }, user("And then?")];
    const second = await ask(next);
    expect(second.tokens.reused).toBeGreaterThanOrEqual(
        first.tokens.prompt + first.tokens.reused - 1,
    );
    const again = await ask(edit, more);
    expect(again.tokens.prompt).toBe(1);
    expect(again.text).toBe(edited.text);
    expect((await ask(next)).text).toBe(second.text);
});
