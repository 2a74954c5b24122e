/**
 * Which of several functions with the same name code means: the one with the same parameters, else with parameters of the same types, else
 * the one in the same place of as many. Pure.
 */

import type { Part } from "./outline";
import { squeezed } from "./similar";
import { splitList } from "./splitList";

export interface Overloads {
    lines: readonly string[];
    /** With the same name, in order. */
    parts: readonly Part[];
}

/** The one with the same parameters; `wanted`: one of the code's. */
export function overloadOf(
    { lines, parts }: Overloads,
    code: Pick<Overloads, "lines">,
    wanted: Part,
): Part | undefined {
    const list = parametersOf(code.lines, wanted);
    if (list === undefined) return undefined;
    for (const read of [squeezed, typesOf]) {
        const same = parts.filter((part) => {
            const other = parametersOf(lines, part);
            return other !== undefined && read(other) === read(list);
        });
        if (same.length === 1) return same[0];
    }
    return undefined;
}

/** The one in the same place of as many, unless that is another one of the code's. */
export function pairedWith(document: Overloads, code: Overloads, wanted: Part): Part | undefined {
    if (code.parts.length < 2 || code.parts.length !== document.parts.length) return undefined;
    const at = code.parts.findIndex(({ start }) => start === wanted.start);
    const paired = document.parts[at];
    const isTaken = code.parts.some((part) => overloadOf(document, code, part) === paired);
    return isTaken ? undefined : paired;
}

const ERASING = /^(?:java|kotlin|scala|groovy)$/;

/** Whether a compiler would tell two functions by their parameters: not by names, by packages, or by how a value is handed over. */
export function hasOtherTypes(
    [lines, part]: [readonly string[], Part],
    [otherLines, other]: [readonly string[], Part],
    languageId: string,
): boolean {
    const read = (list: string) => {
        const types = splitList(list).map((one) =>
            typeOf(one).replace(/\b(?:\w+(?:\.|::))+(?=\w)|^const\b|&+$|\?$/g, ""),
        );
        return (ERASING.test(languageId) ? types.map(withoutArguments) : types).join(",");
    };
    const list = parametersOf(lines, part);
    const otherList = parametersOf(otherLines, other);
    return list !== undefined && otherList !== undefined && read(list) !== read(otherList);
}

function withoutArguments(type: string): string {
    const shorter = type.replace(/<[^<>]*>/g, "");
    return shorter === type ? type : withoutArguments(shorter);
}

/** What stands between the parentheses behind a function's name; undefined: there are none. */
function parametersOf(lines: readonly string[], { name, start, end }: Part): string | undefined {
    const text = lines.slice(start, end).join("\n");
    const escaped = name.replace(/[^\w]/g, "\\$&");
    const opening = new RegExp(`(?<![\\w$.])${escaped}[?!]?\\s*(?:<[^()]*>)?\\s*\\(`).exec(text);
    if (!opening) return undefined;
    const first = opening.index + opening[0].length;
    let depth = 1;
    for (let at = first; at < text.length; at++) {
        const character = text.charAt(at);
        if ("([{".includes(character)) depth++;
        else if (")]}".includes(character)) depth--;
        if (depth === 0) return text.slice(first, at);
    }
    return undefined;
}

function typesOf(list: string): string {
    return splitList(list).map(typeOf).join(",");
}

/** Behind the colon, else in front of the name; what has no type is its name. */
function typeOf(parameter: string): string {
    const plain = parameter
        .replace(/@[\w.]+(?:\([^)]*\))?\s*/g, "")
        .replace(/\s*(?<![=!<>])=(?![=>])[^]*$/, "")
        .replace(/\b(?:final|readonly|public|private|protected)\s+/g, "")
        .trim();
    const [, behind] = /^[^:]*:(?!:)([^]*)$/.exec(plain) ?? [];
    const [, before, marks] = /^([^]*\S)\s+([*&]*)[\w$]+$/.exec(plain) ?? [];
    const type = behind ?? (before === undefined ? plain : `${before}${marks}`);
    return type.replace(/\s+/g, "");
}
