/**
 * Methods that an answer shows without their class. In JavaScript and TypeScript they are no code by themselves, so that they are read
 * inside of a class. Pure.
 */

import { isCommentAbove, outermost, type Part } from "./outline";

const LANGUAGES = new Set(["javascript", "javascriptreact", "typescript", "typescriptreact"]);
const HEADER =
    /^\s*(?:(?:public|private|protected|static|async|override|abstract|get|set)\s+)*(?:\*\s*)?[#\w$]+\s*(?:<.*>)?\(/;
const STATEMENT =
    /^\s*(?:await|catch|for|function|if|import|new|return|super|switch|throw|typeof|while|with|yield)\b/;
const CLASS = "Members";

/** The code inside of a class when it looks like methods; its symbols are to be given to `membersOf`. */
export function insideClass(languageId: string, code: string): string | undefined {
    if (!LANGUAGES.has(languageId)) return undefined;
    const first = code.split("\n").find((line) => line.trim() !== "" && !isCommentAbove(line));
    if (first === undefined || !HEADER.test(first) || STATEMENT.test(first)) return undefined;
    return `class ${CLASS} {\n${code}\n}`;
}

/** `parts`: of code that was put inside of a class. Undefined when it has more than members. */
export function membersOf(parts: readonly Part[], code: string): Part[] | undefined {
    const members = parts
        .filter(({ container }) => container === CLASS)
        .map(({ lead, start, end, ...part }) => ({
            ...part,
            container: "",
            lead: lead - 1,
            start: start - 1,
            end: end - 1,
        }));
    const lines = code.split("\n");
    const isCovered = lines.every(
        (line, i) => line.trim() === "" || members.some(({ lead, end }) => lead <= i && i < end),
    );
    // `run();` would be one that only is declared.
    const hasBody = ({ start, end }: Part) =>
        !HEADER.test(lines[start] ?? "") || /\}\s*$/.test(lines[end - 1] ?? "");
    return isCovered && members.length > 0 && outermost(members).every(hasBody)
        ? members
        : undefined;
}
