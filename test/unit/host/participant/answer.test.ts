// One message to `@ingot` from request to result, with a stream that remembers and an engine that answers by itself.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../src/base/errors";
import { silentLog } from "../../../../src/base/log";
import { answer, followUps, type Asked } from "../../../../src/host/participant/participant";
import type { FoundPlace } from "../../../../src/host/codebase/codebase";
import type { Turn } from "../../../../src/host/participant/history";
import type { ChatProgress, ChatRequest, ChatResult } from "../../../../src/protocol/chat";
import { CHAT_RESULT } from "../../../support/chatResult";
import { editorOf, world } from "../../../support/editorMock";

const code = "function add(a, b) {\n    return a;\n}\n";
vi.mock("vscode", async () => (await import("../../../support/editorMock")).vscode);

function open(text: string, path?: string) {
    world.editor = editorOf(text, path);
}

interface Told {
    markdown: string;
    progress: string[];
    buttons: { title: string; command: string; arguments?: unknown[] }[];
    requests: ChatRequest[];
    searched: string[];
    references: unknown[];
}

async function say(
    request: Partial<Asked["request"]>,
    events: ChatProgress[],
    more: {
        result?: Partial<ChatResult>;
        history?: Turn[];
        fails?: Error;
        places?: FoundPlace[];
    } = {},
) {
    const told: Told = {
        markdown: "",
        progress: [],
        buttons: [],
        requests: [],
        searched: [],
        references: [],
    };
    const result = await answer(
        {
            request: { command: undefined, prompt: "", references: [], ...request },
            context: { history: (more.history ?? []) as never },
            stream: {
                markdown: (text) => void (told.markdown += text as string),
                progress: (text) => void told.progress.push(text),
                button: (button) => void told.buttons.push(button),
                reference: (place) => void told.references.push(place),
            },
            token: {
                isCancellationRequested: false,
                onCancellationRequested: () => ({ dispose: () => undefined }),
            },
        },
        {
            asker: {
                engine: {
                    chat: async (asked, { onProgress }) => {
                        told.requests.push(asked);
                        if (more.fails) throw more.fails;
                        events.forEach(onProgress);
                        return { ...CHAT_RESULT, ...more.result };
                    },
                },
                model: () => ({ name: "Tiny", contextTokens: 8192 }),
            },
            files: { read: async () => undefined },
            codebase: {
                search: async (question, { onActivity }) => {
                    told.searched.push(question);
                    onActivity?.("Indexing the workspace, 0 of 2 files");
                    onActivity?.("Indexing the workspace, 1 of 2 files");
                    return more.places ?? [];
                },
            },
            log: silentLog,
            changes: () => Promise.reject(new AppError("user/usage", "No repository")),
            mend: (code) =>
                code === "engine/load" ? { label: "Select Model", command: "x" } : undefined,
        },
    );
    return { ...told, result };
}
const text = (value: string): ChatProgress => ({ kind: "text", text: value });

describe("@ingot", () => {
    beforeEach(() => {
        world.editor = undefined;
        world.folder = undefined;
    });

    it("asks about the symbol at the cursor, streams, and offers to apply the code", async () => {
        open(code);
        const fixed = "function add(a, b) {\n    return a + b;\n}";
        const { requests, markdown, buttons, result } = await say({ command: "refactor" }, [
            text("```ts\n"),
            text(`${fixed}\n\`\`\`\nClear.`),
        ]);
        const [system, user, ...rest] = requests[0]?.messages ?? [];
        expect(rest).toEqual([]);
        expect(system?.role).toBe("system");
        expect(user?.content).toMatch(/^Selected in a\.ts, lines 1-3 of 4:[^]*Rewrite `add` so/);
        expect(markdown).toBe(`\`\`\`ts\n${fixed}\n\`\`\`\nClear.`);
        expect(buttons).toEqual([
            {
                title: "Review Change",
                command: "ingot.internal.applyAnswer",
                arguments: [
                    {
                        uri: "file:///x/a.ts",
                        languageId: "typescript",
                        place: "replace",
                        first: 0,
                        original: code.trimEnd(),
                    },
                    fixed,
                    "ts",
                ],
            },
        ]);
        expect(result).toEqual({
            metadata: { content: user?.content, nForgotten: 0, command: "refactor" },
        });
    });

    it("offers nothing for text, and for code that was cut off", async () => {
        open(code);
        expect((await say({ command: "explain" }, [text("```\nx\n```")])).buttons).toEqual([]);
        expect((await say({ command: "fix" }, [text("```\nx")])).buttons).toEqual([]);
    });

    it("sends the turns before as they were, and not what was forgotten", async () => {
        const turn = (prompt: string, reply: string, metadata: object): Turn[] => [
            { participant: "ingot.participant", prompt },
            {
                participant: "ingot.participant",
                response: [{ value: { value: reply } }],
                result: { metadata },
            },
        ];
        const history = [
            ...turn("a", "A", { content: "CODE a", nForgotten: 0 }),
            ...turn("b", "B", { content: "CODE b", nForgotten: 1 }),
        ];
        const { requests, result } = await say({ prompt: "and now?" }, [text("Yes")], {
            history,
            result: { nDropped: 2 },
        });
        expect(requests[0]?.messages.slice(1).map(({ content }) => content)).toEqual([
            "CODE b",
            "B",
            "and now?",
        ]);
        expect(result.metadata).toMatchObject({ nForgotten: 2 });
    });

    it("says once that it loads and reads, and only of a long prompt", async () => {
        const { progress } = await say({ prompt: "q" }, [
            { kind: "load", fraction: 0.1 },
            { kind: "load", fraction: 0.9 },
            { kind: "prompt", done: 0, total: 20 },
            { kind: "prompt", done: 0, total: 2140 },
            { kind: "prompt", done: 2000, total: 2140 },
            text("x"),
        ]);
        expect(progress).toEqual(["Loading Tiny", "Reading 2,140 tokens"]);
    });

    it("says in a sentence what is missing or has failed, with the button that mends it", async () => {
        const message = async (asked: ReturnType<typeof say>) =>
            (await asked).result.errorDetails?.message;
        expect(await message(say({ command: "explain" }, []))).toMatch(
            /no code to work on; open a file/,
        );
        expect(await message(say({ prompt: " " }, []))).toMatch(/There is no question/);
        expect(await message(say({ command: "commit" }, []))).toBe("No repository.");
        expect(await message(say({ prompt: "/nothing" }, []))).toMatch(/no command \/nothing/);
        open("KEY=1", "/x/.env");
        expect(await message(say({ command: "explain" }, []))).toMatch(/holds keys or passwords/);
        const fails = new AppError("engine/load", "The model does not load");
        const failed = await say({ prompt: "q" }, [], { fails });
        expect(failed.buttons).toEqual([{ title: "Select Model", command: "x" }]);
        const silent = await say({ prompt: "q" }, []);
        expect(silent.markdown).toMatch(/gave no answer/);
    });

    it("leaves out what is no text, politely", async () => {
        const { markdown, requests } = await say(
            { prompt: "q", references: [{ id: "p", value: { mimeType: "image/png" } }] },
            [text("ok")],
        );
        expect(markdown).toMatch(/^\*An attachment that is no text was left out/);
        expect(requests[0]?.messages.at(-1)?.content).toBe("q");
    });

    it("looks #codebase up by the question, sends what it found along and says where that is", async () => {
        const lines = ["", "function roundPrice() {", "}", ""];
        const uri = { toString: () => "file:///x/src/price.ts" };
        const place = { uri, name: "src/price.ts", first: 1, last: 2, symbol: "roundPrice", lines };
        const places = [place as unknown as FoundPlace];
        const asked = { prompt: "#codebase where are prices rounded?" };
        const { searched, progress, requests, references } = await say(asked, [text("There")], {
            places,
        });
        expect(searched).toEqual(["where are prices rounded?"]);
        expect(progress).toEqual(["Indexing the workspace"]);
        expect(requests[0]?.messages.at(-1)?.content).toBe(
            "From src/price.ts, lines 2-3 of 4:\n```typescript\nfunction roundPrice() {\n}\n```\n\nwhere are prices rounded?",
        );
        expect(references).toMatchObject([
            { uri: { path: "/x/src/price.ts" }, range: { first: 1, last: 2 } },
        ]);
        const byTool = { prompt: "prices", toolReferences: [{ name: "ingot_searchCodebase" }] };
        expect((await say(byTool, [text("x")], { places })).searched).toEqual(["prices"]);
        expect((await say({ prompt: "prices" }, [text("x")])).searched).toEqual([]);
        const nothing = await say(asked, []);
        expect(nothing.requests).toEqual([]);
        expect(nothing.result.errorDetails?.message).toMatch(/Nothing in the workspace fits/);
    });

    it("suggests what one may want next", () => {
        expect(followUps("fix").map(({ command }) => command)).toEqual(["tests", "review"]);
        expect(followUps("toString")).toEqual([]);
        expect(followUps(undefined)).toEqual([]);
    });
});
