/** Puts code into a file as the editor does, with grammars. */

import { beforeAll } from "vitest";
import { applyCode, type Applied } from "../../../src/edit/apply";
import { withoutPrompts } from "../../../src/edit/consolePrompts";
import { insideClass, membersOf } from "../../../src/edit/members";
import { partsByIndentation, partsOf, type Part } from "../../../src/edit/outline";
import type { TreeSyntax } from "../../../src/syntax/syntax";
import { syntaxFor } from "../syntax/setUp";

let syntax: TreeSyntax;
beforeAll(async () => {
    syntax = await syntaxFor("typescript", "python", "rust", "go", "java", "csharp", "cpp");
}, 60_000);

export function parts(languageId: string, text: string): Part[] {
    const lines = text.split("\n");
    const symbols = syntax.symbols({ uri: "a", languageId, prefix: text, suffix: "" });
    return symbols ? partsOf(lines, symbols) : partsByIndentation(lines);
}

export function codeParts(languageId: string, code: string, ofFile: readonly Part[] = []): Part[] {
    const inside = insideClass(languageId, code, ofFile);
    const members = inside === undefined ? undefined : membersOf(parts(languageId, inside), code);
    return members ?? parts(languageId, code);
}

interface Case {
    language?: string;
    cursor?: number;
    selection?: { start: number; end: number };
    fence?: string;
}

export function apply(
    file: string,
    code: string,
    { language = "typescript", cursor = 0, selection, fence }: Case = {},
): Applied {
    const target = {
        lines: file.split("\n"),
        languageId: language,
        parts: parts(language, file),
        cursor,
        selection,
        unit: "    ",
    };
    const text = withoutPrompts(code, target);
    return applyCode(target, { text, parts: codeParts(language, text, target.parts), fence });
}

/** The file after it, or why not. */
export function result(applied: Applied): string {
    return applied.kind === "change" ? applied.lines.join("\n") : `refused: ${applied.reason}`;
}

export const FILE = `import { a } from "./a";

/** Adds. */
export function add(x: number, y: number): number {
    return x + y;
}

export class Counter {
    private n = 0;

    next(): number {
        this.n++;
        return this.n;
    }

    reset(): void {
        this.n = 0;
    }

    get value(): number {
        return this.n;
    }
}

function last(): void {
    a();
}
`;
