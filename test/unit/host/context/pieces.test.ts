/** The small parts of gathering: edited regions, the cursor's place, diagnostics, one list out of several, late sources. */

import { describe, expect, it, vi } from "vitest";
import type { Diagnostic } from "vscode";
import { cursorIn } from "../../../../src/host/context/cursor";
import { diagnosticsText } from "../../../../src/host/context/diagnostics";
import { EditRing } from "../../../../src/host/context/editRing";
import { merged } from "../../../../src/host/context/merge";
import { within } from "../../../../src/host/context/within";

describe("EditRing", () => {
    const line = (at: number, nLines = 1) => ({ first: at, last: at, nLines });

    it("joins edits that are close together, and lists the newest first", () => {
        const ring = new EditRing(4);
        ring.record("a", line(10));
        ring.record("b", line(1));
        ring.record("a", line(12));
        expect(ring.list()).toEqual([
            { uri: "a", first: 10, last: 12 },
            { uri: "b", first: 1, last: 1 },
        ]);
    });

    it("moves regions along when lines come or go above them, in their own document", () => {
        const ring = new EditRing(4);
        ring.record("a", line(40));
        ring.record("b", line(40));
        ring.record("a", line(3, 5));
        ring.record("a", { first: 20, last: 22, nLines: 1 });
        const regions = ring.list().filter(({ uri }) => uri === "a");
        expect(regions.map(({ first }) => first)).toEqual([20, 3, 42]);
        expect(ring.list()).toContainEqual({ uri: "b", first: 40, last: 40 });
    });

    it("grows and shrinks with what is typed in a region", () => {
        const ring = new EditRing(4);
        ring.record("a", line(5, 3));
        ring.record("a", { first: 6, last: 7, nLines: 1 });
        expect(ring.list()).toEqual([{ uri: "a", first: 5, last: 6 }]);
    });

    it("keeps as many as it may, and none that is a whole file", () => {
        const ring = new EditRing(2);
        for (const at of [0, 100, 200]) ring.record("a", line(at));
        ring.record("b", line(0, 500));
        expect(ring.list().map(({ first }) => first)).toEqual([200, 100]);
    });
});

describe("cursorIn", () => {
    const document = (text: string) => {
        const lines = text.split("\n");
        return { lineCount: lines.length, lineAt: (at: number) => ({ text: lines[at] ?? "" }) };
    };

    it("finds the line by what is below, so that text above the document does not count", () => {
        const spot = cursorIn(document("a\nbcd\ne"), {
            prefix: "cell above\n\na\nbc",
            suffix: "d\ne",
        });
        expect(spot).toEqual({ line: 1, character: 2 });
    });

    it("takes any line ends", () => {
        expect(cursorIn(document("a\nb\nc"), { prefix: "a\r\nb", suffix: "\r\nc" })).toEqual({
            line: 1,
            character: 1,
        });
    });

    it("is nowhere when the document says something else there", () => {
        expect(cursorIn(document("a\nbcX"), { prefix: "a\nbc", suffix: "d" })).toBeUndefined();
        expect(cursorIn(document("a"), { prefix: "", suffix: "\n\n\n" })).toBeUndefined();
    });
});

describe("diagnosticsText", () => {
    const said = (line: number, message: string, severity = 0) =>
        ({ message, severity, range: { start: { line } } }) as unknown as Diagnostic;

    it("tells errors and warnings near the cursor, the nearest first, each once", () => {
        const all = [said(1, "far above"), said(49, "near\n  by", 1), said(45, "a"), said(44, "a")];
        expect(diagnosticsText(all, 50)).toBe("near by\na");
    });

    it("says nothing of the line that is written, nor of hints", () => {
        expect(diagnosticsText([said(50, "unfinished"), said(49, "style", 3)], 50)).toBe("");
    });
});

describe("merged", () => {
    const piece = (text: string, path = "a.ts", kind: "definition" | "visited" = "definition") => ({
        kind,
        path,
        text,
    });

    it("shows nothing twice, whatever its indentation", () => {
        const first = piece("class A {\n    f() {}\n}");
        expect(merged([[first], [piece("f() {}"), piece("f() {}", "b.ts")]])).toEqual([
            first,
            piece("f() {}", "b.ts"),
        ]);
    });

    it("shows nothing with a private key in it", () => {
        const key = ["-----BEGIN", "PRIVATE KEY-----"].join(" ");
        expect(merged([[piece(`const key = "${key}"`)]])).toEqual([]);
    });
});

describe("within", () => {
    it("gives what came, else what stands for it", async () => {
        vi.useFakeTimers();
        try {
            expect(await within(10, "late", Promise.resolve("here"))).toBe("here");
            expect(await within(10, "failed", Promise.reject(new Error("x")))).toBe("failed");
            const never = within(10, "late", new Promise<string>(() => {}));
            await vi.advanceTimersByTimeAsync(10);
            expect(await never).toBe("late");
            expect(vi.getTimerCount()).toBe(0);
        } finally {
            vi.useRealTimers();
        }
    });
});
