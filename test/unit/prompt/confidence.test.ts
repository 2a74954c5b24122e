// Where an answer ends because the model only guesses: before the guess, and never inside a word.
import { describe, expect, it } from "vitest";
import { endsBefore, MIN_FIRST, MIN_LATER } from "../../../src/prompt/confidence";

const guess = (text: string) => ({ text, probability: MIN_LATER / 2 });

describe("endsBefore", () => {
    it("goes on while the model is sure", () => {
        expect(endsBefore("return ", { text: "a", probability: 0.9 }, false)).toBeUndefined();
    });

    it("ends before a guess", () => {
        expect(endsBefore("foo(", guess(")"), false)).toBe(4);
        expect(endsBefore("foo(", guess("x"), false)).toBe(4);
    });

    it("takes back the word that the guess would have gone on with", () => {
        expect(endsBefore("this.val", guess("ue"), false)).toBe(5);
        expect(endsBefore("größ", guess("e"), false)).toBe(0);
        expect(endsBefore("this.val", guess(" ="), false)).toBe(8);
    });

    it("asks more of the first token", () => {
        const next = { text: "x", probability: (MIN_FIRST + MIN_LATER) / 2 };
        expect(endsBefore("", next, true)).toBe(0);
        expect(endsBefore("a ", next, false)).toBeUndefined();
    });
});
