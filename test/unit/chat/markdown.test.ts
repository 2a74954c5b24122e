/** The markdown layer without a DOM: what becomes HTML, what stays text, and how a growing answer is cut into blocks. */

import MarkdownIt from "markdown-it";
import { describe, expect, it, vi } from "vitest";
import { highlight } from "../../../src/webview/highlight";
import { BlockStream, languageOf, render, splitBlocks } from "../../../src/webview/markdown";

describe("render", () => {
    it.each([
        ["<img src=x onerror=alert(1)>", "&lt;img"],
        ["<script>alert(1)</script>", "&lt;script&gt;"],
        ["a <b>b</b>", "&lt;b&gt;"],
        ["`<i>`", "<code>&lt;i&gt;</code>"],
    ])("shows HTML as text: %s", (source, expected) => {
        expect(render(source)).toContain(expected);
        expect(render(source)).not.toMatch(/<(img|script|b|i)[\s>]/);
    });

    it.each([
        "[a](javascript:alert(1))",
        "[a](JAVASCRIPT:alert(1))",
        "[a](data:text/html,x)",
        "[a](vscode://x/y)",
        "[a](command:x)",
        "[a](file:///etc/passwd)",
        "[a](src/a.ts)",
        "<javascript:alert(1)>",
        "[a]\n\n[a]: javascript:alert(1)",
        "https://example.com is not made a link",
    ])("makes no link of %s", (source) => {
        expect(render(source)).not.toContain("<a ");
    });

    it("links to web addresses", () => {
        expect(render("[a](https://example.com/x)")).toContain('<a href="https://example.com/x">');
    });

    it("fetches no image", () => {
        expect(render("![a](https://example.com/x.png)")).not.toContain("<img");
    });

    it("aligns table cells without a style attribute", () => {
        const html = render("| a | b |\n|:-:|--:|\n| 1 | 2 |");
        expect(html).not.toContain("style=");
        expect(html).toContain('<td align="center">1</td>');
        expect(html).toContain('<th align="right">b</th>');
    });

    it("stops nesting at a depth", () => {
        const html = render(`${">".repeat(5000)}x`);
        expect(html.split("<blockquote>").length - 1).toBeLessThanOrEqual(30);
    });
});

describe("splitBlocks", () => {
    it("cuts at top-level blocks", () => {
        expect(splitBlocks("# T\n\na\nb\n\n- c\n\n  d\n\n```ts\nlet a;\n```\nend")).toEqual([
            { kind: "text", source: "# T\n" },
            { kind: "text", source: "a\nb\n" },
            { kind: "text", source: expect.stringContaining("- c\n\n  d") as string },
            { kind: "code", language: "ts", code: "let a;\n" },
            { kind: "text", source: "end" },
        ]);
    });

    it("loses nothing where a lone carriage return ends a line, or a link's address stands elsewhere", () => {
        const text = "one\rtwo\r\rthree\n\nsee [x][1]\n\n[1]: https://example.com\n";
        const shown = splitBlocks(text)
            .map((block) => (block.kind === "text" ? render(block.source) : block.code))
            .join("");
        for (const part of ["one", "two", "three", "[x][1]", "https://example.com"])
            expect(shown).toContain(part);
    });

    it("takes a fence that is not closed for code", () => {
        expect(splitBlocks("a\n\n```py\nx = 1\n")).toEqual([
            { kind: "text", source: "a\n" },
            { kind: "code", language: "py", code: "x = 1\n" },
        ]);
    });

    it.each([
        ["TypeScript title=x", "typescript"],
        ["c++", "c++"],
        ["c#", "c#"],
        ['"><img>', ""],
        ["", ""],
    ])("language of %s", (info, expected) => {
        expect(languageOf(info)).toBe(expected);
    });
});

describe("BlockStream", () => {
    const text = [
        "# T",
        "a *b*",
        "- a\n\n- b\n\n  1. c\n  2. d",
        "```ts\nlet a = `x`;\n\n\nlet b;\n```",
        "para\n---",
        "> q\n> r",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "1. a\n\n   ```\n   x\n   ```\n\n2. b",
        "    indented",
        "````md\n```\ninner\n```\n````",
        "last",
    ].join("\n\n");

    it.each([1, 3, 16])("gives the blocks of the whole text when it comes %i at a time", (step) => {
        const stream = new BlockStream();
        for (let end = step; end < text.length + step; end += step) {
            const part = text.slice(0, end);
            expect(stream.update(part)).toEqual(splitBlocks(part));
        }
    });

    it.each([
        "a\n\n```ts\nlet a = `x`;\n``\n ```x\n~~~\nlet b;\n```\nend\n\n~~~~\n~~~\n  ~~~~ \nlast",
        "```\n\n\n```` \n- a\n\n  ```\n  b\n  ```\n\n```js\nc\r\n```\r\nd",
        " ```\n a\n ```\nb\n```py\nx\u0000y\n",
    ])("gives the blocks of the whole text where code is closed late: %j", (code) => {
        for (const step of [1, 2, 5]) {
            const stream = new BlockStream();
            for (let end = step; end < code.length + step; end += step)
                expect(stream.update(code.slice(0, end))).toEqual(splitBlocks(code.slice(0, end)));
        }
    });

    it("does not parse long code anew for each word of it", () => {
        const parse = vi.spyOn(MarkdownIt.prototype, "parse");
        const stream = new BlockStream();
        let text = "a\n\n```ts\n";
        for (let i = 0; i < 500; i++) stream.update((text += `let a${i};\n`));
        expect(stream.update(`${text}\`\`\`\nb`)).toEqual(splitBlocks(`${text}\`\`\`\nb`));
        expect(parse.mock.calls.length).toBeLessThan(10);
        parse.mockRestore();
    });

    it("keeps settled blocks as they are", () => {
        const stream = new BlockStream();
        const [first] = stream.update("a\n\nb\n\nc\n\nd");
        const again = stream.update("a\n\nb\n\nc\n\nd\n\ne");
        expect(again[0]).toBe(first);
        expect(again).toHaveLength(5);
    });

    it("begins anew when the text is another one", () => {
        const stream = new BlockStream();
        stream.update("a\n\nb\n\nc\n\nd");
        expect(stream.update("x\n\ny")).toEqual(splitBlocks("x\n\ny"));
    });
});

describe("highlight", () => {
    it("escapes the code and marks it", () => {
        const html = highlight('const a = "<img>";', "ts");
        expect(html).toContain('<span class="hljs-keyword">const</span>');
        expect(html).toContain("&lt;img&gt;");
        expect(html).not.toContain("<img");
    });

    it.each(["python", "py", "rs", "c++", "c#", "html", "yml", "shell", "kt", "typescriptreact"])(
        "knows %s",
        (language) => {
            expect(highlight("x", language)).toContain("x");
        },
    );

    it("leaves unknown languages and very long code alone", () => {
        expect(highlight("x", "brainfuck")).toBeUndefined();
        expect(highlight("x".repeat(30_001), "ts")).toBeUndefined();
    });
});
