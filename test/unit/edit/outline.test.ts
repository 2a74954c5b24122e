/** The symbols of a text where no grammar is. */

import { describe, expect, it } from "vitest";
import { partsByIndentation } from "../../../src/edit/outline";

describe("symbols by indentation", () => {
    it("of a language without a grammar", () => {
        const lines = [
            "class A {",
            "    fun f(): Int {",
            "        return 1",
            "    }",
            "",
            "    // g",
            "    private fun g() {",
            "    }",
            "}",
            "function lua(a)",
            "    return a",
            "end",
            "def one(self):",
            "    pass",
            "",
            "x = 1",
        ];
        expect(partsByIndentation(lines)).toEqual([
            { name: "A", container: undefined, isContainer: true, lead: 0, start: 0, end: 9 },
            { name: "f", container: "A", isContainer: false, lead: 1, start: 1, end: 4 },
            { name: "g", container: "A", isContainer: false, lead: 5, start: 6, end: 8 },
            { name: "lua", container: undefined, isContainer: false, lead: 9, start: 9, end: 12 },
            { name: "one", container: undefined, isContainer: false, lead: 12, start: 12, end: 14 },
        ]);
    });
});
