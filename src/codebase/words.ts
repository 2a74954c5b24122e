/**
 * Text as the words that a search compares: identifiers whole and in their parts (`camelCase`, `snake_case`, paths), forms of an English
 * word made alike, nothing of what stands in every question or on every line of code. Index and question go the same way. Pure.
 */

/** Longer ones are data. */
const MAX_WORD = 40;
const MIN_WORD = 2;
const IDENTIFIER = /[\p{L}\p{N}_$]+/gu;
/** `parseURLPath2` is parse, URL, Path, 2. */
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|[^\p{Lu}\p{Ll}\p{N}_$]+/gu;

/** Words of questions that say nothing about code. */
const STOP = new Set(
    (
        "a about all also am an and any are as at be been but by can could defined describe did do does doing done each every explain find for from get " +
        "give given had handled happens has have how i if implemented in into is it its just know let like made make makes many may me more most " +
        "much must my need no not of on one only or other our out over please same see shall she should show so some such tell than that the their " +
        "them then there these they this those to too under until up us use used uses using very want was way we were what when where which while " +
        "who whose why will with within without would you your codebase"
    ).split(" "),
);

/** The words of a text in its order, repeated as often as they stand there. */
export function wordsOf(text: string): string[] {
    const found: string[] = [];
    for (const [identifier] of text.matchAll(IDENTIFIER)) {
        const parts = identifier.match(PART) ?? [];
        for (const part of parts) add(found, part);
        // `a1` has two parts that say little.
        if (parts.length > 1) addWhole(found, identifier);
    }
    return found;
}

/** Whether a word says nothing about code. */
export function isSmallWord(word: string): boolean {
    return STOP_STEMS.has(stem(word.toLowerCase()));
}

/** The words of a question, each once; all of them when there is no other. */
export function questionWords(question: string): string[] {
    const all = [...new Set(wordsOf(question))];
    const telling = all.filter((word) => !STOP_STEMS.has(word));
    return telling.length > 0 ? telling : all;
}

function add(found: string[], part: string): void {
    if (part.length < MIN_WORD || part.length > MAX_WORD) return;
    found.push(stem(part.toLowerCase()));
}

function addWhole(found: string[], identifier: string): void {
    const whole = identifier.replace(/[_$]/g, "").toLowerCase();
    if (whole.length >= MIN_WORD && whole.length <= MAX_WORD) found.push(whole);
}

/** Plurals and the commonest endings of verbs cut off; what is left need be no word. */
export function stem(word: string): string {
    if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
    let base = word;
    if (/[^aeiou]ies$/.test(base)) base = `${base.slice(0, -3)}y`;
    else if (/(?:ss|sh|ch|x|z)es$/.test(base)) base = base.slice(0, -2);
    else if (/[^siu]s$/.test(base)) base = base.slice(0, -1);
    const ending = /^(.*[aeiouy].*?)(ing|ed|er|or)$/.exec(base);
    const [, head = "", tail = ""] = ending ?? [];
    if (head.length >= 3 && (tail === "ing" || tail === "ed" || head.length >= 4)) {
        base = head;
        if (/([bdgklmnprt])\1$/.test(base)) base = base.slice(0, -1);
    }
    base = base
        .replace(/ization$/, "iz")
        .replace(/ation$/, "at")
        .replace(/([st])ion$/, "$1");
    return base.length > 3 ? base.replace(/e$/, "") : base;
}

const STOP_STEMS = new Set([...STOP].map(stem));
