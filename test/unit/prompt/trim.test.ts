// What is taken off an answer: `|` marks the cursor in the document.
import { describe, expect, it } from "vitest";
import { cutCycle, trimmed } from "./marked";

describe("trimAnswer", () => {
    it.each([
        ["keeps plain text", "const a = |\n", "1 + 2;", "1 + 2;"],
        ["drops white space at the end", "a = |\n", "b  \n\n", "b"],
        ["drops a closer that is there", "foo(|)\n", "a, b);\nbar()", "a, b"],
        ["keeps balanced closers", "foo(|)\n", "bar(a)", "bar(a)"],
        ["drops several closers", "foo([|])\n", "1, 2])", "1, 2"],
        ["drops a closing quote", 'x = "|"\n', 'hello"', "hello"],
        ["keeps a quote that opens", 'foo(|"a")\n', 'b, "c", ', 'b, "c", '.trimEnd()],
        ["cuts the rest of the line", "return | + tail;\n", "head + tail;", "head"],
        ["cuts a long part of the rest", "x = | + computeTail();\n", "1 + compute", "1"],
        ["no end of statement before more of it", "a = w * | / 2;\n", "h;", "h"],
        ["one line when text stands to the right", "a = | + b;\n", "1\nfoo", "1"],
        ["cuts at the next line", "  a\n  |\n  return total;\n", "b\n  return total;\n}", "b"],
        ["tells closers apart by indentation", "{\n  |\n}\n", "if (a) {\n  }\n}", "if (a) {\n  }"],
        [
            "puts a closer that is there on a line of its own after a block",
            "  if (a) {|}\n",
            "\n    b();\n  }\n",
            "\n    b();\n  ",
        ],
        ["also after a block that was cut", "f([|]);\n", "\n  1,\n  2", "\n  1,\n  2\n"],
        ["but not after a line", "if (a) {|}\n", " b(); }", " b();"],
        ["nor when another closer stands there", "f(() => {|)\n", "\n  1;\n}", "\n  1;\n}"],
        ["cuts control tokens", "a = |\n", "1<|file_sep|>b.py", "1"],
        ["cuts DeepSeek control tokens", "a = |\n", "1<｜end▁of▁sentence｜>", "1"],
    ])("%s", (_, document, answer, expected) => {
        expect(trimmed(document, answer)).toMatchObject({ text: expected });
    });

    it.each([
        ["nothing", "a |\n", "", "empty-answer"],
        ["only white space", "a |\n", " \n  \n", "empty-answer"],
        ["only the next line", "foo\n|\nreturn total;\n", "return total;\n", "only-repeats-suffix"],
        ["only the rest of the line", "a |+ b\n", "+ b", "only-repeats-suffix"],
        ["only a closer", "foo(|)\n", ")", "only-repeats-suffix"],
        ["only control tokens", "a |\n", "<|fim_pad|>", "control-tokens"],
        ["the line above again", "import numpy as np\n|\n", "import numpy as np\n", "repetition"],
        ["circles in a line", "x = |\n", "foo.bar.foo.bar.foo.bar.foo.bar.foo.bar.", "repetition"],
    ])("gives a reason for %s", (_, document, answer, reason) => {
        expect(trimmed(document, answer)).toMatchObject({ reason });
    });
});

describe("cutRepetition", () => {
    it("keeps one round of repeated lines", () => {
        expect(cutCycle("value = compute(1)\nvalue = compute(1)\nvalue = compute(1)")).toBe(
            "value = compute(1)",
        );
    });
    it("keeps one round of a cycle of two lines", () => {
        expect(cutCycle("if a:\n    run(a)\nif a:\n    run(a)\nif a:\n    run(a)")).toBe(
            "if a:\n    run(a)",
        );
    });
    it("leaves short equal lines and rulers alone", () => {
        for (const text of ["}\n}\nfoo()", "# ------------------------------", "x = 0\ny = 0"])
            expect(cutCycle(text)).toBe(text);
    });
});
