// The names around a cursor, nearest first, and how they are used there.
import { beforeAll, describe, expect, it } from "vitest";
import type { TreeSyntax } from "../../../src/syntax/syntax";
import { place, syntaxFor } from "./setUp";

let syntax: TreeSyntax;
beforeAll(async () => {
    syntax = await syntaxFor("typescript", "python", "go", "ruby");
}, 60_000);

function names(languageId: string, text: string): string[] {
    const found = syntax.identifiers(place(languageId, text));
    if (!found) throw new Error("no tree");
    return found.map(({ name, use }) => `${use} ${name}`);
}

describe("names around the cursor", () => {
    it("are nearest first, each once, with their use", () => {
        const text = [
            'import { Store } from "./store";',
            "function run(store: Store, options: Options) {",
            "    const value = store.load(options.path);",
            "    prepare(value);",
            "    |",
            "    finish(store);",
            "}",
        ].join("\n");
        expect(names("typescript", text)).toEqual([
            "name value",
            "call finish",
            "call prepare",
            "name store",
            "member path",
            "name options",
            "call load",
            "type Options",
            "type Store",
            "name run",
        ]);
    });

    it("leave out the word that is being written", () => {
        expect(names("typescript", "const first = 1;\nconst other = fir|;\n")).not.toContain(
            "name fir",
        );
    });

    it.each([
        [
            "python",
            "from store import Store\n\ndef run(a: int):\n    Store(a)\n    |\n",
            "call Store",
        ],
        ["go", "package a\n\nfunc run() {\n\tfmt.Println(value)\n\t|\n}\n", "call Println"],
        ["ruby", "def run\n  load(value)\n  |\nend\n", "call load"],
    ])("%s: knows a call", (languageId, text, expected) => {
        expect(names(languageId, text)).toContain(expected);
    });

    it("far away do not count", () => {
        const far = `farAway();\n${"near();\n".repeat(1000)}`;
        expect(names("typescript", `${far}|`)).toEqual(["call near"]);
    });
});
