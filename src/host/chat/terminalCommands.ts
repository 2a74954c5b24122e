/**
 * Commands of a code block, made ready for a terminal. INVARIANT: what goes into a terminal is one line without control characters, so
 * that nothing runs before a person presses Enter. Pure.
 */

/** Escape sequences, line ends of every kind, and characters that make a line look like another one. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const MAX_CHARACTERS = 2000;
const MAX_COMMANDS = 50;

/**
 * One command each: prompts (`$ `), comments and empty lines are left out, continued lines are joined. Undefined when it cannot be taken
 * apart by lines (a here-document, a very long line).
 */
export function commandsOf(code: string): string[] | undefined {
    const joined = code.replace(/\r\n?/g, "\n").replace(/\\\n[ \t]*/g, "");
    const lines = joined.split("\n").map((line) => line.trim());
    const hasPrompts = lines.some((line) => /^[$>%] /.test(line));
    const commands = lines
        .filter((line) => line !== "" && !line.startsWith("#"))
        // With prompts, the other lines are output.
        .filter((line) => !hasPrompts || /^[$>%] /.test(line))
        .map((line) => (hasPrompts ? line.slice(2) : line))
        .map((line) => line.replace(/\t/g, " ").replace(HIDDEN, "").trim())
        .filter((line) => line !== "");
    const isTooLong = commands.some((line) => line.length > MAX_CHARACTERS);
    if (isTooLong || commands.length > MAX_COMMANDS || /<<[-~]?\s*['"\\]?\w/.test(joined))
        return undefined;
    return commands;
}
