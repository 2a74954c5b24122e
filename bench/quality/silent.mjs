// Cuts the places where nothing should be shown out of whole source files, the same ones for the same seed: the text is complete, and the
// cursor stands where a person often rests without wanting anything. `truth` is empty. The places are found by rules on lines, not by a parser.
import { randomOf } from "../support/random.mjs";
import { commentsOf, seedOf, shuffled } from "./holes.mjs";

export const SILENT_KINDS = [
    "statement",
    "brace",
    "whole-word",
    "header",
    "imports",
    "comment",
    "blank",
];

const IMPORT =
    /^(import\s.*['"];?|(const|let|var)\s.*=\s*require\(['"][^'"]*['"]\);?|import [\w., ]+|from \S+ import [\w., ]+)$/;
/** Letters of a word on each side of a cursor that is inside it. */
const WORD_SIDE = 2;

/** `nCases` of each kind from files, one of a kind in a file at most. A case: `{ kind, path, languageId, before, truth: "", after }`. */
export function cutSilent(sources, nCases, seed) {
    return SILENT_KINDS.flatMap((kind, k) => {
        const random = randomOf(seedOf(seed, k));
        const cases = [];
        for (const { path, languageId, text } of shuffled(sources, random)) {
            if (cases.length >= nCases) break;
            const lines = text.replaceAll("\r\n", "\n").split("\n");
            const [place] = shuffled(placesOf(kind, lines, languageId), random);
            if (!place) continue;
            const before = [
                ...lines.slice(0, place.line),
                lines[place.line].slice(0, place.column),
            ];
            const after = [lines[place.line].slice(place.column), ...lines.slice(place.line + 1)];
            cases.push({
                ...{ kind, path, languageId },
                before: before.join("\n"),
                truth: "",
                after: after.join("\n"),
            });
        }
        return cases;
    });
}

/** All places of a kind: `[{ line, column }]`. */
export function placesOf(kind, lines, languageId) {
    const isComment = commentsOf(lines);
    const file = { lines, languageId, isComment, headerEnd: headerEndOf(isComment, lines) };
    if (kind === "whole-word") return wordPlaces(file);
    const holds = RULES[kind];
    return lines.flatMap((text, line) =>
        holds(text, line, file) ? [{ line, column: text.length }] : [],
    );
}

const RULES = {
    /** The end of a statement that is complete in its line, and nothing of it follows. */
    statement: (text, line, { lines, languageId, isComment }) => {
        if (isComment[line] || !/\w/.test(text) || !isBalanced(text)) return false;
        if (languageId !== "python") return text.endsWith(";");
        const next = nextFilled(lines, line);
        const isOver = next === undefined || indentOf(lines[next]) <= indentOf(text);
        return (
            isOver && /[\w)\]}'"]$/.test(text) && !/^\s*(@|elif|else|except|class|def)\b/.test(text)
        );
    },
    /** After the brace that closes a block. */
    brace: (text, line, { lines, isComment }) => {
        const next = nextFilled(lines, line);
        const goesOn =
            next !== undefined && /^\s*(else|catch|finally|while|[.)\]}?:,])/.test(lines[next]);
        return !isComment[line] && /^\s*\}(\)?;)?$/.test(text) && !goesOn;
    },
    /** The end of a line of the comment that a file begins with, not the last one. */
    header: (text, line, { headerEnd }) => line < headerEnd - 1 && /\w.*\w/.test(text),
    /** The last of several imports, followed by a blank line. */
    imports: (text, line, { lines }) =>
        IMPORT.test(text) && IMPORT.test(lines[line - 1] ?? "") && lines[line + 1] === "",
    /** The end of a comment whose last sentence is complete, with code or the comment's end behind it. */
    comment: (text, line, { lines, isComment, headerEnd }) => {
        if (line < headerEnd || !/^\s*(\/\/|#|\*)\s.*\w\.$/.test(text) || !isComment[line])
            return false;
        const next = lines[line + 1] ?? "";
        return text.trimStart().startsWith("*")
            ? /^\s*\*\/$/.test(next)
            : next.trim() !== "" && !isComment[line + 1];
    },
    /** The blank line between two parts of a file that both stand at its margin. */
    blank: (text, line, { lines, isComment }) => {
        const [above, below] = [lines[line - 1] ?? "", lines[line + 1] ?? ""];
        const isEnd = /^([})\]]|\S.*;$)/.test(above) && !isComment[line - 1];
        return text === "" && isEnd && /^\S/.test(below);
    },
};

/** Inside names, with letters on both sides. */
function wordPlaces({ lines, isComment }) {
    return lines.flatMap((text, line) =>
        isComment[line]
            ? []
            : [...text.matchAll(/[A-Za-z_]\w*/g)].flatMap(({ 0: word, index }) =>
                  Array.from({ length: Math.max(0, word.length - 2 * WORD_SIDE + 1) }, (_, i) => ({
                      line,
                      column: index + WORD_SIDE + i,
                  })),
              ),
    );
}

/** Lines of the comment at the beginning of a file, after a `#!` line; 0 without one. */
function headerEndOf(isComment, lines) {
    const start = lines[0]?.startsWith("#!") ? 1 : 0;
    let end = start;
    while (end < lines.length && isComment[end]) end++;
    return end > start ? end : 0;
}

function isBalanced(text) {
    let depth = 0;
    for (const character of text) {
        if ("([{".includes(character)) depth++;
        if (")]}".includes(character) && --depth < 0) return false;
    }
    return depth === 0;
}

function nextFilled(lines, line) {
    const found = lines.findIndex((text, i) => i > line && text.trim() !== "");
    return found < 0 ? undefined : found;
}

function indentOf(text) {
    return text.length - text.trimStart().length;
}
