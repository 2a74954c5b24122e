/**
 * What a piece of code still needs: closers of what it has opened, a body after a header, an operand after an operator. It is what a
 * person, or the editor, is going to type, so a suggestion that lacks only that is not broken. Pure.
 */

import { CLOSER_OF, scanBrackets } from "../prompt/lines";

/** A body for a header that ends with a colon, an operand: any word would do, and one that cannot mean anything else is best. */
const WORD = "x";

/** Texts to append to `code`, likeliest first; each makes it whole in one way. */
export function endings(code: string, languageId: string): string[] {
    const closers = scanBrackets(code)
        .open.map((opener) => CLOSER_OF[opener] ?? "")
        .reverse()
        .join("");
    const keywords = KEYWORDS[languageId]?.(code) ?? "";
    const operand = /[-+*/%=<>&|^!?:,.]\s*$/.test(code) ? ` ${WORD}` : "";
    const body = languageId === "python" && /:\s*$/.test(code) ? ` ${WORD}` : "";
    const whole = body + closers + keywords;
    return [
        ...new Set(
            [
                whole,
                `${operand}${closers}${keywords}`,
                `${closers};`,
                `${operand}${closers};`,
            ].filter((ending) => ending !== ""),
        ),
    ];
}

type Closer = (code: string) => string;

/** Closing words of statements that open with a word, innermost first. */
const KEYWORDS: Readonly<Record<string, Closer>> = {
    ruby: (code) => {
        const openers =
            /^\s*(?:(?:private|public|protected)\s+)?(?:def|class|module|if|unless|while|until|case|begin|for)\b(?!.*\bend\s*$)|\bdo(?:\s*\|[^|\n]*\|)?\s*$|=\s*(?:if|case|begin|unless)\b/gm;
        const n = count(code, openers) - count(code, /^\s*end\b/gm);
        return "\nend".repeat(Math.max(0, n));
    },
    shellscript: (code) => {
        const open: string[] = [];
        for (const [word] of code.matchAll(/(?<![\w-])(?:if|case|do|fi|esac|done)(?![\w-])/g)) {
            const closer = SHELL[word];
            if (closer !== undefined) open.push(closer);
            else if (open.at(-1) === word) open.pop();
        }
        return open.length === 0 ? "" : `\n:\n${open.reverse().join("\n")}`;
    },
};

const SHELL: Readonly<Record<string, string>> = { if: "fi", case: "esac", do: "done" };

function count(text: string, pattern: RegExp): number {
    return [...text.matchAll(pattern)].length;
}
