// Where only a new line can follow. `|` marks the cursor.
import { describe, expect, it } from "vitest";
import { endsStatement } from "../../../src/prompt/statement";
import { marked } from "./marked";

const ends = (text: string, languageId = "typescript") => {
    return endsStatement({ languageId, ...marked(text) }, undefined);
};

describe("endsStatement", () => {
    it.each([
        ["a semicolon", "a();|\nb();\n"],
        ["a call's end", "  render(props)|\n"],
        ["a block's end", "{\n  a();\n}|\n"],
        ["an arrow function's end", "f(() => {\n});|\n"],
        ["a list's end", "const a = [1, 2]|\n"],
    ])("after %s", (_, text) => {
        expect(ends(text)).toBe(true);
    });

    it.each([
        ["a blank was typed after it", "render(props) |\n"],
        ["text stands to the right", "a();| // why\n"],
        ["a bracket is open", "for (let i = 0;|\n"],
        ["a condition's end", "if (a)|\n"],
        ["an other branch's condition", "} else if (a)|\n"],
        ["parameters", "export function f(a: string)|\n"],
        ["parameters without a name", "const f = async (a, b)|\n"],
        ["a comment", "// a();|\n"],
        ["a word", "const a = b|\n"],
    ])("not when it is %s", (_, text) => {
        expect(ends(text)).toBe(false);
    });

    it("in Python, and not in prose", () => {
        expect(ends("  run(a)|\n", "python")).toBe(true);
        expect(ends("def run(a)|\n", "python")).toBe(false);
        expect(ends("See (there)|\n", "markdown")).toBe(false);
    });
});
