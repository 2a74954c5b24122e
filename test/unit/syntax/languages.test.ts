// Languages by the names of files.
import { expect, it } from "vitest";
import { languageOf } from "../../../src/syntax/languages";

it.each([
    ["a.ts", "typescript"],
    ["a.PY", "python"],
    ["dir/a.go", "go"],
    ["dir.d/Makefile", "plaintext"],
    [".hidden", "plaintext"],
    ["a.constructor", "constructor"],
])("languageOf(%s)", (file, language) => {
    expect(languageOf(file)).toBe(language);
});
