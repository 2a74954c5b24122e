/** Sentences in place of code are told from code. */

import { describe, expect, it } from "vitest";
import { wordsInstead } from "../../../src/edit/answerWords";

const BEFORE = ["function f(a) {", "    return a;", "}"];
const words = (code: string, before = BEFORE, languageId = "typescript") =>
    wordsInstead(code, { before, languageId });

describe("an answer in words", () => {
    it.each([
        ["a refusal", "I'm sorry, but I can't help with that."],
        ["a refusal with a typographic apostrophe", "I can’t rename it"],
        ["praise", "The code already does this with `a_b(c)`."],
        ["a sentence", "You should use a loop in this place."],
    ])("%s is told", (_name, answer) => {
        expect(words(answer)).toBe(answer);
    });

    it("may stand in a comment, when it refuses", () => {
        expect(words("// No changes needed here")).toBe("No changes needed here");
        expect(words("/* Nothing to fix. */")).toBe("Nothing to fix.");
    });

    it("of several sentences is one line", () => {
        expect(words("You should use a loop here.\n\nThat is a lot faster than this.")).toBe(
            "You should use a loop here. That is a lot faster than this.",
        );
    });
});

describe("code is code", () => {
    it.each([
        ["with other lines", "function f(a) {\n    return a + 1;\n}"],
        ["that is a word", "done"],
        ["that is nothing", " \n"],
        ["with a comment in front", "// Nothing to change in the rest.\nreturn a;"],
        ["that is a comment", "// Adds the tax to all of the prices."],
        ["that is a string", '"Nothing was changed: {0}.";'],
    ])("%s", (_name, answer) => {
        expect(words(answer)).toBeUndefined();
    });

    it.each([
        ["sql", "SELECT NAME FROM USERS WHERE AGE IS NULL."],
        ["cobol", "MOVE A TO B."],
        ["python", "from __future__ import annotations"],
        ["feature", "Given the user is on the page"],
    ])("in %s", (languageId, line) => {
        expect(words(line, ["old"], languageId)).toBeUndefined();
    });

    it("may be sentences where the lines were sentences, and in text", () => {
        const said = "I'm sorry, but we are closed on all of these days.";
        expect(words(said, ["We are closed on each of these days."])).toBeUndefined();
        expect(words(said, ["# Closed"], "markdown")).toBeUndefined();
    });
});
