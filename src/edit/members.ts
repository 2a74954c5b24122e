/**
 * Methods that an answer shows without their class. In JavaScript and TypeScript they are no code by themselves, and constructors of
 * Java, C# and C++ and properties of C# are none either, so that they are read inside of a class. Pure.
 */

import { indentOf } from "../prompt/lines";
import { isCommentAbove, isImport, outermost, type Part } from "./outline";
import { sharedIndent } from "./reindent";

const LANGUAGES = new Set(["javascript", "javascriptreact", "typescript", "typescriptreact"]);
const HEADER =
    /^\s*(?:(?:public|private|protected|static|async|override|abstract|get|set)\s+)*(?:\*\s*)?[#\w$]+\s*(?:<.*>)?\(/;
const STATEMENT =
    /^\s*(?:await|catch|for|function|if|import|new|return|super|switch|throw|typeof|while|with|yield)\b/;
const CLASS = /^\s*(?:\w+ )*(?:class|struct|record|enum) /;
/** Constructors are called as their class. */
const CONSTRUCTING = new Set(["java", "csharp", "cpp"]);
const CONSTRUCTOR =
    /^\s*(?:(?:public|private|protected|internal|explicit|constexpr|inline|@\w+(?:\([^)]*\))?)\s+)*(\w+)\s*\((?:(?!.*;\s*$)|.*=>)/;
/** Of a property in C#. */
const ACCESSOR = /^\s*(?:get|set|init)\s*(?:;|=>|\{|$)|\{\s*(?:get|set|init)\s*(?:;|=>|\{)/;

/**
 * The code inside of a class when it looks like methods, has a property, or a constructor of a class of the file, which `parts` are of; its
 * symbols are to be given to `membersOf`.
 */
export function insideClass(
    languageId: string,
    code: string,
    parts: readonly Part[],
): string | undefined {
    const lines = code.split("\n").map((line) => (isImport(line) ? "" : line));
    const name = LANGUAGES.has(languageId)
        ? isMethod(lines)
            ? "Members"
            : undefined
        : constructed(languageId, lines, parts);
    return name === undefined ? undefined : `class ${name} {\n${lines.join("\n")}\n};`;
}

function isMethod(lines: readonly string[]): boolean {
    const first = lines.find((line) => line.trim() !== "" && !isCommentAbove(line));
    return first !== undefined && HEADER.test(first) && !STATEMENT.test(first);
}

/** The class whose constructor is there without it. */
function constructed(
    languageId: string,
    lines: readonly string[],
    parts: readonly Part[],
): string | undefined {
    if (!CONSTRUCTING.has(languageId)) return undefined;
    const margin = sharedIndent(lines).length;
    const names = new Set(parts.filter((part) => part.isContainer).map((part) => part.name));
    const found = lines
        .filter((line) => indentOf(line).length === margin)
        .map((line) => CONSTRUCTOR.exec(line)?.[1] ?? "")
        .find((name) => names.has(name));
    if (lines.some((line) => CLASS.test(line))) return undefined;
    const isProperty = languageId === "csharp" && lines.some((line) => ACCESSOR.test(line));
    return found ?? (isProperty ? "Members" : undefined);
}

/** `parts`: of code that was put inside of a class. Undefined when it has more than members. */
export function membersOf(parts: readonly Part[], code: string): Part[] | undefined {
    const members = parts
        .filter(({ container }) => container !== undefined && container === parts[0]?.name)
        .map(({ lead, start, end, ...part }) => ({
            ...part,
            container: "",
            lead: lead - 1,
            start: start - 1,
            end: end - 1,
        }));
    const lines = code.split("\n");
    const isCovered = lines.every(
        (line, i) =>
            line.trim() === "" ||
            isImport(line) ||
            members.some(({ lead, end }) => lead <= i && i < end),
    );
    // `run();` would be one that only is declared.
    const hasBody = ({ start, end }: Part) =>
        !HEADER.test(lines[start] ?? "") ||
        /\}\s*$|=>.*;\s*$|^[^()]*\([^()]*\)\s*:[^;]+;\s*$/.test(lines.slice(start, end).join(" "));
    return isCovered && members.length > 0 && outermost(members).every(hasBody)
        ? members
        : undefined;
}
