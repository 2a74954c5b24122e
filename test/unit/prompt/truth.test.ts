// What a person has written is not taken for what a model rambles: the true text of holes in real files passes the filters, whole and while
// it is written. The few that do not are lines that the document has once more right below.
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { cutHoles, readSources } from "../../../bench/quality/holes.mjs";
import { cutSoFar, trimAnswer } from "../../../src/prompt/filters";
import type { FilterName } from "../../../src/protocol/completion";

const root = resolve(import.meta.dirname, "../../..");
/** Not our own: each change of ours would cut other holes, and what names control tokens has them in its text. */
const FOLDERS = [
    "node_modules/undici/lib",
    "node_modules/eslint/lib",
    "node_modules/mocha/lib",
    "node_modules/@huggingface/hub/src",
    "node_modules/@huggingface/jinja/src",
];
const HOLES_OF_A_KIND = 300;
const MOST_CUT = 0.005;

/** The rule that cuts the true text of a hole, whole or at a token's end. */
function cutBy({ before, truth, after, languageId }: ReturnType<typeof cutHoles>[number]) {
    const context = { prefix: before, suffix: after, languageId };
    const whole = trimAnswer(truth, context);
    if ("reason" in whole || whole.text.trimEnd() !== truth.trimEnd()) return whole.filter;
    for (let end = 3; end < truth.length; end += 3) {
        const cut = cutSoFar(
            truth.slice(0, end),
            context,
            truth.slice(end - 3, end).includes("\n"),
        );
        if (cut) return cut.filter;
    }
    return undefined;
}

describe("true text", () => {
    it("passes, but for what is there already", { timeout: 60_000 }, () => {
        const sources = readSources(FOLDERS.map((folder) => join(root, folder)));
        const holes = cutHoles(sources, HOLES_OF_A_KIND, 1);
        expect(holes.length).toBeGreaterThan(1000);
        const cut = holes.map(cutBy).filter((filter) => filter !== undefined);
        const byRule = (names: FilterName[]) => cut.filter((name) => names.includes(name)).length;
        expect(cut.length / holes.length).toBeLessThanOrEqual(MOST_CUT);
        expect(byRule(["control-tokens", "fence", "secret", "licence", "comment"])).toBe(0);
    });
});
