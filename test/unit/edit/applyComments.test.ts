/** Comments of the file above what an answer replaces: they go only where the answer says something of the same kind. */

import { describe, expect, it } from "vitest";
import { apply, FILE, result } from "./applying";

const DOC = "/**\n * Counts.\n * Not for threads.\n */\n";
const COUNTER = FILE.replace("export class", `${DOC}export class`);
const RESET = "export class Counter {\n    reset(): void {\n        this.n = 1;\n    }\n}";
const CHANGED = COUNTER.replace("this.n = 0;\n    }", "this.n = 1;\n    }");
const GO = "package a\n\n// Add adds.\n// Never more.\nfunc Add(a int) int {\n    return a\n}\n";

describe("a comment above an answered symbol", () => {
    it.each(["// updated", "/* Updated class. */", "// Updated\n// with a new start"])(
        "leaves what describes a class: %s",
        (comment) => {
            expect(result(apply(COUNTER, `${comment}\n${RESET}`))).toBe(
                CHANGED.replace("export class", `${comment}\nexport class`),
            );
        },
    );

    it("takes the place of a description as another one", () => {
        expect(result(apply(COUNTER, `/** Counts up. */\n${RESET}`))).toBe(
            CHANGED.replace(DOC, "/** Counts up. */\n"),
        );
    });

    it("leaves what describes a function, and its other comments unless it says something like them", () => {
        const file = FILE.replace("/** Adds. */", "/** Adds. */\n// Keep in step with take().");
        const code = "export function add(x: number, y: number): number {\n    return y + x;\n}";
        const changed = file.replace("x + y;", "y + x;");
        const withComment = (comment: string) => result(apply(file, `${comment}\n${code}`));
        expect(withComment("// Fixed.")).toBe(changed.replace("take().", "take().\n// Fixed."));
        expect(withComment("// Keep in step with give().")).toBe(changed.replace("take", "give"));
        expect(withComment("/** Adds both. */")).toBe(
            changed
                .replace("/** Adds. */\n// Keep", "// Keep")
                .replace("take().", "take().\n/** Adds both. */"),
        );
    });

    it("is told from the one that is there by its words where a language has one kind", () => {
        const code = "func Add(a int) int {\n    return a + 1\n}";
        const go = (comment: string) =>
            result(apply(GO, `${comment}\n${code}`, { language: "go" }));
        const changed = GO.replace("return a", "return a + 1");
        expect(go("// updated")).toBe(changed.replace("more.", "more.\n// updated"));
        expect(go("// Add adds one.")).toBe(
            changed.replace("// Add adds.\n// Never more.", "// Add adds one."),
        );
    });

    it("takes the place of the one that is there where nothing else changes", () => {
        const code = "func Add(a int) int {\n    return a\n}";
        expect(result(apply(GO, `// Plus.\n${code}`, { language: "go" }))).toBe(
            GO.replace("// Add adds.\n// Never more.", "// Plus."),
        );
    });

    it("leaves what is above a member beside what is left out", () => {
        const file = FILE.replace(
            "    reset()",
            "    // ---- Ends ----\n\n    /** Begins anew. */\n    reset()",
        );
        const code = (comment: string) =>
            `export class Counter {\n    // ... existing code ...\n\n    ${comment}\n    reset(): void {\n        this.n = 1;\n    }\n\n    // ... existing code ...\n}`;
        const changed = file.replace("this.n = 0;\n    }", "this.n = 1;\n    }");
        expect(result(apply(file, code("// changed")))).toBe(
            changed.replace("anew. */", "anew. */\n    // changed"),
        );
        expect(result(apply(file, code("/** To one. */")))).toBe(
            changed.replace("Begins anew.", "To one."),
        );
        const table =
            "const T = {\n    // ---- One ----\n\n    // First.\n    a: [1],\n    b: [2],\n};\n";
        const part = "const T = {\n    // changed\n    a: [3],\n    // ... the rest\n};";
        expect(result(apply(table, part))).toBe(
            table.replace("First.\n    a: [1]", "First.\n    // changed\n    a: [3]"),
        );
    });
});
