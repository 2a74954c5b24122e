// Prompt files: what they say, what is filled in, and what is said of broken and hostile ones.
import { describe, expect, it } from "vitest";
import {
    fillIn,
    MAX_PROMPT_CHARACTERS,
    readPromptFile,
    usesVariable,
    type PromptValues,
} from "../../../../src/prompt/slash/promptFile";

const values: PromptValues = {
    selection: "a${file}b",
    file: "src/cart/basket.test.ts",
    workspaceFolder: "/projects/shop",
    inputs: new Map([["name", "Basket"]]),
};
const read = (text: string, name = "api.prompt.md") => readPromptFile(name, text);
const filled = (body: string, given: Partial<PromptValues> = {}) =>
    fillIn(read(body), { ...values, ...given });

describe("readPromptFile", () => {
    it("reads the header and the text", () => {
        const file = read(
            [
                "---",
                'description: "Write an endpoint." # for menus',
                "mode: agent",
                "tools: ['search', \"edit\", run]",
                "unknown: x",
                "---",
                "Write ${input:name:name of the endpoint}, see [rules](../rules.md#top).",
            ].join("\r\n"),
        );
        expect(file).toEqual({
            name: "api",
            description: "Write an endpoint",
            mode: "agent",
            tools: ["search", "edit", "run"],
            body: "Write ${input:name:name of the endpoint}, see [rules](../rules.md#top).",
            inputs: [{ name: "name", hint: "name of the endpoint" }],
            links: ["../rules.md"],
        });
    });

    it("needs no header; a list may stand in lines", () => {
        expect(read("Explain this.")).toMatchObject({ name: "api", description: "", tools: [] });
        const file = read("---\nname: other\ntools:\n  - one\n  - 'two'\nagent: ask\n---\nx");
        expect(file).toMatchObject({ name: "other", tools: ["one", "two"], mode: "ask" });
    });

    it("takes texts and lists over several lines", () => {
        const file = read(
            [
                "---",
                "description: >-",
                "  Write an endpoint,",
                "  and its tests.",
                "",
                "tools: [ # what it may use",
                "  'search',",
                "  edit, # and",
                "]",
                "agent: |",
                "  ask",
                "note: a text",
                "  that goes on",
                "---",
                "x",
            ].join("\n"),
        );
        expect(file).toMatchObject({
            description: "Write an endpoint, and its tests",
            tools: ["search", "edit"],
            mode: "ask",
        });
    });

    it.each([
        ["a header that is not closed", "---\ndescription: x\n", /line 1.*not closed/],
        ["a line that says nothing", "---\na: b\nnonsense\n---\nx", /line 3.*key: value/],
        ["a quote that is not closed", "---\na: 'b\n---\nx", /line 2.*quote/],
        ["a quote in a list", '---\na:\n- ok\n- "b\n---\nx', /line 4.*quote/],
        ["a list that is not closed", "---\na: [b\n---\nx", /line 2.*\]/],
        ["no text", "---\na: b\n---\n \n", /no text/],
        ["binary", "a\0b", /not a text/],
        ["a name that is a path", "---\nname: ../../x\n---\nx", /no name to type/],
        ["an input without a name", "a\nb ${input:} c", /`\$\{input:\}` in line 2/],
        ["too many inputs", Array.from({ length: 11 }, (_, i) => `\${input:a${i}}`).join(""), /10/],
        ["a long file", "x".repeat(MAX_PROMPT_CHARACTERS + 1), /longer than/],
        ["a long header", `---\n${"a: b\n".repeat(200)}---\nx`, /header is longer/],
    ])("says what is wrong with %s", (_, text, words) => {
        expect(() => read(text)).toThrow(words);
        expect(() => read(text)).toThrow(/^The prompt file api\.prompt\.md cannot be used/);
    });

    it("takes only relative files for links, eight at most", () => {
        const targets = ["https://x.y/a", "/etc/passwd", "#top", "mailto:a@b", "a.md", "a.md"];
        targets.push(...Array.from({ length: 20 }, (_, i) => `f${i}.md`));
        const { links } = read(targets.map((target) => `[x](${target})`).join(" "));
        expect(links).toEqual(["a.md", ...Array.from({ length: 7 }, (_, i) => `f${i}.md`)]);
        expect(read("![picture](a.png)").links).toEqual([]);
    });

    it("is quick with a text made to be slow", () => {
        const body = "${a:".repeat(16_000);
        expect(filled(body)).toBe(body);
        expect(read("[x](".repeat(16_000)).links).toEqual([]);
    });
});

describe("fillIn", () => {
    it("knows the file, its folder and the workspace", () => {
        const body =
            "${file} ${relativeFile} ${fileBasename} ${fileBasenameNoExtension} ${fileDirname} ${workspaceFolder} ${workspaceFolderBasename}";
        expect(filled(body)).toBe(
            "src/cart/basket.test.ts src/cart/basket.test.ts basket.test.ts basket.test src/cart /projects/shop shop",
        );
    });

    it("fills in once: what is selected is never read again", () => {
        expect(filled("<${selection}|${selectedText}>")).toBe("<a${file}b|a${file}b>");
        expect(filled("${selection}", { selection: "$& $1" })).toBe("$& $1");
    });

    it("takes inputs by name, whatever their hint", () => {
        expect(filled("${input:name} ${input:name:which one?}")).toBe("Basket Basket");
        expect(() => filled("${input:other}")).toThrow(/uses `other`; enter a value/);
    });

    it("leaves what is no variable as it is", () => {
        for (const body of ["${name}", "${env:HOME}", "${toString}", "$file", "${file", "${}"])
            expect(filled(body)).toBe(body);
    });

    it("says what is not there", () => {
        expect(() => filled("${selection}", { selection: undefined })).toThrow(
            "The prompt /api uses the selection; select some code first",
        );
        expect(() => filled("${fileDirname}", { file: undefined })).toThrow(/the open file/);
        expect(() => filled("${workspaceFolder}", { workspaceFolder: undefined })).toThrow(
            /open a folder first/,
        );
    });

    it("does not grow without bounds", () => {
        const selection = "x".repeat(10_000);
        expect(() => filled("${selection}".repeat(100), { selection })).toThrow(/too long/);
    });

    it("is asked whether it needs the selection or the file", () => {
        expect(usesVariable("${selectedText}", "selection")).toBe(true);
        expect(usesVariable("${file}", "selection")).toBe(false);
        expect(usesVariable("${file}", "file")).toBe(true);
    });
});
