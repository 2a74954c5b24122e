// Small changes to short files, as a person asks for them: file, language, first and last line (from 1), instruction.
export const TASKS = [
    ["test/fixtures/syntax/sample.py", "python", 6, 21, "Rename the method add to insert."],
    ["test/fixtures/syntax/sample.py", "python", 24, 34, "Print the number of files at the end."],
    ["test/fixtures/syntax/sample.go", "go", 20, 38, "Skip empty words."],
    ["test/fixtures/syntax/sample.java", "java", 7, 34, "Make add return this."],
    ["test/fixtures/syntax/sample.rs", "rust", 13, 26, "Count words in lower case."],
    ["test/fixtures/syntax/sample.tsx", "typescriptreact", 8, 24, "Rename chosen to selected."],
    [
        "sample/src/basket.ts",
        "typescript",
        9,
        42,
        "Throw an error in remove when there is no such item.",
    ],
    ["sample/tools/report.py", "python", 8, 25, "Add type hints."],
];
