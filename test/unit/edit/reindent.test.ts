/** Code from an answer takes the indentation of the line it is inserted at. */

import { expect, it } from "vitest";
import { reindent } from "../../../src/edit/reindent";

const spaces4 = "    ";

it.each([
    ["one line", "a();\n", "    ", spaces4, "a();"],
    ["at the margin", "if (a) {\n    b();\n}\n", "", spaces4, "if (a) {\n    b();\n}"],
    ["in a body", "if (a) {\n    b();\n}", "    ", spaces4, "if (a) {\n        b();\n    }"],
    ["after text on the line", "{\n    b();\n}", "    x = ", spaces4, "{\n        b();\n    }"],
    ["own indentation goes", "    a();\n      b();", "", "  ", "a();\n  b();"],
    ["two spaces to four", "if (a) {\n  b();\n}", "", spaces4, "if (a) {\n    b();\n}"],
    ["four spaces to tabs", "a:\n    b:\n        c", "\t", "\t", "a:\n\t\tb:\n\t\t\tc"],
    ["tabs to spaces", "a {\n\tb\n}", "  ", "  ", "a {\n    b\n  }"],
    ["odd indentation stays", "f(a,\n     b)", "  ", spaces4, "f(a,\n       b)"],
    ["mixed indentation stays", "a\n\tb\n    c", "", "  ", "a\n\tb\n    c"],
    ["blank lines stay empty", "a\n\n  b\n   \nc", "    ", "  ", "a\n\n      b\n\n    c"],
    ["blank lines around go", "\n  \na\n\n", "", spaces4, "a"],
    ["carriage returns go", "a\r\nb\r\n", "  ", "  ", "a\n  b"],
    ["nothing", "", "    ", spaces4, ""],
])("%s", (_name, code, before, unit, expected) => {
    expect(reindent(code, { before, unit })).toBe(expected);
});

it("code that replaces whole lines gets their indentation", () => {
    const place = { before: "", indent: "    ", unit: spaces4 };
    expect(reindent("if (a) {\n    b();\n}", place)).toBe("    if (a) {\n        b();\n    }");
});

it("code that replaces the end of a line keeps what stands before it", () => {
    const place = { before: "  x = ", indent: "  ", unit: "  " };
    expect(reindent("{\n  b();\n}", place)).toBe("{\n    b();\n  }");
});
