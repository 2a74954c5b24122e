/** Where the answer to a command belongs: what its button says, and what goes with it through VS Code's storage. */

import type { TextDocument } from "vscode";
import type { AskedLines } from "../../edit/asked";
import type { SlashCommand } from "../../prompt/slash/command";
import type { CodePlace } from "./place";

/** Plain data: it is kept in a chat's history. */
export interface AnswerTarget extends AskedLines {
    uri: string;
    languageId: string;
    place: NonNullable<SlashCommand["place"]>;
}

/** The label of the button. */
export const APPLY_LABEL: Readonly<Record<AnswerTarget["place"], string>> = {
    replace: "Review Change",
    above: "Review Comment",
    "new-file": "Open as Test File",
};

export function targetOf(place: CodePlace, command: SlashCommand): AnswerTarget | undefined {
    if (command.place === undefined) return undefined;
    const { document, range } = place;
    return {
        uri: document.uri.toString(),
        languageId: document.languageId,
        place: command.place,
        first: range.first,
        original: linesOf(document, range.first, range.last),
    };
}

/** Whether what came with a button is a target: it went through VS Code's storage, and anybody can call a command. */
export function isTarget(value: unknown): value is AnswerTarget {
    if (typeof value !== "object" || value === null) return false;
    const { uri, languageId, place, first, original } = value as Record<string, unknown>;
    return (
        typeof uri === "string" &&
        typeof languageId === "string" &&
        typeof place === "string" &&
        Object.hasOwn(APPLY_LABEL, place) &&
        typeof first === "number" &&
        typeof original === "string"
    );
}

function linesOf(document: TextDocument, first: number, last: number): string {
    const lines: string[] = [];
    for (let line = first; line <= last; line++) lines.push(document.lineAt(line).text);
    return lines.join("\n");
}
