/** Found places as text: the best one has the most room; what asks for them in a question; what other chats are told. */

import { describe, expect, it } from "vitest";
import type { FoundPlace } from "../../../../src/host/codebase/codebase";
import { placeBlocks, readMention, saidPlaces } from "../../../../src/host/codebase/places";

const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
function place(name: string, first: number, last: number): FoundPlace {
    const uri = { toString: () => `file:///x/${name}` } as FoundPlace["uri"];
    return { uri, name, first, last, symbol: "total", lines };
}

describe("readMention", () => {
    it.each([
        ["#codebase where is it?", "where is it?", true],
        ["Where is it, #codebase?", "Where is it, ?", true],
        ["where #CodeBase is it", "where is it", true],
        ["#codebase", "#codebase", false],
        ["what is #codebases", "what is #codebases", false],
        ["a#codebase b", "a#codebase b", false],
        ["two\n  lines", "two\n  lines", false],
    ])("%j", (text, left, isAsked) => {
        expect(readMention(text)).toEqual({ text: left, isAsked });
    });
});

describe("placeBlocks", () => {
    it("is whole with its lines when there is room, and says where it stands", () => {
        expect(placeBlocks([place("src/a.ts", 3, 4)], 1000)).toEqual([
            {
                label: "a.ts, lines 4-5 of 100",
                text: "From src/a.ts, lines 4-5 of 100:\n```typescript\nline 3\nline 4\n```",
                place: { uri: "file:///x/src/a.ts", first: 3, last: 4 },
            },
        ]);
    });

    it("never takes more than the room, and cuts the longest at a line's end", () => {
        const places = ["a.ts", "b.ts", "c.ts"].map((name) => place(name, 0, 90));
        for (const room of [0, 150, 500, 900, 5000]) {
            const blocks = placeBlocks(places, room);
            const used = blocks.reduce((sum, { text }) => sum + text.length, 0);
            expect(used).toBeLessThanOrEqual(room);
        }
        const [first, ...rest] = placeBlocks(places, 900);
        expect(first?.text).toMatch(/^From a\.ts, lines 1-\d+ of 100, goes on to line 91:/);
        expect(first?.text).toMatch(/\nline \d+\n```$/);
        expect(rest.length).toBeGreaterThan(0);
        expect(placeBlocks([], 1000)).toEqual([]);
    });
});

describe("saidPlaces", () => {
    it("tells other chats where, what and the first lines", () => {
        expect(saidPlaces("q", [place("a.ts", 0, 1)])).toEqual({
            head: "1 place in the workspace, the likeliest first:",
            lines: ["a.ts:1-2 total", "line 0", "line 1", ""],
        });
        const long = saidPlaces("q", [place("a.ts", 0, 90), place("b.ts", 0, 0)]);
        expect(long.head).toMatch(/^2 places/);
        expect(long.lines).toHaveLength(43 + 3);
        expect(long.lines[41]).toBe("... to line 91");
        expect(saidPlaces("q", [])).toEqual({
            head: "Nothing in the workspace fits `q`.",
            lines: [],
        });
    });
});
