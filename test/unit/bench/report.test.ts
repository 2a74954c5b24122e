/** The quality bench's tables, its verdicts on layouts, and its figures of silence. */

import { describe, expect, it } from "vitest";
import type { Judgement } from "../../../bench/quality/judge.mjs";
import { holeReport, silentReport } from "../../../bench/quality/report.mjs";

const right: Judgement = { shown: true, line: true, whole: true, ended: true };
const wrong: Judgement = { shown: true, line: false, whole: false, ended: true };
const nothing: Judgement = { shown: false, line: false, whole: false, ended: false };

/** `n` times `+` right, `-` wrong, `.` nothing. */
function judged(marks: string): Judgement[] {
    return [...marks].map((mark) => (mark === "+" ? right : mark === "-" ? wrong : nothing));
}

describe("the table of layouts", () => {
    const cases = [..."llllllwwwwww"].map((mark) => ({ kind: mark === "l" ? "line" : "word" }));
    const report = (columns: Record<string, string>) =>
        holeReport({
            columns: Object.entries(columns).map(([name, marks]) => ({
                name,
                judgements: judged(marks),
            })),
            cases,
            kinds: ["line", "word", "block"],
        });

    it("tells shares and who won what, by kind and together", () => {
        const { result, isLost, text } = report({
            "append+": "++++++++++--",
            documented: "+++---++++++",
        });
        expect(result["append+"]?.["line"]).toMatchObject({ holes: 6, line: 1 });
        expect(result["documented"]?.["line"]).toMatchObject({
            ...{ line: 0.5, againstFirst: { won: 0, lost: 3 } },
        });
        expect(result["append+"]?.["all"]?.againstReference).toEqual({ won: 3, lost: 2 });
        expect(isLost).toBe(false);
        expect(text).toContain("append+ does not lose against documented: 3 won, 2 lost of all");
        expect(text).not.toContain("block");
    });

    it("finds the layout that loses, also where it does so in one kind only", () => {
        const lost = report({ "append+": "++++++-----+", documented: "------++++++" });
        expect(lost.isLost).toBe(true);
        expect(lost.text).toContain("append+ loses (word) against documented: 6 won, 5 lost");
    });

    it("tells how many tests pass, of those that were run", () => {
        const [passed, failed] = [true, false].map((passed) => ({ ...wrong, passed }));
        const { result, text } = holeReport({
            columns: [
                { name: "a", judgements: [passed!, passed!, failed!, wrong] },
                { name: "b", judgements: [passed!, failed!, failed!, wrong] },
            ],
            cases: ["line", "line", "word", "block"].map((kind) => ({ kind })),
            kinds: ["line", "word", "block"],
        });
        expect(result["a"]?.["line"]).toMatchObject({ run: 2, passed: 1 });
        expect(result["b"]?.["line"]).toMatchObject({ run: 2, passed: 0.5 });
        expect(result["b"]?.["line"]?.passAgainstFirst).toEqual({ won: 0, lost: 1 });
        expect(result["b"]?.["block"]).toMatchObject({ holes: 1, run: 0, passed: null });
        expect(text).toMatch(/^ {2}pass@1 \(2\) +1\.000 +0\.500$/m);
        expect(text).toMatch(/^all of them: pass@1 \(3\) +0\.667 +0\.333$/m);
        expect(text.match(/pass@1 \(/g)).toHaveLength(3);
        expect(report({ documented: "++++++++++++" }).text).not.toContain("pass@1");
    });

    it("does not mind a layout that the product never uses", () => {
        const lost = report({ append: "------------", documented: "++++++++++++" });
        expect(lost.isLost).toBe(false);
        expect(lost.text).toContain("append loses (line, word, all)");
    });

    it("has no verdict without the documented order", () => {
        expect(report({ "append+": "------------" }).isLost).toBe(false);
    });
});

describe("figures of silence", () => {
    it("count silence where nothing belongs, and showing elsewhere", () => {
        const cases = [..."bbbbll"].map((mark) => ({ kind: mark === "b" ? "brace" : "line" }));
        const { result, text } = silentReport({
            columns: [
                { name: "0", judgements: judged("----+-") },
                { name: "0.5", judgements: judged("...-+.") },
            ],
            cases,
            silentKinds: ["brace", "blank"],
            holeKinds: ["line"],
        });
        expect(result[0]).toMatchObject({ silent: 0, showing: 1, rightOfShown: 0.5 });
        expect(result[1]).toMatchObject({
            ...{ name: "0.5", silent: 0.75, showing: 0.5, rightOfShown: 1, rightOfHoles: 0.5 },
            silentByKind: { brace: 0.75, blank: null },
        });
        expect(text).toMatch(/silent where nothing belongs \(4\) +0 +75/);
        expect(text).toMatch(/blank line between parts \(0\) +- +-/);
    });
});
