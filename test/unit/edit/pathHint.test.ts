/** The file that code names in its first line. */

import { expect, it } from "vitest";
import { pathHint } from "../../../src/edit/pathHint";

it.each([
    ["// src/a.ts\nx();", "src/a.ts", "x();"],
    ["# tools/report.py\nx = 1", "tools/report.py", "x = 1"],
    ["/* media/chat.css */\na {}", "media/chat.css", "a {}"],
    ["<!-- index.html -->\n<p>", "index.html", "<p>"],
    ["\n// File: ./src/a.test.ts\nx();", "src/a.test.ts", "x();"],
    ["// filename: `a.go`\nx()", "a.go", "x()"],
    ["// Reads a.ts\nx();", undefined, "// Reads a.ts\nx();"],
    ["// ../secret.ts\nx();", undefined, "// ../secret.ts\nx();"],
    ["// a/../../b.ts\nx();", undefined, "// a/../../b.ts\nx();"],
    ["// /etc/a.ts\nx();", undefined, "// /etc/a.ts\nx();"],
    ["// **/a.ts\nx();", undefined, "// **/a.ts\nx();"],
    ["// a.ts", undefined, "// a.ts"],
    ["x();", undefined, "x();"],
    ["--- a/src/a.ts\n+++ b/src/a.ts\n+x", "src/a.ts", "--- a/src/a.ts\n+++ b/src/a.ts\n+x"],
    ["--- a\n+++ b/../a.ts\n+x", undefined, "--- a\n+++ b/../a.ts\n+x"],
    ["--- a\n+++ /dev/null\n-x", undefined, "--- a\n+++ /dev/null\n-x"],
])("%j names %s", (code, path, rest) => {
    expect(pathHint(code)).toMatchObject({ path, code: rest });
});

it.each(["Node.js", "basket.total", "v1.2", "example.com", "Array.map", "3.14"])(
    "%s may be a comment",
    (text) => expect(pathHint(`// ${text}\nx();`)).toMatchObject({ isCertain: false }),
);

it.each(["utils.ts", "lib/v1.2", "file: notes.txt", "./Node.js"])("%s is a file", (text) =>
    expect(pathHint(`// ${text}\nx();`)).toMatchObject({ isCertain: true }),
);
