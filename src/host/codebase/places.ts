/**
 * Found places as text for a model, and whether a question asks for them. The best place has the first claim on the room, half of what
 * is left each. Pure but for the types.
 */

import { languageOf } from "../../syntax/languages";
import { foundBlock, type ContextBlock } from "../chat/context";
import type { Said } from "../tools/texts";
import type { FoundPlace } from "./codebase";

/** Of the room for context, what is looked up in the workspace. */
export const CODEBASE_SHARE = 0.7;
/** Places that are asked for, if all of them are short. */
export const MAX_PLACES = 8;
const MIN_CHARACTERS = 200;
const MAX_TOOL_LINES = 40;
const MENTION = /(^|\s)#codebase(?=[\s.,:;!?]|$)/gi;

/** A question without the word that asks for the codebase. */
export function readMention(text: string): { text: string; isAsked: boolean } {
    const left = text.replace(MENTION, "$1").replace(/\s+/g, " ").trim();
    const isAsked = text.search(MENTION) >= 0;
    return isAsked && left !== "" ? { text: left, isAsked } : { text, isAsked: false };
}

export function placeBlocks(places: readonly FoundPlace[], maxCharacters: number): ContextBlock[] {
    const blocks: ContextBlock[] = [];
    let left = maxCharacters;
    for (const place of places) {
        if (left < MIN_CHARACTERS) break;
        const isLast = place === places.at(-1);
        const block = blockOf(place, isLast ? left : Math.max(MIN_CHARACTERS, left / 2));
        if (block.text.length > left) break;
        left -= block.text.length;
        blocks.push(block);
    }
    return blocks;
}

/** For other chats: where, and the first lines. */
export function saidPlaces(question: string, places: readonly FoundPlace[]): Said {
    if (places.length === 0)
        return { head: `Nothing in the workspace fits \`${question}\`.`, lines: [] };
    return {
        head: `${places.length} ${places.length === 1 ? "place" : "places"} in the workspace, the likeliest first:`,
        lines: places.flatMap(({ name, first, last, symbol, lines }) => {
            const end = Math.min(last, first + MAX_TOOL_LINES - 1);
            const shown = lines.slice(first, end + 1);
            const rest = last > end ? [`... to line ${last + 1}`] : [];
            const what = symbol === undefined ? "" : ` ${symbol}`;
            return [`${name}:${first + 1}-${last + 1}${what}`, ...shown, ...rest, ""];
        }),
    };
}

function blockOf(place: FoundPlace, maxCharacters: number): ContextBlock {
    const { uri, name, first, last, lines } = place;
    const block = foundBlock(
        {
            path: name,
            languageId: languageOf(name),
            lines: { lineCount: lines.length, lineAt: (line) => ({ text: lines[line] ?? "" }) },
            first,
            last,
        },
        Math.max(0, maxCharacters - name.length - 60),
    );
    return { ...block, place: { uri: uri.toString(), first, last } };
}
