/** Parts that an answer leaves out come from the original. */

import { describe, expect, it } from "vitest";
import { fillElisions } from "../../../src/edit/elided";
import { isElision } from "../../../src/edit/elision";

describe("a line that stands for code", () => {
    it.each([
        ["// ... existing code ...", true],
        ["    // ...", true],
        ["# ... rest of the function", true],
        ["/* ... unchanged ... */", true],
        ["<!-- ... existing code ... -->", true],
        ["-- ... other methods", true],
        ["{/* ... existing code ... */}", true],
        ["// … same as before", true],
        ["    ...", false],
        ["// wait for it...", false],
        ["const a = [...rest];", false],
        ["# existing code", false],
        ["// rest of the code", true],
        ["// Rest of the class remains the same", true],
        ["<!-- rest of the body -->", true],
        ["# (other methods remain unchanged)", true],
        ["// keep the other methods as they are", true],
        ["// Existing code goes here", true],
        ["// rest of the elements", false],
        ["// other methods call this one", false],
        ["<!-- Existing content -->", true],
        ["{/* existing components */}", true],
        ["{/* ... existing ... */}", true],
        ["{/* Rest of the form stays the same */}", true],
        ["<!-- Existing customers -->", false],
        ["<!-- Content -->", false],
        ["/* existing content */", false],
        ["", false],
    ])("%j: %s", (line, expected) => {
        expect(isElision(line)).toBe(expected);
    });
});

const original = [
    "function f(a) {",
    "    const b = a + 1;",
    "    log(b);",
    "    if (b > 3) {",
    "        stop();",
    "    }",
    "    return b;",
    "}",
];
const fill = (...answer: string[]) => fillElisions(original, answer);
const lines = (...list: string[]) => ({ lines: list });

describe("an answer with parts left out", () => {
    it("keeps them, and takes the changed line", () => {
        expect(
            fill("function f(a) {", "    const b = a + 2;", "    // ... existing code ...", "}"),
        ).toEqual(lines("function f(a) {", "    const b = a + 2;", ...original.slice(2)));
    });

    it("can leave out the beginning and the end", () => {
        expect(fill("// ...", "        stop(1);", "    }", "// ...")).toEqual(
            lines(...original.slice(0, 4), "        stop(1);", ...original.slice(5)),
        );
    });

    it("can add lines between two of them", () => {
        expect(
            fill(
                "function f(a) {",
                "    // ... existing code ...",
                "    check();",
                "    return b;",
                "}",
            ),
        ).toEqual(lines(...original.slice(0, 6), "    check();", ...original.slice(6)));
    });

    it("can remove lines between those that it shows", () => {
        expect(fill("// ... existing code ...", "    log(b);", "    return b;", "}")).toEqual(
            lines(...original.slice(0, 3), "    return b;", "}"),
        );
    });

    it("is refused when none of its lines stand there", () => {
        expect(fill("// ...", "class Other {}", "// ...")).toEqual({
            reason: expect.stringMatching(/none of its other lines/) as string,
        });
    });
});
