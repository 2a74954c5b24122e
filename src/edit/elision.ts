/** Lines of an answer that stand for code that stays: "... existing code ...". Pure. */

const STAYS =
    "(?:(?:goes? )?here|omitted|not shown|(?:(?:remains?|stays?|is|are) )?(?:unchanged|the same|as (?:is|before|it is|they are)))";
const REST =
    "(?:rest|remainder) of (?:the|your) (?:body|class|code|component|content|file|functions?|implementation|logic|methods?|module|page|program|script)";
const OTHERS =
    "(?:existing|other|previous|remaining) (?:code|content|fields|functions|implementation|imports|members|methods|properties)";
/** Sentences that nobody writes of code that is there. */
const PLAIN = new RegExp(
    `^\\(?(?:keep )?(?:the )?(?:${REST}(?: ${STAYS})?|${OTHERS} ${STAYS})\\)?\\.?$`,
    "i",
);

/** In markup, where comments seldom are more than names of what is below. */
const IN_MARKUP =
    /^(?:the )?(?:(?:existing|remaining|unchanged) (?:body|children|code|components?|content|elements|head|html|jsx|markup|props|scripts|sections?|styles)|(?:rest|remainder) of (?:the|your) [\w-]+)(?: (?:(?:goes? )?here|(?:(?:remains?|stays?) )?(?:unchanged|the same)))?\.?$/i;

/** A comment that stands for code: such a sentence, three dots, alone or with words that say so. */
export function isElision(line: string): boolean {
    const text = line.trim();
    const comment = /^(?:\/\/+|#+|--+|;+|%+|\/\*+|<!--|\{\/\*|\*)\s*(.*?)\s*(?:\*\/\}?|-->)?$/.exec(
        text,
    )?.[1];
    if (comment === undefined) return false;
    if (/^(\.{3,}|…)$/.test(comment)) return true;
    if (PLAIN.test(comment)) return true;
    if (/^(?:<!--|\{\/\*)/.test(text) && IN_MARKUP.test(comment)) return true;
    const hasDots = /^(\.{3,}|…)|(\.{3,}|…)$/.test(comment);
    return (
        hasDots &&
        /\b(existing|rest|remaining|remainder|unchanged|same|other|previous|before|above|below|omitted|code|methods?|functions?|implementation|body|imports?)\b/i.test(
            comment,
        )
    );
}

export function hasElisions(lines: readonly string[]): boolean {
    return lines.some(isElision);
}

/** What stands for code that stays. */
export const MARKER = "// ...";
