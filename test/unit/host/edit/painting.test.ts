// How a line that goes is painted: its indentation is a margin, so that only its words are struck through.
import { describe, expect, it, vi } from "vitest";
import { painted } from "../../../../src/host/edit/painting";

vi.mock("vscode", () => ({}));

describe("painted", () => {
    it.each([
        ["        let best;", { indent: 8, words: "let\u00a0best;" }],
        ["\t \tx", { indent: 8, words: "x" }],
        ["a\tb", { indent: 0, words: "a\u00a0\u00a0\u00a0b" }],
        ["    ", { indent: 0, words: "\u00a0" }],
    ])("%j", (text, expected) => {
        expect(painted(text, 4)).toEqual(expected);
    });
});
