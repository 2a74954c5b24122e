/**
 * Suggestions that a person did not want: dismissed, or read and typed past. They are not shown again at the same place, unless asked for.
 * Kept for one window, the last few hundred. What is on the screen is followed here; taking a suggestion is no rejection.
 */

import { Lru } from "../base/lru";
import type { CompletionDocument } from "./request";

/** Who has had a suggestion before the eyes for so long and types something else has decided against it. */
export const READ_MS = 1000;
const MAX_PLACES = 300;
/** What of the text on both sides makes a place. */
const BEFORE = 200;
const AFTER = 100;

interface Shown {
    document: CompletionDocument;
    text: string;
    atMs: number;
}

export class Rejections {
    /** First lines of what was rejected at a place. */
    private readonly places = new Lru<string, string[]>(MAX_PLACES);
    private shown: Shown | undefined;

    /** An answer, or none, is what the editor shows at a place now. */
    show(document: CompletionDocument, text: string | undefined, atMs: number): void {
        this.shown = text === undefined ? undefined : { document, text, atMs };
    }

    /** The text of a document is another one: was the suggestion in it typed past? */
    changed(document: CompletionDocument, nowMs: number): void {
        const { shown } = this;
        if (!shown || !isTypedPast(shown, document)) return;
        this.shown = undefined;
        if (nowMs - shown.atMs >= READ_MS) this.add(shown);
    }

    /** Whether a document is the one in which something is shown, with the beginning of it typed. */
    continues(document: CompletionDocument): boolean {
        const { shown } = this;
        if (shown?.document.uri !== document.uri) return false;
        const { prefix } = shown.document;
        return (
            document.prefix.startsWith(prefix) &&
            shown.text.startsWith(document.prefix.slice(prefix.length))
        );
    }

    /** The person sent away what is shown in a document; false when there is nothing. */
    dismiss(uri: string): boolean {
        const { shown } = this;
        if (shown?.document.uri !== uri) return false;
        this.shown = undefined;
        this.add(shown);
        return true;
    }

    /** Nothing is shown any more, and nobody has decided against it. */
    left(): void {
        this.shown = undefined;
    }

    /** Whether a text, or the beginning of one that is still written, was rejected at this place. */
    has(document: CompletionDocument, text: string): boolean {
        const rejected = this.places.get(placeOf(document)) ?? [];
        const first = firstLine(text);
        return rejected.some((line) => line.startsWith(first));
    }

    clear(): void {
        this.places.clear();
        this.shown = undefined;
    }

    private add({ document, text }: Shown): void {
        const place = placeOf(document);
        const known = this.places.get(place) ?? [];
        this.places.set(place, [...known, firstLine(text)].slice(-8));
    }
}

function isTypedPast({ document, text }: Shown, now: CompletionDocument): boolean {
    if (now.uri !== document.uri || !now.prefix.startsWith(document.prefix)) return false;
    const typed = now.prefix.slice(document.prefix.length);
    return typed !== "" && !text.startsWith(typed) && !typed.startsWith(text);
}

/** The line that the text begins on, with what is on it. */
function firstLine(text: string): string {
    const lines = text.split("\n");
    const at = lines.findIndex((line) => line.trim() !== "");
    return lines
        .slice(0, at + 1)
        .join("\n")
        .trimEnd();
}

function placeOf({ uri, prefix, suffix }: CompletionDocument): string {
    return `${uri}\n${prefix.slice(-BEFORE)}\0${suffix.slice(0, AFTER)}`;
}
