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
/** Small words of other languages that are no English ones. */
const FOREIGN = new Set(
    (
        "der das und ist nicht ein eine einen wie zeige mir bitte ich wir warum welche datei gibt auf mit für " +
        "el los las que por para una del como qué muestra archivo dónde cuál este " +
        "le les des est une dans pour comment quel quelle fichier montre pourquoi avec il " +
        "lo gli che è per come della mostra perché os é não uma do arquivo mostre onde qual " +
        "het een niet voor waarom bestand jest nie jak dla pokaż plik och att det hur visa filen"
    ).split(" "),
);
/** Letters of English, and accents that its words may have. */
const OTHER_SCRIPT = /[^\p{Script=Latin}\p{M}]/u;

/** `getUserName` and `get_user-name` have the same. */
export function wordsOf(text: string): string[] {
    return allWordsOf(text).filter((word) => !COMMON.has(word));
}

/** As far as can be told: no letters of another script, and more of its small words than of other languages'. */
export function isEnglish(text: string): boolean {
    const words = allWordsOf(text);
    if (words.some((word) => OTHER_SCRIPT.test(word.replaceAll(/\d/g, "")))) return false;
    const nForeign = words.filter((word) => FOREIGN.has(word)).length;
    const nCommon = words.filter((word) => COMMON.has(word)).length;
    return nForeign === 0 || nCommon > nForeign;
}

/** Also those that say nothing. */
export function allWordsOf(text: string): string[] {
    const apart = text.replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2").toLowerCase();
    return apart.match(/\p{L}[\p{L}\d]+/gu) ?? [];
}
