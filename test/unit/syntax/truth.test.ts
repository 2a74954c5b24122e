// The rules are there for wrong text: what really stands in files must come through all of them unchanged, wherever the cursor was.
import { readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { cutHoles, readSources, type Hole } from "../../../bench/quality/holes.mjs";
import { findStop } from "../../../src/prompt/stop";
import { trimAnswer } from "../../../src/prompt/filters";
import type { TreeSyntax } from "../../../src/syntax/syntax";
import { syntaxFor } from "./setUp";

const SAMPLES = join("test", "fixtures", "syntax");
const LANGUAGE_OF: Readonly<Record<string, string>> = {
    ".py": "python",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".c": "c",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".php": "php",
    ".rb": "ruby",
    ".sh": "shellscript",
    ".css": "css",
    ".tsx": "typescriptreact",
};
let syntax: TreeSyntax;
beforeAll(async () => {
    syntax = await syntaxFor("typescript", "javascript", ...Object.values(LANGUAGE_OF));
}, 60_000);

type Cut = Pick<Hole, "languageId" | "before" | "truth" | "after" | "path">;

/** The rule that takes something off the true text; undefined: none. */
function lostTo({
    languageId,
    before: prefix,
    truth,
    after: suffix,
    path,
}: Cut): string | undefined {
    const place = { uri: path, languageId, prefix, suffix };
    const rule = syntax.rule(place);
    if (!rule) return "no tree";
    const next = suffix.split("\n").slice(1, 3).join("\n");
    const context = { ...place, maxLines: 10, trigger: "automatic", syntax: rule } as const;
    const stop = findStop(`${truth}\n${next}\n`, context);
    if (stop && stop.length < truth.trimEnd().length) return "stop";
    const trimmed = trimAnswer(truth, place);
    if (!("text" in trimmed) || trimmed.text.trimEnd() !== truth.trimEnd()) return "trim";
    const checked = syntax.check(place, truth);
    return checked && "text" in checked && checked.text === truth ? undefined : "check";
}

/** The rest of each line of code from its beginning and from each of its words. */
function holesOf(path: string, languageId: string): Cut[] {
    const text = readFileSync(path, "utf8");
    const lines = text.split("\n");
    return lines.flatMap((line, i) => {
        const words = [...line.matchAll(/(?<!\w)\w/g)].map(({ index }) => index);
        if (/^\s*(\/\/|\/\*|#|"""|\*)/.test(line)) return [];
        return words.map((column) => ({
            path,
            languageId,
            before: [...lines.slice(0, i), line.slice(0, column)].join("\n"),
            truth: line.slice(column),
            after: ["", ...lines.slice(i + 1)].join("\n"),
        }));
    });
}

function lostOf(holes: readonly Cut[]): string[] {
    return holes.flatMap((hole) => {
        const rule = lostTo(hole);
        return rule === undefined ? [] : [`${rule}: ${hole.truth}`];
    });
}

describe("the rest of every line of a sample", () => {
    const samples = readdirSync(SAMPLES);
    it.each(samples)("%s", { timeout: 60_000 }, (name) => {
        const languageId = LANGUAGE_OF[extname(name)];
        if (languageId === undefined) throw new Error(`${name} is of no language`);
        const holes = holesOf(join(SAMPLES, name), languageId);
        expect(holes.length).toBeGreaterThan(20);
        expect(lostOf(holes)).toEqual([]);
    });
});

describe("holes in real packages", () => {
    it.each([
        ["javascript", "undici/lib"],
        ["javascript", "eslint/lib"],
        ["typescript", "@huggingface/hub/src"],
    ])("%s of %s: at least 99 of 100 stay whole", { timeout: 60_000 }, (languageId, folder) => {
        const sources = readSources([join("node_modules", folder)]);
        const holes = cutHoles(
            sources.filter((source) => source.languageId === languageId),
            30,
            7,
        );
        expect(holes.length).toBeGreaterThan(80);
        const lost = lostOf(holes);
        expect(lost.length, lost.join("\n")).toBeLessThanOrEqual(holes.length / 100);
    });
});
