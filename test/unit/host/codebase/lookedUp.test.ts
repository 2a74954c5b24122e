/** A question's context with what is looked up behind it: the rest keeps its place and its room, before and after it is sent. */

import { describe, expect, it } from "vitest";
import { withPlaces } from "../../../../src/host/codebase/lookedUp";

const { signal } = new AbortController();

describe("withPlaces", () => {
    const rooms: number[] = [];
    const source = (maxCharacters: number) => {
        rooms.push(maxCharacters);
        return [{ label: "open file", text: "x".repeat(100) }];
    };

    it("gives the search what room is left, and puts what it finds last", async () => {
        const asked: unknown[] = [];
        const search = async (question: string, options: { maxCharacters: number }) => {
            asked.push(question, options.maxCharacters);
            return [{ label: "found", text: "code" }];
        };
        const context = withPlaces(source, { question: "where", search });
        const blocks = await context(1000, { signal });
        expect(blocks.map(({ label }) => label)).toEqual(["open file", "found"]);
        expect(asked).toEqual(["where", 900]);
    });

    it("gives the rest the same room while the question is typed", async () => {
        await withPlaces(source, undefined)(1000, { signal });
        expect(rooms).toEqual([300, 300]);
    });

    it("does not hide that nothing could be looked up", async () => {
        const search = () => Promise.reject(new Error("Nothing fits"));
        const context = withPlaces(source, { question: "where", search });
        await expect(context(1000, { signal })).rejects.toThrow("Nothing fits");
    });
});
