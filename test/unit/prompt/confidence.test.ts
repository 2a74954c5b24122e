// Where an answer ends because the model only guesses: before the guess, and never inside a word.
import { describe, expect, it } from "vitest";
import { endsBefore, MIN_PROBABILITY } from "../../../src/prompt/confidence";

const guess = (text: string) => ({ text, probability: MIN_PROBABILITY / 2 });

describe("endsBefore", () => {
    it("goes on while the model is sure", () => {
        expect(endsBefore("return ", { text: "a", probability: 0.9 })).toBeUndefined();
    });

    it("ends before a guess", () => {
        expect(endsBefore("foo(", guess(")"))).toBe(4);
        expect(endsBefore("foo(", guess("x"))).toBe(4);
    });

    it("takes back the word that the guess would have gone on with", () => {
        expect(endsBefore("this.val", guess("ue"))).toBe(5);
        expect(endsBefore("größ", guess("e"))).toBe(0);
        expect(endsBefore("this.val", guess(" ="))).toBe(8);
    });
});
