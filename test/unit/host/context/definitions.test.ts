/** Definitions as pieces, and questions to language services that fail, hang or keep silent; against a fake of VS Code's commands. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Range, TextDocument, Uri } from "vscode";
import { Outlines } from "../../../../src/context/outlines";
import { Definitions } from "../../../../src/host/context/definitions";
import { LookUp, type Target } from "../../../../src/host/context/lookUp";

type Answer = (command: string, uri: Uri, at: unknown) => unknown;
const editor = vi.hoisted((): { answer: Answer } => ({ answer: () => [] }));
vi.mock("vscode", () => ({
    commands: {
        executeCommand: async (command: string, uri: Uri, at: unknown) =>
            editor.answer(command, uri, at),
    },
    Position: class {
        constructor(
            readonly line: number,
            readonly character: number,
        ) {}
    },
}));

const uri = (path: string) => ({ path, toString: () => `file://${path}` }) as unknown as Uri;
/** From a line to a line; `[1, 1]` is a name in line 1. */
function range(first: number, last = first, isEmpty = false): Range {
    const start = { line: first, character: 0 };
    const end = { line: last, character: isEmpty ? 0 : 5 };
    const contains = (at: { line?: number; start?: { line: number } }) => {
        const line = at.line ?? at.start?.line ?? -1;
        return first <= line && line <= last;
    };
    const isEqual = (other: { start: unknown; end: unknown }) =>
        JSON.stringify([other.start, other.end]) === JSON.stringify([start, end]);
    return { start, end, isEmpty, contains, isEqual } as unknown as Range;
}

function open(text: string, version = 1): TextDocument {
    const lines = text.split("\n");
    return {
        uri: uri("/p/shop.ts"),
        languageId: "typescript",
        version,
        lineCount: lines.length,
        lineAt: (at: number) => ({ text: lines[at] ?? "" }),
    } as unknown as TextDocument;
}

const TEA = "export class Tea {\n    price(): number {\n        return 3;\n    }\n}\n";

function definitions(targets: Record<string, Target[]>, text = TEA) {
    const asked: string[] = [];
    let nowMs = 0;
    const lines = text.split("\n");
    const made = new Definitions({
        lookUp: {
            definitions: async (document, { line, character }) => {
                const rest = document.lineAt(line).text.slice(character);
                const name = /^\w+/.exec(rest)?.[0] ?? "";
                asked.push(name);
                return targets[name] ?? [];
            },
            symbolAt: async () => undefined,
        },
        files: {
            read: async (from) =>
                from.path.includes("secret") ? undefined : { uri: from, lines, version: "1" },
        },
        outlines: new Outlines(undefined),
        pathOf: (from) => from.path.slice(3),
        now: () => nowMs,
    });
    return { made, asked, wait: (ms: number) => (nowMs += ms) };
}

describe("Definitions", () => {
    const cursor = { line: 0, character: 99 };
    const at = (path: string, name: Range, whole?: Range): Target => ({
        uri: uri(path),
        name,
        whole,
    });

    it("shows a whole symbol, and a member with its class", async () => {
        const { made } = definitions({
            Tea: [at("/p/tea.ts", range(0), range(0, 4))],
            price: [at("/p/tea.ts", range(1))],
        });
        const named = { kind: "definition", path: "tea.ts", file: "file:///p/tea.ts" };
        expect(await made.gather(open("Tea.price("), cursor)).toEqual([
            {
                ...named,
                text: "export class Tea {\n    price(): number {\n        return 3;\n    }",
                symbols: ["price"],
            },
            { ...named, text: TEA.trimEnd(), symbols: ["Tea"] },
        ]);
    });

    it("shows a module as an outline", async () => {
        const { made } = definitions({ tea: [at("/p/tea.ts", range(0, 0, true))] });
        const [snippet] = await made.gather(open("tea."), cursor);
        expect(snippet).toMatchObject({ kind: "import", path: "tea.ts", text: TEA.trim() });
    });

    it("shows nothing of a file that may not be read", async () => {
        const { made, asked } = definitions({ Tea: [at("/p/secret.ts", range(0))] });
        expect(await made.gather(open("Tea("), cursor)).toEqual([]);
        expect(asked).toEqual(["Tea"]);
    });

    it("asks soon again for a name of which nothing was known: a server may have been waking up", async () => {
        const { made, asked, wait } = definitions({});
        await made.gather(open("Tea("), cursor);
        wait(1000);
        await made.gather(open("Tea("), cursor);
        expect(asked).toEqual(["Tea"]);
        wait(10_000);
        await made.gather(open("Tea("), cursor);
        expect(asked).toEqual(["Tea", "Tea"]);
    });

    it("asks for a name once, and again after a while when the document has changed", async () => {
        const { made, asked, wait } = definitions({ Tea: [at("/p/tea.ts", range(0, 4))] });
        await made.gather(open("Tea(", 1), cursor);
        await made.gather(open("Tea(1, ", 2), cursor);
        expect(asked).toEqual(["Tea"]);
        wait(60_000);
        await made.gather(open("Tea(1, ", 1), cursor);
        expect(asked).toEqual(["Tea"]);
        await made.gather(open("Tea(1, 2", 3), cursor);
        expect(asked).toEqual(["Tea", "Tea"]);
    });
});

describe("LookUp", () => {
    const document = open("");
    const position = { line: 0, character: 0 } as never;
    const location = (path: string) => ({ uri: uri(path), range: range(7) });
    let commands: string[];
    beforeEach(() => {
        vi.useFakeTimers();
        commands = [];
    });
    afterEach(() => {
        vi.useRealTimers();
    });
    const answer = (how: Answer) => {
        editor.answer = (command, from, at) => {
            commands.push(command.replace(/^vscode\.execute|Provider$/g, ""));
            return how(command, from, at);
        };
    };

    it("finds what other files define, and asks for the type of what this one does", async () => {
        const lookUp = new LookUp(() => 0);
        answer(() => [location("/p/tea.ts")]);
        expect((await lookUp.definitions(document, position)).map((t) => t.uri.path)).toEqual([
            "/p/tea.ts",
        ]);
        expect(commands).toEqual(["Definition"]);
        answer((command) => [location(command.includes("Type") ? "/p/type.ts" : "/p/shop.ts")]);
        expect((await lookUp.definitions(document, position)).map((t) => t.uri.path)).toEqual([
            "/p/type.ts",
        ]);
        expect(commands.slice(1)).toEqual(["Definition", "TypeDefinition"]);
    });

    it("takes the whole symbol from services that tell it", async () => {
        const link = (whole: Range) => ({
            targetUri: uri("/p/tea.ts"),
            targetRange: whole,
            targetSelectionRange: range(2),
        });
        const lookUp = new LookUp(() => 0);
        answer(() => [link(range(2, 9)), link(range(2))]);
        const found = await lookUp.definitions(document, position);
        expect(found.map(({ whole }) => whole?.end.line)).toEqual([9, undefined]);
    });

    it("finds the symbol whose name is at a place", async () => {
        const symbol = (whole: Range, name: Range, children: unknown[] = []) => ({
            range: whole,
            selectionRange: name,
            children,
        });
        const method = symbol(range(3, 6), range(3));
        answer(() => [symbol(range(0, 9), range(0), [method])]);
        const lookUp = new LookUp(() => 0);
        const place = (line: number) => ({ line, character: 0 }) as never;
        const at = async (line: number) =>
            (await lookUp.symbolAt(document.uri, "typescript", place(line)))?.start.line;
        expect([await at(3), await at(0), await at(8)]).toEqual([3, 0, undefined]);
    });

    it("finds nothing where a service fails", async () => {
        answer(() => {
            throw new Error("no server");
        });
        expect(await new LookUp(() => 0).definitions(document, position)).toEqual([]);
    });

    it("asks two at a time, gives up a slot, and leaves a silent service alone for a while", async () => {
        let nowMs = 0;
        const lookUp = new LookUp(() => nowMs);
        answer(() => new Promise(() => {}));
        for (let i = 0; i < 5; i++) void lookUp.definitions(document, position);
        await vi.advanceTimersByTimeAsync(0);
        expect(commands).toHaveLength(2);
        await vi.advanceTimersByTimeAsync(1500);
        expect(commands).toHaveLength(4);
        await vi.advanceTimersByTimeAsync(1500);
        const nAsked = commands.length;
        answer(() => [location("/p/tea.ts")]);
        expect(await lookUp.definitions(document, position)).toEqual([]);
        expect(commands).toHaveLength(nAsked);
        nowMs += 61_000;
        expect(await lookUp.definitions(document, position)).toHaveLength(1);
    });
});
