/**
 * The words of an English text that say what it is about, and whether a text is English at all. Pure.
 */

/** Words that say nothing of what is wanted. */
const COMMON = new Set(
    (
        "a an the of get give to in on for by and or but if so is are was were be been being it its that this these those there here with without at as from " +
        "into about over under up down out off again too very just only also still yet now then than when while what which who whom whose how why " +
        "do does did done doing have has had having me my mine i we us our you your he she they them their one some any every each all both few more most " +
        "other another such same own no not nor can could will would shall should may might must let lets please show tell use used want need like call called " +
        "see say says don doesn didn isn aren ve ll re"
    ).split(" "),
);
/** English text has more of them; other languages share a few by chance. */
const MIN_COMMON_SHARE = 0.2;
/** So few words are no sample of a language. */
const MIN_WORDS = 3;

/** `getUserName` and `get_user-name` have the same. */
export function wordsOf(text: string): string[] {
    return allWordsOf(text).filter((word) => !COMMON.has(word));
}

/** As far as can be told: what is very short is taken for it. */
export function isEnglish(text: string): boolean {
    const words = allWordsOf(text);
    const nCommon = words.filter((word) => COMMON.has(word)).length;
    return words.length < MIN_WORDS || nCommon >= MIN_COMMON_SHARE * words.length;
}

/** Also those that say nothing. */
export function allWordsOf(text: string): string[] {
    const apart = text.replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2").toLowerCase();
    return apart.match(/\p{L}[\p{L}\d]+/gu) ?? [];
}
