/** An answer of the engine's chat that says nothing, for tests of what is made of one. */
import type { ChatResult } from "../../src/protocol/chat";

export const CHAT_RESULT: ChatResult = {
    text: "",
    stop: "end-of-text",
    tokens: { prompt: 1, reused: 0, generated: 1 },
    timings: { loadMs: 0, promptMs: 0, generateMs: 0, totalMs: 1 },
    nDropped: 0,
    contextTokens: 8192,
};
