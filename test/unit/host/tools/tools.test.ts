// The tools' inputs, paths, bounds and texts: whatever a model sends.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "vscode";
import { PARTICIPANT, TOOL } from "../../../../src/host/manifest";
import { budgetOf, fittingLines, MAX_TOOL_TOKENS } from "../../../../src/host/tools/bounds";
import { matchLines } from "../../../../src/host/tools/matching";
import { candidates } from "../../../../src/host/tools/paths";
import {
    CODEBASE_INPUT,
    PROBLEMS_INPUT,
    READ_INPUT,
    SEARCH_INPUT,
    TESTS_INPUT,
} from "../../../../src/host/tools/schemas";
import { withoutSecrets } from "../../../../src/context/secretLines";
import { chooseTask } from "../../../../src/host/tools/taskChoice";
import { numbered, problemLines } from "../../../../src/host/tools/texts";
import { validate } from "../../../../src/host/tools/validate";
import { SLASH, SLASH_NAMES } from "../../../../src/prompt/slash/table";

interface Contributes {
    chatParticipants: { id: string; name: string; commands: unknown[] }[];
    languageModelTools: {
        name: string;
        inputSchema: unknown;
        modelDescription: string;
        toolReferenceName: string;
    }[];
}
const root = join(import.meta.dirname, "../../../..");
const { contributes } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    contributes: Contributes;
};

describe("package.json", () => {
    it("contributes the tools with the schemas that their inputs are checked by", () => {
        const schemas = [SEARCH_INPUT, CODEBASE_INPUT, READ_INPUT, PROBLEMS_INPUT, TESTS_INPUT];
        expect(
            contributes.languageModelTools.map(({ name, inputSchema }) => [name, inputSchema]),
        ).toEqual(Object.values(TOOL).map((name, i) => [name, schemas[i]]));
        for (const { toolReferenceName, modelDescription } of contributes.languageModelTools) {
            expect(toolReferenceName).toMatch(/^ingot[A-Z][a-z]+$/);
            expect(modelDescription.length).toBeGreaterThan(80);
        }
    });

    it("contributes the participant with the table's commands", () => {
        const [participant, ...others] = contributes.chatParticipants;
        expect(others).toEqual([]);
        expect(participant).toMatchObject(PARTICIPANT);
        expect(participant?.commands).toEqual(
            SLASH_NAMES.map((name) => ({ name, description: SLASH[name].description })),
        );
    });
});

describe("validate", () => {
    const read = (input: unknown) => validate("tool", READ_INPUT, input);
    it("takes what fits, and mends what cannot be misread", () => {
        expect(read({ path: "a", startLine: 3 })).toEqual({ path: "a", startLine: 3 });
        expect(read({ path: "a", startLine: " 3 ", endLine: null })).toEqual({
            path: "a",
            startLine: 3,
        });
        expect(validate("tool", PROBLEMS_INPUT, { path: "", severity: "error" })).toEqual({
            severity: "error",
        });
        expect(validate("tool", TESTS_INPUT, {})).toEqual({});
    });

    it.each([
        [undefined, /must be an object/],
        [[], /must be an object/],
        ["{}", /must be an object/],
        [{}, /`path` is missing/],
        [{ path: "" }, /`path` is empty/],
        [{ path: " " }, /`path` is empty/],
        [{ path: 3 }, /`path` must be a string/],
        [{ path: "x".repeat(501) }, /longer than 500/],
        [{ path: "a", line: 3 }, /no `line`; it takes `path`, `startLine`, `endLine`/],
        [{ path: "a", startLine: 0 }, /from 1 to/],
        [{ path: "a", startLine: 1.5 }, /whole number/],
        [{ path: "a", startLine: "one" }, /whole number/],
        [{ path: "a", startLine: Number.NaN }, /whole number/],
        [JSON.parse('{"path":"a","__proto__":{"x":1}}'), /no `__proto__`/],
    ])("says what is wrong with %j", (input, words) => {
        expect(() => read(input)).toThrow(words);
        expect(() => read(input)).toThrow(/^The input of tool is wrong: /);
    });

    it("names the words that it takes", () => {
        expect(() => validate("tool", PROBLEMS_INPUT, { severity: "fatal" })).toThrow(
            /one of `error`, `warning`, `information`/,
        );
    });
});

describe("candidates", () => {
    const shop = { name: "shop", path: "/projects/shop" };
    const api = { name: "api", path: "/projects/api" };
    it.each([
        ["src/a.ts", ["/projects/shop/src/a.ts"]],
        ["./src//a.ts", ["/projects/shop/src/a.ts"]],
        ["src\\a.ts", ["/projects/shop/src/a.ts"]],
        ["src/../b.ts", ["/projects/shop/b.ts"]],
        ["/src/a.ts", ["/projects/shop/src/a.ts"]],
        ["/projects/shop/a.ts", ["/projects/shop/a.ts"]],
        ["shop/a.ts", ["/projects/shop/shop/a.ts", "/projects/shop/a.ts"]],
        [".", ["/projects/shop"]],
        ["/etc/passwd", ["/projects/shop/etc/passwd"]],
    ])("%s is %j", (given, paths) => {
        expect(candidates(given, [shop])).toEqual(paths);
    });

    it.each([
        "../a",
        "src/../../a",
        "/projects/shop/../api/a",
        "~/a",
        "c:/windows/x",
        "a\0b",
        "/..",
    ])("%j leads out or stays below", (given) => {
        try {
            for (const path of candidates(given, [shop]))
                expect(path.startsWith("/projects/shop/")).toBe(true);
        } catch (error) {
            expect(String(error)).toMatch(/is not in the workspace/);
        }
    });

    it("looks into all folders", () => {
        expect(candidates("api/x", [shop, api])).toEqual([
            "/projects/shop/api/x",
            "/projects/api/api/x",
            "/projects/api/x",
        ]);
        expect(() => candidates("a", [])).toThrow(/No folder is open/);
    });
});

describe("bounds", () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
    it("keeps whole lines within the caller's tokens, counting few times", async () => {
        let nCounts = 0;
        const countTokens = async (text: string) => {
            nCounts++;
            return text.split(/\s+/).length;
        };
        const budget = budgetOf({ tokenBudget: 100, countTokens });
        const shown = await fittingLines("head", lines, budget);
        expect(shown).toEqual(lines.slice(0, 49));
        expect(nCounts).toBeLessThan(15);
    });

    it("gives less than it is offered, and guesses without a count", async () => {
        const shown = await fittingLines("", lines, budgetOf(undefined));
        expect(shown.join("\n").length).toBeLessThanOrEqual(MAX_TOOL_TOKENS * 3);
        expect(shown.length).toBeGreaterThan(300);
        const offer = { tokenBudget: 1e9, countTokens: async () => 1 };
        expect(budgetOf(offer).maxTokens).toBe(MAX_TOOL_TOKENS);
        expect(budgetOf({ ...offer, tokenBudget: -5 }).maxTokens).toBe(50);
    });

    it("cuts a line that alone is too long", async () => {
        const [line] = await fittingLines("", ["x".repeat(1e6)], budgetOf(undefined));
        expect(line?.length).toBe(MAX_TOOL_TOKENS * 3 + 4);
    });
});

describe("matchLines", () => {
    it("finds the text in any case, and apart from that all of its words", () => {
        const lines = ["const Total = 1;", "price of the total", "nothing", "total price"];
        expect(matchLines(lines, " total ")).toEqual({ exact: [0, 1, 3], loose: [] });
        expect(matchLines(lines, "total price")).toEqual({ exact: [3], loose: [1] });
        expect(matchLines(lines, ".*")).toEqual({ exact: [], loose: [] });
    });
});

describe("withoutSecrets", () => {
    it("takes the lines of keys and tokens, and keeps the numbers of the others", () => {
        const token = `ghp_${"a1B2".repeat(9)}`;
        const begin = "-----BEGIN RSA PRIVATE KEY-----";
        const lines = ["a", `t = "${token}"`, begin, "MIIE", "-----END RSA PRIVATE KEY-----", "b"];
        const shown = withoutSecrets(lines);
        expect(shown).toHaveLength(6);
        expect([shown[0], shown[5]]).toEqual(["a", "b"]);
        for (const line of shown.slice(1, 5)) expect(line).toMatch(/^\[left out/);
        expect(withoutSecrets([begin, "x", "y"])[2]).toMatch(/^\[left out/);
        const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        const cut = withoutSecrets([body, body, "b", body]);
        expect(cut.map((line) => line.startsWith("[left out"))).toEqual([true, true, false, false]);
    });
});

describe("texts", () => {
    it("numbers lines, and says how to get those that did not fit", () => {
        const said = numbered("a.ts", ["one", "two", "three"], { startLine: 2 });
        expect(said).toMatchObject({ head: "a.ts, 3 lines:", lines: ["2: two", "3: three"] });
        expect(said.more?.(1)).toBe("... lines 3 to 3 did not fit; ask for them with startLine 3.");
        expect(numbered("a.ts", ["one"], { startLine: 9 })).toEqual({
            head: "a.ts has only 1 line.",
            lines: [],
        });
        expect(numbered("a.ts", ["1", "2"], { startLine: 2, endLine: 1 }).lines).toEqual(["2: 2"]);
    });

    const problem = (severity: number, line: number, message: string) =>
        ({
            severity,
            message,
            source: "ts",
            range: { start: { line, character: 4 } },
        }) as Diagnostic;
    it("lists problems, the serious first", () => {
        const files = [
            { path: "b.ts", diagnostics: [problem(1, 3, "unused\n  x"), problem(0, 9, "bad")] },
            { path: "a.ts", diagnostics: [problem(2, 0, "note"), problem(0, 1, "wrong")] },
        ];
        expect(problemLines(files, "warning").lines).toEqual([
            "a.ts:2:5: error: wrong [ts]",
            "b.ts:10:5: error: bad [ts]",
            "b.ts:4:5: warning: unused x [ts]",
        ]);
        expect(problemLines(files, "error").head).toBe("2 problems:");
        expect(problemLines([], "error", "src").head).toBe(
            "There are no errors in src, as far as the editor knows.",
        );
    });
});

describe("chooseTask", () => {
    const task = (name: string, isDefault = false, isBackground = false) => ({
        name,
        isDefault,
        isBackground,
    });
    it("takes the named one, the default, or the only one", () => {
        const [a, b] = [task("unit"), task("all", true)];
        expect(chooseTask([a, b])).toBe(b);
        expect(chooseTask([a, b], " Unit ")).toBe(a);
        expect(chooseTask([a])).toBe(a);
        expect(chooseTask([task("watch", false, true), a])).toBe(a);
    });

    it("says what there is otherwise", () => {
        expect(() => chooseTask([])).toThrow(/no test task.*tasks\.json/);
        expect(() => chooseTask([task("a"), task("b")])).toThrow(/name one: `a`, `b`/);
        expect(() => chooseTask([task("a")], "c")).toThrow(/no test task `c`; there are `a`/);
        expect(() => chooseTask([task("w", true, true)])).toThrow(/never ends/);
        expect(() => chooseTask([task("w", true, true)], "w")).toThrow(/never ends/);
    });
});
