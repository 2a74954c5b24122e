/** Lines of an answer get the indentation of what they replace, whatever the model did with it. */

import { expect, it } from "vitest";
import { fitLines } from "../../../src/edit/fit";

const body = ["    if (a) {", "        b();", "    }"];
const spaces4 = "    ";

it.each([
    ["as it was", body.join("\n"), body, spaces4, body],
    ["without its indentation", "if (a) {\n    b();\n}", body, spaces4, body],
    ["with more of it", "        if (a) {\n            b();\n        }", body, spaces4, body],
    ["by two spaces", "if (a) {\n  b();\n}", body, spaces4, body],
    ["by tabs", "if (a) {\n\tb();\n}", body, spaces4, body],
    [
        "by spaces for tabs",
        "if (a) {\n    b();\n}",
        ["\tif (a) {", "\t\tc();", "\t}"],
        "\t",
        ["\tif (a) {", "\t\tb();", "\t}"],
    ],
    [
        "by the lines' own step, not the editor's",
        "if (a) {\n  b();\n}",
        ["if (a) {", "  c();", "}"],
        spaces4,
        ["if (a) {", "  b();", "}"],
    ],
    [
        "with an outer line that the old ones do not have",
        "import x\n    a()\n    b()",
        ["    a()", "    b()"],
        spaces4,
        ["import x", "    a()", "    b()"],
    ],
    ["with empty lines at its ends", "\n\na()\n\n", ["  x()"], spaces4, ["  a()"]],
    ["with windows line ends", "a()\r\nb()\r\n", ["  x()"], spaces4, ["  a()", "  b()"]],
    ["blank", "  \n", body, spaces4, []],
])("%s", (_name, code, before, unit, expected) => {
    expect(fitLines(code, { before, unit })).toEqual(expected);
});

it("an empty line's place gives the indentation", () => {
    expect(fitLines("a()\n    b()", { before: ["  "], unit: "  " })).toEqual(["  a()", "    b()"]);
    expect(fitLines("a()", { before: [], indent: "\t", unit: "\t" })).toEqual(["\ta()"]);
});
