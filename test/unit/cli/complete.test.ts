// Places in files, as `ingot complete` takes them.
import { describe, expect, it } from "vitest";
import { offsetAt } from "../../../src/cli/complete";

describe("offsetAt", () => {
    const text = "ab\ncde\r\nf";
    it.each([
        ["1:1", 0],
        ["1:3", 2],
        ["2:1", 3],
        ["2:4", 6],
        ["3:2", 9],
    ])("%s", (at, offset) => {
        expect(offsetAt(text, at)).toBe(offset);
    });
    it("never stands between the halves of a character", () => {
        const smile = "\u{1f600}";
        expect([1, 2, 3].map((column) => offsetAt(`${smile}a`, `1:${column}`))).toEqual([0, 0, 2]);
        expect(offsetAt(`${smile}${smile}`, "1:4")).toBe(2);
        expect(offsetAt(`a${smile}`, "1:2")).toBe(1);
    });
    it.each(["0:1", "1:0", "1:4", "2:5", "4:1", "1", "a:b", "1:-1"])("refuses %s", (at) => {
        expect(() => offsetAt(text, at)).toThrow("counted from 1");
    });
});
