// Which pieces of other files stand in a prompt, and that they stay where they are. A token is a word here.
import { describe, expect, it } from "vitest";
import { choosePieces } from "../../../src/prompt/pieces";
import type { Snippet, SnippetKind } from "../../../src/protocol/completion";

const words = (text: string) => text.split(/\s+/).filter((word) => word !== "").length;
const piece = (path: string, text: string, kind: SnippetKind = "definition"): Snippet => ({
    kind,
    path,
    text,
});
const long = (name: string, nWords: number) => `${name} `.repeat(nWords).trim();

function choose(
    wanted: Snippet[],
    more: { pinned?: readonly Snippet[]; maxTokens?: number; prefix?: string } = {},
) {
    const { pinned = [], maxTokens = 1000, prefix = "" } = more;
    const window = { path: "own.ts", prefix, suffix: "" };
    return choosePieces({ wanted, pinned, maxTokens, count: ({ text }) => words(text), window });
}

describe("choosePieces", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => piece(`${name}.ts`, long(name, 40))) as [
        Snippet,
        Snippet,
        Snippet,
    ];

    it("takes the best first, and puts them last, where the hole is", () => {
        expect(choose([a, b, c], { maxTokens: 85 })).toEqual([b, a]);
    });

    it("puts what changes rarely in front of what changes often", () => {
        const kinds: SnippetKind[] = ["clipboard", "edit", "definition", "import"];
        const wanted = kinds.map((kind) => piece(`${kind}.ts`, kind, kind));
        expect(choose(wanted).map(({ kind }) => kind)).toEqual([
            "import",
            "definition",
            "edit",
            "clipboard",
        ]);
    });

    it("changes nothing when all that is wanted is there, whatever the order", () => {
        const pinned = [a, b, c];
        expect(choose([c, a], { pinned })).toBe(pinned);
        expect(choose([], { pinned })).toBe(pinned);
        const none: Snippet[] = [];
        expect(choose([], { pinned: none })).toBe(none);
        expect(choose([a], { pinned: none, maxTokens: 3 })).toBe(none);
    });

    it("changes nothing for a little that is not the definition of something at the cursor", () => {
        const [little, much] = [10, 300].map((n) => piece("v.ts", long("v", n), "visited"));
        const pinned = [a];
        expect(choose([little as Snippet], { pinned })).toBe(pinned);
        expect(choose([much as Snippet], { pinned })).toEqual([a, much]);
        const definition = { ...(little as Snippet), kind: "definition" as const };
        expect(choose([definition], { pinned })).toEqual([a, definition]);
    });

    it("keeps what stands there in its place, and adds behind it", () => {
        expect(choose([c, a], { pinned: [a, b] })).toEqual([a, b, c]);
    });

    it("drops what is no longer wanted when there is no room for it", () => {
        expect(choose([c, a], { pinned: [b, a], maxTokens: 85 })).toEqual([a, c]);
    });

    it("replaces an older state of the same place", () => {
        const before = piece("a.ts", "function f() {\n    old\n}");
        const now = piece("a.ts", "function f() {\n    new\n}");
        expect(choose([now], { pinned: [before, b] })).toEqual([b, now]);
    });

    it("cuts what does not fit after a whole line, and knows it again", () => {
        const lines = Array.from({ length: 20 }, (_, i) => `line number ${i}`);
        const large = piece("a.ts", lines.join("\n"));
        const [cut] = choose([large], { maxTokens: 30 });
        expect(cut?.text).toBe(lines.slice(0, 10).join("\n"));
        const pinned = [cut as Snippet];
        expect(choose([large], { pinned, maxTokens: 30 })).toBe(pinned);
    });

    it("leaves out what is too large for what is left, and takes what fits", () => {
        const small = piece("s.ts", "one two three");
        expect(choose([a, b, small], { maxTokens: 45 })).toEqual([small, a]);
    });

    it("leaves out what the document shows anyway, and what is empty", () => {
        const own = piece("own.ts", "const x = 1;\n");
        const other = piece("other.ts", "const x = 1;\n");
        const wanted = [own, other, piece("e.ts", "\n")];
        expect(choose(wanted, { prefix: "\nconst x = 1;\nconst y" })).toEqual([other]);
    });

    it("takes a text once", () => {
        expect(choose([a, { ...a, kind: "visited" }])).toEqual([a]);
    });
});
