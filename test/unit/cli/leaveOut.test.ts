// The parts of the product that a measurement can leave out.
import { describe, expect, it } from "vitest";
import { readParts, withoutParts, type Part } from "../../../src/cli/stdio/leaveOut";
import type { EnginePort } from "../../../src/completion/request";
import type { CompletionLane, CompletionRequest } from "../../../src/protocol/completion";

function request(lane: CompletionLane): CompletionRequest {
    return {
        document: "a.ts",
        path: "a.ts",
        languageId: "typescript",
        prefix: "",
        suffix: "",
        maxLines: 1,
        maxTokens: 8,
        trigger: "automatic",
        lane,
    };
}

/** What reaches the engine when all calls are aborted, as `call document aborted`. */
async function reaching(...without: Part[]): Promise<string[]> {
    const calls: string[] = [];
    const engine: EnginePort = {
        complete: async ({ lane, document }, signal) => {
            calls.push(`${lane} ${document} ${signal.aborted}`);
            return { kind: "none", reason: "cancelled", stage: "generate" };
        },
        prefill: async ({ document }, signal) => {
            calls.push(`prefill ${document} ${signal.aborted}`);
            return undefined;
        },
    };
    const port = withoutParts(engine, new Set(without));
    const signal = AbortSignal.abort();
    await port.complete(request("keystroke"), signal, () => undefined);
    await port.complete(request("ahead"), signal, () => undefined);
    await port.prefill(request("ahead"), signal);
    return calls;
}

describe("the product without a part", () => {
    it("is the engine as it is when nothing is left out", async () => {
        expect(await reaching()).toEqual([
            "keystroke a.ts true",
            "ahead a.ts true",
            "prefill a.ts true",
        ]);
    });

    it("makes no calls for what is left out", async () => {
        expect(await reaching("reading-on")).toEqual(["keystroke a.ts true", "prefill a.ts true"]);
        expect(await reaching("reading-ahead")).toEqual(["keystroke a.ts true", "ahead a.ts true"]);
    });

    it("lets calls run to their end, and puts all documents into one cache", async () => {
        expect(await reaching("abort", "several-files")).toEqual([
            "keystroke the only one false",
            "ahead the only one false",
            "prefill the only one false",
        ]);
    });

    it("refuses a name that is no part's", () => {
        expect(() => readParts(["type-through", "speed"])).toThrow(/no part speed/);
        expect([...readParts(["abort", "type-through"])]).toEqual(["type-through", "abort"]);
        expect(readParts(undefined).size).toBe(0);
    });
});
