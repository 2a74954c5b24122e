/**
 * Commands of a code block, made ready for a terminal. INVARIANT: what goes into a terminal is one line without control characters, so
 * that nothing runs before a person presses Enter. Pure.
 */

/** Escape sequences, line ends of every kind, and characters that make a line look like another one. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const MAX_CHARACTERS = 2000;
const MAX_COMMANDS = 50;

/** What goes on in the next line: behind an operator, or in a loop, a condition or a choice that is not at its end. */
const GOES_ON = /(?:[|(]|&&|\b(?:do|then|else))$/;
const OPEN =
    /^(?:(?:for|while|until|select|foreach)\b(?!.*(?:\b(?:done|end)\b|[{%]))|if\b(?!.*(?:\b(?:fi|end|exist|defined|errorlevel)\b|==|\{))|case\b(?!.*\besac\b)|switch\b(?!.*[{;]))/;
/** Of such a thing, and nothing by itself. */
const PART = /^(?:do|done|then|else|elif|fi|esac|end|[})]|\|\|?|&&)(?:\s|;|$)/;

/**
 * One command each: prompts (`$ `), comments and empty lines are left out, continued lines are joined. Undefined when it cannot be taken
 * apart by lines (a here-document, a loop over several lines, a very long line).
 */
export function commandsOf(code: string): string[] | undefined {
    const text = code.replace(/\r\n?/g, "\n").replace(/\\\n[ \t]*/g, "");
    const hasPrompts = /^[ \t]*[$>%] /m.test(text);
    const joined = joinedOperators(text, hasPrompts);
    const lines = joined.split("\n").map((line) => line.trim());
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
    return commands.every(isWhole) ? commands : undefined;
}

function joinedOperators(text: string, hasPrompts: boolean): string {
    const joined = text.replace(/(\||&&)[ \t]*\n[ \t]*(?=[^\s#$>%])/g, "$1 ");
    // Behind a prompt's line it may be a table that the command has printed.
    return hasPrompts
        ? joined
        : joined.replace(/(?<=^[^#\n]*)[ \t]*\n[ \t]*(?=(?:\|\|?|&&)\s)/gm, " ");
}

/** Whether a line is a command by itself: its quotes and brackets are closed. */
function isWhole(line: string): boolean {
    if (GOES_ON.test(line) || OPEN.test(line) || PART.test(line)) return false;
    let quote = "";
    let depth = 0;
    for (let at = 0; at < line.length; at++) {
        const character = line.charAt(at);
        if (character === "\\" && quote !== "'") at++;
        else if (quote !== "") quote = character === quote ? "" : quote;
        else if (/["']/.test(character)) quote = character;
        else if (character === "#" && /\s/.test(line.charAt(at - 1))) break;
        else depth += "{(".includes(character) ? 1 : "})".includes(character) ? -1 : 0;
    }
    const nTicks = line.split("`").length - 1;
    return quote === "" && depth <= 0 && nTicks % 2 === 0;
}
