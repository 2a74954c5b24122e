/** What prompts have to know of a language: its name, how its code is documented, what its tests are written with. Tables; pure. */

const NAMES: Readonly<Record<string, string>> = {
    c: "C",
    cpp: "C++",
    csharp: "C#",
    css: "CSS",
    dockerfile: "Dockerfile",
    go: "Go",
    html: "HTML",
    java: "Java",
    javascript: "JavaScript",
    javascriptreact: "JavaScript",
    json: "JSON",
    kotlin: "Kotlin",
    lua: "Lua",
    php: "PHP",
    powershell: "PowerShell",
    python: "Python",
    r: "R",
    ruby: "Ruby",
    rust: "Rust",
    scala: "Scala",
    shellscript: "shell",
    sql: "SQL",
    swift: "Swift",
    typescript: "TypeScript",
    typescriptreact: "TypeScript",
    yaml: "YAML",
};

const DOC_FORMS: Readonly<Record<string, string>> = {
    c: "a Doxygen comment",
    cpp: "a Doxygen comment",
    csharp: "an XML documentation comment (///)",
    go: "a Go doc comment (//), which begins with its name",
    java: "a Javadoc comment",
    javascript: "a JSDoc comment",
    javascriptreact: "a JSDoc comment",
    kotlin: "a KDoc comment",
    php: "a PHPDoc comment",
    python: 'a docstring (""")',
    ruby: "a YARD comment",
    rust: "a Rust doc comment (///)",
    swift: "a Swift documentation comment (///)",
    typescript: "a JSDoc comment without types",
    typescriptreact: "a JSDoc comment without types",
};

/** Best first: the first one that the project names. */
const NODE_FRAMEWORKS = ["vitest", "jest", "mocha", "ava", "jasmine", "tap"];
const FRAMEWORKS: Readonly<Record<string, string>> = {
    csharp: "xUnit",
    go: "the testing package",
    java: "JUnit 5",
    kotlin: "JUnit 5",
    php: "PHPUnit",
    ruby: "RSpec",
    rust: "a #[cfg(test)] module",
    swift: "XCTest",
};

/** As people write it; what VS Code calls it where there is no other. */
export function languageName(languageId: string): string {
    return NAMES[languageId] ?? languageId;
}

/** With its article, as it stands behind "as". */
export function docFormOf(languageId: string | undefined): string {
    return DOC_FORMS[languageId ?? ""] ?? "a comment";
}

/** Python documents inside of a definition, below its first line; everybody else above. */
export function isDocInside(languageId: string): boolean {
    return languageId === "python";
}

/**
 * What tests of a language are written with. `manifest`: the text of the project's `package.json`, `pyproject.toml` or
 * `requirements.txt`, which is only looked through for names.
 */
export function testFramework(languageId: string, manifest = ""): string | undefined {
    if (/^(java|type)script/.test(languageId)) {
        const known = NODE_FRAMEWORKS.find((name) => manifest.includes(`"${name}"`));
        return known ?? (manifest === "" ? undefined : "node:test and node:assert");
    }
    if (languageId === "python") return /\bpytest\b/.test(manifest) ? "pytest" : "unittest";
    return FRAMEWORKS[languageId];
}
