// A commit message in the input box: streaming, stopped, typed over, undone, a copy of an earlier one.
import { describe, expect, it } from "vitest";
import { AppError, isCancelled } from "../../../../src/base/errors";
import { silentLog } from "../../../../src/base/log";
import type { Changes } from "../../../../src/host/commit/changes";
import { writeMessage } from "../../../../src/host/commit/writer";
import { commitStyle } from "../../../../src/prompt/commit/style";
import type { ChatRequest } from "../../../../src/protocol/chat";
import { CHAT_RESULT } from "../../../support/chatResult";

const changes: Changes = {
    digest: (maxCharacters) => ({
        text: `CHANGES ${maxCharacters}`,
        paths: ["a.ts"],
        nSecretFiles: 0,
        nHunksLeftOut: 0,
    }),
    style: commitStyle(["fix: a", "feat: b"]),
    subjects: ["fix: a", "feat: b"],
    isStaged: true,
};

/** Remembers every value, as VS Code's undo stack does. */
class Box {
    readonly values: string[] = [];
    constructor(private current = "") {}
    get value() {
        return this.current;
    }
    set value(text: string) {
        this.current = text;
        this.values.push(text);
    }
}

type Say = (text: string) => void;
async function write(
    box: Box,
    answers: ((say: Say, stop: () => void) => void | Promise<void>)[],
): Promise<{ message: unknown; requests: ChatRequest[] }> {
    const requests: ChatRequest[] = [];
    const controller = new AbortController();
    const engine = {
        chat: async (
            request: ChatRequest,
            { onProgress }: { onProgress: (progress: { kind: "text"; text: string }) => void },
        ) => {
            requests.push(request);
            const say = (text: string) => onProgress({ kind: "text", text });
            await answers[requests.length - 1]?.(say, () => controller.abort());
            return CHAT_RESULT;
        },
    };
    const asker = { engine, model: () => ({ name: "m", contextTokens: 8192 }) };
    const message = await writeMessage(
        changes,
        box,
        { asker, log: silentLog },
        controller.signal,
    ).catch((error: unknown) => error);
    return { message, requests };
}

describe("writeMessage", () => {
    it("streams into the box; the step before the end is what was there", async () => {
        const box = new Box("draft");
        const pieces = ["Commit message: fix: ", "round ", "prices\n\nIt rounds."];
        const { message, requests } = await write(box, [(say) => pieces.forEach(say)]);
        expect(message).toBe("fix: round prices");
        expect(box.values).toEqual([
            "fix:",
            "fix: round",
            "fix: round prices",
            "draft",
            "fix: round prices",
        ]);
        expect(requests).toHaveLength(1);
        expect(requests[0]).toMatchObject({ temperature: 0, maxAnswerTokens: 200 });
        expect(requests[0]?.messages[1]?.content).toMatch(/^CHANGES 6000\n\nWrite the commit/);
    });

    it("puts back what was there when it is stopped", async () => {
        const box = new Box("draft");
        const { message } = await write(box, [
            (say, stop) => {
                say("fix: round prices");
                expect(box.value).toBe("fix: round prices");
                stop();
            },
        ]);
        expect(isCancelled(message)).toBe(true);
        expect(box.value).toBe("draft");
    });

    it("leaves the box to whoever types into it", async () => {
        const box = new Box("draft");
        const { message } = await write(box, [
            (say) => {
                say("fix: round");
                box.value = "mine";
                say(" prices");
            },
        ]);
        expect(isCancelled(message)).toBe(true);
        expect(box.value).toBe("mine");
    });

    it("does not take its own values, told late, for typing", async () => {
        const box = new Box("");
        const { message } = await write(box, [
            (say) => {
                say("fix: round");
                say(" prices");
                box.value = "fix: round";
                say(" up");
            },
        ]);
        expect(message).toBe("fix: round prices up");
        expect(box.value).toBe("fix: round prices up");
    });

    it("asks once more when the answer is an earlier message or nothing, and only once", async () => {
        const copy = await write(new Box(), [(say) => say("fix: a"), (say) => say("fix: c")]);
        expect(copy.message).toBe("fix: c");
        expect(copy.requests.map(({ seed }) => seed)).toEqual([0, 1]);
        expect(copy.requests[1]?.temperature).toBeGreaterThan(0);
        const same = await write(new Box(), [(say) => say("fix: a"), (say) => say("fix: a")]);
        expect([same.message, same.requests.length]).toEqual(["fix: a", 2]);
        const box = new Box("draft");
        const none = await write(box, []);
        expect(none.message).toBeInstanceOf(AppError);
        expect(String(none.message)).toMatch(/gave no message/);
        expect(box.value).toBe("draft");
    });
});
