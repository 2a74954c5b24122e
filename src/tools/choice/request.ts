/**
 * What a request for a tool is: the question in it, whether it speaks of what is in the workspace, or of what anybody knows who can program, or of
 * nothing. Pure.
 */

/** The end of a request, where those that bring files along say what is wanted. */
const MAX_CHARACTERS = 500;
/** So far from the end an agent's tag around the question is looked for. */
const MAX_TOLD = 20_000;
const FENCED = /```[\s\S]*?(?:```|$)/g;

const THING =
    "(?:code ?base|code|project|repo|repository|workspace|files?|folders?|subfolders?|director(?:y|ies)|tests?|specs?|branch|changes|commits?|build|problems?|errors?|warnings?|panel|diff|lines?|terminal|todos?|failures|places|usages|references|occurrences|callers)";
/** What only somebody who can look into the workspace can know or do. */
const WORKSPACE = new RegExp(
    String.raw`\b(?:my|our|this|the|these|those|which|what|any|all|every|each|some) (?:[\w-]+ ){0,2}${THING}\b|\b(?:my|our|we)\b|\bthis (?:machine|computer|laptop)\b`,
    "i",
);
/** Anybody who can program knows the answer. */
const GENERAL =
    /\bdifferences? between\b|\bdiffers? from\b|\bwhat(?:'s| is| are| does)? (?:an?|the (?:purpose|point|meaning|idea))\b|\bwhat does\b.*\bmean\b|\bwhat are (?!my|our|the|this|these|those|there)\w+|\bwhat(?:'s| is) (?!new|left|wrong|missing|broken|changed|there|this|that|it)[\w.#+-]+\W*$|\bwhat (?:usually )?causes\b|\bhow (?:do|does|can|would|should) (?:i|you|one|people)\b|\bwhen (?:should|would|do) (?:i|you|one)\b|\bwhy (?:should|would) (?:i|you|one|people)\b|\bwhy do (?!i\b|we\b|my|our|the|these|those|all)\w+|\bwhere (?:do|does)\b.*\bcome from\b|\bwho (?:uses|invented|made)\b|^are (?!there|my|our|the|we|all|any|these|those|some)\w+|\bbetter than\b|\bpros and cons\b|\bexamples? of\b|\bin general\b|\bbest practices?\b|\bwrite (?:me )?an? (?:\w+ )?(?:function|regex|query|haiku|poem|joke|snippet|one-liner)\b|\b(?:regex|query) (?:for|to)\b/i;
/** Something is to be done, whatever else is said. */
const ORDER =
    /^\W*(?:(?:pls|please|can|could|would|you|now|and|then|also|ok|okay)\W+)*(?:find|list|add|change|replace|rename|fix|update|remove|delete|run|open|read|search|grep|install|commit|apply|move|refactor|show (?!me (?:an? |how )))/i;
const THANKS =
    /\b(?:many |ok |okay |great )?(?:thanks|thank you|thx|cheers)(?: (?:so|very) much| a lot| in advance| again)?\b/gi;
const PREFERRED = /\bprefer(?: to use| using)?(?: the)?(?: tool)? [`'"]?([\w.-]{1,64})/gi;
/** Nothing is asked for. */
const SMALL_TALK =
    /^\W*(?:(?:hi|hello|hey|hallo|there|all|everybody|bye|great|ok|okay|cool|nice|perfect|good (?:morning|afternoon|evening)|that (?:was|is|helped|worked)|(?:very|really|a lot|helpful)|(?:and )?(?:who|how) are you|how's it going|what can you do|what's up)\W*)+$|^\W*(?:please )?tell (?:me|us) (?:an?|another|one more)(?: \w+){0,2} joke\W*$/i;

/** It speaks of this workspace, not of programming as such, nor of what is pasted. */
export function isOfWorkspace(question: string): boolean {
    const text = question.includes("PASTED") ? question.replaceAll(/\bthis\b/gi, "") : question;
    return WORKSPACE.test(text);
}

/** It can be answered without this workspace, as far as its words say. */
export function isGeneral(question: string): boolean {
    const text = question.replaceAll("’", "'");
    if (isSmallTalk(text)) return true;
    return GENERAL.test(text) && !ORDER.test(text);
}

function isSmallTalk(text: string): boolean {
    const rest = text.replaceAll(THANKS, "");
    return (rest !== text && !/\w/.test(rest)) || SMALL_TALK.test(rest);
}

/** Tools that the instructions beside a question name as the better ones ("Prefer the ... tool for edits"), by words that may be names. */
export function preferredIn(request: string): ReadonlySet<string> {
    const told = request.slice(-MAX_TOLD).matchAll(PREFERRED);
    return new Set([...told].map(([, name = ""]) => name));
}

/** Agents put what was asked in a tag, of a name that says so, behind what they tell of the workspace. Code in fences is no question: it stands as PASTED. */
export function questionIn(request: string): string {
    const text = request.slice(-MAX_TOLD);
    const tags = text.matchAll(
        /<([\w-]{0,30}(?:request|prompt|question|query|task|message|feedback|asked)[\w-]{0,30})>([\s\S]*?)<\/\1>/gi,
    );
    const question = [...tags].at(-1)?.[2] ?? text;
    return question.replaceAll(FENCED, " PASTED ").trim().slice(-MAX_CHARACTERS);
}
