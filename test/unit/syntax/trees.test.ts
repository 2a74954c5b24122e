// Trees follow the text by parsing what changed; what takes too long is parsed in slices; memory is given back.
import { beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../../src/base/log";
import { FileGrammars } from "../../../src/node/grammars";
import { TreeSyntax } from "../../../src/syntax/syntax";
import type { Grammars, SyntaxNode, SyntaxParser, SyntaxTree } from "../../../src/syntax/tree";
import { childrenOf, editBetween } from "../../../src/syntax/tree";
import { MAX_CHARACTERS, Trees } from "../../../src/syntax/trees";
import { grammars, NO_LIMIT, place } from "./setUp";

let make: () => SyntaxParser;
beforeAll(async () => {
    const loaded = await grammars.load("typescript");
    if (!loaded) throw new Error("no grammar");
    make = loaded;
}, 60_000);

const TEXT = "function f() {\n    return 1;\n}\n".repeat(50);

/** Counts trees and parsers that were made and not deleted. */
function counted() {
    const alive = new Set<object>();
    const track = (tree: SyntaxTree): SyntaxTree => {
        alive.add(tree);
        return {
            get rootNode() {
                return tree.rootNode;
            },
            copy: () => track(tree.copy()),
            edit: (edit) => tree.edit(edit),
            delete: () => {
                alive.delete(tree);
                tree.delete();
            },
            ...{ [INNER]: tree },
        };
    };
    const parser = (): SyntaxParser => {
        const real = make();
        alive.add(real);
        return {
            parse: (text, old, options) => {
                const inner = old && (old as unknown as Record<symbol, SyntaxTree>)[INNER];
                const tree = real.parse(text, inner, options);
                return tree && track(tree);
            },
            reset: () => real.reset(),
            delete: () => {
                alive.delete(real);
                real.delete();
            },
        };
    };
    return { alive, parser };
}
const INNER = Symbol("the runtime's tree");

/** A node and all below it, as text. */
function shape(tree: SyntaxTree | undefined): string | undefined {
    const describe = (node: SyntaxNode): string =>
        `${node.type}[${node.startIndex},${node.endIndex}](${childrenOf(node).map(describe).join(" ")})`;
    return tree && describe(tree.rootNode);
}

describe("editBetween", () => {
    it.each([
        ["abc", "abxc"],
        ["aaa", "aaaa"],
        ["a\nb\nc", "a\nc"],
        ["", "a"],
        ["a", ""],
        ["same", "same"],
    ])("from %j to %j", (before, after) => {
        const { startIndex, oldEndIndex, newEndIndex } = editBetween(before, after);
        const inserted = after.slice(startIndex, newEndIndex);
        expect(before.slice(0, startIndex) + inserted + before.slice(oldEndIndex)).toBe(after);
    });

    it("counts rows and columns", () => {
        expect(editBetween("a\nbc", "a\nbxc")).toMatchObject({
            startPosition: { row: 1, column: 1 },
            newEndPosition: { row: 1, column: 2 },
        });
    });
});

describe("a document's tree", () => {
    it("is after edits what a new parse gives", () => {
        const trees = new Trees(NO_LIMIT);
        let text = TEXT;
        for (const [at, typed] of [
            [30, "\n    if (a) {"],
            [200, "const é = `${"],
            [5, "x"],
            [600, "}\n"],
        ] as const) {
            text = text.slice(0, at) + typed + text.slice(at);
            const tree = trees.get("a", "typescript", text, make);
            const fresh = make().parse(text) ?? undefined;
            expect(shape(tree)).toBe(shape(fresh));
        }
    });

    it("with an insertion is that of the longer text, and leaves the kept one alone", () => {
        const trees = new Trees(NO_LIMIT);
        const before = shape(trees.get("a", "typescript", TEXT, make));
        const more = trees.withInserted("a", 15, "foo(;", { make, endMs: Infinity });
        expect(shape(more)).toBe(
            shape(make().parse(`${TEXT.slice(0, 15)}foo(;${TEXT.slice(15)}`) ?? undefined),
        );
        more?.delete();
        expect(shape(trees.get("a", "typescript", TEXT, make))).toBe(before);
    });

    it("is not made of a very long text", () => {
        const long = "a;".repeat(MAX_CHARACTERS);
        expect(new Trees(NO_LIMIT).get("a", "typescript", long, make)).toBeUndefined();
    });

    it("keeps four documents and gives everything back", () => {
        const { alive, parser } = counted();
        const trees = new Trees(NO_LIMIT);
        for (const uri of ["a", "b", "c", "d", "e", "a"])
            trees.get(uri, "typescript", `${TEXT}// ${uri}`, parser);
        trees.get("a", "typescript", `${TEXT}// changed`, parser);
        expect(alive.size).toBe(4);
        trees.dispose();
        expect(alive.size).toBe(0);
    });
});

describe("a parse that takes too long", () => {
    /** A clock on which every look costs a millisecond, and what waits for idle time. */
    function slow() {
        let ms = 0;
        const waiting: (() => void)[] = [];
        const options = {
            budgetMs: 3,
            now: () => ms++,
            later: (work: () => void) => void waiting.push(work),
        };
        return { trees: new Trees(options), waiting };
    }

    it("goes on in slices until the tree is there", () => {
        const { trees, waiting } = slow();
        const { alive, parser } = counted();
        const long = TEXT.repeat(10);
        expect(trees.get("a", "typescript", long, parser)).toBeUndefined();
        let nSlices = 0;
        for (let work = waiting.shift(); work; work = waiting.shift()) {
            nSlices++;
            expect(trees.get("a", "typescript", long, parser) === undefined).toBe(true);
            work();
        }
        expect(nSlices).toBeGreaterThan(1);
        expect(shape(trees.get("a", "typescript", long, parser))).toBe(
            shape(make().parse(long) ?? undefined),
        );
        trees.dispose();
        expect(alive.size).toBe(0);
    });

    it("makes way for another document", () => {
        const { trees, waiting } = slow();
        const { alive, parser } = counted();
        trees.get("a", "typescript", TEXT.repeat(10), parser);
        trees.get("b", "typescript", TEXT.repeat(10), parser);
        for (let work = waiting.shift(); work; work = waiting.shift()) work();
        expect(trees.get("b", "typescript", TEXT.repeat(10), parser)).toBeDefined();
        trees.dispose();
        expect(alive.size).toBe(0);
    });

    it("is no tree for who cannot wait", () => {
        const trees = new Trees({ ...NO_LIMIT, now: () => 5 });
        trees.get("a", "typescript", TEXT, make);
        expect(trees.withInserted("a", 3, "x", { make, endMs: 4 })).toBeUndefined();
    });
});

describe("grammars", () => {
    it("that fail are left alone from then on", async () => {
        let nMade = 0;
        const failing: Grammars = {
            load: () =>
                Promise.resolve(() => {
                    nMade++;
                    throw new RangeError("out of memory");
                }),
        };
        const warnings: string[] = [];
        const log = createLog("test", ({ message }) => warnings.push(message));
        const syntax = new TreeSyntax(failing, { ...NO_LIMIT, log });
        await syntax.prepare("typescript");
        for (let i = 0; i < 3; i++) expect(syntax.rule(place("typescript", "a|"))).toBeUndefined();
        expect(nMade).toBe(1);
        expect(warnings).toEqual(["grammar failed"]);
    });

    it("are missing when their file is, and say so once", async () => {
        const warnings: string[] = [];
        const none = new FileGrammars(
            "/nowhere",
            createLog("test", ({ message }) => warnings.push(message)),
        );
        expect(await none.load("typescript")).toBeUndefined();
        expect(await none.load("typescript")).toBeUndefined();
        expect(warnings).toEqual(["grammar not loaded"]);
    });
});
