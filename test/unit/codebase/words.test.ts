/** Text as words: identifiers in their parts, forms of a word made alike, questions without their small words. */

import { describe, expect, it } from "vitest";
import { questionWords, stem, wordsOf } from "../../../src/codebase/words";

describe("wordsOf", () => {
    it.each([
        ["parseURLPath", ["pars", "url", "path", "parseurlpath"]],
        ["snake_case_id", ["snak", "cas", "id", "snakecaseid"]],
        ["__init__", ["init"]],
        ["MAX_BYTES2", ["max", "byt", "maxbytes2"]],
        ["src/cart/basket.test.ts", ["src", "cart", "basket", "test", "ts"]],
        ["x = y", []],
        ["日本語 größe", ["日本語", "größe"]],
        [`"${"a".repeat(50)}"`, []],
        ["", []],
    ])("%s", (text, words) => {
        expect(wordsOf(text)).toEqual(words);
    });

    it("repeats what stands there more than once", () => {
        expect(wordsOf("total total")).toEqual(["total", "total"]);
    });
});

describe("stem", () => {
    it.each([
        ["parse", "parses", "parsed", "parsing", "parser"],
        ["query", "queries"],
        ["stop", "stopped", "stopping", "stops"],
        ["complete", "completion", "completed"],
        ["tokenize", "tokenized", "tokenization", "tokenizer"],
        ["cache", "cached", "caches"],
    ])("%s and its forms are one word", (word, ...forms) => {
        expect(new Set([word, ...forms].map(stem)).size).toBe(1);
    });

    it("leaves short words, other scripts and what only looks like an ending", () => {
        for (const word of ["bus", "class", "is", "ring", "größen"]) expect(stem(word)).toBe(word);
    });
});

describe("questionWords", () => {
    it("keeps what says something, each once", () => {
        expect(questionWords("Where are prices rounded, and how is the price shown?")).toEqual([
            "pric",
            "round",
            "shown",
        ]);
    });

    it("keeps everything when there is nothing else", () => {
        expect(questionWords("how is it done")).toEqual(["how", "is", "it", "don"]);
        expect(questionWords("?!")).toEqual([]);
    });
});
